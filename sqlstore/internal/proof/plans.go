package proof

import "strings"

// ways are what plans are counted by: what a line of EXPLAIN QUERY PLAN says of them.
var ways = []struct {
	name string
	says func(line string) bool
}{
	{"scan", func(l string) bool { return strings.Contains(l, ": all;") }},
	{"index", func(l string) bool { return strings.Contains(l, ":by index ") && !strings.Contains(l, ": all;") }},
	{"key", func(l string) bool { return strings.Contains(l, ":by key: ") && !strings.Contains(l, ": all;") }},
	{"point", func(l string) bool { return strings.Contains(l, ":by key: ") && strings.Contains(l, " = ?;") }},
	{"covering", func(l string) bool { return strings.Contains(l, "; reads index entries alone") }},
	{"order", func(l string) bool { return strings.Contains(l, "; order: served") }},
	{"reverse", func(l string) bool { return strings.Contains(l, "; order: served, in reverse") }},
	{"in", func(l string) bool { return strings.Contains(l, " in ?") }},
	{"or", func(l string) bool { return strings.Contains(l, "MULTI-INDEX OR") }},
	{"range", func(l string) bool {
		return strings.Contains(l, " > ?") || strings.Contains(l, " >= ?") || strings.Contains(l, " < ?") || strings.Contains(l, " <= ?")
	}},
	{"folded", func(l string) bool { return strings.Contains(l, " in any case") }},
	{"prefix", func(l string) bool { return strings.Contains(l, " starts with ?") }},
}

// count counts the ways of a plan, each once.
func (s *Seen) count(plan string) {
	s.Planned++
	used := map[string]bool{}
	for line := range strings.Lines(plan) {
		for _, w := range ways {
			if w.says(line) && !used[w.name] {
				used[w.name] = true
				s.Plans[w.name]++
			}
		}
	}
}
