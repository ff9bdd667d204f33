package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// Documents of which part would be lost are refused: a key that is there twice, keys
// that become one, and text that is none.
func TestDocumentsAreNotCut(t *testing.T) {
	n32 := catalog.Type{Kind: kind.Int32}
	text := catalog.Type{Kind: kind.String}
	counts := catalog.Type{Kind: kind.Map, Elem: &n32}
	numbered := catalog.Type{Kind: kind.Map, Elem: &n32, MapKey: &catalog.Type{Kind: kind.Uint64}}
	pair := catalog.Type{Kind: kind.Struct, Name: "Pair", Fields: []catalog.Field{{Name: "x", Number: 1, Type: n32}, {Name: "more", Number: 2, Type: counts}}}
	tests := []struct {
		t    catalog.Type
		doc  string
		want string // of the error; "" for none
	}{
		{counts, `{"a": 1, "b": 2}`, ""},
		{counts, `{"a": 1, "a": 1}`, `the key "a" is there twice`},
		{counts, `{"a": 1, "\u0061": 2}`, `the key "a" is there twice`},
		{counts, `{"a": 1, "A": 2, "": 3, "\ufffd": 4, "\ud83d\ude00": 5}`, ""},
		{counts, "{\"\xff\": 1, \"\xfe\": 2}", "is no text in UTF-8"},
		{counts, "{\"\xff\": 1}", "is no text in UTF-8"},
		{counts, `{"\ud800": 1}`, `the key "\ud800" is no text in UTF-8`},
		{counts, `{"\\ud800": 1, "\"": 2}`, ""},
		{counts, ` { "a" : 1 , "b" : 2 } `, ""},
		{counts, `[]`, "it is no object"},
		{counts, `1`, "it is no object"},
		{numbered, `{"9": 1, "10": 2, "0": 3}`, ""},
		{numbered, `{"9": 1, "9": 2}`, `the key "9" is there twice`},
		{numbered, `{"09": 1}`, `the key "09" is no uint64: want digits alone, in its range`},
		{numbered, `{"-1": 1}`, `the key "-1" is no uint64`},
		{numbered, `{"18446744073709551616": 1}`, `is no uint64`},
		{numbered, `{"": 1}`, `the key "" is no uint64`},
		{pair, `{"x": 1, "x": 2}`, `the key "x" is there twice`},
		{pair, `{"x": 1, "X": 2}`, `has no field "X"`},
		{pair, `{"more": {"a": 1, "a": 2}}`, `doc.more: want an object of int32: the key "a" is there twice`},
		{pair, `null`, "it is null"},
		{catalog.Type{Kind: kind.List, Elem: &pair}, `[{"x": 1}, {"x": 1, "x": 1}]`, "doc[1]"},
		{text, `"a\ufffd"`, ""},
		{text, "\"\xff\"", "a string in UTF-8"},
		{text, `"\udc00\ud800"`, "a string in UTF-8"},
		{text, `"\ud83d\ude00 \\ud83d"`, ""},
		{text, `"\ud83dx"`, "a string in UTF-8"},
	}
	for _, tt := range tests {
		wantDocument(t, &tt.t, tt.doc, tt.want)
	}
}

// Texts of timestamps are taken if they are read back as the same moment.
func TestTimestampTexts(t *testing.T) {
	at := &catalog.Type{Kind: kind.Timestamp}
	for _, text := range []string{"2024-05-06T07:08:09Z", "2024-05-06T07:08:09.123456789+02:00", "2024-05-06T07:08:09.1234567890Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z"} {
		doc := `"` + text + `"`
		wantDocument(t, at, doc, "")
		v, err := parseScalar(at, json.RawMessage(doc), "doc")
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseScalar(at, json.RawMessage(v.JSON()), "doc")
		if err != nil || again.Compare(v) != 0 {
			t.Errorf("%s is read as %s, and that as %s: %v", text, v, again, err)
		}
	}
	for _, text := range []string{"2024-05-06", "2024-05-06T07:08:09", "2024-05-06T07:08:09.1234567891Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2024-02-30T00:00:00Z", ""} {
		wantDocument(t, at, `"`+text+`"`, "a string by RFC 3339")
	}
}

// Texts of durations are taken if nothing of them is shorter than a nanosecond.
func TestDurationTexts(t *testing.T) {
	d := &catalog.Type{Kind: kind.Duration}
	for text, want := range map[string]time.Duration{
		"0": 0, "1h2m3s": time.Hour + 2*time.Minute + 3*time.Second, "1.5h": 90 * time.Minute, "-1.5h": -90 * time.Minute, "+.5s1.25ms": 501250 * time.Microsecond,
		"1.000000001s": time.Second + 1, "1.0000000010s": time.Second + 1, "1.s": time.Second, "1.5µs": 1500, "0.25us": 250, "2562047h47m16.854775807s": math.MaxInt64,
		"-2562047h47m16.854775808s": math.MinInt64,
	} {
		v, err := parseScalar(d, json.RawMessage(`"`+text+`"`), "doc")
		if err != nil || v.Duration() != want {
			t.Errorf("%s is %s, %v", text, v, err)
		}
	}
	for _, text := range []string{"1.0000000001s", "0.5ns", "1.5h0.1ns", "1", "", ".s", "1.5", "2562047h47m16.854775808s"} {
		wantDocument(t, d, `"`+text+`"`, "a string as")
	}
}

// The text of a scalar may be any: what is taken is read back as the same.
func FuzzScalars(tf *testing.F) {
	f := inputs.New(tf)
	for _, text := range []string{`"9999-12-31T23:59:59-00:01"`, `"0000-01-01T00:00:00+00:01"`, `"2024-05-06T07:08:09.123456789Z"`, `"1h2m3.5s"`, `-1`, `18446744073709551615`, `1e300`, `"NaN"`,
		`"01234567-89ab-cdef-0123-456789abcdef"`, `"AAE="`, `"high"`, `"17"`, `true`, `"a\ud800"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		for _, row := range kind.Scalars() {
			k := row.Kind
			v, err := parseScalar(typeOf(k), json.RawMessage(text), "doc")
			if err != nil {
				continue
			}
			again, err := parseScalar(typeOf(k), json.RawMessage(v.JSON()), "doc")
			if err != nil || again.Compare(v) != 0 {
				t.Fatalf("%s: %s is read as %s, and that as %s, %v", k, text, v.JSON(), again, err)
			}
		}
	})
}

func wantDocument(t *testing.T, typ *catalog.Type, doc, want string) {
	t.Helper()
	c := &Column{Name: "doc", Kind: kind.JSON, Type: typ}
	var err error
	if c.Document() {
		_, err = c.appendField(nil, 1, JSON(doc))
	} else {
		_, err = parseField(nil, 1, typ, json.RawMessage(doc), "doc")
	}
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", doc, err)
	case want != "" && (!errors.Is(err, record.ErrInvalid) || !strings.Contains(fmt.Sprint(err), want)):
		t.Errorf("%s: got %v, want %q", doc, err, want)
	}
}
