package kitchen

import (
	"fmt"
	"testing"

	"github.com/storegen/storegen/internal/torture/queries"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink"
)

// Queries through providers find in generated tables what a look at all rows finds,
// whatever path they take: the conditions of indexes are Go there.
func TestQueries(t *testing.T) {
	for round := range uint64(3) {
		db, err := store.Open(t.Context(), memory.New())
		if err != nil {
			t.Fatal(err)
		}
		s, err := sink.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []provider.Table{s.Ordered.Provider(), s.Indexed.Provider(), s.LocalKey1.Provider(), s.LocalKey2.Provider(), s.LocalKey3.Provider(), s.NamedKey1.Provider(), s.NamedKey2.Provider(), s.NamedKey3.Provider(), s.Rooms.Provider()} {
			t.Run(fmt.Sprint(p.Def().Name, round), func(t *testing.T) {
				n := 1200
				if p.Def().Name != s.Ordered.Handle().Name() {
					n = 200
				}
				seen, err := queries.Filled(t.Context(), round, db, p.(provider.Mutable), n)
				if err != nil {
					t.Fatal(err)
				}
				if seen.Found == 0 || p.Def().Name == s.Ordered.Handle().Name() && seen.Partial == 0 {
					t.Errorf("nothing was to be found: %+v", seen)
				}
			})
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
