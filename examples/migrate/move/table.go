package move

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/storegen/storegen/examples/migrate/before"
	"github.com/storegen/storegen/runtime/store"
)

// Phase is how far a table has been moved.
type Phase string

// The phases, in order. Each is noted on the disk before it holds.
const (
	Copying Phase = ""        // the old side is right; writes go to both
	Moved   Phase = "moved"   // the new side is right; writes still go to both
	Dropped Phase = "dropped" // the new side is all there is
)

// legacy is a table of the old store.
type legacy[O any] struct {
	name   string // of its keys
	id     func(O) string
	get    func(id string) (O, error)
	put    func(O) error
	index  func(O) error // writes the index entries of a row, and not the row
	delete func(id string) error
	each   func(from string, visit func(O) (bool, error)) error
}

// table moves one table. K and V are the new table's, O is a row of the old one,
// which stays what the program reads and writes.
type table[K comparable, V, O any] struct {
	notes *before.Store
	old   legacy[O]
	new   store.EntityStore[K, V]
	key   func(O) K
	to    func(O) (V, error)
	from  func(V) O
	// expired tells of rows that the new table's rules do not keep.
	expired func(O) bool
	step    func(what string) error // between any two changes; tests stop here

	mu    sync.RWMutex // writes of a row go to both sides before the next one's
	phase Phase
}

// load finds out how far the table is, and finishes what was under way when the
// program ended: the side that is right says what such a row is.
func (t *table[K, V, O]) load(ctx context.Context) error {
	phase, err := t.notes.Note("phase:" + t.old.name)
	if err != nil {
		return err
	}
	t.phase = Phase(phase)
	marks, err := t.notes.Notes("row:" + t.old.name + ":")
	if err != nil {
		return err
	}
	for _, text := range marks {
		var m mark[K]
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return fmt.Errorf("mark %s of a %s: %w", text, t.old.name, err)
		}
		if err := t.agree(ctx, m.ID, m.Key); err != nil {
			return err
		}
	}
	if t.phase == Dropped {
		return t.notes.Drop(t.old.name) // again: it may have been broken off
	}
	return nil
}

// mark says which row is being written: its key on either side.
type mark[K any] struct {
	ID  string
	Key K
}

func (t *table[K, V, O]) mark(id string) string { return "row:" + t.old.name + ":" + id }

// agree makes both sides of a row what the right one says, and removes its mark.
func (t *table[K, V, O]) agree(ctx context.Context, id string, k K) error {
	var err error
	if t.phase == Copying {
		err = t.again(ctx, id, k)
	} else if t.phase == Moved {
		var v V
		switch v, err = t.new.Get(ctx, k); {
		case errors.Is(err, store.ErrNotFound):
			err = t.old.delete(id)
		case err == nil:
			// By way of nothing, so that the old index is right too.
			err = errors.Join(t.old.delete(id), t.old.put(t.from(v)))
		}
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", t.old.name, id, err)
	}
	return t.notes.SetNote(t.mark(id), "")
}

// again makes the new side's row what the old side has, after a write that was
// broken off: that may have left the old index without the row.
func (t *table[K, V, O]) again(ctx context.Context, id string, k K) error {
	o, err := t.old.get(id)
	if errors.Is(err, before.ErrNotFound) {
		_, err := t.new.Delete(ctx, k)
		return err
	}
	if err != nil {
		return err
	}
	if err := t.old.index(o); err != nil {
		return err
	}
	return t.copyRow(ctx, o)
}

// copyRow makes the new side's row what the old side has. It writes nothing to the
// old side, so that its rows stay as they are.
func (t *table[K, V, O]) copyRow(ctx context.Context, o O) error {
	v, err := t.to(o)
	if err != nil {
		return err
	}
	return t.new.Put(ctx, &v)
}

// whole reads a row of the old side, all of which the new side can keep.
func (t *table[K, V, O]) whole(id string) (o O, err error) {
	return o, t.notes.Strict(t.old.name, id, &o)
}

// get reads a row from the side that is right.
func (t *table[K, V, O]) get(ctx context.Context, id string, k K) (O, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.phase == Copying {
		return t.old.get(id)
	}
	v, err := t.new.Get(ctx, k)
	if err != nil {
		var none O
		if errors.Is(err, store.ErrNotFound) {
			err = before.ErrNotFound
		}
		return none, err
	}
	return t.from(v), nil
}

func (t *table[K, V, O]) put(ctx context.Context, o O) error {
	v, err := t.to(o)
	if err != nil {
		return err
	}
	return t.both(ctx, t.old.id(o), t.key(o), func() error { return t.new.Put(ctx, &v) }, func() error { return t.old.put(o) })
}

func (t *table[K, V, O]) delete(ctx context.Context, id string, k K) error {
	return t.both(ctx, id, k, func() error {
		_, err := t.new.Delete(ctx, k)
		return err
	}, func() error { return t.old.delete(id) })
}

