package catalog_test

import (
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/catalog"
)

// A whole description passes, and one with any of these damages does not.
func TestCheck(t *testing.T) {
	good := base()
	good.Indexes[1].Columns[0].Fold = false
	if err := good.Check(); err != nil {
		t.Fatalf("a whole description: %v", err)
	}
	for _, c := range []struct {
		name   string
		damage func(x *catalog.Table)
		want   string
	}{
		{"no name", func(x *catalog.Table) { x.Name = "" }, "no name"},
		{"no key", func(x *catalog.Table) { x.Key = nil }, "no key"},
		{"key beyond the fields", func(x *catalog.Table) { x.Key[0] = 6 }, "the key has no field at 6"},
		{"key before the fields", func(x *catalog.Table) { x.Key[0] = -1 }, "the key has no field at -1"},
		{"key of one field twice", func(x *catalog.Table) { x.Key = []int{0, 0} }, "twice"},
		{"key of a list", func(x *catalog.Table) { x.Key[0] = 2 }, "cannot have field tags, which is list"},
		{"key of a struct with a list", func(x *catalog.Table) {
			x.Key[0], x.Fields[4].Type.Fields[0].Type = 4, x.Fields[2].Type
		}, "cannot have field size, which is struct"},
		{"fields of one number", func(x *catalog.Table) { x.Fields[1].Number = 1 }, "number 1 of kind is impossible or there twice"},
		{"fields of number 63", func(x *catalog.Table) { x.Fields[0].Number, x.Fields[1].Number = 63, 63 }, "number 63 of kind is impossible or there twice"},
		{"fields of number 64", func(x *catalog.Table) { x.Fields[0].Number, x.Fields[1].Number = 64, 64 }, "number 64 of kind is impossible or there twice"},
		{"fields of a large number", func(x *catalog.Table) { x.Fields[2].Number, x.Fields[5].Number = 5000, 5000 }, "number 5000 of more is impossible or there twice"},
		{"negative number", func(x *catalog.Table) { x.Fields[1].Number = -1 }, "impossible"},
		{"no kind", func(x *catalog.Table) { x.Fields[1].Type.Kind = 0 }, "unknown kind 0"},
		{"unknown kind", func(x *catalog.Table) { x.Fields[1].Type.Kind = 999 }, "unknown kind 999"},
		{"list of nothing", func(x *catalog.Table) { x.Fields[2].Type.Elem = nil }, "tags: a list of nothing"},
		{"list of no kind", func(x *catalog.Table) { x.Fields[2].Type.Elem.Kind = 99 }, "tags: unknown kind 99"},
		{"map of no kind", func(x *catalog.Table) { x.Fields[5].Type.Elem.Kind = 0 }, "more: unknown kind 0"},
		{"map of nothing", func(x *catalog.Table) { x.Fields[5].Type.Elem = nil }, "more: a map of nothing"},
		{"damage in a struct", func(x *catalog.Table) { x.Fields[4].Type.Fields[0].Type.Kind = 99 }, "w: unknown kind 99"},
		{"damage in a family", func(x *catalog.Table) { x.Per[0].Type.Kind = 99 }, "parts of the family: app: unknown kind 99"},
		{"indexes of one number", func(x *catalog.Table) { x.Indexes[1].Number = 1 }, "index number 1 is there twice"},
		{"index without a number", func(x *catalog.Table) { x.Indexes[0].Number = 0 }, "index kind: number 0"},
		{"index of nothing", func(x *catalog.Table) { x.Indexes[0].Columns = nil }, "index kind: it has no columns"},
		{"column beyond the fields", func(x *catalog.Table) { x.Indexes[0].Columns[1].Field = 60 }, "a column has no field at 60"},
		{"each of no list", func(x *catalog.Table) { x.Indexes[0].Columns[0].Each = true }, "each element of kind, which is enum"},
		{"column of a struct", func(x *catalog.Table) { x.Indexes[0].Columns[0].Field = 4 }, "a column cannot be struct"},
		{"included field beyond the fields", func(x *catalog.Table) { x.Indexes[0].Include[0] = 6 }, "includes no field at 6"},
		{"condition over no field", func(x *catalog.Table) { x.Indexes[1].Where.Args[0].Field = 9 }, "no field at 9"},
		{"unknown operation", func(x *catalog.Table) { x.Indexes[1].Where.Op = "=<" }, `unknown operation "=<"`},
		{"too few arguments", func(x *catalog.Table) { x.Indexes[1].Where.Args = nil }, `0 arguments of "=="`},
		{"expiry by no field", func(x *catalog.Table) { x.TTL.From = 7 }, "cannot expire by the field at 7"},
		{"expiry by no time", func(x *catalog.Table) { x.TTL.From = 0 }, "cannot expire by the field at 0"},
		{"kept for no field", func(x *catalog.Table) { x.TTL.KeepField = 99 }, "what the field at 98 says"},
		{"kept for a text", func(x *catalog.Table) { x.TTL.KeepField = 1 }, "what the field at 0 says"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := base()
			c.damage(x)
			if err := x.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
