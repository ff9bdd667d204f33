package occ

import "github.com/storegen/storegen/runtime/engine"

// Batch is the engine.Batch of a DB: the base's own batch, and the keys it
// writes. An operation that the engine cannot hold is not added; Write returns
// its error.
type Batch struct {
	db   *DB
	base BaseBatch
	blob []byte // keys, one behind the other
	ends []int  // where each ends in blob
	size int
	err  error // of the first operation refused
}

var _ engine.Batch = (*Batch)(nil)

// Put adds a put.
func (b *Batch) Put(key, value []byte) {
	if err := checkPut(&b.db.opts.Limits, key, value); err != nil {
		b.refuse(err)
		return
	}
	b.base.Put(key, value)
	b.note(key, len(value))
}

// Delete adds a delete.
func (b *Batch) Delete(key []byte) {
	if err := checkDelete(&b.db.opts.Limits, key); err != nil {
		b.refuse(err)
		return
	}
	b.base.Delete(key)
	b.note(key, 0)
}

func (b *Batch) refuse(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *Batch) note(key []byte, value int) {
	b.blob = append(b.blob, key...)
	b.ends = append(b.ends, len(b.blob))
	b.size += len(key) + value
}

// Len returns the number of operations.
func (b *Batch) Len() int { return len(b.ends) }

// Size returns the bytes of all keys and values.
func (b *Batch) Size() int { return b.size }

// Reset empties the batch, its error included.
func (b *Batch) Reset() {
	b.base.Reset()
	b.blob, b.ends, b.size, b.err = b.blob[:0], b.ends[:0], 0, nil
}
