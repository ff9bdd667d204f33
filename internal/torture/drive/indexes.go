package drive

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// What an index holds is told here by the description of its table and the values of
// rows, without anything that is generated and without bytes.

// entry is what an index should hold of a row.
type entry[K comparable] struct {
	key     K
	parts   []kind.Value // of the key of the row
	columns []kind.Value
}

// entries are those that an index should have of the rows that live, in its order.
func (d *driver[K, V, Q, S]) entries(ix *catalog.Index) []entry[K] {
	desc := d.a.table.Handle().Desc()
	var out []entry[K]
	for k, v := range d.rows {
		row := reflect.ValueOf(v)
		if !d.live(k) || ix.Where != nil && !holds(desc, ix.Where, row) {
			continue
		}
		e := entry[K]{key: k}
		for _, f := range desc.Key {
			e.parts = append(e.parts, flat(&desc.Fields[f].Type, row.Field(f))...)
		}
		found := []entry[K]{e}
		for _, c := range ix.Columns {
			var next []entry[K]
			for _, e := range found {
				for _, x := range columnValues(&desc.Fields[c.Field], row.Field(c.Field), c.Options) {
					next = append(next, entry[K]{e.key, e.parts, append(slices.Clone(e.columns), x)})
				}
			}
			found = next
		}
		out = append(out, found...)
	}
	order := func(a, b entry[K]) int {
		for i, c := range ix.Columns {
			n := a.columns[i].Compare(b.columns[i])
			if c.Desc {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return slices.CompareFunc(a.parts, b.parts, kind.Value.Compare)
	}
	slices.SortFunc(out, order)
	return slices.CompactFunc(out, func(a, b entry[K]) bool { return order(a, b) == 0 })
}

// columnValues are the values of a field that an index has entries of: none of one that
// is absent.
func columnValues(f *catalog.Field, x reflect.Value, o catalog.Options) []kind.Value {
	var out []kind.Value
	add := func(t *catalog.Type, x reflect.Value) {
		v := valueOf(t, x)
		if o.Fold {
			v = kind.StringOf(keys.Fold(v.Text()))
		}
		out = append(out, v)
	}
	switch x, there := present(f, x); {
	case o.Each:
		for i := range x.Len() {
			add(f.Type.Elem, x.Index(i))
		}
	case there:
		add(&f.Type, x)
	}
	return out
}

// present is the value of a field, if it is there.
func present(f *catalog.Field, x reflect.Value) (reflect.Value, bool) {
	switch {
	case !f.Optional:
		return x, true
	case x.IsNil():
		return x, false
	case x.Kind() == reflect.Pointer:
		return x.Elem(), true
	}
	return x, true
}

// flat are the values of which a part of a key consists.
func flat(t *catalog.Type, x reflect.Value) []kind.Value {
	if t.Kind != kind.Struct {
		return []kind.Value{valueOf(t, x)}
	}
	var out []kind.Value
	for i := range t.Fields {
		out = append(out, flat(&t.Fields[i].Type, x.Field(i))...)
	}
	return out
}

// valueOf is a scalar in Go as a value.
func valueOf(t *catalog.Type, x reflect.Value) kind.Value {
	row := kind.Of(t.Kind)
	plain := reflect.TypeOf(row.ToGo(row.Zero(&t.Params)))
	if x.Kind() == reflect.Array && plain.Kind() == reflect.Slice {
		b := make([]byte, x.Len())
		reflect.Copy(reflect.ValueOf(b), x)
		x = reflect.ValueOf(b)
	}
	return row.FromGo(x.Convert(plain).Interface())
}

// holds tells whether a condition holds for a row.
func holds(desc *catalog.Table, e *catalog.Expr, row reflect.Value) bool {
	switch e.Op {
	case catalog.And:
		return !slices.ContainsFunc(e.Args, func(a catalog.Expr) bool { return !holds(desc, &a, row) })
	case catalog.Or:
		return slices.ContainsFunc(e.Args, func(a catalog.Expr) bool { return holds(desc, &a, row) })
	case catalog.Not:
		return !holds(desc, &e.Args[0], row)
	case catalog.True:
		x, there := present(&desc.Fields[e.Field], row.Field(e.Field))
		return there && x.Bool()
	case catalog.Has:
		x, there := present(&desc.Fields[e.Field], row.Field(e.Field))
		return there && (desc.Fields[e.Field].Optional || x.Len() > 0)
	case catalog.Eq, catalog.Ne, catalog.Lt, catalog.Le, catalog.Gt, catalog.Ge:
	default:
		panic(fmt.Sprintf("drive: unknown condition %s", e.Op))
	}
	a, b := operand(desc, &e.Args[0], &e.Args[1], row), operand(desc, &e.Args[1], &e.Args[0], row)
	if a.IsNull() || b.IsNull() {
		return e.Op == catalog.Ne
	}
	c := a.CompareWith(b)
	return map[catalog.Op]bool{catalog.Eq: c == 0, catalog.Ne: c != 0, catalog.Lt: c < 0, catalog.Le: c <= 0, catalog.Gt: c > 0, catalog.Ge: c >= 0}[e.Op]
}

// operand is a side of a comparison, beside the other one; null is absent.
func operand(desc *catalog.Table, e, other *catalog.Expr, row reflect.Value) kind.Value {
	f := &desc.Fields[e.Field]
	switch e.Op {
	case catalog.FieldOf:
		if x, there := present(f, row.Field(e.Field)); there {
			return valueOf(&f.Type, x)
		}
		return kind.Value{}
	case catalog.LenOf:
		if x, there := present(f, row.Field(e.Field)); there {
			return kind.Int64Of(int64(x.Len()))
		}
		return kind.Int64Of(0)
	case catalog.Lit:
		if other.Op == catalog.LenOf {
			n, err := strconv.ParseInt(e.Lit, 10, 64)
			if err != nil {
				panic(err)
			}
			return kind.Int64Of(n)
		}
		t := &desc.Fields[other.Field].Type
		v, err := kind.Of(t.Kind).ParseLit(&t.Params, e.Lit)
		if err != nil {
			panic(err)
		}
		return v
	}
	panic(fmt.Sprintf("drive: unknown operand %s", e.Op))
}

// sameEntries compares the rows that a walk of an index has shown with those that it
// should show.
func (d *driver[K, V, Q, S]) sameEntries(ix *catalog.Index, rows []V) error {
	want := d.entries(ix)
	for i := range max(len(want), len(rows)) {
		switch {
		case i >= len(rows):
			return fmt.Errorf("a walk has %d rows, and not row %v behind them", i, want[i].key)
		case i >= len(want):
			return fmt.Errorf("a walk has row %v, %d of %d that it should have", d.keyOf(&rows[i]), i+1, len(want))
		}
		if k := d.keyOf(&rows[i]); k != want[i].key {
			return fmt.Errorf("row %d of a walk is %v, and should be %v", i, k, want[i].key)
		}
	}
	return nil
}
