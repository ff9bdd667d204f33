package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
)

// Difference is a point in which the description in a database and the one in
// the code do not agree.
type Difference struct {
	What   string // "field status", "index by_role", "key", ...
	Stored string // as the database has it; "" for nothing
	Code   string // as the code has it; "" for nothing
	// Rebuild says that the rows themselves fit and only index entries must be
	// built or dropped.
	Rebuild bool
	// Lossy says that the rows can be read, but that the code has no place for
	// something they hold: it is lost when such a row is written again.
	Lossy bool
	// Named says that a number has one name in the database and another one in the
	// code, which does not say that the former was renamed.
	Named bool
}

// Refused reports whether the code cannot work on the stored rows at all.
func (d Difference) Refused() bool { return !d.Rebuild && !d.Lossy }

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
// their bytes are skipped or kept. What has a number on both sides must have one
// name there, too, or be said to be renamed: a number alone does not tell what is
// stored under it.
func Compare(stored, code *Table) []Difference {
	c := &comparer{}
	if stored.Number != 0 && code.Number != 0 && stored.Number != code.Number {
		c.out = append(c.out, Difference{What: "table", Stored: fmt.Sprintf("number %d under this name", stored.Number), Code: fmt.Sprintf("number %d", code.Number), Named: true})
	}
	c.add("form", stored.Form.String(), code.Form.String())
	c.add("key", stored.shape(stored.Key), code.shape(code.Key))
	c.add("family", fieldsShape(stored.Per), fieldsShape(code.Per))
	c.fields("parameter ", stored.Per, code.Per, false)
	c.fields("field ", stored.Fields, code.Fields, false)
	c.indexes(stored, code)
	return c.out
}

type comparer struct{ out []Difference }

func (c *comparer) add(what, stored, code string) {
	if stored != code {
		c.out = append(c.out, Difference{What: what, Stored: stored, Code: code})
	}
}

// fields compares those fields that both sides have.
func (c *comparer) fields(what string, stored, code []Field, sealed bool) {
	for i := range stored {
		s := &stored[i]
		f := counterpart(code, i, s)
		switch {
		case f == nil && sealed:
			c.out = append(c.out, Difference{What: what + s.Name, Stored: s.Type.Shape(), Lossy: true})
		case f == nil:
		case !sameName(s.Name, s.Was, f.Name, f.Was):
			c.out = append(c.out, Difference{What: fmt.Sprintf("%s%d", what, max(s.Number, i+1)), Stored: s.Name, Code: f.Name, Named: true})
		case !fits(&s.Type, &f.Type):
			c.add(what+s.Name, s.Type.Shape(), f.Type.Shape())
		case s.Wire != f.Wire:
			c.add(what+s.Name, s.Type.Shape()+" "+s.Wire, f.Type.Shape()+" "+f.Wire)
		default:
			c.types(what+s.Name, &s.Type, &f.Type)
		}
	}
}

// counterpart is the field of the code that is a stored one: that of its number, or,
// where parts of a key have none, of its place.
func counterpart(code []Field, place int, stored *Field) *Field {
	if stored.Number != 0 {
		return numbered(code, stored.Number)
	}
	if place < len(code) && code[place].Number == 0 {
		return &code[place]
	}
	return nil
}

// types compares what values of two types that fit each other mean.
func (c *comparer) types(what string, stored, code *Type) {
	switch {
	case stored.Kind != code.Kind:
	case stored.Kind == kind.List || stored.Kind == kind.Map:
		c.types(what, stored.Elem, code.Elem)
	case stored.Kind == kind.Struct:
		c.fields(what+".", stored.Fields, code.Fields, code.Sealed)
	case stored.Kind == kind.Enum:
		for _, s := range stored.Values {
			i := slices.IndexFunc(code.Values, func(v EnumValue) bool { return v.Number == s.Number })
			if i >= 0 && !sameName(s.Name, s.Was, code.Values[i].Name, code.Values[i].Was) {
				c.out = append(c.out, Difference{What: fmt.Sprintf("%s, value %d", what, s.Number), Stored: s.Name, Code: code.Values[i].Name, Named: true})
			}
		}
	}
}

