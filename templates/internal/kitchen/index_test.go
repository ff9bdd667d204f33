package kitchen

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/indexed"
)

// part is a column of an index or a part of a key, as the steps of a walk have
// it.
type part struct {
	name   string
	typ    *schema.Type
	column *schema.Column // nil for a part of a key
	get    func(entry reflect.Value) reflect.Value
}

func (p part) fold() bool { return p.column != nil && p.column.Fold }

// bound is the name that the methods with bounds begin with.
func (p part) bound() string {
	if short := strings.TrimSuffix(p.name, "At"); short != "" {
		return short
	}
	return p.name
}

// walk goes through the steps of an index or key, with values of the entries at
// random, and compares what is found with the entries for which that holds.
type walk struct {
	random *maker
	rowOf  func(entry reflect.Value) reflect.Value
	last   bool // nothing comes behind the last part: it is a key
}

func (w walk) steps(t *testing.T, where string, q reflect.Value, parts []part, entries []reflect.Value) {
	t.Helper()
	for i, p := range parts {
		w.check(t, where, q, entries)
		if len(entries) == 0 {
			return
		}
		at, to := p.get(entries[w.random.IntN(len(entries))]), p.get(entries[w.random.IntN(len(entries))])
		if p.typ.Kind != kind.Bool && p.typ.Kind != kind.Enum {
			w.bounds(t, where, q, p, at, to, entries)
		} else {
			for _, name := range []string{"After", "From", "Before", "To", "Between", "FromTo", "Prefix"} {
				if q.MethodByName(p.bound() + name).IsValid() {
					t.Errorf("%s.%s%s bounds what has no order to speak of", where, p.bound(), name)
				}
			}
		}
		method := q.MethodByName(p.name)
		if w.last && i == len(parts)-1 {
			if method.IsValid() {
				t.Errorf("%s.%s fixes a whole key, which is what Get is for", where, p.name)
			}
			return
		}
		q = method.Call([]reflect.Value{w.argument(p, at, method.Type().In(0))})[0]
		where += fmt.Sprintf(".%s(%v)", p.name, at)
		entries = keep(entries, p, func(c int) bool { return c == 0 }, at)
	}
	w.check(t, where, q, entries)
}

// argument is a value as a method takes it; for a folded column, in capitals.
func (w walk) argument(p part, v reflect.Value, typ reflect.Type) reflect.Value {
	if p.fold() {
		v = reflect.ValueOf(strings.ToUpper(v.String()))
		if keys.Fold(v.String()) != keys.Fold(strings.ToLower(v.String())) {
			panic("the case of " + v.String() + " is lost")
		}
	}
	return v.Convert(typ)
}

func keep(entries []reflect.Value, p part, ok func(c int) bool, at reflect.Value) []reflect.Value {
	var out []reflect.Value
	for _, e := range entries {
		if ok(compare(p.typ, p.get(e), at)) {
			out = append(out, e)
		}
	}
	return out
}

func (w walk) bounds(t *testing.T, where string, q reflect.Value, p part, at, to reflect.Value, entries []reflect.Value) {
	t.Helper()
	for name, ok := range map[string]func(c int) bool{
		"After": func(c int) bool { return c > 0 }, "From": func(c int) bool { return c >= 0 },
		"Before": func(c int) bool { return c < 0 }, "To": func(c int) bool { return c <= 0 },
	} {
		method := q.MethodByName(p.bound() + name)
		got := method.Call([]reflect.Value{w.argument(p, at, method.Type().In(0))})[0]
		w.check(t, fmt.Sprintf("%s.%s%s(%v)", where, p.bound(), name, at), got, keep(entries, p, ok, at))
	}
	for name, ok := range map[string]func(c int) bool{
		"Between": func(c int) bool { return c < 0 }, "FromTo": func(c int) bool { return c <= 0 },
	} {
		method := q.MethodByName(p.bound() + name)
		got := method.Call([]reflect.Value{w.argument(p, at, method.Type().In(0)), w.argument(p, to, method.Type().In(1))})[0]
		w.check(t, fmt.Sprintf("%s.%s%s(%v, %v)", where, p.bound(), name, at, to), got,
			keep(keep(entries, p, func(c int) bool { return c >= 0 }, at), p, ok, to))
	}
	method := q.MethodByName(p.bound() + "Prefix")
	if text := p.typ.Kind == kind.String || p.typ.Kind == kind.Bytes && p.typ.Name != ""; text != method.IsValid() {
		t.Errorf("%s.%sPrefix: is there: %v, should be: %v", where, p.bound(), method.IsValid(), text)
	} else if text {
		prefix := at.String()[:len(at.String())/2]
		got := method.Call([]reflect.Value{reflect.ValueOf(prefix)})[0]
		var want []reflect.Value
		for _, e := range entries {
			if strings.HasPrefix(p.get(e).String(), prefix) {
				want = append(want, e)
			}
		}
		w.check(t, fmt.Sprintf("%s.%sPrefix(%q)", where, p.bound(), prefix), got, want)
	}
}

