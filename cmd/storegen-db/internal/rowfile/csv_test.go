package rowfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCSVRead(t *testing.T) {
	null := csvCell{null: true}
	text := func(s string) csvCell { return csvCell{text: s} }
	for name, tt := range map[string]struct {
		in   string
		want [][]csvCell
		err  string
	}{
		"empty":            {in: ""},
		"plain":            {in: "a,b\nc,d\n", want: [][]csvCell{{text("a"), text("b")}, {text("c"), text("d")}}},
		"no last newline":  {in: "a,b", want: [][]csvCell{{text("a"), text("b")}}},
		"null and empty":   {in: ",\"\",x,\n", want: [][]csvCell{{null, text(""), text("x"), null}}},
		"crlf":             {in: "a,b\r\nc,\r\n", want: [][]csvCell{{text("a"), text("b")}, {text("c"), null}}},
		"crlf in quotes":   {in: "\"a\r\nb\",\"\r\"\r\n", want: [][]csvCell{{text("a\r\nb"), text("\r")}}},
		"quotes":           {in: `"say ""no""",""""` + "\n", want: [][]csvCell{{text(`say "no"`), text(`"`)}}},
		"empty lines":      {in: "\na\n\r\n\nb\n\n", want: [][]csvCell{{text("a")}, {text("b")}}},
		"byte order mark":  {in: "\ufeffa,b\n", want: [][]csvCell{{text("a"), text("b")}}},
		"no end of quotes": {in: "a\n\"b\n\nc", want: [][]csvCell{{text("a")}}, err: "line 4: the cell in quotes that begins in line 2 has no end"},
		"quote in a cell":  {in: "a\nb\"c\n", want: [][]csvCell{{text("a")}}, err: "line 2: a quote stands in a cell without quotes: put the cell in quotes, and write the quote twice"},
		"behind quotes":    {in: "\"b\"c\n", err: "line 1: 'c' stands behind a cell in quotes: a quote in a cell is written twice"},
		"a long cell":      {in: `"` + strings.Repeat("x\n", 5000) + "\"\n", want: [][]csvCell{{text(strings.Repeat("x\n", 5000))}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cellsOf(tt.in)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(csvCell{})); diff != "" {
				t.Error(diff)
			}
			if said := fmt.Sprint(err); err != nil && said != tt.err || err == nil && tt.err != "" {
				t.Errorf("error %q, want %q", said, tt.err)
			}
		})
	}
}

func cellsOf(in string) (out [][]csvCell, err error) {
	r := newCSVReader(strings.NewReader(in))
	for {
		cells, err := r.read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, cells)
	}
}

// What is written is read as it was, whatever is in it.
func FuzzCSV(f *testing.F) {
	f.Add("a", "b", true)
	f.Add("", "\r\n", false)
	f.Add("\ufeff\"", ",\r", false)
	f.Add("x\r", "y\r", true)
	f.Fuzz(func(t *testing.T, a, b string, null bool) {
		if !null && a == "" && b == "" {
			null = true
		}
		rows := [][]csvCell{{{text: "head"}, {text: "of it"}}, {{text: a}, {text: b}, {null: null}}, {{text: b}}, {{text: "x"}, {text: a}}}
		if !null {
			rows[1][2].text = a + b
		}
		var file []byte
		for _, r := range rows {
			file = appendCSV(file, r)
		}
		got, err := cellsOf(string(file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, got, cmp.AllowUnexported(csvCell{})); diff != "" {
			t.Fatal(diff)
		}
		// Any file is read to its end or to an error, and what is read can be written.
		if got, err := cellsOf(a); err == nil {
			var again []byte
			for _, r := range got {
				again = appendCSV(again, r)
			}
			twice, err := cellsOf(string(again))
			if diff := cmp.Diff(got, twice, cmp.AllowUnexported(csvCell{})); err != nil || diff != "" && !bytes.HasPrefix(again, []byte("\ufeff")) {
				t.Fatal(err, diff)
			}
		}
	})
}
