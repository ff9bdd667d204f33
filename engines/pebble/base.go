package pebble

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
)

// base is the occ.Base.
type base struct {
	reader
	db       *pebble.DB
	dir      string
	files    *guarded
	lock     *pebble.Lock
	readOnly bool
	tail     *tail                 // nil where it is opened for reading
	tables   sstable.WriterOptions // of tables that are ingested
	large    int                   // bytes of a batch from which on pebble keeps it itself
}

// writable returns why the database takes no writes, or nil.
func (b *base) writable() error {
	if b.readOnly {
		return fmt.Errorf("pebble: %w: opened for reading", engine.ErrReadOnly)
	}
	if err := b.files.failed(); err != nil {
		return fmt.Errorf("pebble: %w until reopened, as a write failed: %w", engine.ErrReadOnly, err)
	}
	return nil
}

// NewBatch implements occ.Base.
func (b *base) NewBatch() occ.BaseBatch { return &batch{db: b.db, ops: b.db.NewBatch()} }

// Apply implements occ.Base.
func (b *base) Apply(ob occ.BaseBatch, sync bool) error {
	if err := b.writable(); err != nil {
		return err
	}
	if sync {
		b.files.syncing.Add(1)
		defer b.files.syncing.Add(-1)
	}
	err := b.apply(ob.(*batch), sync)
	if cause := b.files.failed(); cause != nil {
		err = cause
	}
	if err != nil {
		ob.(*batch).failed = true
		return fmt.Errorf("%w: %w", engine.ErrUnknown, readError(err))
	}
	return nil
}

// apply writes a batch, and leaves it so that it can be written again.
func (b *base) apply(own *batch, sync bool) error {
	own.renew()
	if own.ops.Len() >= b.large {
		return b.tail.commitLarge(own.copy()) // pebble keeps its memory
	}
	own.used = true
	return b.tail.commit(own.ops, sync)
}

// Snapshot implements occ.Base.
func (b *base) Snapshot() (occ.BaseSnapshot, error) {
	s := b.db.NewSnapshot()
	return &snapshot{reader{s}, s}, nil
}

// Close implements occ.Base.
func (b *base) Close() error {
	before := b.files.failed()
	err := b.db.Close()
	if cause := b.files.failed(); cause != nil && before == nil {
		err = cause
	}
	clean := err == nil && b.files.failed() == nil
	if b.tail != nil {
		err = errors.Join(err, b.tail.close(b.dir, clean))
	}
	if clean && !b.readOnly {
		writeNote(b.files.FS, b.dir) // which is of use, and not needed
	}
	return readError(errors.Join(err, b.lock.Close()))
}

// span returns the bounds of a range in which there is a key, for what wants both. last
// is nil where there is none.
func (b *base) span(start, end []byte) (first, last []byte, err error) {
	it, err := b.db.NewIter(&pebble.IterOptions{LowerBound: start, UpperBound: end})
	if err != nil {
		return nil, nil, readError(err)
	}
	if it.First() {
		first = append(first, it.Key()...)
		if it.Last() {
			last = append(append(last, it.Key()...), 0) // right behind it
		}
	}
	return first, last, readError(it.Close())
}

// batch is the occ.BaseBatch. Pebble takes a batch once, and nothing more into it then.
type batch struct {
	db   *pebble.DB
	ops  *pebble.Batch
	used bool
	// failed says that a commit of it has failed. Pebble's journal may write down in it how a
	// flush went, even after the commit has returned: its memory is not used again.
	failed bool
}

// renew makes a batch that was written one that can be written.
func (b *batch) renew() {
	if b.used {
		b.ops, b.used = b.copy(), false
	}
}

func (b *batch) copy() *pebble.Batch {
	fresh := b.db.NewBatch()
	if err := fresh.Apply(b.ops, nil); err != nil {
		panic(err) // a batch that is not of pebble's making
	}
	return fresh
}

// Put implements occ.BaseBatch. (Errors of pebble's are of batches that are closed or
// indexed; these are neither.)
func (b *batch) Put(key, value []byte) {
	b.renew()
	b.ops.Set(key, value, nil)
}

