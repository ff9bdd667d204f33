//go:build !race

package rowcache_test

import (
	"testing"

	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/rowcache"
	"github.com/storegen/storegen/runtime/engine/memory"
)

// A cached read allocates the row's bytes and nothing else. (With the race detector,
// pools drop memory at random.)
func TestAllocations(t *testing.T) {
	st := open(t, memory.New(), cached(rowcache.New(1<<20)))
	if err := st.Insert(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "b"}); err != nil {
		t.Fatal(err)
	}
	must(st.Get(ctx, "a"))
	if n := testing.AllocsPerRun(1000, func() { must(st.Get(ctx, "a")) }); n > 1 {
		t.Errorf("a cached Get allocates %v times", n)
	}
}
