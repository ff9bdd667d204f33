package occ

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

// DB is an engine.Engine over a Base. Make one with New.
type DB struct {
	reader  // of the latest state
	base    Base
	opts    Options
	gate    gate
	handles handles
	res     *resolver
	open    atomic.Int64 // snapshots and iterators that count in Limits.MaxSnapshots
	once    sync.Once
}

var _ engine.Engine = (*DB)(nil)

// New makes an engine of base, which belongs to it from now on.
func New(base Base, o Options) *DB {
	if o.LogBytes <= 0 {
		o.LogBytes = defaultLogBytes
	}
	d := &DB{base: base, opts: o, res: newResolver(&o)}
	d.handles.init()
	d.reader = reader{db: d, gate: &d.gate, src: base}
	return d
}

// Limits implements engine.Engine.
func (d *DB) Limits() engine.Limits { return d.opts.Limits }

// Shared implements engine.Engine: the base is this DB's alone.
func (d *DB) Shared() bool { return false }

// NewBatch implements engine.Engine.
func (d *DB) NewBatch() engine.Batch {
	return &Batch{db: d, base: d.base.NewBatch()}
}

// Write implements engine.Engine. It waits for commits under way that write or
// have read one of the batch's keys, and for an exclusive transaction.
func (d *DB) Write(ctx context.Context, b engine.Batch, o engine.WriteOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	own, ok := b.(*Batch)
	if !ok || own.db != d {
		return fmt.Errorf("%w: the batch was not made by this engine's NewBatch", engine.ErrInvalid)
	}
	if own.err != nil {
		return own.err
	}
	if err := checkCommit(&d.opts.Limits, own.Len(), own.Size()); err != nil {
		return err
	}
	if own.Len() == 0 {
		return d.Do(func() error { return nil })
	}
	c := d.res.record()
	c.setBatch(own)
	if _, err := d.res.register(ctx, nil, c); err != nil {
		d.res.putRecord(c)
		return err
	}
	return d.apply(c, nil, own.base, o.Sync)
}

// apply writes the batch of a commit in flight and ends it, and its transaction
// t, nil for a blind write.
func (d *DB) apply(c *record, t *txState, b BaseBatch, sync bool) error {
	defer d.res.finish(c, t) // also when the base panics: others must not wait for ever
	if !d.gate.enter() {
		return engine.ErrClosed
	}
	defer d.gate.leave()
	return d.base.Apply(b, sync)
}

// Do runs fn while the base is sure to be open, or returns engine.ErrClosed. It
// is for operations that an engine has beyond engine.Engine. Close waits for fn,
// so that fn must not wait for it.
func (d *DB) Do(fn func() error) error {
	if !d.gate.enter() {
		return engine.ErrClosed
	}
	defer d.gate.leave()
	return fn()
}

// Snapshot implements engine.Engine.
func (d *DB) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !d.gate.enter() {
		return nil, engine.ErrClosed
	}
	defer d.gate.leave()
	if err := d.count(); err != nil {
		return nil, err
	}
	snap, err := d.base.Snapshot()
	if err != nil {
		d.uncount()
		return nil, err
	}
	s := &Snapshot{snap: snap}
	s.reader = reader{db: d, gate: new(gate), src: snap}
	d.handles.add(&s.link, s)
	return s, nil
}

// count takes one of the snapshots that there may be.
func (d *DB) count() error {
	most := d.opts.Limits.MaxSnapshots
	if most > 0 && d.open.Add(1) > int64(most) {
		d.open.Add(-1)
		return fmt.Errorf("%w: %d snapshots and iterators are open, which is the limit", engine.ErrUnavailable, most)
	}
	return nil
}

// uncount gives it back.
func (d *DB) uncount() {
	if d.opts.Limits.MaxSnapshots > 0 {
		d.open.Add(-1)
	}
}

// Begin implements engine.Engine.
func (d *DB) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	t, err := d.reuse(o.Hint.Reuse)
	if err != nil {
		return nil, err
	}
	if t == nil {
		t = d.newTx()
	}
	if err := d.start(ctx, t, o); err != nil {
		return nil, err
	}
	return &t.handle, nil
}

