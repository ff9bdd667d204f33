package kitchen

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/storegen/storegen/runtime/dynamic/dynamictest"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_bool"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_bytes"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_colour"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_decimal"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_fixed_bytes"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_float64"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_place"
	"github.com/storegen/storegen/templates/internal/kitchen/db/key_timestamp"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/checked"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/defaults"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/everything"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/held"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/indexed"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/literals"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key1"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key2"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key3"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/named_key1"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/named_key2"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/named_key3"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/ordered"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/plain"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/rooms"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/duration_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/fixed_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/int32_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/int64_opt_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/myduration_opt_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/myint32_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/uint32_opt_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/uint64_keep"
)

// byDescription holds the codec of a table's description against the generated one.
func byDescription[V any, S storetest.Table[V]](open func(ctx context.Context, db *store.DB, opts ...store.TableOption) (S, error)) func(t *testing.T) {
	return func(t *testing.T) {
		s, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (S, error) { return open(ctx, db) })
		rng := rand.New(rand.NewPCG(1, 2))
		p, err := dynamictest.PairOf(s.Handle(), rng)
		if err != nil {
			t.Fatal(err)
		}
		fill := func(row any) {
			defer func() { _ = recover() }() // a row that breaks a check will do too
			storetest.Fill[V](rng, s, row.(*V))
		}
		if err := p.Rows(100, fill); err != nil {
			t.Error(err)
		}
	}
}

// A codec that is made from the description of a table does what generated code does.
func TestByDescription(t *testing.T) {
	for name, test := range map[string]func(t *testing.T){
		"sink.checked":            byDescription[checked.Entry](checked.Open),
		"sink.defaults":           byDescription[defaults.Preset](defaults.Open),
		"sink.everything":         byDescription[everything.Thing](everything.Open),
		"sink.held":               byDescription[held.Held](held.Open),
		"sink.indexed":            byDescription[indexed.Item](indexed.Open),
		"sink.literals":           byDescription[literals.Rule](literals.Open),
		"sink.local_key1":         byDescription[local_key1.Entry](local_key1.Open),
		"sink.local_key2":         byDescription[local_key2.Entry](local_key2.Open),
		"sink.local_key3":         byDescription[local_key3.Entry](local_key3.Open),
		"sink.named_key1":         byDescription[named_key1.Entry](named_key1.Open),
		"sink.named_key2":         byDescription[named_key2.Entry](named_key2.Open),
		"sink.named_key3":         byDescription[named_key3.Entry](named_key3.Open),
		"sink.ordered":            byDescription[ordered.Row](ordered.Open),
		"sink.plain":              byDescription[plain.Row](plain.Open),
		"sink.rooms":              byDescription[rooms.Row](rooms.Open),
		"ttl.duration_keep":       byDescription[duration_keep.Row](duration_keep.Open),
		"ttl.fixed_keep":          byDescription[fixed_keep.Row](fixed_keep.Open),
		"ttl.int32_keep":          byDescription[int32_keep.Row](int32_keep.Open),
		"ttl.int64_opt_keep":      byDescription[int64_opt_keep.Row](int64_opt_keep.Open),
		"ttl.myduration_opt_keep": byDescription[myduration_opt_keep.Row](myduration_opt_keep.Open),
		"ttl.myint32_keep":        byDescription[myint32_keep.Row](myint32_keep.Open),
		"ttl.uint32_opt_keep":     byDescription[uint32_opt_keep.Row](uint32_opt_keep.Open),
		"ttl.uint64_keep":         byDescription[uint64_keep.Row](uint64_keep.Open),
		"key_bool":                byDescription[key_bool.Row](key_bool.Open),
		"key_bytes":               byDescription[key_bytes.Row](key_bytes.Open),
		"key_colour":              byDescription[key_colour.Row](key_colour.Open),
		"key_decimal":             byDescription[key_decimal.Row](key_decimal.Open),
		"key_fixed_bytes":         byDescription[key_fixed_bytes.Row](key_fixed_bytes.Open),
		"key_float64":             byDescription[key_float64.Row](key_float64.Open),
		"key_place":               byDescription[key_place.Row](key_place.Open),
		"key_timestamp":           byDescription[key_timestamp.Row](key_timestamp.Open),
	} {
		t.Run(name, test)
	}
}
