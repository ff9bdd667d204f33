package rowcache_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/rowcache"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

// What a cache costs where it is of no use: reads that it does not answer, of a table much
// larger than it, and updates of rows that it holds. Compare the two of each.
func BenchmarkCost(b *testing.B) {
	const rows, hot = 20_000, 200
	ids := make([]models.NamespaceID, rows)
	for _, with := range []bool{false, true} {
		var opts []store.Option
		if with {
			opts = append(opts, cached(rowcache.New(hot*300)))
		}
		eng := must(leveldb.Open(b.TempDir(), nil))
		st := open(b, eng, opts...)
		for i := range ids {
			ids[i] = models.NamespaceID(fmt.Sprintf("namespace-%06d", i))
			if err := st.Insert(ctx, &namespaces.Namespace{NamespaceID: ids[i], Name: "the name of the namespace"}); err != nil {
				b.Fatal(err)
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		b.Run(fmt.Sprintf("Get/cache=%v", with), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(st.Get(ctx, ids[rng.IntN(rows)]))
			}
		})
		update := func(b *testing.B, read bool) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				id := ids[rng.IntN(hot)]
				if read {
					must(st.Get(ctx, id))
				}
				if err := st.Update(ctx, id, func(v *namespaces.Namespace) error {
					v.TableCount = int32(i)
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run(fmt.Sprintf("GetAndUpdate/cache=%v", with), func(b *testing.B) { update(b, true) })
		b.Run(fmt.Sprintf("Update/cache=%v", with), func(b *testing.B) { update(b, false) })
	}
}