// reuse is the state of a transaction that has ended, or nil where it is none of this
// engine.
func (d *DB) reuse(tx engine.Tx) (*txState, error) {
	own, ok := tx.(*Tx)
	if !ok || own.memory.db != d {
		return nil, nil
	}
	if own.state.Load() != nil {
		return nil, fmt.Errorf("%w: a transaction that is still running cannot be used again", engine.ErrInvalid)
	}
	return own.memory, nil
}

func (d *DB) newTx() *txState {
	t := &txState{db: d, batch: d.base.NewBatch()}
	t.handle.memory = t
	return t
}

// start begins the transaction t.
func (d *DB) start(ctx context.Context, t *txState, o engine.TxOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.rec == nil {
		t.rec = d.res.record()
		t.writes.keys = &t.rec.keySet
	}
	if n := o.Hint.Writes; n > fewKeys {
		t.writes.reserve(min(n, keptKeys))
	}
	quiet, err := d.res.begin(ctx, t, o.Exclusive)
	if err != nil {
		return err
	}
	reads := o.Hint.Reads
	t.sync, t.reads, t.src, t.latest = o.Sync, reads, d.base, reads != engine.ReadsMayDiffer
	if reads == engine.ReadsOneState || reads == engine.ReadsMayConflict && !quiet {
		if err := t.snapshot(); err != nil {
			t.end()
			return err
		}
	}
	t.handle.state.Store(t)
	return nil
}

// Commit implements engine.Tx.
func (tx *Tx) Commit(ctx context.Context) (number uint64, err error) {
	t := tx.state.Load()
	if t == nil {
		return 0, engine.ErrTxDone
	}
	tx.state.Store(nil)
	if t.leave() {
		defer t.end() // otherwise it stays where Close finds it
	}
	return t.db.commit(ctx, t)
}

// Rollback implements engine.Tx.
func (tx *Tx) Rollback() error {
	t := tx.state.Load()
	if t == nil {
		return nil
	}
	tx.state.Store(nil)
	lost := t.lost
	if t.leave() {
		t.end()
	}
	return lost
}

// commit sends what the transaction wrote.
func (d *DB) commit(ctx context.Context, t *txState) (number uint64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if t.lost != nil {
		return 0, t.lost
	}
	if t.err != nil {
		return 0, t.err
	}
	ops := t.rec.written + len(t.rec.gone.list)
	if ops == 0 {
		if t.reads != engine.ReadsMayDiffer {
			return 0, nil // all was read from one state
		}
		return 0, d.res.validate(ctx, t)
	}
	if err := checkCommit(&d.opts.Limits, ops, t.writes.live); err != nil {
		return 0, err
	}
	c := t.rec
	if len(c.uses) > fewKeys+4*c.written {
		c = d.res.record() // what was only read, others need for as long as this is in flight
		c.setWritten(&t.rec.keySet)
	}
	t.writes.fill(t.batch, d.opts.LongestFirst)
	t.rec.fillRanges(t.batch)
	number, err = d.res.register(ctx, t, c)
	if err != nil {
		if c != t.rec {
			d.res.putRecord(c)
		}
		return 0, err
	}
	if err := d.apply(c, t, t.batch, t.sync); err != nil {
		return 0, err
	}
	return number, nil
}

// Close implements engine.Engine. It waits for reads and commits under way, and
// ends open iterators, snapshots and transactions: they return engine.ErrClosed
// from then on.
func (d *DB) Close() error {
	var err error
	d.once.Do(func() {
		d.res.close()
		d.gate.close()
		d.handles.shut()
		d.res.closeViews()
		err = d.base.Close()
	})
	return err
}

// closeViews releases the snapshots of running transactions, for which the DB
// is closed.
func (r *resolver) closeViews() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for t := r.active.root.next; t != &r.active.root; t = t.next {
		if t.snap != nil {
			t.snap.Release()
			t.snap = nil
		}
	}
}
