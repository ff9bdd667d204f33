package queries_test

import (
	"context"
	"flag"
	"testing"

	"github.com/storegen/storegen/internal/torture/queries"
)

var (
	tables = flag.Int("tables", 60, "how many tables are made up")
	asked  = flag.Int("queries", 300, "how many queries each table is asked")
	seed   = flag.Uint64("seed", 1, "what the random choices follow from")
)

// Whatever path a query takes, for whomever and wherever, its rows are those that
// the rows as they were written say.
func TestMadeUpTables(t *testing.T) {
	var sum queries.Seen
	for at := range *tables {
		s, err := queries.Made(context.Background(), *seed, at, *asked)
		sum.Add(s)
		if err != nil {
			t.Fatal(err)
		}
	}
	if sum.Found == 0 || sum.Partial == 0 || sum.Exact == 0 || sum.Sorted == 0 || sum.Refused == 0 || sum.Deleted == 0 || sum.Bound == 0 || sum.Unchecked == 0 {
		t.Error("the queries do not reach all that they are to reach")
	}
	t.Logf("%d tables: %+v", *tables, sum)
}
