package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Difference is a point in which the description in a database and the one in
// the code do not agree.
type Difference struct {
	What   string // "field status", "index by_role", "key", ...
	Stored string // as the database has it; "" for nothing
	Code   string // as the code has it; "" for nothing
	// Rebuild says that the rows themselves fit and only index entries must be
	// built or dropped. Otherwise the stored rows cannot be read by the code.
	Rebuild bool
}

// String prints both sides.
func (d Difference) String() string {
	side := func(s string) string {
		if s == "" {
			return "nothing"
		}
		return s
	}
	return fmt.Sprintf("%s: the database has %s, the code has %s", d.What, side(d.Stored), side(d.Code))
}

// Compare lists what keeps code from working on a stored table. Fields that
// only one side has are no difference, also those of structs outside of keys:
// their bytes are skipped or kept. Names do not count where there are numbers, so
// a rename is none either.
func Compare(stored, code *Table) []Difference {
	var out []Difference
	add := func(what, s, c string, rebuild bool) {
		if s != c {
			out = append(out, Difference{What: what, Stored: s, Code: c, Rebuild: rebuild})
		}
	}
	add("key", stored.shape(stored.Key), code.shape(code.Key), false)
	add("family", fieldsShape(stored.Per), fieldsShape(code.Per), false)
	for i := range stored.Fields {
		s := &stored.Fields[i]
		for j := range code.Fields {
			if c := &code.Fields[j]; c.Number == s.Number && !fits(&s.Type, &c.Type) {
				add("field "+s.Name, s.Type.Shape(), c.Type.Shape(), false)
			}
		}
	}
	for i := range stored.Indexes {
		s := &stored.Indexes[i]
		c := code.IndexNumbered(s.Number)
		if c == nil {
			add("index "+s.Name, stored.IndexShape(s), "", true)
			continue
		}
		add("index "+s.Name, stored.IndexShape(s), code.IndexShape(c), true)
	}
	for i := range code.Indexes {
		if c := &code.Indexes[i]; stored.IndexNumbered(c.Number) == nil {
			add("index "+c.Name, "", code.IndexShape(c), true)
		}
	}
	return out
}

// fits reports whether values of a stored type, outside of a key, can be read as
// one of the code's.
func fits(stored, code *Type) bool {
	if stored.Kind != code.Kind {
		return false
	}
	switch stored.Kind {
	case List, Map:
		return fits(stored.Elem, code.Elem)
	case Struct:
		for i := range stored.Fields {
			if c := numbered(code.Fields, stored.Fields[i].Number); c != nil && !fits(&stored.Fields[i].Type, &c.Type) {
				return false
			}
		}
	}
	return true
}

// numbered returns the field with a number, or nil.
func numbered(fields []Field, n int) *Field {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Number == n })
	if i < 0 {
		return nil
	}
	return &fields[i]
}

// Covers reports whether code knows every field that the stored table has, so
// that its description may take the stored one's place.
func Covers(code, stored *Table) bool { return coversFields(code.Fields, stored.Fields) }

func coversFields(code, stored []Field) bool {
	for i := range stored {
		c := numbered(code, stored[i].Number)
		if c == nil || !coversType(&c.Type, &stored[i].Type) {
			return false
		}
	}
	return true
}

func coversType(code, stored *Type) bool {
	switch {
	case code.Kind != stored.Kind:
		return true // no question of more or less
	case stored.Kind == List || stored.Kind == Map:
		return coversType(code.Elem, stored.Elem)
	}
	return coversFields(code.Fields, stored.Fields)
}

// IndexNumbered returns the index with a number, or nil.
func (t *Table) IndexNumbered(n int) *Index {
	for i := range t.Indexes {
		if t.Indexes[i].Number == n {
			return &t.Indexes[i]
		}
	}
	return nil
}

// Shape is what of a type the stored bytes depend on, as text.
func (t *Type) Shape() string {
	switch t.Kind {
	case List:
		return "[]" + t.Elem.Shape()
	case Map:
		return "map[string]" + t.Elem.Shape()
	case Struct:
		return "{" + fieldsShape(t.Fields) + "}"
	}
	return t.Kind.String()
}

// outline is Shape without what is in a struct, which says its fields' numbers
// itself where it is stored as a value.
func (t *Type) outline() string {
	switch t.Kind {
	case List:
		return "[]" + t.Elem.outline()
	case Map:
		return "map[string]" + t.Elem.outline()
	}
	return t.Kind.String()
}

func fieldsShape(fields []Field) string {
	var parts []string
	for i := range fields {
		parts = append(parts, strconv.Itoa(fields[i].Number)+":"+fields[i].Type.Shape())
	}
	return strings.Join(parts, ", ")
}

// shape prints some of the fields by number.
func (t *Table) shape(fields []int) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, fmt.Sprintf("%d:%s", t.Fields[f].Number, t.Fields[f].Type.Shape()))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// mark tells optional fields from others. A row's zero value is stored like an
// absent one, so that a field which becomes optional, or no longer is, changes
// which rows have an entry in an index over it.
func (f *Field) mark() string {
	if f.Optional {
		return "?"
	}
	return ""
}

// IndexShape is what of an index its entries depend on, as text.
func (t *Table) IndexShape(ix *Index) string {
	var b strings.Builder
	if ix.Unique {
		b.WriteString("unique ")
	}
	b.WriteByte('(')
	for i, c := range ix.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if c.Each {
			b.WriteString("each ")
		}
		if c.Fold {
			b.WriteString("fold ")
		}
		f := &t.Fields[c.Field]
		fmt.Fprintf(&b, "%d:%s%s", f.Number, f.Type.Shape(), f.mark())
		if c.Desc {
			b.WriteString(" desc")
		}
	}
	b.WriteByte(')')
	if ix.Where != nil {
		b.WriteString(" where ")
		b.WriteString(t.exprShape(ix.Where))
	}
	if len(ix.Include) > 0 {
		b.WriteString(" include ")
		var parts []string
		for _, f := range ix.Include {
			parts = append(parts, fmt.Sprintf("%d:%s", t.Fields[f].Number, t.Fields[f].Type.outline()))
		}
		b.WriteString("(" + strings.Join(parts, ", ") + ")")
	}
	return b.String()
}

func (t *Table) exprShape(e *Expr) string {
	switch e.Op {
	case "lit":
		return strconv.Quote(e.Lit)
	case "field", "has", "bool", "len":
		f := &t.Fields[e.Field]
		return fmt.Sprintf("%s(%d%s)", e.Op, f.Number, f.mark())
	}
	var args []string
	for i := range e.Args {
		args = append(args, t.exprShape(&e.Args[i]))
	}
	return e.Op + "(" + strings.Join(args, ", ") + ")"
}

// KeyShape is what of the key the stored bytes depend on, as text.
func (t *Table) KeyShape() string { return t.shape(t.Key) }
