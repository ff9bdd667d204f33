package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/templates/output"
)

func TestPaint(t *testing.T) {
	tests := []struct {
		name, text, want string
		paint            func(painter, string) string
	}{
		{"finding", "f.yaml:1:2: wrong [rule]\n    1 | a: b\n      |    ^\n  note: n\n  help: m\n  g.yaml:1:1: here",
			bold + "f.yaml:1:2: wrong [rule]" + reset + "\n    1 | a: b\n" + red + "      |    ^" + reset + "\n" +
				cyan + "  note: n" + reset + "\n" + green + "  help: m" + reset + "\n  g.yaml:1:1: here", painter.finding},
		{"diff", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n c\n",
			bold + "--- a/f" + reset + "\n" + bold + "+++ b/f" + reset + "\n" + cyan + "@@ -1 +1 @@" + reset + "\n" +
				red + "-a" + reset + "\n" + green + "+b" + reset + "\n c\n", painter.diff},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.paint(true, test.text)); diff != "" {
			t.Errorf("%s, coloured (-want +got):\n%s", test.name, diff)
		}
		if got := test.paint(false, test.text); got != test.text {
			t.Errorf("%s without colours is %q", test.name, got)
		}
	}
	if newPainter(&bytes.Buffer{}) {
		t.Error("what is no terminal gets colours")
	}
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if newPainter(f) {
		t.Error("a file gets colours")
	}
	t.Setenv("NO_COLOR", "1")
	if newPainter(os.Stdout) {
		t.Error("NO_COLOR is not heeded")
	}
}

func TestFindings(t *testing.T) {
	blocked := &output.BlockedError{Path: "db/x.go"}
	tests := []struct {
		name string
		err  error
		want []finding
	}{
		{"one", errors.New("no room"), []finding{{Rule: ruleFailed, Message: "no room"}}},
		{"several", errors.Join(blocked, errors.New("no room")), []finding{
			{Rule: ruleInTheWay, File: "db/x.go", Line: 1, Col: 1, EndCol: 1, Message: "a file that was not generated is in the way", Help: "move it elsewhere"},
			{Rule: ruleFailed, Message: "no room"},
		}},
		{"diagnostics", fmt.Errorf("wrapped: %w", diag.Diagnostics{{
			Rule: "type-unknown", File: "a.yaml", Line: 2, Col: 3, EndCol: 5, Message: "m", Note: "n", Help: "d",
			Related: []diag.Related{{File: "b.yaml", Line: 1, Col: 1, EndCol: 2, Message: "here"}},
		}}), []finding{{
			Rule: "type-unknown", File: "a.yaml", Line: 2, Col: 3, EndCol: 5, Message: "m", Note: "n", Help: "d",
			Related: []related{{File: "b.yaml", Line: 1, Col: 1, EndCol: 2, Message: "here"}},
		}}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, findings(test.err), cmpopts.IgnoreUnexported(finding{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestAnnotation(t *testing.T) {
	tests := []struct {
		f    finding
		want string
	}{
		{finding{Rule: "r", File: "a,b:c%.yaml", Line: 3, Col: 7, Message: "100% wrong: a, b", Note: "n", Help: "x\ny"},
			"::error file=a%2Cb%3Ac%25.yaml,line=3,col=7::100%25 wrong: a, b [r]%0Anote: n%0Ahelp: x%0Ay"},
		{finding{Rule: "r", Message: "m"}, "::error::m [r]"},
		{finding{Rule: "r", File: "f", Class: "rebuild", Message: "m"}, "::warning file=f::m (rebuild) [r]"},
		{finding{Rule: "r", File: "f", Class: "safe", Message: "m"}, "::notice file=f::m (safe) [r]"},
	}
	for _, test := range tests {
		if got := test.f.annotation(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// Names are unique, and everything that is printed about a command is there.
func TestCommands(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range commands {
		if c.name == "" || c.short == "" || c.setup == nil || seen[c.name] {
			t.Errorf("the command %q lacks something, or is there twice", c.name)
		}
		seen[c.name] = true
	}
}

func TestExitCodes(t *testing.T) {
	t.Chdir(t.TempDir())
	tests := []struct {
		args []string
		want int
	}{
		{nil, exitUsage},
		{[]string{"help"}, exitFine},
		{[]string{"--help"}, exitFine},
		{[]string{"-version"}, exitFine},
		{[]string{"check", "-h"}, exitFine},
		{[]string{"none"}, exitUsage},
		{[]string{"check", "-none"}, exitUsage},
		{[]string{"check", "more"}, exitUsage},
		{[]string{"check", "-json", "-ci"}, exitUsage},
		{[]string{"help", "check", "diff"}, exitUsage},
		{[]string{"help", "check", "-h"}, exitFine},
		{[]string{"help", "--", "-h"}, exitUsage},
		{[]string{"check"}, exitFinding}, // there is no configuration
	}
	for _, test := range tests {
		var stdout, stderr bytes.Buffer
		if got := run(test.args, &stdout, &stderr); got != test.want {
			t.Errorf("%q ends with %d, want %d\n%s%s", test.args, got, test.want, &stdout, &stderr)
		}
	}
}
