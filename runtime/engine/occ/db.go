package occ

import (
	"context"
	"fmt"
	"sync"

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
	txs     sync.Pool // of *txState
	once    sync.Once
}

var (
	_ engine.Engine    = (*DB)(nil)
	_ engine.Restarter = (*DB)(nil)
)

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
	if err := d.res.register(ctx, nil, c, o.Committed); err != nil {
		d.res.putRecord(c)
		return err
	}
	return d.apply(c, nil, own.base, o.Sync)
}

// apply writes the batch of a commit in flight and ends it, and its transaction
// t, nil for a blind write.
func (d *DB) apply(c *record, t *txState, b BaseBatch, sync bool) error {
	// Also when the base panics: the others must not wait for ever.
	ok := false
	defer func() { d.res.finish(c, t, ok) }()
	if !d.gate.enter() {
		return engine.ErrClosed
	}
	defer d.gate.leave()
	err := d.base.Apply(b, sync)
	ok = err == nil
	return err
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
	snap, err := d.base.Snapshot()
	if err != nil {
		return nil, err
	}
	s := &Snapshot{snap: snap}
	s.reader = reader{db: d, gate: new(gate), src: snap}
	d.handles.add(&s.link, s)
	return s, nil
}

// Update implements engine.Engine.
func (d *DB) Update(ctx context.Context, o engine.WriteOptions, fn func(ctx context.Context, tx engine.Tx) error) error {
	tx, err := d.Begin(ctx, o)
	if err != nil {
		return err
	}
	// Deferred, as fn may panic or end its goroutine.
	ended := false
	defer func() {
		if !ended {
			_ = tx.Rollback() // there is nobody to tell
		}
	}()
	err = fn(ctx, tx)
	ended = true
	if err == nil {
		return tx.Commit(ctx)
	}
	if lost := tx.Rollback(); lost != nil {
		return lost
	}
	return err
}

// Begin implements engine.Engine.
func (d *DB) Begin(ctx context.Context, o engine.WriteOptions) (engine.OpenTx, error) {
	t, _ := d.txs.Get().(*txState)
	if t == nil {
		t = d.newTx()
	}
	tx := &t.lent
	if !o.Lent {
		tx = new(Tx) // which knows for ever that it has ended
	}
	if err := d.start(ctx, t, tx, o); err != nil {
		return nil, err
	}
	return tx, nil
}

// Restart implements engine.Restarter.
func (d *DB) Restart(ctx context.Context, tx engine.OpenTx, o engine.WriteOptions) (engine.OpenTx, error) {
	if tx == nil {
		t := d.newTx()
		tx = &t.lent
		t.lent.home = t
	}
	own, ok := tx.(*Tx)
	if !ok || own.home == nil || own.home.db != d || own.state.Load() != nil {
		return nil, fmt.Errorf("%w: only a transaction of this engine's Restart that has ended can be restarted", engine.ErrInvalid)
	}
	if err := d.start(ctx, own.home, own, o); err != nil {
		return nil, err
	}
	return own, nil
}

func (d *DB) newTx() *txState { return &txState{db: d, batch: d.base.NewBatch()} }

// start begins the transaction t, which tx stands for from now on.
func (d *DB) start(ctx context.Context, t *txState, tx *Tx, o engine.WriteOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.rec == nil {
		t.rec = d.res.record()
		t.writes.keys = &t.rec.keySet
	}
	if o.Writes > fewKeys {
		t.writes.reserve(min(o.Writes, keptKeys))
	}
	quiet, err := d.res.begin(ctx, t, o.Exclusive)
	if err != nil {
		return err
	}
	t.opts, t.src, t.latest = o, d.base, !o.Point
	if !o.Point && !(o.Brief && quiet) {
		if err := t.snapshot(); err != nil {
			t.end()
			return err
		}
	}
	tx.state.Store(t)
	return nil
}

// Commit implements engine.OpenTx.
func (tx *Tx) Commit(ctx context.Context) error {
	t := tx.state.Load()
	if t == nil {
		return engine.ErrTxDone
	}
	tx.state.Store(nil)
	if t.leave() {
		defer t.end() // otherwise it stays where Close finds it
	}
	return t.db.commit(ctx, t)
}

// Rollback implements engine.OpenTx.
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
func (d *DB) commit(ctx context.Context, t *txState) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.lost != nil {
		return t.lost
	}
	if t.err != nil {
		return t.err
	}
	if t.rec.written == 0 {
		if !t.opts.Point {
			return nil // all was read from one state
		}
		return d.res.validate(ctx, t)
	}
	if err := checkCommit(&d.opts.Limits, t.rec.written, t.writes.live); err != nil {
		return err
	}
	c := t.rec
	if len(c.uses) > fewKeys+4*c.written {
		c = d.res.record() // what was only read, others need for as long as this is in flight
		c.setWritten(&t.rec.keySet)
	}
	t.writes.fill(t.batch)
	if err := d.res.register(ctx, t, c, t.opts.Committed); err != nil {
		if c != t.rec {
			d.res.putRecord(c)
		}
		return err
	}
	return d.apply(c, t, t.batch, t.opts.Sync)
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
