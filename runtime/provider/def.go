package provider

import (
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// TableDef describes a table to a query engine. It is made once and never
// changed.
type TableDef struct {
	Name string // with the member where it belongs to a family: shared.rows[app/orders]
	Doc  string
	// Family is the family that the table is a member of, "" for none.
	Family  string
	Columns []Column
	// Key is the positions of the key's columns, in the order of the key.
	Key []int
	// Paths are the ways to the rows: the key first, then the indexes.
	Paths   []Path
	Access  access.Level
	Expires bool // rows can expire
	// Source is the description that this one was made from.
	Source *catalog.Table

	key    []component
	fields []int // by position in Source.Fields: the column, or -1
}

// Column describes a column.
type Column struct {
	Name string
	Doc  string
	// Kind is the kind of the values. Lists, maps and structs are documents and
	// have the kind JSON.
	//
	// In a document a list is an array; a map is an object, with its keys in order;
	// a struct is an object with the declared names of its fields, without absent and
	// hidden ones. Numbers are numbers, floats that are none are "NaN", "Infinity" and
	// "-Infinity"; text is a string, in which bytes that are not UTF-8 show as U+FFFD;
	// bytes are base64; timestamps are RFC 3339; durations as 1h2m3s; UUIDs in their
	// usual form; enums by name, or by number where it has no name. A document without
	// bytes that are not UTF-8, and without years beyond 9999, is written back as it
	// was read.
	Kind catalog.Kind
	// Type is the declared type. The values of an enum are in it.
	Type *catalog.Type
	// Nullable says that values can be null.
	Nullable bool
	// Field is the position of the field in TableDef.Source.
	Field int
	// InKey says that the column is part of the key.
	InKey bool

	fixed bool // cannot be written: parts of it are hidden
}

// Document reports whether the values are documents made of a list, map or
// struct.
func (c *Column) Document() bool { return isDocument(c.Type.Kind) }

func isDocument(k catalog.Kind) bool {
	return k == kind.List || k == kind.Map || k == kind.Struct
}

// Path describes one way to the rows of a table: they come in the order of its
// columns, then of the key. A scan on it takes equality on any number of leading
// columns, and then one range on the next.
type Path struct {
	Name  string // "key", or the index's
	Doc   string
	Index int // position in TableDef.Source.Indexes; -1 for the key
	// Columns are those of the key or index.
	Columns []PathColumn
	// Unique says that there is at most one row for a value of all columns.
	Unique bool
	// Covering are the columns that a scan yields without reading rows.
	Covering ColSet
	// Sparse are the columns that a row must have, not null and not an empty list,
	// to be on the path.
	Sparse ColSet
	// Where is the condition that a row must meet to be on the path, nil for none.
	Where *catalog.Expr

	parts []component
}

// PathColumn is a column of a path.
type PathColumn struct {
	Column int // position in TableDef.Columns
	// With Fold, equality and prefixes find more rows than those that match, and there is
	// no order. With Each, ranges are about elements of the column's list.
	catalog.Options
}

// ColumnNamed returns the position of a column, or -1.
func (d *TableDef) ColumnNamed(name string) int {
	return slices.IndexFunc(d.Columns, func(c Column) bool { return c.Name == name })
}

// Set returns the columns of some names. With a name of no column it is a set that
// no scan and no query takes.
func (d *TableDef) Set(names ...string) ColSet {
	var s ColSet
	for _, n := range names {
		s.Add(d.ColumnNamed(n))
	}
	return s
}

// All returns all columns.
func (d *TableDef) All() ColSet {
	var s ColSet
	for i := range d.Columns {
		s.Add(i)
	}
	return s
}

// PathNamed returns the position of a path, or -1.
func (d *TableDef) PathNamed(name string) int {
	return slices.IndexFunc(d.Paths, func(p Path) bool { return p.Name == name })
}

// ColumnOf returns the position of the column that shows a field, given by its
// position in Source, or -1: for a hidden field, and for a key field that shows
// as several columns.
func (d *TableDef) ColumnOf(field int) int {
	if field < 0 || field >= len(d.fields) {
		return -1
	}
	return d.fields[field]
}

// DefOf describes a table, or a member of a family, that is not open: what a provider of it
// has, but for the name of the member and an access that was said at the opening.
func DefOf(t *catalog.Table) *TableDef { return newDef(t, t.Name, t.Access) }

// newDef describes a table.
func newDef(t *catalog.Table, name string, level access.Level) *TableDef {
	d := &TableDef{Name: name, Doc: t.Doc, Access: level, Expires: t.TTL != nil, Source: t}
	if len(t.Per) > 0 {
		d.Family = t.Name
	}
	parts := map[int][]component{}
	for i := range t.Fields {
		f := &t.Fields[i]
		d.fields = append(d.fields, -1)
		switch {
		case t.IsKey(i):
			parts[i] = d.keyColumns(nil, i, f.Name, f.Doc, &f.Type)
			if len(parts[i]) == 1 && f.Type.Kind != kind.Struct {
				d.fields[i] = parts[i][0].column
			}
		case !f.Hidden:
			c := Column{Name: f.Name, Doc: f.Doc, Kind: f.Type.Kind, Type: &f.Type, Nullable: f.Optional, Field: i}
			if c.Document() {
				c.Kind = kind.JSON
				c.fixed = hides(&f.Type)
			}
			d.fields[i] = len(d.Columns)
			d.Columns = append(d.Columns, c)
		}
	}
	for _, f := range t.Key {
		d.key = append(d.key, parts[f]...)
	}
	if n := len(d.key); n > 0 {
		d.key[n-1].last = true
	}
	path := Path{Name: "key", Index: -1, Unique: true, Covering: d.All(), parts: d.key}
	for _, p := range d.key {
		d.Key = append(d.Key, p.column)
		path.Columns = append(path.Columns, PathColumn{Column: p.column})
	}
	d.Paths = append(d.Paths, path)
	for i := range t.Indexes {
		if p, ok := d.index(i); ok {
			d.Paths = append(d.Paths, p)
		}
	}
	return d
}

// keyColumns adds the columns of a key field: itself, or the scalars of a struct.
func (d *TableDef) keyColumns(parts []component, field int, name, doc string, t *catalog.Type) []component {
	if t.Kind != kind.Struct {
		d.Columns = append(d.Columns, Column{Name: name, Doc: doc, Kind: t.Kind, Type: t, Field: field, InKey: true})
		return append(parts, newComponent(len(d.Columns)-1, t, catalog.Options{}))
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		parts = d.keyColumns(parts, field, name+"."+f.Name, f.Doc, &f.Type)
	}
	return parts
}

// hides reports whether a type has hidden parts.
func hides(t *catalog.Type) bool {
	if t.Elem != nil && hides(t.Elem) {
		return true
	}
	return slices.ContainsFunc(t.Fields, func(f catalog.Field) bool { return f.Hidden || hides(&f.Type) })
}

// index describes an index. One that depends on hidden fields is no path, since
// the order or number of its entries would tell of them.
func (d *TableDef) index(i int) (Path, bool) {
	ix := &d.Source.Indexes[i]
	p := Path{Name: ix.Name, Doc: ix.Doc, Index: i, Unique: ix.Unique, Where: ix.Where}
	if ix.Where != nil && !d.shows(ix.Where) {
		return p, false
	}
	for _, c := range ix.Columns {
		col := d.ColumnOf(c.Field)
		if col < 0 {
			return p, false
		}
		typ := &d.Source.Fields[c.Field].Type
		if c.Each {
			typ = typ.Elem
		}
		p.Columns = append(p.Columns, PathColumn{Column: col, Options: c.Options})
		p.parts = append(p.parts, newComponent(col, typ, c.Options))
		if d.Columns[col].Nullable || c.Each {
			p.Sparse.Add(col)
		}
		if !c.Mapped() && !c.Each {
			p.Covering.Add(col)
		}
	}
	for _, f := range ix.Include {
		if col := d.ColumnOf(f); col >= 0 {
			p.Covering.Add(col)
		}
	}
	for _, c := range d.Key {
		p.Covering.Add(c)
	}
	return p, true
}

// shows reports whether all fields of a condition are columns.
func (d *TableDef) shows(e *catalog.Expr) bool {
	switch e.Op {
	case catalog.FieldOf, catalog.Has, catalog.True, catalog.LenOf:
		return d.ColumnOf(e.Field) >= 0
	}
	for i := range e.Args {
		if !d.shows(&e.Args[i]) {
			return false
		}
	}
	return true
}

// fits makes sure that a value can be compared with a part of a path.
func (d *TableDef) fits(c *component, v Value) error {
	if v.IsNull() || kind.Takes(c.typ.Kind, &c.typ.Params, v) {
		return nil
	}
	return fmt.Errorf("%s is %s, and the value %s is %s: convert it first", d.Columns[c.column].Name, kind.TypeText(c.typ.Kind, &c.typ.Params), v, v.TypeText())
}
