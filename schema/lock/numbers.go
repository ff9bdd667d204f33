package lock

import (
	"cmp"
	"slices"
	"strings"
)

// A Number is one line of a lock: a thing, and the number that it has for ever.
type Number struct {
	Kind    string // enum (a value of one), field, index or table
	Owner   string // the table, struct or enum that it belongs to; "" of a table
	Name    string
	Number  int
	Retired bool // the thing was removed
}

// Numbers returns what the lock holds, sorted by kind, owner and number, as in
// its text.
func (l *Lock) Numbers() []Number {
	out := make([]Number, 0, len(l.Entries))
	for _, e := range l.Entries {
		out = append(out, Number{Kind: string(e.Kind), Owner: e.Owner, Name: e.Name, Number: int(e.Number), Retired: e.Retired})
	}
	slices.SortFunc(out, func(a, b Number) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Owner, b.Owner), cmp.Compare(a.Number, b.Number))
	})
	return out
}
