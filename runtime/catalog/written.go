package catalog

import (
	"strconv"

	"github.com/storegen/storegen/runtime/kind"
)

// This file writes parts of a description as schemas do. Locks, pages and messages have
// them from here, so that each has one text.

// Written is a type: the name of one that has a name, "[]string", "decimal(12,2)".
func (t *Type) Written() string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == kind.List:
		return "[]" + t.Elem.Written()
	case t.Kind == kind.Map:
		return "map[" + t.KeyOf().Written() + "]" + t.Elem.Written()
	}
	return kind.TypeText(t.Kind, &t.Params)
}

// WrittenStored is what is stored of a type: as Written, but for a named scalar it is the
// scalar that it is over, and a list that is an array in Go says how long it is.
func (t *Type) WrittenStored() string {
	switch t.Kind {
	case kind.List:
		return kind.ListText(t.Len) + t.Elem.WrittenStored()
	case kind.Map:
		return "map[" + t.KeyOf().WrittenStored() + "]" + t.Elem.WrittenStored()
	case kind.Enum, kind.Struct:
		return t.Name
	}
	return kind.TypeText(t.Kind, &t.Params)
}

// WrittenDefault is the default of a field; "" if it has none.
func (f *Field) WrittenDefault() string {
	switch d := f.Default; {
	case d == nil:
		return ""
	case d.Now:
		return "now"
	case d.New:
		return "new"
	default:
		return f.Type.literal(d.Lit)
	}
}

// literal is a literal of a type. What is none, in a description that is damaged, is
// shown in quotes.
func (t *Type) literal(text string) string {
	row := kind.Of(t.Kind)
	if row == nil {
		return strconv.Quote(text)
	}
	v, err := row.ParseLit(&t.Params, text)
	if err != nil {
		return strconv.Quote(text)
	}
	return row.Written(v)
}

// The precedence of a condition. One with a lower precedence needs parentheses inside one
// with a higher.
const (
	bindOr = iota
	bindAnd
	bindNot
	bindLeaf
)

func (e *Expr) binding() int {
	switch e.Op {
	case Or:
		return bindOr
	case And:
		return bindAnd
	case Not:
		return bindNot
	}
	return bindLeaf
}

// WrittenExpr is a condition over the fields of the table: "not a and len(b) > 3". Read
// again, it is the same condition.
func (t *Table) WrittenExpr(e *Expr) string {
	switch e.Op {
	case And, Or:
		text := ""
		for i := range e.Args {
			if i == 0 {
				text = t.inner(&e.Args[i], e.binding())
			} else {
				text += " " + string(e.Op) + " " + t.inner(&e.Args[i], e.binding()+1)
			}
		}
		return text
	case Not:
		return "not " + t.inner(&e.Args[0], bindNot)
	case Has:
		return "has " + t.Fields[e.Field].Name
	case Eq, Ne, Lt, Le, Gt, Ge:
		return t.operand(&e.Args[0], &e.Args[1]) + " " + string(e.Op) + " " + t.operand(&e.Args[1], &e.Args[0])
	}
	return t.Fields[e.Field].Name
}

func (t *Table) inner(e *Expr, least int) string {
	if e.binding() < least {
		return "(" + t.WrittenExpr(e) + ")"
	}
	return t.WrittenExpr(e)
}

// operand is a side of a comparison. The other one tells of which type a literal is.
func (t *Table) operand(e, other *Expr) string {
	switch {
	case e.Op == LenOf:
		return "len(" + t.Fields[e.Field].Name + ")"
	case e.Op == FieldOf:
		return t.Fields[e.Field].Name
	case other.Op == FieldOf:
		return t.Fields[other.Field].Type.literal(e.Lit)
	}
	return e.Lit // a length
}

// WrittenIndex is an index: "unique on(each tags, at desc) include(note) where(...)".
func (t *Table) WrittenIndex(ix *Index) string {
	var columns, include []string
	for _, c := range ix.Columns {
		columns = append(columns, c.Text(t.Fields[c.Field].Name))
	}
	for _, i := range ix.Include {
		include = append(include, t.Fields[i].Name)
	}
	where := ""
	if ix.Where != nil {
		where = t.WrittenExpr(ix.Where)
	}
	return IndexText(ix.Unique, columns, include, where)
}
