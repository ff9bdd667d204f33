package logictest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// hiddenKey is the key of a table that has none: it is in the order of insertion.
const hiddenKey = "_row"

// kindOf is the kind of a column, by the words with which SQL declares it: the rules of
// SQLite's affinities, with dates as texts and the rest as reals.
func kindOf(typ string) (catalog.Kind, error) {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(typ, w) })
	}
	switch {
	case has("INT", "BOOL"):
		return kind.Int64, nil
	case has("CHAR", "CLOB", "TEXT", "DATE", "TIME", "STRING"):
		return kind.String, nil
	case has("BLOB", "BINARY"):
		return kind.Bytes, nil
	case has("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"):
		return kind.Float64, nil
	case typ == "":
		return 0, not("a column without a type")
	}
	return 0, not("a column of the type %s", typ)
}

// describe describes a table.
func (t *tableDef) describe(name string) (*catalog.Table, error) {
	d := &catalog.Table{Name: name, Access: access.Public, Row: "row"}
	at := func(column string) (int, error) {
		i := slices.IndexFunc(d.Fields, func(f catalog.Field) bool { return strings.EqualFold(f.Name, column) })
		if i < 0 {
			return 0, fmt.Errorf("table %s has no column named %s", name, column)
		}
		return i, nil
	}
	for i, c := range t.columns {
		if _, err := at(c.name); err == nil {
			return nil, fmt.Errorf("duplicate column name: %s", c.name)
		}
		k, err := kindOf(c.typ)
		if err != nil {
			return nil, err
		}
		f := catalog.Field{Name: c.name, Number: i + 1, Type: catalog.Type{Kind: k}, Optional: !c.notNull}
		if c.deflt != nil && !c.deflt.is("null") {
			if _, err := kind.Of(k).ParseLit(&f.Type.Params, c.deflt.text); err != nil {
				return nil, not("the default %s of a column of %s", c.deflt.text, k)
			}
			f.Default = &catalog.Default{Lit: c.deflt.text}
		}
		d.Fields = append(d.Fields, f)
	}
	for _, k := range t.key {
		i, err := at(k)
		if err != nil {
			return nil, err
		}
		d.Fields[i].Optional = false
		d.Key = append(d.Key, i)
	}
	if len(d.Key) == 0 {
		d.Key = []int{len(d.Fields)}
		d.Fields = append(d.Fields, catalog.Field{Name: hiddenKey, Number: len(d.Fields) + 1, Type: catalog.Type{Kind: kind.UUID}, Hidden: true, Default: &catalog.Default{New: true}})
	}
	for n, names := range t.unique {
		ix := indexDef{unique: true}
		for _, c := range names {
			ix.columns = append(ix.columns, indexColumn{name: c})
		}
		if err := ix.addTo(d, fmt.Sprintf("unique_%d", n+1), n+1); err != nil {
			return nil, err
		}
	}
	return d, d.Check()
}

// addTo adds an index to a description.
func (ix *indexDef) addTo(d *catalog.Table, name string, number int) error {
	out := catalog.Index{Name: name, Number: number, Unique: ix.unique}
	for _, c := range ix.columns {
		i := slices.IndexFunc(d.Fields, func(f catalog.Field) bool { return strings.EqualFold(f.Name, c.name) })
		if i < 0 {
			return fmt.Errorf("no such column: %s", c.name)
		}
		out.Columns = append(out.Columns, catalog.Column{Field: i, Options: catalog.Options{Desc: c.desc}})
	}
	d.Indexes = append(d.Indexes, out)
	return nil
}
