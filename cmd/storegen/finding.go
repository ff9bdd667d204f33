package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/templates/output"
)

// The rules of findings that are not about a schema.
const (
	ruleNotCurrent   = "not-current"     // a generated file is not what generate would write
	ruleNotFormatted = "not-formatted"   // a schema file is not in its canonical form
	ruleInTheWay     = "in-the-way"      // a file that was not generated stands where one would be written
	ruleEdited       = "edited"          // a generated file was changed by hand
	ruleLockLost     = "lock-lost"       // the generated code has a number that the lock has not
	ruleRenumbered   = "lock-renumbered" // something got another number when a lock was resolved
	ruleFailed       = "failed"          // something else could not be done
)

// A finding is what a command has to say about a place, in the form of -json.
type finding struct {
	Rule    string    `json:"rule"`
	Class   string    `json:"class,omitempty"` // of a change of the schema: what it means for stored data
	File    string    `json:"file"`            // with slashes; "" where it is about no file
	Line    int       `json:"line"`            // from 1; 0 where it is about the file as a whole
	Col     int       `json:"col"`
	EndCol  int       `json:"endCol"`
	Message string    `json:"message"`
	Note    string    `json:"note,omitempty"`
	Help    string    `json:"help,omitempty"`
	Related []related `json:"related,omitempty"`

	text string // as a person reads it; "" is made of the rest
}

// related is a further place that a finding has to do with.
type related struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	EndCol  int    `json:"endCol"`
	Message string `json:"message"`
}

// findings takes an error apart.
func findings(err error) []finding {
	var ds diag.Diagnostics
	var blocked *output.BlockedError
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &joined):
		var out []finding
		for _, e := range joined.Unwrap() {
			out = append(out, findings(e)...)
		}
		return out
	case errors.As(err, &ds):
		out := make([]finding, len(ds))
		for i, d := range ds {
			out[i] = findingOf(d)
		}
		return out
	case errors.Is(err, errFinding):
		return nil // printed already
	case errors.As(err, &blocked):
		return []finding{{
			Rule: ruleInTheWay, File: filepath.ToSlash(blocked.Path), Line: 1, Col: 1, EndCol: 1,
			Message: "a file that was not generated is in the way", Help: "move it elsewhere", text: err.Error(),
		}}
	}
	return []finding{{Rule: ruleFailed, Message: err.Error(), text: err.Error()}}
}

// warnings prints what is no mistake, and may not be what was meant.
func (c *call) warnings(set *schema.Set) {
	if len(set.Warnings) == 0 {
		return
	}
	fs := make([]finding, len(set.Warnings))
	for i, d := range set.Warnings {
		fs[i] = findingOf(d)
		fs[i].Class, fs[i].text = "warning", "warning: "+d.String()
	}
	c.report(fs)
}

// findingOf is a diagnostic as a finding.
func findingOf(d diag.Diagnostic) finding {
	f := finding{
		Rule: d.Rule, File: filepath.ToSlash(d.File), Line: d.Line, Col: d.Col, EndCol: d.EndCol,
		Message: d.Message, Note: d.Note, Help: d.Help, text: d.String(),
	}
	for _, r := range d.Related {
		f.Related = append(f.Related, related{File: filepath.ToSlash(r.File), Line: r.Line, Col: r.Col, EndCol: r.EndCol, Message: r.Message})
	}
	return f
}

// report prints findings: for a person to stderr, for programs to stdout.
func (c *call) report(fs []finding) {
	c.reported = true
	switch {
	case c.json:
		if fs == nil {
			fs = []finding{}
		}
		e := json.NewEncoder(c.stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		// A finding is strings and numbers, so the error could only be the
		// terminal's.
		_ = e.Encode(fs)
	case c.ci:
		for _, f := range fs {
			fmt.Fprintln(c.stdout, f.annotation())
		}
	default:
		p := newPainter(c.stderr)
		for _, f := range fs {
			fmt.Fprintln(c.stderr, p.finding(f.String()))
		}
	}
}

// String returns the finding as a person reads it.
func (f finding) String() string {
	if f.text != "" {
		return f.text
	}
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File)
		if f.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", f.Line, f.Col)
		}
		b.WriteString(": ")
	}
	b.WriteString(f.Message)
	if f.Class != "" {
		fmt.Fprintf(&b, " (%s)", f.Class)
	}
	fmt.Fprintf(&b, " [%s]", f.Rule)
	if f.Note != "" {
		b.WriteString("\n  note: " + f.Note)
	}
	if f.Help != "" {
		b.WriteString("\n  help: " + f.Help)
	}
	return b.String()
}

// Escapes of workflow commands.
var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// annotation returns the finding as a line that the log of a CI run shows beside
// the source.
func (f finding) annotation() string {
	level := "error"
	switch {
	case f.Class == "safe":
		level = "notice"
	case f.Class == "rebuild" || f.Class == "warning" || f.Rule == ruleRenumbered:
		level = "warning"
	}
	var at []string
	if f.File != "" {
		at = append(at, "file="+escapeProperty.Replace(f.File))
		if f.Line > 0 {
			at = append(at, fmt.Sprintf("line=%d,col=%d", f.Line, f.Col))
		}
	}
	if len(at) > 0 {
		level += " " + strings.Join(at, ",")
	}
	text := f.Message
	if f.Class != "" {
		text += " (" + f.Class + ")"
	}
	text += " [" + f.Rule + "]"
	if f.Note != "" {
		text += "\nnote: " + f.Note
	}
	if f.Help != "" {
		text += "\nhelp: " + f.Help
	}
	return "::" + level + "::" + escapeMessage.Replace(text)
}
