package lock

import (
	"cmp"
	"slices"
	"strings"
)

// A Number is a thing and its number.
type Number struct {
	Kind    string // enum for a value of an enum, field, index or table
	Owner   string // the table, struct or enum that it belongs to; "" for a table
	Name    string
	Number  int
	Retired bool // the thing was removed
}

// Numbers returns all numbers, sorted by kind, owner and number.
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