// begin marks that a row is being written. A key of several parts that were glued
// together may be that of another row in the old store, which would be lost there.
func (t *table[K, V, O]) begin(id string, k K) error {
	if o, err := t.old.get(id); err == nil && t.key(o) != k {
		return fmt.Errorf("%s %s: the old store has %v under the key of %v: keep one of the two elsewhere", t.old.name, id, t.key(o), k)
	} else if err != nil && !errors.Is(err, before.ErrNotFound) {
		return err
	}
	text, err := json.Marshal(mark[K]{id, k})
	if err != nil {
		return err
	}
	return t.notes.SetNote(t.mark(id), string(text))
}

// both writes a row to both sides. The mark that surrounds it says, should the
// program end in between, that they may differ in this row. An error leaves the
// sides as the right one has it.
func (t *table[K, V, O]) both(ctx context.Context, id string, k K, new, old func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase == Dropped {
		return new()
	}
	if err := t.begin(id, k); err != nil {
		return err
	}
	if err := t.step("marked"); err != nil {
		return err
	}
	err := new()
	if err == nil {
		if err := t.step("written to the new side"); err != nil {
			return err
		}
		err = old()
	}
	if err != nil {
		return errors.Join(err, t.agree(ctx, id, k))
	}
	if err := t.step("written to both sides"); err != nil {
		return err
	}
	return t.notes.SetNote(t.mark(id), "")
}

// batch is how many rows are copied before others may write.
const batch = 16

// copy copies all rows. It may be broken off and begun again at any time.
func (t *table[K, V, O]) copy(ctx context.Context) (int, error) {
	n, from := 0, ""
	for {
		ids, err := t.ids(from)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		t.mu.Lock()
		for _, id := range ids {
			if err = t.copyOne(ctx, id); err != nil {
				err = fmt.Errorf("copy %s %s: %w", t.old.name, id, err)
				break
			}
			n++
		}
		t.mu.Unlock()
		if err != nil {
			return n, err
		}
		if err := t.step("copied a batch"); err != nil {
			return n, err
		}
		from = ids[len(ids)-1] + "\x00"
	}
}

// copyOne copies a row, unless it is gone by now.
func (t *table[K, V, O]) copyOne(ctx context.Context, id string) error {
	o, err := t.whole(id)
	switch {
	case errors.Is(err, before.ErrNotFound):
		return nil // its deletion has been on both sides
	case err != nil:
		return err
	}
	return t.copyRow(ctx, o)
}

// ids are some ids of the old side from one on.
func (t *table[K, V, O]) ids(from string) ([]string, error) {
	var out []string
	err := t.old.each(from, func(o O) (bool, error) {
		out = append(out, t.old.id(o))
		return len(out) < batch, nil
	})
	return out, err
}

// compare holds both sides against each other, row by row in both directions.
func (t *table[K, V, O]) compare(ctx context.Context) error {
	rows := 0
	err := t.old.each("", func(o O) (bool, error) {
		if t.expired(o) {
			return true, nil
		}
		rows++
		id := t.old.id(o)
		if _, err := t.whole(id); err != nil {
			return false, fmt.Errorf("compare %s %s: %w", t.old.name, id, err)
		}
		v, err := t.new.Get(ctx, t.key(o))
		if err != nil {
			return false, fmt.Errorf("compare %s %s: %w", t.old.name, id, err)
		}
		if diff := difference(o, t.from(v)); diff != "" {
			return false, fmt.Errorf("compare %s %s: %s", t.old.name, id, diff)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	n, err := t.new.Count(ctx)
	if err == nil && n != rows {
		err = fmt.Errorf("compare %s: the old side has %d rows, the new one %d", t.old.name, rows, n)
	}
	return err
}

// turn compares, and makes the new side the right one, while nobody writes.
func (t *table[K, V, O]) turn(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.compare(ctx); err != nil {
		return err
	}
	return t.enter(Moved)
}

// drop gives the old side up.
func (t *table[K, V, O]) drop(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.compare(ctx); err != nil {
		return err
	}
	if err := t.enter(Dropped); err != nil {
		return err
	}
	return t.notes.Drop(t.old.name)
}

func (t *table[K, V, O]) enter(p Phase) error {
	if err := t.notes.SetNote("phase:"+t.old.name, string(p)); err != nil {
		return err
	}
	t.phase = p
	return t.step("entered " + string(p))
}

// migrate takes the table from wherever it is to the new side alone.
func (t *table[K, V, O]) migrate(ctx context.Context, report func(string)) error {
	if t.phase == Copying {
		n, err := t.copy(ctx)
		if err != nil {
			return err
		}
		report(fmt.Sprintf("%s: %d rows copied", t.old.name, n))
		if err := t.turn(ctx); err != nil {
			return err
		}
		report(t.old.name + ": compared, and read from the new side")
	}
	if t.phase == Moved {
		if err := t.drop(ctx); err != nil {
			return err
		}
		report(t.old.name + ": compared again, and dropped from the old side")
	}
	return nil
}
