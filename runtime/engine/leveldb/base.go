package leveldb

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/iterator"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

var (
	synced   = &opt.WriteOptions{Sync: true}
	unsynced = &opt.WriteOptions{}
)

// base is the occ.Base.
type base struct {
	reader
	db       *leveldb.DB
	stor     *guarded
	owned    io.Closer // what to close behind db, or nil
	readOnly bool
	failure  atomic.Pointer[error] // the first failed write
}

// writable returns why the database takes no writes, or nil.
func (b *base) writable() error {
	if b.readOnly {
		return fmt.Errorf("leveldb: %w: opened for reading", engine.ErrReadOnly)
	}
	if err := b.failure.Load(); err != nil {
		return fmt.Errorf("leveldb: %w until reopened, as a write failed: %w", engine.ErrReadOnly, *err)
	}
	if err := b.stor.failed(); err != nil {
		return fmt.Errorf("leveldb: %w until reopened, as a write failed: %w", engine.ErrReadOnly, err)
	}
	return nil
}

// NewBatch implements occ.Base.
func (b *base) NewBatch() occ.BaseBatch { return new(leveldb.Batch) }

// Apply implements occ.Base.
func (b *base) Apply(batch occ.BaseBatch, sync bool) error {
	if err := b.writable(); err != nil {
		return err
	}
	wo := unsynced
	if sync {
		wo = synced
	}
	err := b.db.Write(batch.(*leveldb.Batch), wo)
	if err == nil {
		return nil
	}
	if cause := b.stor.failed(); cause != nil {
		err = cause
	}
	failed := readError(err) // a variable of its own, as its address is kept
	// goleveldb does not tell an error before the journal was written from one
	// after it.
	b.failure.CompareAndSwap(nil, &failed)
	return fmt.Errorf("%w: %w", engine.ErrUnknown, failed)
}

// Snapshot implements occ.Base.
func (b *base) Snapshot() (occ.BaseSnapshot, error) {
	s, err := b.db.GetSnapshot()
	if err != nil {
		return nil, readError(err)
	}
	return &snapshot{reader{s}, s}, nil
}

// Close implements occ.Base. goleveldb flushes the journal then, but keeps a
// failure of that to itself.
func (b *base) Close() error {
	before := b.stor.failed()
	err := b.db.Close()
	cause := b.stor.failed()
	if err == nil && before == nil {
		err = cause
	}
	if err == nil && cause == nil && !b.readOnly {
		b.stor.writeNote(true)
	}
	if b.owned != nil {
		if cerr := b.owned.Close(); err == nil {
			err = cerr
		}
	}
	return readError(err)
}

// snapshot is the occ.BaseSnapshot.
type snapshot struct {
	reader
	snap *leveldb.Snapshot
}

// Release implements occ.BaseSnapshot.
func (s *snapshot) Release() { s.snap.Release() }

// reader is the occ.BaseReader over a database or a snapshot.
type reader struct {
	src interface {
		Get(key []byte, ro *opt.ReadOptions) ([]byte, error)
		Has(key []byte, ro *opt.ReadOptions) (bool, error)
		NewIterator(r *util.Range, ro *opt.ReadOptions) iterator.Iterator
	}
}

// Get implements occ.BaseReader.
func (r reader) Get(key []byte) ([]byte, error) {
	v, err := r.src.Get(key, nil)
	if err != nil {
		return nil, readError(err)
	}
	if v == nil {
		v = []byte{} // a pair with an empty value, which something else has written
	}
	return v, nil
}

// Has implements occ.BaseReader.
func (r reader) Has(key []byte) (bool, error) {
	ok, err := r.src.Has(key, nil)
	return ok, readError(err)
}

// Iterate implements occ.BaseReader.
func (r reader) Iterate(rng engine.Range) engine.Iterator {
	if rng.Reverse {
		w := &backward{rng: util.Range{Start: rng.Start, Limit: rng.End}, keysOnly: rng.KeysOnly}
		w.it = r.src.NewIterator(&w.rng, nil)
		return w
	}
	w := &forward{rng: util.Range{Start: rng.Start, Limit: rng.End}}
	w.it = r.src.NewIterator(&w.rng, nil)
	return w
}

var _ occ.ManyReader = reader{}

// GetMany implements occ.ManyReader.
func (r reader) GetMany(ctx context.Context, keys, vals [][]byte) error {
	return occ.GetManyNear(ctx, r, keys, vals)
}

// Seeker implements occ.NearReader.
func (r reader) Seeker(start, limit []byte) (occ.Seeker, error) {
	return r.src.NewIterator(&util.Range{Start: start, Limit: limit}, nil), nil
}

// forward is an engine.Iterator from the first key on.
type forward struct {
	it   iterator.Iterator
	rng  util.Range // goleveldb's own, in the same piece of memory
	room occ.Room
}

// Next implements engine.Iterator. (A new iterator stands before the first pair.)
func (w *forward) Next() bool    { return w.it.Next() }
func (w *forward) Key() []byte   { return w.it.Key() }
func (w *forward) Value() []byte { return w.it.Value() }
func (w *forward) Err() error    { return readError(w.it.Error()) }

// Wrapped implements occ.Wrapper.
func (w *forward) Wrapped() (occ.Stepper, *occ.Room) { return w.it, &w.room }

func (w *forward) Close() error {
	w.it.Release()
	return nil
}

// backward is an engine.Iterator from the last key on.
//
// Going backward, goleveldb meets the versions of a key from the oldest to the
// newest. Where an error ends that, it shows the last version that it met, which
// may be an old one, or one of a key that was deleted since, and only the next
// step tells of the error. So a pair is shown once the step behind it was made.
type backward struct {
	it       iterator.Iterator
	rng      util.Range
	keysOnly bool
	begun    bool
	ahead    bool // there is a pair in nextKey and nextVal
	key, val []byte

	nextKey, nextVal []byte
}

// Next implements engine.Iterator.
func (w *backward) Next() bool {
	if !w.begun {
		w.begun = true
		w.look(w.it.Last())
	}
	if !w.ahead {
		return false
	}
	w.key, w.nextKey = w.nextKey, w.key
	w.val, w.nextVal = w.nextVal, w.val
	w.look(w.it.Prev())
	return w.ahead || w.it.Error() == nil
}

// look takes the pair that the iterator stands on, if there is one.
func (w *backward) look(there bool) {
	w.ahead = there
	if !there {
		return
	}
	w.nextKey = append(w.nextKey[:0], w.it.Key()...)
	if !w.keysOnly {
		w.nextVal = append(w.nextVal[:0], w.it.Value()...)
	}
}

func (w *backward) Key() []byte   { return w.key }
func (w *backward) Value() []byte { return w.val }
func (w *backward) Err() error    { return readError(w.it.Error()) }

func (w *backward) Close() error {
	w.it.Release()
	return nil
}
