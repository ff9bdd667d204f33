package kinds

import (
	"flag"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// unused are the functions of a row that no place here calls: the generator's, and those
// of values in Go, which package kindtest tests; and Check, which package dynamictest
// compares with what is generated. Valid is needed where FormStored is.
var unused = []string{"Check", "CheckForm", "Valid", "Narrower", "Unsent", "ToGo", "FromGo"}

var every = flag.Bool("every", false, "break the rows of all kinds, and not only of some that differ much")

// A row of the table that lacks a function, or has a wrong one, does not pass: each
// function of a row is one that the places need.
func TestBrokenRows(t *testing.T) {
	some := []kind.Kind{kind.Bool, kind.Int32, kind.Float64, kind.String, kind.FixedBytes, kind.Decimal, kind.Enum, kind.JSON}
	for _, row := range kind.Scalars() {
		if !*every && !slices.Contains(some, row.Kind) {
			continue
		}
		p := types(row)[0]
		good := *row
		broken := func(what string, change func()) {
			t.Helper()
			defer func() { *row = good }()
			if change(); places(row, p) == nil {
				t.Errorf("%s: %s, and all places are as they should be", row.Name, what)
			}
		}
		v := reflect.ValueOf(row).Elem()
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			if f.Kind() != reflect.Func || f.IsNil() || slices.Contains(unused, name) && !(name == "Valid" && row.FormStored) || name == "WantJSON" && row.Kind == kind.JSON {
				continue // or of which any document is one
			}
			broken("without "+name, func() { f.SetZero() })
		}
		broken("no two values differ", func() { row.Compare = func(v, w kind.Value) int { return 0 } })
		broken("a field has another number", func() {
			row.AppendWire = func(dst []byte, num int, v kind.Value) []byte { return good.AppendWire(dst, num+1, v) }
		})
		broken("fields are not read", func() {
			row.ReadWire = func(r *record.Reader, p *kind.Params) kind.Value { return good.Zero(p) }
			row.ReadPacked = nil
		})
		broken("documents show another value", func() {
			row.AppendJSON = func(dst []byte, v kind.Value) []byte { return good.AppendJSON(dst, good.Zero(&p)) }
		})
		broken("documents are read as another value", func() {
			row.ParseJSON = func(p *kind.Params, _, _ string, _ bool) (kind.Value, bool) { return good.Zero(p), true }
		})
		broken("literals are read as another value", func() {
			row.ParseLit = func(p *kind.Params, _ string) (kind.Value, error) { return good.Zero(p), nil }
		})
		broken("all values are one", func() {
			row.Random = func(*rand.Rand, *kind.Params) kind.Value { return good.Zero(&p) }
			row.Example = good.Zero
		})
		if good.ReadPacked != nil {
			broken("the last element of a list is lost", func() {
				row.ReadPacked = func(r *record.Reader, p *kind.Params, dst []kind.Value) []kind.Value {
					out := good.ReadPacked(r, p, dst)
					return out[:len(out)-1]
				}
			})
		}
		if good.AppendKey == nil {
			continue
		}
		broken("the order is turned around", func() { row.Compare = func(v, w kind.Value) int { return good.Compare(w, v) } })
		broken("keys down are those up", func() { row.AppendKeyDesc, row.ReadKeyDesc = good.AppendKey, good.ReadKey })
		broken("keys up are those down", func() { row.AppendKey, row.ReadKey = good.AppendKeyDesc, good.ReadKeyDesc })
		broken("keys are not read", func() {
			row.ReadKey = func(r *keys.Reader, p *kind.Params) kind.Value { good.ReadKey(r, p); return good.Zero(p) }
		})
		broken("keys down are not read", func() {
			row.ReadKeyDesc = func(r *keys.Reader, p *kind.Params) kind.Value { good.ReadKeyDesc(r, p); return good.Zero(p) }
		})
		broken("keys begin with the next part", func() {
			row.ReadKey = func(r *keys.Reader, p *kind.Params) kind.Value { return good.Example(p) }
		})
	}
}