func (c *comparer) indexes(stored, code *Table) {
	add := func(name string, s, d *Index) {
		if s != nil && d != nil && stored.IndexShape(s) == code.IndexShape(d) {
			return
		}
		was, is := stored.indexText(s, byName), code.indexText(d, byName)
		if was == is {
			was, is = stored.indexText(s, byNumber), code.indexText(d, byNumber)
		}
		c.out = append(c.out, Difference{What: "index " + name, Stored: was, Code: is, Rebuild: true})
	}
	for i := range stored.Indexes {
		s := &stored.Indexes[i]
		add(s.Name, s, code.IndexNumbered(s.Number))
	}
	for i := range code.Indexes {
		if d := &code.Indexes[i]; stored.IndexNumbered(d.Number) == nil {
			add(d.Name, nil, d)
		}
	}
}

// sameName reports whether two names are of one thing: they are one, or a side knows
// the other's as a former name. The code may be older than what is stored.
func sameName(stored string, storedWas []string, code string, codeWas []string) bool {
	return stored == code || slices.Contains(codeWas, stored) || slices.Contains(storedWas, code)
}

// fits reports whether values of a stored type, outside of a key, can be read as
// one of the code's.
func fits(stored, code *Type) bool {
	if stored.Kind != code.Kind || stored.Kind.Scalar() && stored.Shape() != code.Shape() {
		return false
	}
	switch stored.Kind {
	case kind.List, kind.Map:
		if code.Len > 0 && stored.Len > code.Len {
			return false // each stored list has too many elements
		}
		return stored.KeyKind() == code.KeyKind() && fits(stored.Elem, code.Elem)
	case kind.Struct:
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

// Merge is the description of a table that stored and code both fit: all that the
// code says, and the fields and enum values that only the stored one has. Rows may
// hold them, and another program know them.
func Merge(stored, code *Table) *Table {
	out := *code
	out.Was = union(code.Was, stored.Was, code.Name)
	out.Fields = mergeFields(stored.Fields, code.Fields, false)
	return &out
}

func mergeFields(stored, code []Field, sealed bool) []Field {
	out := slices.Clone(code)
	for i := range stored {
		s := &stored[i]
		f := counterpart(out[:len(code)], i, s)
		switch {
		case f == nil && !sealed:
			out = append(out, *s)
		case f != nil:
			f.Name, f.Was = mergeNames(s.Name, s.Was, f.Name, f.Was)
			f.Type = mergeTypes(&s.Type, &f.Type)
		}
	}
	return out
}

func mergeTypes(stored, code *Type) Type {
	out := *code
	switch {
	case stored.Kind != code.Kind:
	case code.Kind == kind.List || code.Kind == kind.Map:
		elem := mergeTypes(stored.Elem, code.Elem)
		out.Elem = &elem
	case code.Kind == kind.Struct:
		out.Fields = mergeFields(stored.Fields, code.Fields, code.Sealed)
	case code.Kind == kind.Enum:
		out.Values = mergeValues(stored.Values, code.Values)
	}
	return out
}

func mergeValues(stored, code []EnumValue) []EnumValue {
	out := slices.Clone(code)
	for _, s := range stored {
		i := slices.IndexFunc(code, func(v EnumValue) bool { return v.Number == s.Number })
		if i < 0 {
			out = append(out, s)
		} else {
			out[i].Name, out[i].Was = mergeNames(s.Name, s.Was, out[i].Name, out[i].Was)
		}
	}
	return out
}

// mergeNames is the newest name of a thing, with the former ones. The code is older
// where only the stored description knows that there was a rename.
func mergeNames(stored string, storedWas []string, code string, codeWas []string) (name string, was []string) {
	name = code
	if stored != code && !slices.Contains(codeWas, stored) {
		name = stored
	}
	return name, union(append(slices.Clone(codeWas), code, stored), storedWas, name)
}

// union is a and what else b has, without one name.
func union(a, b []string, without string) []string {
	var out []string
	for _, name := range slices.Concat(a, b) {
		if name != without && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
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
	case kind.List:
		return kind.ListText(t.Len) + t.Elem.Shape()
	case kind.Map:
		return "map[" + t.KeyKind().String() + "]" + t.Elem.Shape()
	case kind.Struct:
		return "{" + fieldsShape(t.Fields) + "}"
	}
	return kind.Shape(t.Kind, &t.Params)
}

// outline is Shape without what is in a struct, which says its fields' numbers
// itself where it is stored as a value; but for its arrays, which are stored with all
// their elements, so that an entry with a shorter one differs from the row.
func (t *Type) outline() string {
	switch t.Kind {
	case kind.List:
		return kind.ListText(t.Len) + t.Elem.outline()
	case kind.Map:
		return "map[" + t.KeyKind().String() + "]" + t.Elem.outline()
	case kind.Struct:
		return t.Kind.String() + t.arrays()
	}
	return kind.Shape(t.Kind, &t.Params)
}

// arrays are the lengths of the arrays in a struct; "" if it has none.
func (t *Type) arrays() string {
	var parts []string
	for i := range t.Fields {
		f := &t.Fields[i]
		of := &f.Type
		text := ""
		if of.Len > 0 {
			text = kind.ListText(of.Len)
		}
		for of.Elem != nil {
			of = of.Elem
		}
		if text += of.arrays(); text != "" {
			parts = append(parts, strconv.Itoa(f.Number)+":"+text)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
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
func (t *Table) IndexShape(ix *Index) string { return t.indexText(ix, byNumber) }

// byNumber and byName are what stands for a field in the text of an index: the
// number is what is stored, and the name is what people know.
func byNumber(f *Field) string { return strconv.Itoa(f.Number) }
func byName(f *Field) string   { return f.Name }

// indexText is what of an index its entries depend on; "" if there is no index.
func (t *Table) indexText(ix *Index, label func(*Field) string) string {
	if ix == nil {
		return ""
	}
	var b strings.Builder
	if ix.Unique {
		b.WriteString("unique ")
	}
	b.WriteByte('(')
	for i, c := range ix.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		f := &t.Fields[c.Field]
		b.WriteString(c.Text(label(f) + ":" + f.Type.Shape() + f.mark()))
	}
	b.WriteByte(')')
	if ix.Where != nil {
		b.WriteString(" where ")
		b.WriteString(t.exprText(ix.Where, label))
	}
	if len(ix.Include) > 0 {
		b.WriteString(" include ")
		var parts []string
		for _, i := range ix.Include {
			f := &t.Fields[i]
			parts = append(parts, label(f)+":"+f.Type.outline())
		}
		b.WriteString("(" + strings.Join(parts, ", ") + ")")
	}
	return b.String()
}

// ExprShape is what of a condition the rows for which it holds depend on, as text.
func (t *Table) ExprShape(e *Expr) string { return t.exprText(e, byNumber) }

func (t *Table) exprText(e *Expr, label func(*Field) string) string {
	switch e.Op {
	case Lit:
		return strconv.Quote(e.Lit)
	case FieldOf, Has, True, LenOf:
		f := &t.Fields[e.Field]
		length := ""
		if f.Type.Len > 0 {
			length = kind.ListText(f.Type.Len)
		}
		return fmt.Sprintf("%s(%s%s%s)", e.Op, label(f), f.mark(), length)
	}
	var args []string
	for i := range e.Args {
		args = append(args, t.exprText(&e.Args[i], label))
	}
	return string(e.Op) + "(" + strings.Join(args, ", ") + ")"
}

// String says what rows are.
func (f Form) String() string {
	if f == Fields {
		return "rows of fields"
	}
	return "rows in the form " + string(f)
}

// KeyShape is what of the key the stored bytes depend on, as text.
func (t *Table) KeyShape() string { return t.shape(t.Key) }
