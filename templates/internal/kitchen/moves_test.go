package kitchen

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/indexed"
)

// A write that changes one field moves the entries that are made of it, whichever it is,
// and however it is changed: entries are left alone only where they stay the same.
func TestIndexMoves(t *testing.T) {
	ctx := context.Background()
	def := table(t, "sink.indexed")
	db, _ := open(t)
	s := must(indexed.Open(ctx, db))
	random := newMaker(9, true)
	row := item(1)
	if err := s.Insert(ctx, &row); err != nil {
		t.Fatal(err)
	}
	key := indexed.KeyOf(&row)
	for n := range 3 + *walks {
		random.nans = n%3 == 0
		for _, f := range def.Fields {
			if f.InKey {
				continue
			}
			var what string
			change := func(v *indexed.Item) {
				what = random.change(f, reflect.ValueOf(v).Elem())
			}
			var err error
			if random.IntN(2) == 0 {
				err = s.Update(ctx, key, func(v *indexed.Item) error {
					change(v)
					return nil
				})
			} else {
				v := must(s.Get(ctx, key))
				change(&v)
				err = s.Put(ctx, &v)
			}
			var invalid *store.InvalidError
			if errors.As(err, &invalid) {
				continue
			}
			if err != nil {
				t.Fatalf("%s: %s: %v", f.Name, what, err)
			}
			found := func(f admin.Finding) { t.Errorf("%v", f) }
			if must(admin.Verify(ctx, db, admin.VerifyOptions{Found: found})).Findings > 0 {
				t.Fatalf("%s: %s", f.Name, what)
			}
		}
	}
}

// change gives a field another value, or changes a part of what it has in place, and tells
// which.
func (m *maker) change(f *schema.Field, row reflect.Value) string {
	x := row.FieldByName(f.GoName)
	at := x
	if at.Kind() == reflect.Pointer && !at.IsNil() {
		at = at.Elem()
	}
	switch {
	case m.IntN(2) == 0:
	case at.Kind() == reflect.Slice && at.Len() > 0 && at.Type().Elem().Kind() == reflect.Uint8:
		b := at.Bytes()
		b[0], b[len(b)-1] = b[len(b)-1], b[0]^1
		return "a byte in place"
	case at.Kind() == reflect.Slice && at.Len() > 0:
		m.value(f.Type.Elem, at.Index(0), 0, 0)
		return "an element in place"
	case x.Kind() == reflect.Pointer && !x.IsNil():
		m.value(f.Type, at, f.Min, f.Max)
		return "what it points to"
	}
	m.fill([]*schema.Field{f}, row)
	return "another value"
}
