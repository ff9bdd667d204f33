package show

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "Zürich 日本": "Zürich 日本", "a\nb\tc": "a\nb\tc",
		"\x1b[2J": `\x1b[2J`, "\xff": `\xff`, "\u202e": `\u202e`, "\u009b": `\u009b`, "\U000e0001": `\U000e0001`, "\r": `\x0d`,
	} {
		if got := Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := string(SafeJSON([]byte("{\"\u202e\": \"é\U000e0001\"}"))), `{"\u202e": "é\udb40\udc01"}`; got != want {
		t.Errorf("SafeJSON = %s, want %s", got, want)
	}
	if got, want := Cell("a\nb"+strings.Repeat("é", 100), 10), `a\nb`+"ééééé…"; got != want {
		t.Errorf("cell = %q, want %q", got, want)
	}
}

func TestProgress(t *testing.T) {
	var out strings.Builder
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	p := NewProgress(&out, "restore", func() time.Time { return now })
	p.Of(4 << 20)
	for _, done := range []int64{0, 1 << 20, 2 << 20, 3 << 20, 4 << 20} {
		p.To(done, Bytes)
		now = now.Add(400 * time.Millisecond)
	}
	p.Clear()
	p.Clear()
	long, short := "restore: 2.0 MiB of 4.0 MiB (50 %), 2.5 MiB a second, 0s left", "restore: 4.0 MiB of 4.0 MiB (100 %), 2.5 MiB a second"
	want := "\r" + long + "\r" + short + strings.Repeat(" ", len(long)-len(short)) + "\r" + strings.Repeat(" ", len(short)) + "\r"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	var none *Progress // of a standard error that is no terminal
	none.Of(1)
	none.To(1, Rows)
	none.Clear()
	r, w := strings.NewReader(""), &strings.Builder{}
	if none.Reader(r) != r || none.Writer(w) != w {
		t.Error("without progress, readers and writers are not as they are")
	}
	out.Reset()
	p = NewProgress(&out, "backup", func() time.Time { now = now.Add(time.Second); return now })
	fmt.Fprint(p.Writer(w), "abc")
	_, _ = io.ReadAll(p.Reader(strings.NewReader("abcd")))
	if diff := cmp.Diff("\rbackup: 4 B, 4 B a second\rbackup: 4 B, 2 B a second", out.String()); diff != "" {
		t.Error(diff)
	}
}

// A total that was estimated too low is not shown, nor a time that is left.
func TestProgressBeyondTotal(t *testing.T) {
	var out strings.Builder
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	p := NewProgress(&out, "verify", func() time.Time { now = now.Add(time.Second); return now })
	p.Of(3)
	for _, done := range []int64{1, 2, 4} {
		p.To(done, Rows)
	}
	long, short := "verify: 2 rows of 3 rows (66 %), 2 rows a second, 0s left", "verify: 4 rows, 2 rows a second"
	if diff := cmp.Diff("\r"+long+"\r"+short+strings.Repeat(" ", len(long)-len(short)), out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestSuggest(t *testing.T) {
	many := strings.Fields(strings.Repeat("table ", 21))
	for _, c := range []struct {
		name  string
		names []string
		want  string
	}{
		{"usr", []string{"user", "job"}, "did you mean user?"},
		{"nothing", []string{"user", "job"}, "there are user, job"},
		{"nothing", []string{"a\nhelp: rm", "\x1b[2J"}, `there are a\nhelp: rm, \x1b[2J`},
		{"a\nhelp: r", []string{"a\nhelp: rm"}, `did you mean a\nhelp: rm?`},
		{"nothing", nil, "there are none"},
		{"nothing", many, "there are 21 others"},
	} {
		if diff := cmp.Diff(c.want, Suggest(c.name, c.names)); diff != "" {
			t.Errorf("%q: %s", c.name, diff)
		}
	}
}

// Columns are aligned by what a terminal shows, and numbers to the right.
func TestTable(t *testing.T) {
	var out strings.Builder
	table := NewTable(&out, []string{"name", "n", "日本"}, []bool{false, true, false})
	for _, cells := range [][]string{{"日本語", "5", "x"}, {"e\u0301", "12", ""}, {strings.Repeat("y", 70), "\x1b[2J", "a\nb"}} {
		if err := table.Row(cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.End(); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("y", 59) + "…"
	want := "name" + strings.Repeat(" ", 57) + `       n  日本
` + strings.Repeat("─", 60) + `  ───────  ────
日本語` + strings.Repeat(" ", 54) + `        5  x
é` + strings.Repeat(" ", 59) + `       12
` + long + `  \x1b[2J  a\nb
3 rows
`
	want = strings.ReplaceAll(want, "é", "e\u0301")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
