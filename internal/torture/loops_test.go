package torture

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/storegen/storegen/runtime/store"
)

// The histories here are of transactions that read and write inside of open loops: a step
// is a walk, and the steps behind it are done in its loop.

// leaving is an engine whose open iterators stay behind when their transaction moves to
// another state.
func leaving() engine.Engine {
	return memory.NewWithOptions(occ.Options{UnsafeLeaveIterators: true})
}

// walkKinds is how many ways walkList has to read a list.
const walkKinds = 7

// walkList walks a list in one of the ways there are, and returns its elements in their
// order. visit is called for each row.
func walkList(ctx context.Context, notes *user.Store, list, how int, visit func() error) (elements []int, err error) {
	owner := models.UserID(fmt.Sprintf("list%d", list))
	show := func(row *user.Row) error {
		var n int
		if _, err := fmt.Sscan(string(row.Fields), &n); err != nil {
			return err
		}
		elements = append(elements, n)
		return visit()
	}
	q := notes.ByKey.UserID(owner).Scan()
	if how >= 4 {
		q = notes.ByUpdatedAt.UserID(owner).Scan()
	}
	switch how {
	case 1, 5: // in reverse
		for row, err := range q.Reverse().All(ctx) {
			if err == nil {
				err = show(&row)
			}
			if err != nil {
				return nil, err
			}
		}
		slices.Reverse(elements)
	case 2, 6:
		err = q.Filter(func(*user.Row) bool { return true }).Each(ctx, show)
	case 3: // a page is a walk of its own, so that it is read before its rows are shown
		var from store.Cursor[user.Row]
		for {
			page, err := q.Page(ctx, 2, from)
			if err != nil {
				return nil, err
			}
			for i := range page.Rows {
				if err := show(&page.Rows[i]); err != nil {
					return nil, err
				}
			}
			if from = page.Next; from == "" {
				return elements, nil
			}
		}
	default:
		for row, err := range q.All(ctx) {
			if err == nil {
				err = show(&row)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return elements, err
}

// transactLoops makes a transaction over lists as transactLists does, each step in the
// loop of the one before.
func transactLoops(ctx context.Context, s *stores, plan []action) ([]action, error) {
	var done []action
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		done = slices.Clone(plan) // of this try only
		notes := s.notes.In(tx)
		var step func(i int) error
		step = func(i int) error {
			if i == len(done) {
				return nil
			}
			a := &done[i]
			if a.append != 0 {
				if err := appendTo(ctx, notes, a); err != nil {
					return err
				}
				return step(i + 1)
			}
			shown := 0
			read, err := walkList(ctx, notes, a.list, a.how, func() error {
				runtime.Gosched() // so that others come in between, also on one processor
				if shown++; shown-1 == a.at {
					return step(i + 1)
				}
				return nil
			})
			if a.read = read; err == nil && shown <= a.at {
				err = step(i + 1) // the list was shorter
			}
			return err
		}
		return step(0)
	})
	return done, err
}

// appendTo reads a list and appends to it.
func appendTo(ctx context.Context, notes *user.Store, a *action) (err error) {
	if a.read, err = walkList(ctx, notes, a.list, a.how, func() error { return nil }); err != nil {
		return err
	}
	n := len(a.read)
	return notes.Insert(ctx, &user.Row{
		UserID: models.UserID(fmt.Sprintf("list%d", a.list)), RowID: models.RowID(fmt.Sprintf("%06d", n)),
		UpdatedAt: noon.Add(time.Duration(n) * time.Second), Fields: fmt.Append(nil, a.append),
	})
}

// performLoop gets or updates a row that a walk over all rows has come to, with other
// reads in the loop.
func performLoop(ctx context.Context, all *namespaces.Store, in request) (out response, err error) {
	id := models.NamespaceID(fmt.Sprintf("n%d", in.key))
	err = store.DBOf(all.Handle()).Update(ctx, func(tx *store.Tx) error {
		out = response{}
		st := all.In(tx)
		q := st.Scan()
		if len(in.value)%2 == 0 {
			q = q.Reverse()
		}
		for row, err := range q.All(ctx) {
			if err != nil {
				return err
			}
			runtime.Gosched()
			if _, err := st.Get(ctx, "another"); !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("a row that nobody writes: %w", err)
			}
			if row.NamespaceID != id {
				continue
			}
			out.value = row.Name
			if out.done = in.op == "update"; out.done {
				row.Name += in.value
				if err := st.Put(ctx, &row); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

// TestSerializableLoops records histories of transactions in whose loops others are, and
// looks for anomalies in them.
func TestSerializableLoops(t *testing.T) {
	for name, openEngine := range engines {
		t.Run(name, func(t *testing.T) {
			for i := range *histories {
				ctx := context.Background()
				h, err := recordLoops(ctx, openEngine(t), *seed+uint64(i), func(s *stores) func() { return disturb(ctx, t, s) })
				if err != nil {
					t.Fatal(err)
				}
				if anomaly := serializable(h); anomaly != "" {
					t.Fatalf("history %d of %d transactions: %s", i, len(h), anomaly)
				}
			}
		})
	}
}

func recordLoops(ctx context.Context, eng engine.Engine, seed uint64, verify func(*stores) func()) ([]txn, error) {
	s, err := open(ctx, eng)
	if err != nil {
		return nil, err
	}
	defer s.db.Close()
	if verify != nil {
		defer verify(s)()
	}
	return recordTransactions(ctx, s, seed, 6, 40, 4, transactLoops)
}

// TestSerializableLoopsCatches makes sure that loops that stay behind are found.
func TestSerializableLoopsCatches(t *testing.T) {
	for i := range 200 {
		h, err := recordLoops(context.Background(), leaving(), uint64(i), nil)
		if errors.Is(err, store.ErrExists) {
			continue // it fell over its own holes, which proves nothing of the checker
		}
		if err != nil {
			t.Fatal(err)
		}
		if serializable(h) != "" {
			return
		}
	}
	t.Error("200 histories of an engine whose loops stay behind, and none was found wrong")
}

// TestLinearizableLoopsCatches makes sure that the check of single rows finds them too.
func TestLinearizableLoopsCatches(t *testing.T) {
	for i := range 200 {
		h := recordRows(t, leaving(), uint64(i), 6, 60, 3)
		if porcupine.CheckOperationsTimeout(rowModel, h, time.Minute) == porcupine.Illegal {
			return
		}
	}
	t.Error("200 histories of an engine whose loops stay behind, and none was found wrong")
}
