package occ

import (
	"errors"
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
)

// clears deletes ranges in a transaction, given as start, end, start, end.
func clears(h *held, tx engine.Tx, bounds ...string) {
	for i := 0; i < len(bounds); i += 2 {
		if err := DeleteRange(h.DB, tx, []byte(bounds[i]), []byte(bounds[i+1])); err != nil {
			panic(err)
		}
	}
}

// A range that is deleted by a commit in flight is as if each key of it were written.
func TestRangeInFlight(t *testing.T) {
	for name, reads := range map[string]int{"few reads": 1, "many reads": 100} {
		t.Run(name, func(t *testing.T) {
			hold(t, func(t *testing.T, h *held) {
				first := h.update(func(tx engine.Tx) {
					for i := range reads {
						readKey(tx, fmt.Sprintf("k%d", i))
					}
					clears(h, tx, "held", "helf", "p", "s")
				})
				first.waits("the first")
				blind := h.write("a", "q")
				blind.waits("a blind write in the range")
				tx := h.update(func(tx engine.Tx) { putKey(tx, "p") })
				tx.waits("a transaction that writes its first key")
				reader := h.update(func(tx engine.Tx) {
					readKey(tx, "r")
					putKey(tx, "b")
				})
				reader.waits("a transaction that has read in the range")
				walker := h.update(func(tx engine.Tx) {
					readRange(tx, "o", "q")
					putKey(tx, "c")
				})
				walker.waits("a transaction that has walked into the range")
				h.write("o", "s").ends("a write beside it", nil)
				h.update(func(tx engine.Tx) { clears(h, tx, "r", "t") }).ends("a range that meets it", nil)
				h.letGo()
				first.ends("the first", nil)
				blind.ends("the blind write", nil)
				tx.ends("the transaction", nil)
				reader.ends("the reader", engine.ErrConflict)
				walker.ends("the walker", engine.ErrConflict)
			})
		})
	}
}

// A range is not deleted before a commit in flight that writes or has read in it.
func TestRangeWaits(t *testing.T) {
	for name, read := range map[string]func(tx engine.Tx){
		"written":      func(tx engine.Tx) { putKey(tx, "q") },
		"read":         func(tx engine.Tx) { readKey(tx, "q") },
		"walked over":  func(tx engine.Tx) { readRange(tx, "q", "r") },
		"walked into":  func(tx engine.Tx) { readRange(tx, "a", "q") },
		"written last": func(tx engine.Tx) { putKey(tx, "rzz") },
	} {
		t.Run(name, func(t *testing.T) {
			hold(t, func(t *testing.T, h *held) {
				first := h.update(func(tx engine.Tx) {
					read(tx)
					putKey(tx, "held")
				})
				first.waits("the first")
				gone := h.update(func(tx engine.Tx) { clears(h, tx, "p", "s") })
				gone.waits("the range")
				h.update(func(tx engine.Tx) { clears(h, tx, "s", "t") }).ends("a range beside it", nil)
				h.letGo()
				first.ends("the first", nil)
				gone.ends("the range", nil)
			})
		})
	}
}

// A transaction that is of another engine, or of a base that deletes no ranges, is told so.
func TestRangeRefused(t *testing.T) {
	one, other := New(newFakeBase(t), Options{}), New(newFakeBase(t), Options{})
	defer one.Close()
	defer other.Close()
	tx, err := one.Begin(ctx, engine.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	counting := &enginetest.Counting{Engine: one}
	wrapped, err := counting.Begin(ctx, engine.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer wrapped.Rollback()
	for name, tx := range map[string]engine.Tx{"another engine": tx, "a wrapper": wrapped} {
		if err := DeleteRange(other, tx, []byte("a"), []byte("b")); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("a transaction of %s: %v", name, err)
		}
	}
	plain := New(plainBase{newFakeBase(t)}, Options{})
	defer plain.Close()
	if tx, err = plain.Begin(ctx, engine.TxOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := DeleteRange(plain, tx, []byte("a"), []byte("b")); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("a base without ranges: %v", err)
	}
	if _, err := tx.Commit(ctx); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("the commit: %v", err)
	}
}

// plainBase is a base whose batches have no DeleteRange.
type plainBase struct{ *fakeBase }

func (b plainBase) NewBatch() BaseBatch { return struct{ BaseBatch }{b.fakeBase.NewBatch()} }

// Ranges count in the limit of writes of a commit, and their bounds in that of keys.
func TestRangeLimits(t *testing.T) {
	d := New(newFakeBase(t), Options{Limits: engine.Limits{MaxKey: 3, MaxTxOps: 2}})
	defer d.Close()
	for _, c := range []struct {
		bounds []string
		err    error
	}{
		{[]string{"a", "b", "c", "d"}, nil},
		{[]string{"a", "b", "c", "d", "e", "f"}, engine.ErrTooLarge},
		{[]string{"a", "bbbb"}, engine.ErrTooLarge},
		{[]string{"aaaa", "b"}, engine.ErrTooLarge},
	} {
		tx, err := d.Begin(ctx, engine.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(c.bounds); i += 2 {
			_ = DeleteRange(d, tx, []byte(c.bounds[i]), []byte(c.bounds[i+1])) // which the commit says too
		}
		if _, err := tx.Commit(ctx); !errors.Is(err, c.err) {
			t.Errorf("%q: %v, want %v", c.bounds, err, c.err)
		}
	}
}
