package owned

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/storegen/storegen/runtime/dynamic/dynamictest"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/owned/db/grids"
	"github.com/storegen/storegen/templates/internal/owned/db/visits"
	"github.com/storegen/storegen/templates/internal/owned/model"
)

// A codec that is made from the description of a table does what generated code does, where
// the rows are Go structs of the program's own too.
func TestByDescription(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	us, _ := storetest.New(t, openUsers)
	vs, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (*visits.Store, error) { return visits.Open(ctx, db) })
	gs, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (*grids.Store, error) { return grids.Open(ctx, db) })
	check := func(p *dynamictest.Pair, err error) func(fill func(row any)) {
		return func(fill func(row any)) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			p.Judged = true
			if err := p.Rows(200, fill); err != nil {
				t.Error(err)
			}
		}
	}
	check(dynamictest.PairOf(us.Handle(), rng))(func(row any) { storetest.Fill(rng, us, row.(*model.User), examples()...) })
	check(dynamictest.PairOf(vs.Handle(), rng))(func(row any) { storetest.Fill(rng, vs, row.(*visits.Row), examples()...) })
	check(dynamictest.PairOf(gs.Handle(), rng))(func(row any) { *row.(*model.Grid) = randomGrid(rng, gs) })
}
