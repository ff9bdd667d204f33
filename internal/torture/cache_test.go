package torture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// rowMap is a cache of very few rows, so that they come and go.
type rowMap struct {
	most int

	mu   sync.Mutex
	rows map[string][]byte
	hits int
}

func newRowMap(most int) *rowMap { return &rowMap{most: most, rows: map[string][]byte{}} }

func (c *rowMap) Get(key []byte) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.rows[string(key)]
	if ok {
		c.hits++
	}
	return v, ok
}

func (c *rowMap) Set(key, value []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range c.rows {
		if len(c.rows) < c.most {
			break
		}
		delete(c.rows, k)
	}
	c.rows[string(key)] = slices.Clone(value)
}

func (c *rowMap) Delete(key []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.rows, string(key))
}

// lateMap is a rowMap whose Set takes effect at the next one: what rows do to a
// cache that are put into it without a look at the commits meanwhile.
type lateMap struct {
	*rowMap
	late       sync.Mutex
	key, value []byte
}

func (c *lateMap) Set(key, value []byte) {
	c.late.Lock()
	defer c.late.Unlock()
	if c.key != nil {
		c.rowMap.Set(c.key, c.value)
	}
	c.key, c.value = slices.Clone(key), slices.Clone(value)
}

func cached(c store.RowCache) []store.Option {
	return []store.Option{store.WithRowCache("system.namespaces", c), store.WithRowCache("user", c)}
}

// TestLinearizableCached is TestLinearizable with a cache of rows.
func TestLinearizableCached(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			hits := 0
			for i := range *histories {
				cache := newRowMap(1 + i%3)
				h := recordRows(t, open(t), *seed+uint64(i), 6, 60, 3, cached(cache)...)
				if r := porcupine.CheckOperationsTimeout(rowModel, h, time.Minute); r != porcupine.Ok {
					t.Fatalf("history %d of %d operations: %s", i, len(h), r)
				}
				hits += cache.hits
			}
			if hits == 0 {
				t.Error("nothing was ever read from the cache")
			}
		})
	}
}

// TestLinearizableCachedCatches makes sure that a cache that holds old rows is
// found.
func TestLinearizableCachedCatches(t *testing.T) {
	for i := range 200 {
		cache := &lateMap{rowMap: newRowMap(3)}
		h := recordRows(t, memory.New(), uint64(i), 6, 60, 3, cached(cache)...)
		if porcupine.CheckOperationsTimeout(rowModel, h, time.Minute) == porcupine.Illegal {
			return
		}
	}
	t.Error("200 histories with a cache that holds old rows, and none was found wrong")
}

// transactRows makes a transaction over lists that are a row each. One that only
// reads does it without a transaction, where the cache is asked: one list by
// Get, several by GetMany, which shows them at one moment.
func transactRows(ctx context.Context, s *stores, plan []action) ([]action, error) {
	id := func(a action) models.UserRowID {
		return models.UserRowID{User: "lists", Row: models.RowID(fmt.Sprint(a.list))}
	}
	elements := func(row *user.Row) (ns []int, err error) {
		if row != nil {
			err = json.Unmarshal(row.Fields, &ns)
		}
		return ns, err
	}
	get := func(notes *user.Store, a action) ([]int, error) {
		row, err := notes.Get(ctx, id(a))
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return elements(&row)
	}
	appends := slices.ContainsFunc(plan, func(a action) bool { return a.append != 0 })
	switch {
	case !appends && len(plan) == 1:
		ns, err := get(s.notes, plan[0])
		return []action{{list: plan[0].list, read: ns}}, err
	case !appends:
		var ids []models.UserRowID
		for _, a := range plan {
			ids = append(ids, id(a))
		}
		rows, err := s.notes.GetMany(ctx, ids)
		if err != nil {
			return nil, err
		}
		done := slices.Clone(plan)
		for i := range done {
			if done[i].read, err = elements(rows[i]); err != nil {
				return nil, err
			}
		}
		return done, nil
	}
	var done []action
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		done = slices.Clone(plan) // of this try only
		notes := s.notes.In(tx)
		for i := range done {
			a := &done[i]
			var err error
			if a.read, err = get(notes, *a); err != nil || a.append == 0 {
				if err != nil {
					return err
				}
				continue
			}
			fields, err := json.Marshal(append(slices.Clone(a.read), a.append))
			if err != nil {
				return err
			}
			k := id(*a)
			if err := notes.Put(ctx, &user.Row{UserID: k.User, RowID: k.Row, Fields: fields}); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// TestSerializableCached looks for anomalies in histories of transactions and of
// reads that a cache answers.
func TestSerializableCached(t *testing.T) {
	for name, openEngine := range engines {
		t.Run(name, func(t *testing.T) {
			hits := 0
			for i := range *histories {
				ctx := context.Background()
				cache := newRowMap(2 + i%3)
				s, err := open(ctx, openEngine(t), cached(cache)...)
				if err != nil {
					t.Fatal(err)
				}
				stop := disturb(ctx, t, s)
				h, err := recordTransactions(ctx, s, *seed+uint64(i), 6, 40, 4, transactRows)
				stop()
				s.db.Close()
				if err != nil {
					t.Fatal(err)
				}
				if anomaly := serializable(h); anomaly != "" {
					t.Fatalf("history %d of %d transactions: %s", i, len(h), anomaly)
				}
				hits += cache.hits
			}
			if hits == 0 {
				t.Error("nothing was ever read from the cache")
			}
		})
	}
}

// TestSerializableCachedCatches makes sure that a cache that holds old rows is
// found there too.
func TestSerializableCachedCatches(t *testing.T) {
	ctx := context.Background()
	for i := range 200 {
		s, err := open(ctx, memory.New(), cached(&lateMap{rowMap: newRowMap(4)})...)
		if err != nil {
			t.Fatal(err)
		}
		h, err := recordTransactions(ctx, s, uint64(i), 6, 40, 4, transactRows)
		s.db.Close()
		if err != nil {
			t.Fatal(err)
		}
		if serializable(h) != "" {
			return
		}
	}
	t.Error("200 histories with a cache that holds old rows, and none was found wrong")
}
