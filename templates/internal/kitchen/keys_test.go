package kitchen

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_bool"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_bytes"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_colour"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_decimal"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_fixed_bytes"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_float64"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_place"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_timestamp"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key1"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key2"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key3"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/named_key1"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/named_key2"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/named_key3"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/rooms"
)

// opener opens a table; all generated ones look alike.
type opener[S any] func(ctx context.Context, db *store.DB, opts ...store.TableOption) (S, error)

// testKeys puts rows under keys at random: they come back under their keys, in
// the order of their values, and so do parts of them for every way to narrow the
// key.
func testKeys[K comparable, V any, S interface {
	store.EntityStore[K, V]
	Scan() Q
}, Q interface {
	Delete(ctx context.Context) (int, error)
}](t *testing.T, name string, open_ opener[S], keyOf func(*V) K) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		ctx := context.Background()
		def := table(t, name)
		db, _ := open(t)
		s := must(open_(ctx, db))
		for seed, narrow := range []bool{false, true} {
			random := newMaker(uint64(seed), narrow)
			rows := map[K]V{}
			for range 150 {
				var v V
				random.fill(def.Fields, reflect.ValueOf(&v).Elem())
				if !keepAll(def.Fields, reflect.ValueOf(v)) {
					continue
				}
				if err := s.Put(ctx, &v); err != nil {
					t.Fatal(err)
				}
				rows[keyOf(&v)] = v
			}
			var want []reflect.Value
			for k, v := range rows {
				got, err := s.Get(ctx, k)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "a row under its key", got, v)
				want = append(want, reflect.ValueOf(v))
			}
			slices.SortFunc(want, func(a, b reflect.Value) int { return compareKeys(def, a, b) })
			checkRows(t, "Scan", reflect.ValueOf(s.Scan()), want)
			parts := def.Key.Fields
			if len(def.Key.PartNames) == 0 && def.Key.Type.Kind == kind.Struct { // a struct, whose parts are the key's
				return
			}
			var cols []part
			for _, f := range parts {
				cols = append(cols, part{name: f.GoName, typ: f.Type, get: func(e reflect.Value) reflect.Value { return e.FieldByName(f.GoName) }})
			}
			w := walk{random: random, rowOf: func(e reflect.Value) reflect.Value { return e }, last: true}
			w.steps(t, "ByKey", reflect.ValueOf(s).Elem().FieldByName("ByKey").Addr(), cols, want)
			if n, err := s.Scan().Delete(ctx); err != nil || n != len(rows) {
				t.Fatalf("deleted %d rows of %d: %v", n, len(rows), err)
			}
		}
	})
}

func TestKeys(t *testing.T) {
	testKeys(t, "sink.local_key1", local_key1.Open, local_key1.KeyOf)
	testKeys(t, "sink.local_key2", local_key2.Open, local_key2.KeyOf)
	testKeys(t, "sink.local_key3", local_key3.Open, local_key3.KeyOf)
	testKeys(t, "sink.named_key1", named_key1.Open, named_key1.KeyOf)
	testKeys(t, "sink.named_key2", named_key2.Open, named_key2.KeyOf)
	testKeys(t, "sink.named_key3", named_key3.Open, named_key3.KeyOf)
	testKeys(t, "sink.rooms", rooms.Open, rooms.KeyOf)
	testKeys(t, "key_bool", key_bool.Open, key_bool.KeyOf)
	testKeys(t, "key_float64", key_float64.Open, key_float64.KeyOf)
	testKeys(t, "key_timestamp", key_timestamp.Open, key_timestamp.KeyOf)
	testKeys(t, "key_bytes", key_bytes.Open, key_bytes.KeyOf)
	testKeys(t, "key_decimal", key_decimal.Open, key_decimal.KeyOf)
	testKeys(t, "key_fixed_bytes", key_fixed_bytes.Open, key_fixed_bytes.KeyOf)
	testKeys(t, "key_colour", key_colour.Open, key_colour.KeyOf)
	testKeys(t, "key_place", key_place.Open, key_place.KeyOf)
}

// The key of a struct can be narrowed by the parts of the struct.
func TestKeyParts(t *testing.T) {
	ctx := context.Background()
	db, _ := open(t)
	s := must(key_place.Open(ctx, db))
	for _, country := range []string{"ch", "de", "d"} {
		for at := range models.MyInt64(3) {
			if err := s.Insert(ctx, &key_place.Row{ID: models.Place{Country: country, At: at - 1, Colour: models.ColourRed}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	n := must(s.ByKey.Country("d").Scan().Count(ctx))
	m := must(s.ByKey.Country("de").AtFrom(0).Count(ctx))
	o := must(s.ByKey.Country("de").At(1).Scan().Count(ctx))
	if n != 3 || m != 2 || o != 1 {
		t.Errorf("got %d, %d and %d rows, want 3, 2 and 1", n, m, o)
	}
}
