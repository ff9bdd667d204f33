package define

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/runs"
	"github.com/storegen/storegen/runtime/internal/txn"
)

const (
	loadOps   = 4096 // writes in a commit of a load
	loadBytes = 1 << 20
	loadLooks = 1024 // keys that are looked up at once
	listRoom  = 64   // bytes that the key and the checksum of a list take, at most
)

// write writes what was sorted.
func (l *loading) write(ctx context.Context, sorters sorters) error {
	kinds := make([]pairs, len(sorters))
	for kind := range kinds {
		kinds[kind] = pairs{prefix: l.t.LoadPrefix(kind), sorter: sorters[kind], check: func(from engine.Iterator) engine.Iterator {
			once := engine.Iterator(&once{Iterator: from, t: l.t, kind: kind})
			if l.adds() && l.t.LoadLooks(kind) {
				once = &absent{from: once, look: func(keys, loaded [][]byte) error { return l.look(ctx, kind, keys, loaded) }}
			}
			return once
		}}
	}
	return writeSorted(ctx, l.db, kinds, func(from engine.Iterator) error {
		c := committer{db: l.db, goesOn: func(ctx context.Context, w *txn.Writer) error { return l.mark.is(ctx, w, l.token) }}
		if l.adds() {
			c.list = func(keys []byte) (key, value []byte) {
				l.undo++
				return undoKey(l.t.Space, l.undo), keys
			}
		}
		return c.write(ctx, from)
	})
}

