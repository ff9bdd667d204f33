package entity

import (
	"time"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Scratch is what one operation on a row needs of memory, for use again. Who takes it sets
// Key. Load sets Stored, and entries sets next; both are empty before. What is in them
// points into Key and Value and into what the engine returned, and is valid until the
// scratch is released.
type Scratch struct {
	Key    []byte // the row's key in the engine
	Value  []byte // what is being encoded
	Stored Stored
	next   next
	before any              // a row that oldEntries uses; nil until it did
	batch  engine.Batch     // that putAlone uses; nil until it did
	now    time.Time        // of putAlone; zero until it is asked for
	utc    func() time.Time // returns it, in UTC
	unread bool             // Stored.Row was not read into, nor anything else done with it

	updating txn.Updating
	slot     Slot      // for an operation on Stored.Row
	entries  EntryWalk // whose row is Stored.Row
}

// Stored is a row as it is stored.
type Stored struct {
	Row     any            // a row of the table's type, which is used again
	Entries layout.Entries // of Row
	Body    []byte         // its fields as they stand; nil where there is no row
	Expiry  []byte         // nil where it does not expire
	Live    bool           // it has not expired
}

// next is a row as it is to be stored.
type next struct {
	entries layout.Entries
	made    bool           // entries and expires are
	expires layout.Instant // if the row does
}

// Scratch takes one.
func (t *Table) Scratch() *Scratch { return t.pool.Get().(*Scratch) }

// Release gives memory back, with nothing of what it held.
func (t *Table) Release(sc *Scratch) {
	t.empty(sc)
	sc.slot.s = nil
	t.pool.Put(sc)
}

// empty makes memory ready for another row; the row goes first, so that nothing it points
// to is kept.
func (t *Table) empty(sc *Scratch) {
	if !sc.unread {
		t.Codec.Reset(sc.Stored.Row)
	}
	sc.Stored.Body, sc.Stored.Expiry, sc.Stored.Live, sc.unread, sc.next.made = nil, nil, false, false, false
}