func (w walk) check(t *testing.T, where string, q reflect.Value, entries []reflect.Value) {
	t.Helper()
	rows := make([]reflect.Value, len(entries))
	for i, e := range entries {
		rows[i] = w.rowOf(e)
	}
	checkRows(t, where, q, rows)
}

// asQuery ends the steps of an index by Scan, which all that steps lead to have.
func asQuery(q reflect.Value) reflect.Value { return q.MethodByName("Scan").Call(nil)[0] }

// checkRows compares the rows of a query with those wanted, in both directions.
func checkRows(t *testing.T, where string, q reflect.Value, want []reflect.Value) {
	t.Helper()
	ctx := reflect.ValueOf(context.Background())
	q = asQuery(q)
	for _, reverse := range []bool{false, true} {
		if reverse {
			q, where = q.MethodByName("Reverse").Call(nil)[0], where+".Reverse()"
			want = slices.Clone(want)
			slices.Reverse(want)
		}
		out := q.MethodByName("Rows").Call([]reflect.Value{ctx})
		if err, _ := out[1].Interface().(error); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if out[0].Len() != len(want) {
			t.Fatalf("%s has %d rows, want %d", where, out[0].Len(), len(want))
		}
		for i := range want {
			same(t, fmt.Sprintf("%s, row %d", where, i), out[0].Index(i).Interface(), want[i].Interface())
		}
	}
}

// entry is what an index holds of a row.
type entry struct {
	Row    reflect.Value
	Values []reflect.Value // of the columns
}

// entriesOf are the entries that an index should have, in order.
func entriesOf(def *schema.Table, ix *schema.Index, rows []reflect.Value) []entry {
	var out []entry
	for _, row := range rows {
		if ix.Where != nil && !holds(ix.Where, row) {
			continue
		}
		found := []entry{{Row: row}}
		for _, c := range ix.Columns {
			x, there := deref(row.FieldByName(c.Field.GoName), c.Field)
			var next []entry
			for _, e := range found {
				switch {
				case !there:
				case c.Each:
					for i := range x.Len() {
						next = append(next, entry{row, append(slices.Clone(e.Values), column(c, x.Index(i)))})
					}
				default:
					next = append(next, entry{row, append(slices.Clone(e.Values), column(c, x))})
				}
			}
			found = next
		}
		out = append(out, found...)
	}
	order := func(a, b entry) int {
		for i, c := range ix.Columns {
			d := compare(c.Type(), a.Values[i], b.Values[i])
			if c.Desc {
				d = -d
			}
			if d != 0 {
				return d
			}
		}
		return compareKeys(def, a.Row, b.Row)
	}
	slices.SortFunc(out, order)
	return slices.CompactFunc(out, func(a, b entry) bool { return order(a, b) == 0 })
}

// Every index, of every form over every kind, finds the rows that it should, in
// its order, by every way to narrow it.
// walks is how many random queries of each sort an index is asked.
var walks = flag.Int("walks", 1, "how many random queries of each sort an index is asked; make test-long asks 5")

