package entity

import (
	"context"

	"github.com/storegen/storegen/runtime/internal/txn"
)

// Slot is what one operation on one row works in: memory that is used again. Its
// user sets the key fields of the row, calls one method, and gives it back.
type Slot struct {
	// Row points to a row of the table, empty when the slot is taken.
	Row any

	t   *Table
	s   *txn.Session
	mem *Scratch // which the slot is in
}

// Slot takes a slot.
//
//go:noinline
func (h *Handle) Slot() *Slot {
	m := &h.t.Scratch().slot
	m.s = h.s
	return m
}

// Release gives the slot back, with nothing of what it held.
//
//go:noinline
func (m *Slot) Release() {
	m.t.Release(m.mem)
}

// key is the stored key of the row.
func (m *Slot) key() []byte {
	m.mem.Key = m.t.Codec.AppendRowKey(append(m.mem.Key[:0], m.t.Rows...), m.Row)
	return m.mem.Key
}

// Get reads the other fields of the row, and returns the slot, whose row is to be
// copied. Where there is none or it has expired, it gives the slot back, and the
// error is ErrNotFound.
//
//go:noinline
func (m *Slot) Get(ctx context.Context) (*Slot, error) {
	m.key()
	return m.mem.filled(m.t.getRow(ctx, m.s, m.mem))
}

// Has reports whether the row is there, and gives the slot back.
//
//go:noinline
func (m *Slot) Has(ctx context.Context) (bool, error) {
	defer m.Release()
	has, err := m.t.has(ctx, m.s, m.key())
	return has, m.t.FailFor(m.s.Who, "has", m.mem.Key, err)
}

// Delete removes the row with all its index entries, tells whether there was one, and
// gives the slot back.
//
//go:noinline
func (m *Slot) Delete(ctx context.Context) (bool, error) {
	defer m.Release()
	m.key()
	return m.t.deleteRow(ctx, m.s, m.mem)
}

// Update reads the row, has change change it, and writes it, as one transaction. It
// gives the slot back. The key fields of the row that change gets point into memory
// that is used again: change sets them.
//
//go:noinline
func (m *Slot) Update(ctx context.Context, change func(row any) error) error {
	defer m.Release()
	m.key()
	return m.t.updateRow(ctx, m.s, m.mem, change)
}

// filled is the slot of memory that a row was read into, unless that went wrong.
func (sc *Scratch) filled(err error) (*Slot, error) {
	if err != nil {
		sc.slot.t.Release(sc)
		return nil, err
	}
	return &sc.slot, nil
}
