package describe

import (
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/lock"
)

// A Schema is a whole schema: its tables as databases have them, and what else people
// and other languages want to know.
type Schema struct {
	Tables []*catalog.Table // by name
	Types  []*Named         // by name
	// GoRows are the Go types of rows that are stored whole, by the name of the table.
	GoRows map[string]string

	byName  map[string]*Named
	retired map[lock.ID][]Retired // by kind and owner
}

// A Named type has a name in the schema.
type Named struct {
	catalog.Type
	Doc       string
	ValueDocs []string // of an enum, as many as Values
}

// Retired is a number of something that was removed.
type Retired struct {
	Number int
	Name   string
}

// Set describes a schema.
func Set(s *schema.Set) *Schema {
	d := describer{keyNames: true}
	out := &Schema{GoRows: map[string]string{}, byName: map[string]*Named{}, retired: map[lock.ID][]Retired{}}
	for _, t := range s.Tables {
		out.Tables = append(out.Tables, d.table(t))
		if t.Codec != nil {
			out.GoRows[t.Name] = t.Codec.Type.String()
		}
	}
	for _, t := range s.Types {
		n := &Named{Type: d.typ(t), Doc: t.Doc}
		for _, v := range t.Values {
			n.ValueDocs = append(n.ValueDocs, v.Doc)
		}
		out.Types = append(out.Types, n)
		out.byName[t.Name] = n
	}
	for _, n := range s.Lock.Numbers() {
		if n.Retired {
			of := lock.ID{Kind: lock.Kind(n.Kind), Owner: n.Owner}
			out.retired[of] = append(out.retired[of], Retired{n.Number, n.Name})
		}
	}
	return out
}

// RetiredOf returns the numbers of fields, values of an enum or indexes that were removed
// from a table or type.
func (s *Schema) RetiredOf(k lock.Kind, owner string) []Retired {
	return s.retired[lock.ID{Kind: k, Owner: owner}]
}

// Type returns the named type, or nil.
func (s *Schema) Type(name string) *Named { return s.byName[name] }