func TestIndexes(t *testing.T) {
	ctx := context.Background()
	def := table(t, "sink.indexed")
	db, _ := open(t)
	s := must(indexed.Open(ctx, db))
	random := newMaker(4, true)
	var rows []reflect.Value
	for n := range 35 + 5**walks {
		random.nans = n%5 == 0 // rows with a NaN take long to compare
		v := new(indexed.Item)
		random.fill(def.Fields, reflect.ValueOf(v).Elem())
		if !keepAll(def.Fields, reflect.ValueOf(*v)) {
			continue
		}
		v.Number, v.UUID[2] = uint32(n), byte(n)
		if v.Secret != nil {
			*v.Secret += fmt.Sprint(n)
		}
		err := s.Insert(ctx, v)
		var unique *store.UniqueError
		if errors.As(err, &unique) {
			continue // which rows are refused is another test
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, reflect.ValueOf(*v))
	}
	if len(rows) < 30 {
		t.Fatalf("only %d rows are valid", len(rows))
	}
	for _, ix := range def.Indexes {
		t.Run(ix.Name, func(t *testing.T) {
			found := entriesOf(def, ix, rows)
			if len(found) == 0 {
				t.Fatal("no row has an entry")
			}
			entries := make([]reflect.Value, len(found))
			for i, e := range found {
				entries[i] = reflect.ValueOf(e)
			}
			var parts []part
			for i, c := range ix.Columns {
				parts = append(parts, part{name: c.Field.GoName, typ: c.Type(), column: c,
					get: func(e reflect.Value) reflect.Value { return e.Interface().(entry).Values[i] }})
			}
			w := walk{random: random, rowOf: func(e reflect.Value) reflect.Value { return e.Interface().(entry).Row }}
			q := reflect.ValueOf(s).Elem().FieldByName("By" + ix.GoName).Addr()
			for range *walks {
				w.steps(t, "By"+ix.GoName, q, parts, entries)
			}
			if ix.Unique {
				checkUnique(t, q, w, parts, entries)
			}
			if ix.AnswersOne() {
				checkUniqueEntries(t, def, ix, q, w, parts, found)
			}
			if entries := q.MethodByName("Entries"); entries.IsValid() != def.EntriesTell(ix) {
				t.Errorf("Entries is there: %v, should be: %v", entries.IsValid(), def.EntriesTell(ix))
			} else if entries.IsValid() {
				checkEntries(t, def, ix, q, found)
			}
		})
	}
}

// checkUnique gets every row by its complete value.
func checkUnique(t *testing.T, q reflect.Value, w walk, parts []part, entries []reflect.Value) {
	for _, e := range entries {
		for _, name := range []string{"Get", "Key"} {
			method := q.MethodByName(name)
			args := []reflect.Value{reflect.ValueOf(context.Background())}
			for i, p := range parts {
				args = append(args, w.argument(p, p.get(e), method.Type().In(i+1)))
			}
			out := method.Call(args)
			if err, _ := out[1].Interface().(error); err != nil {
				t.Fatal(err)
			}
			row := w.rowOf(e).Interface().(indexed.Item)
			if name == "Get" {
				same(t, name, out[0].Interface(), any(row))
			} else {
				same(t, name, out[0].Interface(), any(indexed.KeyOf(&row)))
			}
		}
	}
}

