package entity

import (
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// filled is the slot of memory that a row was read into, unless that went wrong.
func (sc *Scratch) filled(err error) (*Slot, error) {
	if err != nil {
		sc.slot.t.Release(sc)
		return nil, err
	}
	return &sc.slot, nil
}

// Scratch is what one write needs of memory, for use again.
type Scratch struct {
	Key, Value []byte
	row        any            // the stored row
	at         layout.Instant // when the new row expires
	Old, new   layout.Entries
	made       bool   // new is made for the row that is written
	Body       []byte // the fields of the stored row as they stand; nil where there is none
	Live       bool   // it has not expired
	unread     bool   // row was not read into, nor anything else done with it
	updating   txn.Updating
	slot       Slot // for an operation on row
}

func (t *Table) Scratch() *Scratch { return t.pool.Get().(*Scratch) }

// Release gives memory back; the row goes first, so that nothing it points to
// is kept.
func (t *Table) Release(sc *Scratch) {
	if !sc.unread {
		t.Codec.Reset(sc.row)
	}
	sc.Body, sc.Live, sc.unread, sc.made = nil, false, false, false
	sc.slot.s = nil
	t.pool.Put(sc)
}
