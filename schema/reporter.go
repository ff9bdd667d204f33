package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A report is a diagnostic while it is put together.
type report struct{ Diagnostic }

// A reporter collects the diagnostics of a run.
type reporter struct {
	sources map[string]*source // by path
	diags   []*report
	warned  []*report // what is no mistake
}

func newReporter() *reporter { return &reporter{sources: map[string]*source{}} }

func (r *reporter) source(s *source) { r.sources[s.path] = s }

// addLine keeps a line of a file that is not read whole, for messages about it.
func (r *reporter) addLine(pos Pos, line string) {
	s := r.sources[pos.File]
	if s == nil {
		s = &source{name: pos.File, path: pos.File}
		r.source(s)
	}
	for len(s.lines) < pos.Line {
		s.lines = append(s.lines, "")
	}
	s.lines[pos.Line-1] = line
}

// report adds a diagnostic and returns it, for a note, a mend and related places
// to be added.
func (r *reporter) report(rule string, pos Pos, format string, args ...any) *report {
	d := &report{Diagnostic{
		Rule: rule, File: pos.File, Line: pos.Line, Col: pos.Col, EndCol: max(pos.EndCol, pos.Col+1),
		Message: fmt.Sprintf(format, args...),
	}}
	r.diags = append(r.diags, d)
	return d
}

func (d *report) mend(format string, args ...any) *report {
	d.Diagnostic.Mend = fmt.Sprintf(format, args...)
	return d
}

func (d *report) note(format string, args ...any) *report {
	d.Diagnostic.Note = fmt.Sprintf(format, args...)
	return d
}

func (d *report) related(pos Pos, format string, args ...any) *report {
	d.Diagnostic.Related = append(d.Diagnostic.Related, Related{
		File: pos.File, Line: pos.Line, Col: pos.Col, EndCol: max(pos.EndCol, pos.Col+1), Message: fmt.Sprintf(format, args...),
	})
	return d
}

// result returns what was reported, sorted, each once, with its source lines; nil
// when nothing was.
func (r *reporter) result() Diagnostics { return r.sorted(r.diags) }

// failed reports whether there is a mistake.
func (r *reporter) failed() bool { return len(r.diags) > 0 }

// warnings is result for what is no mistake.
func (r *reporter) warnings() Diagnostics { return r.sorted(r.warned) }

// texts returns the sources.
func (r *reporter) texts() []*source { return slices.Collect(maps.Values(r.sources)) }

// at returns the source of a path; nil where there is none.
func (r *reporter) at(path string) *source { return r.sources[path] }

// warn is report for what is no mistake.
func (r *reporter) warn(rule string, pos Pos, format string, args ...any) *report {
	d := r.report(rule, pos, format, args...)
	r.diags = r.diags[:len(r.diags)-1]
	r.warned = append(r.warned, d)
	return d
}

func (r *reporter) sorted(diags []*report) Diagnostics {
	if len(diags) == 0 {
		return nil
	}
	out := make(Diagnostics, 0, len(diags))
	for _, d := range diags {
		if s := r.sources[d.File]; s != nil {
			d.Source = s.line(d.Line)
		}
		for i := range d.Diagnostic.Related {
			at := &d.Diagnostic.Related[i]
			if s := r.sources[at.File]; s != nil {
				at.Source = s.line(at.Line)
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

// meant adds a mend that names the nearest candidate, or, when none is near and
// there are few, all of them.
func (d *report) meant(name string, candidates []string) *report {
	if best := Nearest(name, candidates); best != "" {
		return d.mend("did you mean %q?", best)
	}
	if n := len(candidates); n > 0 && n <= 20 {
		return d.mend("use one of %s", strings.Join(candidates, ", "))
	}
	return d
}
