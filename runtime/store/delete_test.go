package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// bounded is an engine with limits of its own, which counts its commits and may die at
// one of them.
type bounded struct {
	engine.Engine
	limits  engine.Limits
	commits int
	dies    int
	ranges  int // that were deleted, where it is a ranging one
}

func (l *bounded) Limits() engine.Limits { return l.limits }

func (l *bounded) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	tx, err := l.Engine.Begin(ctx, o)
	return &boundedTx{Tx: tx, l: l}, err
}

type boundedTx struct {
	engine.Tx
	l   *bounded
	ops int
}

func (t *boundedTx) Put(key, value []byte) error { t.ops++; return t.Tx.Put(key, value) }
func (t *boundedTx) Delete(key []byte) error     { t.ops++; return t.Tx.Delete(key) }

func (t *boundedTx) Commit(ctx context.Context) (uint64, error) {
	if most := t.l.limits.MaxTxOps; most > 0 && t.ops > most {
		return 0, errors.Join(engine.ErrTooLarge, t.Rollback())
	}
	if t.l.commits++; t.l.commits == t.l.dies {
		return 0, errors.Join(errSpy, t.Rollback())
	}
	return t.Tx.Commit(ctx)
}

// open opens the table that filled has made, on the bounded engine.
func (l *bounded) open(t *testing.T) (*store.DB, *store.Table[string, pairRow]) {
	t.Helper()
	l.commits = 0
	db, s, err := pairs(l, pairDesc("pairs", "a"))
	if err != nil {
		t.Fatal(err)
	}
	return db, s
}

// A delete of many rows is cut into commits outside of a transaction, and part of one
// within.
func TestDeleteInCommits(t *testing.T) {
	const rows = 11_000
	full := filled(t, pairDesc("pairs", "a"), rows)
	some := func(v *pairRow) bool { return v.A != "a3" }
	matching := rows - (rows+3)/7
	type table = *store.Table[string, pairRow]
	for _, c := range []struct {
		name    string
		del     func(s table) (int, error)
		want    int
		limits  engine.Limits
		commits [2]int // from, to
	}{
		{"a scan", func(s table) (int, error) { return s.Scan().Delete(ctx) }, rows, engine.Limits{}, [2]int{3, 3}},
		{"backwards", func(s table) (int, error) { return s.Scan().Reverse().Delete(ctx) }, rows, engine.Limits{}, [2]int{3, 3}},
		{"an index", func(s table) (int, error) { return s.Index(0).Delete(ctx) }, rows, engine.Limits{}, [2]int{3, 3}},
		{"an index backwards", func(s table) (int, error) { return s.Index(0).Reverse().Delete(ctx) }, rows, engine.Limits{}, [2]int{3, 3}},
		{"a filter", func(s table) (int, error) { return s.Scan().Filter(some).Delete(ctx) }, matching, engine.Limits{}, [2]int{2, 2}},
		{"a limit", func(s table) (int, error) { return s.Scan().Limit(7000).Delete(ctx) }, 7000, engine.Limits{}, [2]int{2, 2}},
		{"a limit that is the first commit", func(s table) (int, error) { return s.Scan().Limit(5000).Delete(ctx) }, 5000, engine.Limits{}, [2]int{1, 1}},
		{"a filter with a limit", func(s table) (int, error) { return s.Scan().Filter(some).Limit(6000).Delete(ctx) }, 6000, engine.Limits{}, [2]int{2, 2}},
		{"a range", func(s table) (int, error) { return s.DeleteRange(ctx, "k0100", "k9000") }, 9900, engine.Limits{}, [2]int{2, 2}},
		{"few", func(s table) (int, error) { return s.DeleteRange(ctx, "k0100", "k0110") }, 10, engine.Limits{}, [2]int{1, 1}},
		{"none", func(s table) (int, error) { return s.DeleteRange(ctx, "x", "y") }, 0, engine.Limits{}, [2]int{1, 1}},
		{"a small engine", func(s table) (int, error) { return s.Scan().Delete(ctx) }, rows, engine.Limits{MaxTxOps: 900}, [2]int{rows / 450, rows / 220}},
		{"in a transaction", func(s table) (n int, err error) {
			err = store.DBOf(s.Handle()).Update(ctx, func(tx *store.Tx) error {
				n, err = s.In(tx).Scan().Delete(ctx)
				return err
			})
			return n, err
		}, rows, engine.Limits{}, [2]int{1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eng := &bounded{Engine: copyOf(full), limits: c.limits}
			db, s := eng.open(t)
			n, err := c.del(s)
			same(t, "error", err, nil)
			same(t, "deleted", n, c.want)
			same(t, "left", must(s.Count(ctx)), rows-c.want)
			if eng.commits < c.commits[0] || eng.commits > c.commits[1] {
				t.Errorf("%d commits, want %v", eng.commits, c.commits)
			}
			isWhole(t, db)
			if c.commits[0] == 1 {
				return
			}
			// Where it breaks off, the number is of what is gone.
			eng = &bounded{Engine: copyOf(full), limits: c.limits, dies: 2}
			db, s = eng.open(t)
			n, err = c.del(s)
			isErr(t, err, errSpy)
			if n == 0 || n == c.want {
				t.Errorf("%d rows were deleted before it broke off", n)
			}
			same(t, "left", must(s.Count(ctx)), rows-n)
			isWhole(t, db)
		})
	}
	t.Run("a row that does not fit", func(t *testing.T) {
		eng := &bounded{Engine: open{memory.New()}}
		_, s := eng.open(t)
		if err := s.Insert(ctx, &pairRow{K: "k", A: "a"}); err != nil {
			t.Fatal(err)
		}
		eng.limits.MaxTxOps = 1
		_, s = eng.open(t)
		_, err := s.Scan().Delete(ctx)
		isErr(t, err, store.ErrTooLarge)
	})
}
