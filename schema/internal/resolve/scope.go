package resolve

import (
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/rules"
)

// A nameScope finds names that become the same Go name.
type nameScope struct {
	r     *diag.Reporter
	where string // for messages: in the package models
	seen  map[string]taken
}

type taken struct {
	what string // for messages: the field user_id
	pos  diag.Pos
}

func newNameScope(r *diag.Reporter, where string) *nameScope {
	return &nameScope{r: r, where: where, seen: map[string]taken{}}
}

// add takes a Go name, and reports it if it is taken already. It returns whether the
// name was free.
func (s *nameScope) add(goName, what string, pos diag.Pos) bool {
	if first, ok := s.seen[goName]; ok {
		s.r.Report(rules.NameClash, pos, "%s and %s would both be %s %s", first.what, what, goName, s.where).
			Help("rename one of them").Related(first.pos, "%s is here", first.what)
		return false
	}
	s.seen[goName] = taken{what: what, pos: pos}
	return true
}