// checkEntries reads an index without its rows.
func checkEntries(t *testing.T, def *schema.Table, ix *schema.Index, q reflect.Value, want []entry) {
	read := func(of reflect.Value) (all []reflect.Value) {
		for e, err := range q.MethodByName("Entries").Call([]reflect.Value{reflect.ValueOf(context.Background()), of})[0].Seq2() {
			if err := err.Interface(); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		return all
	}
	got := read(asQuery(q))
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i, e := range got {
		checkEntry(t, def, ix, e, want[i])
	}
	reversed := asQuery(q).MethodByName("Reverse").Call(nil)[0]
	limited := read(reversed.MethodByName("Limit").Call([]reflect.Value{reflect.ValueOf(1)})[0])
	if len(limited) != 1 {
		t.Fatalf("%d entries, with a limit of 1", len(limited))
	}
	checkEntry(t, def, ix, limited[0], want[len(want)-1])
	for range q.MethodByName("Entries").Call([]reflect.Value{reflect.ValueOf(context.Background()), reversed})[0].Seq2() {
		break // which leaves nothing open: the database closes
	}
}

// checkEntry compares an entry with the row that it is of.
func checkEntry(t *testing.T, def *schema.Table, ix *schema.Index, e reflect.Value, want entry) {
	t.Helper()
	for j := range e.NumField() {
		name := e.Type().Field(j).Name
		f := def.Fields[slices.IndexFunc(def.Fields, func(f *schema.Field) bool { return f.GoName == name })]
		x := want.Row.FieldByName(name)
		if c := slices.IndexFunc(ix.Columns, func(c *schema.Column) bool { return c.Field == f && !c.Fold }); c >= 0 {
			x = want.Values[c]
		}
		same(t, "the entry's "+name, none(f, e.Field(j)).Interface(), none(f, x).Interface())
	}
	fields := map[*schema.Field]bool{}
	for _, f := range slices.Concat(def.Key.Fields, ix.Include) {
		fields[f] = true
	}
	for _, c := range ix.Columns {
		if !c.Fold {
			fields[c.Field] = true
		}
	}
	if e.NumField() != len(fields) {
		t.Errorf("an entry has %d fields, want %d", e.NumField(), len(fields))
	}
}

// none makes nil of empty bytes that are there anyway: no bytes are nil in a row, and empty
// in a column.
func none(f *schema.Field, x reflect.Value) reflect.Value {
	if x.Kind() == reflect.Slice && x.Len() == 0 && !f.Optional {
		return reflect.Zero(x.Type())
	}
	return x
}

// checkUniqueEntries looks each entry up by its complete value, and all at once with one
// that is not there.
func checkUniqueEntries(t *testing.T, def *schema.Table, ix *schema.Index, q reflect.Value, w walk, parts []part, want []entry) {
	one, many := q.MethodByName("Entry"), q.MethodByName("EntryMany")
	values := reflect.MakeSlice(many.Type().In(1), len(want)+1, len(want)+1)
	for i, e := range want {
		args := []reflect.Value{reflect.ValueOf(context.Background())}
		for j, p := range parts {
			x := w.argument(p, e.Values[j], one.Type().In(j+1))
			args = append(args, x)
			if at := values.Index(i); len(parts) > 1 {
				at.Field(j).Set(x)
			} else {
				at.Set(x)
			}
		}
		out := one.Call(args)
		if err, _ := out[1].Interface().(error); err != nil {
			t.Fatal(err)
		}
		checkEntry(t, def, ix, out[0], e)
	}
	out := many.Call([]reflect.Value{reflect.ValueOf(context.Background()), values})
	if err, _ := out[1].Interface().(error); err != nil {
		t.Fatal(err)
	}
	if n := out[0].Len(); n != len(want)+1 || !out[0].Index(n-1).IsNil() {
		t.Fatalf("%d entries, want %d and none", n, len(want))
	}
	for i, e := range want {
		checkEntry(t, def, ix, out[0].Index(i).Elem(), e)
	}
}

// A row that an update has moved is found at its new place only.
func TestIndexMove(t *testing.T) {
	ctx := context.Background()
	db, _ := open(t)
	s := must(indexed.Open(ctx, db))
	row := item(1)
	row.Tags = []string{"a", "b", "a"}
	if err := s.Insert(ctx, &row); err != nil {
		t.Fatal(err)
	}
	if n := must(s.ByTag.Scan().Count(ctx)); n != 2 {
		t.Errorf("%d entries for two different tags", n)
	}
	err := s.Update(ctx, indexed.KeyOf(&row), func(v *indexed.Item) error {
		v.Tags = []string{"b", "c"}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]int{"a": 0, "b": 1, "c": 1} {
		if n := must(s.ByTag.Tags(tag).Count(ctx)); n != want {
			t.Errorf("%d rows with tag %s, want %d", n, tag, want)
		}
	}
}

func item(n uint32) indexed.Item {
	v := indexed.Item{Shelf: "s", Number: n, Colour: models.ColourRed, MyColour: models.ColourRed, MyString: "x", MyBytes: "x"}
	v.UUID[0] = byte(n)
	return v
}

// An error says which value is taken, but not that of a hidden field.
func TestHiddenValues(t *testing.T) {
	ctx := context.Background()
	db, _ := open(t)
	s := must(indexed.Open(ctx, db))
	a, b := item(1), item(2)
	a.Secret, b.Secret = record.Ptr("hunter2"), record.Ptr("hunter2")
	if err := s.Insert(ctx, &a); err != nil {
		t.Fatal(err)
	}
	err := s.Insert(ctx, &b)
	var unique *store.UniqueError
	if !errors.As(err, &unique) || unique.Value != `((hidden), "s")` || unique.Index != "secret" {
		t.Errorf("got %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the hidden value is shown: %v", err)
	}
	_, err = s.BySecret.Get(ctx, "hunter3", "s")
	if !errors.Is(err, store.ErrNotFound) || strings.Contains(err.Error(), "hunter3") {
		t.Errorf("got %v", err)
	}
	b.Secret, b.UUID = nil, a.UUID
	err = s.Insert(ctx, &b)
	if !errors.As(err, &unique) || unique.Value != a.UUID.String() {
		t.Errorf("got %v", err)
	}
}
