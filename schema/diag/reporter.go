package diag

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Report is a diagnostic while it is put together.
type Report struct{ Diagnostic }

// A Reporter collects the diagnostics of a run.
type Reporter struct {
	sources map[string]*Text // by path
	diags   []*Report
	warned  []*Report // warnings, which are no mistakes
}

func NewReporter() *Reporter { return &Reporter{sources: map[string]*Text{}} }

func (r *Reporter) AddText(s *Text) { r.sources[s.Path] = s }

// AddLine keeps a line of a file that is not read whole, for messages about it.
func (r *Reporter) AddLine(pos Pos, line string) {
	s := r.sources[pos.File]
	if s == nil {
		s = &Text{Name: pos.File, Path: pos.File}
		r.AddText(s)
	}
	for len(s.Lines) < pos.Line {
		s.Lines = append(s.Lines, "")
	}
	s.Lines[pos.Line-1] = line
}

// Report adds a diagnostic and returns it, so that a note, help and related
// positions can be added.
func (r *Reporter) Report(rule string, pos Pos, format string, args ...any) *Report {
	d := &Report{Diagnostic{
		Rule: rule, File: pos.File, Line: pos.Line, Col: pos.Col, EndCol: max(pos.EndCol, pos.Col+1),
		Message: fmt.Sprintf(format, args...),
	}}
	r.diags = append(r.diags, d)
	return d
}

func (d *Report) Help(format string, args ...any) *Report {
	d.Diagnostic.Help = fmt.Sprintf(format, args...)
	return d
}

func (d *Report) Note(format string, args ...any) *Report {
	d.Diagnostic.Note = fmt.Sprintf(format, args...)
	return d
}

func (d *Report) Related(pos Pos, format string, args ...any) *Report {
	d.Diagnostic.Related = append(d.Diagnostic.Related, Related{
		File: pos.File, Line: pos.Line, Col: pos.Col, EndCol: max(pos.EndCol, pos.Col+1), Message: fmt.Sprintf(format, args...),
	})
	return d
}

// Result returns what was reported, sorted, each once, with its source lines; nil
// when nothing was.
func (r *Reporter) Result() Diagnostics { return r.sorted(r.diags) }

// Failed reports whether there is at least one mistake.
func (r *Reporter) Failed() bool { return len(r.diags) > 0 }

// Warnings is Result for the warnings.
func (r *Reporter) Warnings() Diagnostics { return r.sorted(r.warned) }

// Texts returns the files that messages may show.
func (r *Reporter) Texts() []*Text { return slices.Collect(maps.Values(r.sources)) }

// TextOf returns the file of a path, or nil.
func (r *Reporter) TextOf(path string) *Text { return r.sources[path] }

// Warn adds a warning.
func (r *Reporter) Warn(rule string, pos Pos, format string, args ...any) *Report {
	d := r.Report(rule, pos, format, args...)
	r.diags = r.diags[:len(r.diags)-1]
	r.warned = append(r.warned, d)
	return d
}

func (r *Reporter) sorted(diags []*Report) Diagnostics {
	if len(diags) == 0 {
		return nil
	}
	out := make(Diagnostics, 0, len(diags))
	for _, d := range diags {
		if s := r.sources[d.File]; s != nil {
			d.Source = s.Line(d.Line)
		}
		for i := range d.Diagnostic.Related {
			at := &d.Diagnostic.Related[i]
			if s := r.sources[at.File]; s != nil {
				at.Source = s.Line(at.Line)
			}
		}
		out = append(out, d.Diagnostic)
	}
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.File == b.File && a.Line == b.Line && a.Col == b.Col && a.Rule == b.Rule && a.Message == b.Message
	})
}

// mostNamed is how many candidates a help names if none is near.
const mostNamed = 20

// Suggest adds help that names the nearest candidate. If none is near, it names the first
// of them, at most mostNamed.
func (d *Report) Suggest(name string, candidates []string) *Report {
	switch best, n := Nearest(name, candidates), len(candidates); {
	case best != "":
		return d.Help("did you mean %q?", best)
	case n == 0:
		return d.Help("there is none to use: declare it first")
	case n <= mostNamed:
		return d.Help("use one of %s", strings.Join(candidates, ", "))
	default:
		return d.Help("use one of %s and %d more", strings.Join(candidates[:mostNamed], ", "), n-mostNamed)
	}
}