// Delete implements occ.BaseBatch.
func (b *batch) Delete(key []byte) {
	b.renew()
	b.ops.Delete(key, nil)
}

// DeleteRange implements occ.RangeBatch.
func (b *batch) DeleteRange(start, end []byte) {
	b.renew()
	b.ops.DeleteRange(start, end, nil)
}

// Reset implements occ.BaseBatch.
func (b *batch) Reset() {
	if b.failed {
		b.ops = b.db.NewBatch()
	} else {
		b.ops.Reset()
	}
	b.used, b.failed = false, false
}

// snapshot is the occ.BaseSnapshot.
type snapshot struct {
	reader
	snap *pebble.Snapshot
}

// Release implements occ.BaseSnapshot.
func (s *snapshot) Release() { s.snap.Close() }

// reader is the occ.BaseReader over a database or a snapshot.
type reader struct {
	src interface {
		Get(key []byte) ([]byte, io.Closer, error)
		NewIter(o *pebble.IterOptions) (*pebble.Iterator, error)
	}
}

// Get implements occ.BaseReader.
func (r reader) Get(key []byte) ([]byte, error) {
	v, c, err := r.src.Get(key)
	if err != nil {
		return nil, readError(err)
	}
	own := append(make([]byte, 0, len(v)), v...)
	return own, readError(c.Close())
}

// Has implements occ.BaseReader.
func (r reader) Has(key []byte) (bool, error) {
	_, c, err := r.src.Get(key)
	if err == pebble.ErrNotFound {
		return false, nil
	}
	if err != nil {
		return false, readError(err)
	}
	return true, readError(c.Close())
}

var _ occ.ManyReader = reader{}

// GetMany implements occ.ManyReader.
func (r reader) GetMany(ctx context.Context, keys, vals [][]byte) error {
	return occ.GetManyNear(ctx, r, keys, vals)
}

// Seeker implements occ.NearReader.
func (r reader) Seeker(start, limit []byte) (occ.Seeker, error) {
	it, err := r.src.NewIter(&pebble.IterOptions{LowerBound: start, UpperBound: limit})
	if err != nil {
		return nil, readError(err)
	}
	return seeker{it}, nil
}

// seeker is the occ.Seeker.
type seeker struct{ *pebble.Iterator }

func (s seeker) Seek(key []byte) bool { return s.SeekGE(key) }
func (s seeker) Release()             { s.Close() }

// Iterate implements occ.BaseReader.
func (r reader) Iterate(rng engine.Range) engine.Iterator {
	w := &iterator{reverse: rng.Reverse}
	o := pebble.IterOptions{LowerBound: rng.Start, UpperBound: rng.End}
	if len(o.LowerBound) == 0 {
		o.LowerBound = nil // for pebble, an empty one is a key
	}
	w.it, w.err = r.src.NewIter(&o)
	return w
}

// iterator is an engine.Iterator.
type iterator struct {
	it      *pebble.Iterator // nil where it could not be opened
	err     error
	reverse bool
	begun   bool
	room    occ.Room
}

// Next implements engine.Iterator.
func (w *iterator) Next() bool {
	if !w.begun {
		return w.begin()
	}
	if w.reverse {
		return w.it.Prev()
	}
	return w.it.Next()
}

func (w *iterator) begin() bool {
	if w.err != nil {
		return false
	}
	w.begun = true
	if w.reverse {
		return w.it.Last()
	}
	return w.it.First()
}

func (w *iterator) Key() []byte   { return w.it.Key() }
func (w *iterator) Value() []byte { return w.it.Value() }

// Wrapped implements occ.Wrapper.
func (w *iterator) Wrapped() (occ.Stepper, *occ.Room) { return w, &w.room }

func (w *iterator) Err() error {
	if w.err != nil {
		return readError(w.err)
	}
	return readError(w.it.Error())
}

func (w *iterator) Close() error {
	if w.err != nil {
		return readError(w.err)
	}
	return readError(w.it.Close())
}
