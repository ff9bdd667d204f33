package sqlstore

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// countdown is a context that ends when it was asked often enough.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// A statement ends with its context, wherever its time goes: within SQLite, within one scan
// of the store, or where rows are sorted before SQLite sees the first.
func TestContextEnds(t *testing.T) {
	db, tables := database(t, countTable)
	for i := range int64(5000) {
		insertCount(t, tables["t.counts"], i, i%7)
	}
	s := open(t, db)
	for name, query := range map[string]string{
		"one scan":          "SELECT count(*) FROM t_counts WHERE n * 2 = 3",
		"in SQLite":         "SELECT count(*) FROM t_counts a, t_counts b WHERE a.n + b.n = 100",
		"rows":              "SELECT id FROM t_counts",
		"sorted, by SQLite": "SELECT id FROM t_counts ORDER BY n * 2",
		"a write":           "UPDATE t_counts SET n = n + 1",
	} {
		for _, steps := range []int64{0, 1, 3, 8, 20} {
			ctx := &countdown{Context: ctx}
			ctx.left.Store(steps)
			_, err := readIn(ctx, s, query)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s, ended after %d: %v", name, steps, err)
			}
			if n := OpenStates(s); n != 0 {
				t.Errorf("%s, ended after %d: %d states are open", name, steps, n)
			}
		}
	}
	var is *Error
	ctx := &countdown{Context: ctx}
	ctx.left.Store(20)
	if _, err := readIn(ctx, s, "SELECT count(*) FROM t_counts a, t_counts b, t_counts c"); !errors.As(err, &is) || !errors.Is(err, sqlite3.INTERRUPT) {
		t.Error(err)
	}
	if got, err := read(s, "SELECT count(*), sum(n) FROM t_counts"); err != nil || got[0] != `int64 "5000" | int64 "14995"` {
		t.Error(got, err)
	}
}
