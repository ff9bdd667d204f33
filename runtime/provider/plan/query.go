package plan

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// Op is how a constraint compares a column.
type Op int

// The operators. Comparisons are those of provider.Value.Compare, and none holds
// for a null.
const (
	Eq       Op = iota + 1 // the value
	Lt                     // less
	Le                     // less or equal
	Gt                     // greater
	Ge                     // greater or equal
	In                     // one of Values
	Prefix                 // text that begins with the value
	Contains               // a list that has the value among its elements
	IsNull
	NotNull
)

var opNames = [...]string{"?", "=", "<", "<=", ">", ">=", "in", "starts with", "contains", "is null", "is not null"}

// String returns the operator as Explain prints it.
func (o Op) String() string {
	if o < 0 || int(o) >= len(opNames) {
		o = 0
	}
	return opNames[o]
}

// ranges reports whether the operator asks for a range of values in their order.
func (o Op) ranges() bool { return o >= Lt && o <= Ge || o == Prefix }

// Constraint is a condition on one column. A query's constraints all hold.
type Constraint struct {
	Column int // position in provider.TableDef.Columns
	Op     Op
	// Value is what the column is compared with: a value of the column's kind, for
	// Contains of the kind of the list's elements (documents where those are
	// structs), or null. A value of another kind makes the query one that cannot be
	// run: see Plan.Err.
	Value  provider.Value
	Values []provider.Value // of In
	// Unknown says that the value, or the values of In, are given to Plan.Bind. Nothing
	// is concluded from them but that the column is not null.
	Unknown bool
	// Fold has Eq, In and Prefix compare text without regard to its case, as paths with
	// folded columns have it: see keys.Fold. Only such paths serve it.
	Fold bool

	// foreign says that only the caller can check it: the value is of another kind, or
	// the order another.
	foreign bool
}

// dark reports whether nothing follows from the constraint's value.
func (c *Constraint) dark() bool { return c.Unknown || c.foreign || c.Fold }

// Holds reports whether a value of the column meets the constraint, whose value is
// known. A list is given
// as its document, in which elements are compared in the form that documents have;
// values that documents do not tell apart are told apart by provider.ListCursor.
func (c *Constraint) Holds(v provider.Value) bool {
	if c.Fold {
		return c.folded().Holds(folded(v))
	}
	switch c.Op {
	case IsNull:
		return v.IsNull()
	case NotNull:
		return !v.IsNull()
	case In:
		return slices.ContainsFunc(c.Values, func(w provider.Value) bool { return equal(v, w) })
	case Contains:
		return contains(v, c.Value)
	}
	if v.IsNull() || v.Kind() != c.Value.Kind() {
		return false
	}
	switch c.Op {
	case Eq:
		return v.Compare(c.Value) == 0
	case Lt:
		return v.Compare(c.Value) < 0
	case Le:
		return v.Compare(c.Value) <= 0
	case Gt:
		return v.Compare(c.Value) > 0
	case Ge:
		return v.Compare(c.Value) >= 0
	case Prefix:
		return strings.HasPrefix(v.Text(), c.Value.Text()) && v.Kind().Text()
	}
	return false
}

// folded is the constraint on folded values.
func (c *Constraint) folded() *Constraint {
	out := &Constraint{Column: c.Column, Op: c.Op, Value: folded(c.Value)}
	for _, v := range c.Values {
		out.Values = append(out.Values, folded(v))
	}
	return out
}

// folded is text without the case of its letters, and any other value itself.
func folded(v provider.Value) provider.Value {
	if v.Kind() != kind.String {
		return v
	}
	return provider.String(keys.Fold(v.Text()))
}

func equal(v, w provider.Value) bool { return !v.IsNull() && v.Compare(w) == 0 }

// contains looks through a document that shows a list. Elements are compared in
// the form in which documents hold them. Text that is not UTF-8 shows as other text,
// and equals nothing here.
func contains(doc, elem provider.Value) bool {
	var elems []json.RawMessage
	if elem.IsNull() || doc.IsNull() || json.Unmarshal(doc.Bytes(), &elems) != nil {
		return false
	}
	if elem.Kind() == kind.String && !utf8.ValidString(elem.Text()) {
		return false
	}
	want := elem.JSON()
	return slices.ContainsFunc(elems, func(e json.RawMessage) bool { return string(e) == want })
}

// OrderBy is a column that rows are sorted by.
type OrderBy struct {
	Column int
	Desc   bool
}

// Query is what is wanted of a table.
type Query struct {
	Where []Constraint
	Order []OrderBy
	// Grouped says that rows which are equal in all columns of Order have only to follow
	// each other, as groups need it: the groups may come in any order.
	Grouped bool
	Columns provider.ColSet // those whose values are wanted
	Limit   int64           // 0: none
	Stats   provider.Stats  // as Table.Stats gave it, or zero
	// EqualOnly are columns whose values the caller has in another order, as where it
	// shows enums as their names. Only equality is served on them, by In too: other
	// comparisons are the caller's to check, and their order is never promised, but
	// where Grouped is set.
	EqualOnly provider.ColSet
}