// look makes sure that nothing is there of pairs of a kind that are about to be written. A
// row that has expired gives way.
func (l *loading) look(ctx context.Context, kind int, keys, loaded [][]byte) error {
	stored := make([][]byte, len(keys))
	if err := l.db.Eng.GetMany(ctx, keys, stored); err != nil {
		return err
	}
	for i, v := range stored {
		if v == nil {
			continue
		}
		row, err := l.t.LoadHolder(kind, keys[i], v)
		if err != nil {
			return err
		}
		gone := false
		err = l.db.Run(ctx, l.db.Usual(), true, func(w *txn.Writer) error {
			err := l.mark.is(ctx, w, l.token)
			if err != nil {
				return err
			}
			if gone, err = l.t.PurgeExpired(ctx, w, row); errors.Is(err, errs.ErrNotFound) { // it may have given way for another one of its values
				var there bool
				there, err = w.Tx.Has(ctx, keys[i])
				gone = !there
			}
			return err
		})
		if err == nil && !gone { // also of an entry without a row, which Verify finds
			err = l.t.LoadTaken(kind, keys[i], v, loaded[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pairs is the sorted pairs of a kind. check is what they go through on their way.
type pairs struct {
	prefix []byte // of the keys
	sorter *runs.Sorter
	check  func(from engine.Iterator) engine.Iterator
}

// iterate begins to go through them.
func (p *pairs) iterate() (engine.Iterator, error) {
	m, err := p.sorter.Sorted()
	if err != nil {
		return nil, err
	}
	return p.check(m), nil
}

// writeSorted writes pairs of several kinds: at once where the engine can, and kind after
// kind by commit otherwise. It removes the files of what is written.
func writeSorted(ctx context.Context, db *entity.DB, kinds []pairs, commit func(from engine.Iterator) error) error {
	if in, ok := ingester(db); ok {
		order := slices.Clone(kinds)
		slices.SortFunc(order, func(a, b pairs) int { return bytes.Compare(a.prefix, b.prefix) })
		return in.Ingest(ctx, &inOrder{kinds: order})
	}
	for _, p := range kinds {
		from, err := p.iterate()
		if err == nil {
			err = commit(from)
		}
		if err == nil {
			err = p.sorter.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ingester is the engine, if it takes sorted pairs.
func ingester(db *entity.DB) (in engine.Ingester, ok bool) {
	in, ok = db.Eng.(engine.Ingester)
	return in, ok && !db.Shared
}

// inOrder goes through kinds one behind the other.
type inOrder struct {
	kinds []pairs // the rest, from the one that is gone through on
	now   engine.Iterator
	err   error
}

func (o *inOrder) Next() bool {
	for o.err == nil && len(o.kinds) > 0 {
		if o.now == nil {
			if o.now, o.err = o.kinds[0].iterate(); o.err != nil {
				return false
			}
		}
		if o.now.Next() {
			return true
		}
		if o.err = o.now.Err(); o.err == nil {
			o.err = o.kinds[0].sorter.Close()
		}
		o.now, o.kinds = nil, o.kinds[1:]
	}
	return false
}

func (o *inOrder) Key() []byte   { return o.now.Key() }
func (o *inOrder) Value() []byte { return o.now.Value() }
func (o *inOrder) Err() error    { return o.err }
func (o *inOrder) Close() error  { return o.err }

// committer writes pairs in commits that the engine's limits allow.
type committer struct {
	db     *entity.DB
	goesOn func(ctx context.Context, w *txn.Writer) error // asked in each
	// list has each commit hold a list of its keys as well: it says where.
	list func(keys []byte) (key, value []byte)
}

func (c *committer) write(ctx context.Context, from engine.Iterator) error {
	ops, size := c.db.Fits(loadOps), loadBytes
	if most := c.db.Limits.MaxTxBytes; most > 0 {
		size = min(size, most)
	}
	if c.list != nil {
		ops = max(1, ops-1)
		if most := c.db.Limits.MaxValue; most > 0 {
			size = min(size, most)
		}
		size -= listRoom
	}
	var batch pending
	for from.Next() {
		key, value := from.Key(), from.Value()
		more := len(key) + len(value)
		if c.list != nil {
			more += listed(key)
		}
		if len(batch.ends) > 0 && (len(batch.ends)/2 >= ops || batch.size+more > size) {
			if err := c.commit(ctx, &batch); err != nil {
				return err
			}
		}
		batch.add(key, value)
		batch.size += more
	}
	if err := from.Err(); err != nil || len(batch.ends) == 0 {
		return err
	}
	return c.commit(ctx, &batch)
}

// pending is pairs for one commit.
type pending struct {
	mem  []byte // the keys and values, one behind the other
	ends []int  // of each of them
	size int
}

func (b *pending) add(key, value []byte) {
	b.mem = append(b.mem, key...)
	b.ends = append(b.ends, len(b.mem))
	b.mem = append(b.mem, value...)
	b.ends = append(b.ends, len(b.mem))
}

// each calls fn with the pairs.
func (b *pending) each(fn func(key, value []byte) error) error {
	start := 0
	for i := 0; i < len(b.ends); i += 2 {
		if err := fn(b.mem[start:b.ends[i]], b.mem[b.ends[i]:b.ends[i+1]]); err != nil {
			return err
		}
		start = b.ends[i+1]
	}
	return nil
}

func (c *committer) commit(ctx context.Context, b *pending) error {
	o := c.db.Usual()
	o.Sync, o.Writes = false, len(b.ends)/2
	var at, list []byte
	if c.list != nil {
		at, list = c.list(listKeys(b))
	}
	err := c.db.Run(ctx, o, true, func(w *txn.Writer) error {
		if err := c.goesOn(ctx, w); err != nil {
			return err
		}
		if at != nil {
			if err := w.Tx.Put(at, list); err != nil {
				return err
			}
		}
		return b.each(w.Tx.Put)
	})
	b.mem, b.ends, b.size = b.mem[:0], b.ends[:0], 0
	return err
}

// once is the pairs of a kind, of which no two may have the same key.
type once struct {
	engine.Iterator
	t          *entity.Table
	kind       int
	key, value []byte // of the pair before
	err        error
}

func (o *once) Next() bool {
	if o.err != nil || !o.Iterator.Next() {
		return false
	}
	key, value := o.Key(), o.Value()
	if bytes.Equal(key, o.key) {
		o.err = o.t.Twice(o.kind, key, o.value, value)
		return false
	}
	o.key, o.value = append(o.key[:0], key...), append(o.value[:0], value...)
	return true
}

func (o *once) Err() error {
	if o.err != nil {
		return o.err
	}
	return o.Iterator.Err()
}

func (o *once) Close() error { return o.Err() }

// absent is pairs whose keys are looked up, some at a time, before they go on.
type absent struct {
	from       engine.Iterator
	look       func(keys, values [][]byte) error
	batch      pending
	keys, vals [][]byte
	at         int
	err        error
}

func (a *absent) Next() bool {
	if a.at++; a.at < len(a.keys) {
		return true
	}
	if a.err != nil {
		return false
	}
	a.batch.mem, a.batch.ends, a.keys, a.vals, a.at = a.batch.mem[:0], a.batch.ends[:0], a.keys[:0], a.vals[:0], 0
	for len(a.batch.ends) < 2*loadLooks && len(a.batch.mem) < loadBytes && a.from.Next() {
		a.batch.add(a.from.Key(), a.from.Value())
	}
	// Those before an error do not go on either.
	if a.err = a.from.Err(); a.err == nil && len(a.batch.ends) > 0 {
		a.err = a.batch.each(func(key, value []byte) error {
			a.keys, a.vals = append(a.keys, key), append(a.vals, value)
			return nil
		})
		if a.err == nil {
			a.err = a.look(a.keys, a.vals)
		}
	}
	return a.err == nil && len(a.keys) > 0
}

func (a *absent) Key() []byte   { return a.keys[a.at] }
func (a *absent) Value() []byte { return a.vals[a.at] }
func (a *absent) Err() error    { return a.err }
func (a *absent) Close() error  { return a.err }
