package diag

import (
	"strings"
	"testing"
)

func TestSplitLines(t *testing.T) {
	got := splitLines("a\nb\r\nc\rd\u0085e\u2028f\u2029\n")
	if want := "a|b|c|d|e|f||"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
	}
}

// A long line is cut around the place in question, and control characters do not
// reach the terminal.
func TestExcerpt(t *testing.T) {
	d := Diagnostic{Rule: "r", File: "f", Line: 12, Col: 501, EndCol: 504, Message: "m", Source: strings.Repeat("x", 500) + "abc" + strings.Repeat("y", 500)}
	lines := strings.Split(d.String(), "\n")
	if len(lines) != 3 || len(lines[1]) > excerptWidth+20 {
		t.Fatalf("got\n%s", d)
	}
	mark := strings.Index(lines[2], "^^^")
	if mark < 0 || lines[1][mark:mark+3] != "abc" || strings.Count(lines[2], "^") != 3 {
		t.Errorf("the mark is not under abc:\n%s", d)
	}
	d = Diagnostic{Line: 1, Col: 3, EndCol: 4, Source: "\ta\x1b[2J"}
	if got := d.String(); strings.Contains(got, "\x1b") || !strings.Contains(got, "1 | \ta\ufffd[2J\n      | \t ^") {
		t.Errorf("got %q", got)
	}
}
