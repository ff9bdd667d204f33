// Package columntest is for tests of what takes rows elsewhere as columns: a table with every
// kind in every place where one can be, random rows of it that such formats can say, and a look
// at what a database then holds.
package columntest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// params are numbers for types of a kind that has some.
func params(s *kind.Scalar) kind.Params {
	p := s.FormExample
	if s.Kind == kind.Enum {
		p.Values = []kind.EnumValue{{Name: "red", Number: 1}, {Name: "green", Number: 2}}
	}
	return p
}

// Everything is a table with each kind as a field that is there and as one that may be absent,
// lists of each, a map and a struct.
func Everything() *catalog.Table {
	t := &catalog.Table{Name: "everything", Number: 1, Access: access.Public, Key: []int{0, 1}}
	add := func(name string, typ catalog.Type, optional bool) {
		t.Fields = append(t.Fields, catalog.Field{Name: name, Number: len(t.Fields) + 1, Type: typ, Optional: optional})
	}
	add("id", catalog.Type{Kind: kind.Uint64}, false)
	add("name", catalog.Type{Kind: kind.String}, false)
	for _, s := range kind.Scalars() {
		typ := catalog.Type{Kind: s.Kind, Params: params(s)}
		if s.Kind == kind.Enum {
			typ.Name = "Colour"
		}
		add(s.Name, typ, false)
		add(s.Name+"_opt", typ, true)
		if s.Kind != kind.Uint8 {
			add(s.Name+"_list", catalog.Type{Kind: kind.List, Elem: &typ}, false)
		}
	}
	add("map", catalog.Type{Kind: kind.Map, Elem: &catalog.Type{Kind: kind.Int32}}, false)
	add("struct", catalog.Type{Kind: kind.Struct, Name: "Pair", Fields: []catalog.Field{
		{Name: "a", Number: 1, Type: catalog.Type{Kind: kind.Int32}}, {Name: "b", Number: 2, Type: catalog.Type{Kind: kind.String}, Optional: true},
	}}, true)
	return t
}

// said is a value that Arrow can say.
func said(rng *rand.Rand, t *catalog.Type) kind.Value {
	for {
		v := kind.Of(t.Kind).Random(rng, &t.Params)
		switch t.Kind {
		case kind.String:
			return kind.StringOf(strings.ToValidUTF8(v.Text(), "?"))
		case kind.Timestamp:
			if y := v.Time().Year(); y < 1700 || y > 2200 {
				continue
			}
		case kind.Enum:
			return kind.EnumOf(&t.Params, rng.Int32N(3)+1) // one of them has no name
		}
		return v
	}
}

// Fill writes n random rows.
func Fill(t testing.TB, rng *rand.Rand, p *provider.Provider, n int) {
	t.Helper()
	def := p.Def()
	for row := range n {
		values := make([]kind.Value, len(def.Columns))
		for i := range def.Columns {
			c := &def.Columns[i]
			switch typ := c.Type; {
			case c.Name == "id":
				values[i] = kind.Uint64Of(uint64(row))
			case !c.InKey && rng.IntN(3) == 0 && c.Kind != kind.Enum:
			case !c.Document():
				values[i] = said(rng, typ)
			case typ.Kind == kind.List:
				var elems []string
				for range rng.IntN(3) {
					elems = append(elems, said(rng, typ.Elem).JSON())
				}
				values[i] = kind.JSONOf("[" + strings.Join(elems, ",") + "]")
			case typ.Kind == kind.Map:
				values[i] = kind.JSONOf(fmt.Sprintf(`{"a": %d}`, rng.IntN(9)))
			default:
				values[i] = kind.JSONOf(`{"a": 3, "b": "é"}`)
			}
		}
		if _, err := p.Insert(t.Context(), provider.Scope{}, values); err != nil {
			t.Fatal(err)
		}
	}
}

// A Database is one in memory that has a table.
type Database struct {
	DB   *store.DB
	Rows *provider.Provider
	eng  engine.Engine
}

// Open makes a database with a table.
func Open(t testing.TB, table *catalog.Table) *Database {
	t.Helper()
	eng := memory.New()
	db, err := store.Open(t.Context(), eng)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	opened, err := dynamic.Open(t.Context(), db, table)
	if err != nil {
		t.Fatal(err)
	}
	return &Database{db, provider.New(opened), eng}
}

// Pairs are all that a database holds, but for the secret of its cursors.
func (d *Database) Pairs(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	it := d.eng.Iterate(t.Context(), engine.Range{})
	for it.Next() {
		out[string(it.Key())] = string(it.Value())
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	delete(out, "\x00\x06")
	return out
}
