package occ

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
)

var ctx = context.Background()

// The hints of operations on single rows, and of short transactions.
var (
	mayDiffer   = engine.Hint{Reads: engine.ReadsMayDiffer}
	mayConflict = engine.Hint{Reads: engine.ReadsMayConflict}
)

func TestConformance(t *testing.T) {
	for name, o := range map[string]Options{
		"Default":    {},
		"Limits":     {Limits: engine.Limits{MaxKey: 1024, MaxValue: 4096, MaxTxOps: 64, MaxTxBytes: 16 << 10, MaxSnapshots: 6}},
		"ReusedLogs": {LogBytes: 1 << 20, LongestFirst: true},
	} {
		t.Run(name, func(t *testing.T) {
			open := func(t testing.TB) engine.Engine { return ranged{New(newFakeBase(t), o)} }
			enginetest.Run(t, open)
			enginetest.RunLocal(t, open)
		})
	}
}

// held is a DB whose commits stop in the base until they are let go.
type held struct {
	*DB
	t    *testing.T
	stop chan struct{} // closed to let go
}

// hold runs fn with a DB in which commits that write a key beginning with "held"
// stop in flight.
func hold(t *testing.T, fn func(t *testing.T, h *held)) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBase(t)
		h := &held{DB: New(b, Options{}), t: t, stop: make(chan struct{})}
		b.apply = func(ops []fakeOp) error {
			for _, op := range ops {
				if strings.HasPrefix(op.key, "held") {
					<-h.stop
					break
				}
			}
			return nil
		}
		fn(t, h)
		synctest.Wait()
		if len(h.res.log) != 0 || len(h.res.inflight) != 0 || h.res.logBytes != 0 || h.res.spans != 0 {
			t.Errorf("left in the resolver: log %d, in flight %d, %d bytes, %d with ranges",
				len(h.res.log), len(h.res.inflight), h.res.logBytes, h.res.spans)
		}
		if err := h.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// job is a commit running in a goroutine.
type job struct {
	t    *testing.T
	done bool
	err  error
}

// start runs fn and returns once it can go no further.
func (h *held) start(fn func() error) *job {
	j := &job{t: h.t}
	go func() {
		j.err = fn()
		j.done = true
	}()
	synctest.Wait()
	return j
}

// write starts a blind write of keys.
func (h *held) write(keys ...string) *job {
	return h.start(func() error {
		b := h.NewBatch()
		for _, k := range keys {
			b.Put([]byte(k), []byte("w"))
		}
		return h.Write(ctx, b, engine.WriteOptions{})
	})
}

// update starts a transaction.
func (h *held) update(fn func(tx engine.Tx)) *job {
	return h.start(func() error {
		return enginetest.Update(ctx, h, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			fn(tx)
			return nil
		})
	})
}

func (h *held) letGo() {
	close(h.stop)
	synctest.Wait()
}

func (j *job) waits(what string) {
	j.t.Helper()
	if j.done {
		j.t.Errorf("%s does not wait (error %v)", what, j.err)
	}
}

func (j *job) ends(what string, want error) {
	j.t.Helper()
	if !j.done || !errors.Is(j.err, want) {
		j.t.Errorf("%s: done %v, error %v, want %v", what, j.done, j.err, want)
	}
}

func readKey(tx engine.Tx, key string) {
	if _, err := tx.Get(ctx, []byte(key)); err != nil && !errors.Is(err, engine.ErrNotFound) {
		panic(err)
	}
}

func readRange(tx engine.Tx, start, end string) {
	it := tx.Iterate(ctx, engine.Range{Start: []byte(start), End: []byte(end)})
	for it.Next() {
	}
	if err := it.Close(); err != nil {
		panic(err)
	}
}

func putKey(tx engine.Tx, key string) {
	if err := tx.Put([]byte(key), []byte("v")); err != nil {
		panic(err)
	}
}

func TestDisjointCommitsShareTheBase(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		var jobs []*job
		for i := range 10 {
			jobs = append(jobs, h.write(fmt.Sprintf("held%d", i)))
			jobs = append(jobs, h.update(func(tx engine.Tx) {
				readKey(tx, fmt.Sprintf("key%d", i))
				putKey(tx, fmt.Sprintf("held-tx%d", i))
			}))
		}
		if n := len(h.res.inflight); n != 20 {
			t.Errorf("%d commits are in flight at once, want 20", n)
		}
		h.write("free").ends("a commit beside them", nil)
		h.letGo()
		for _, j := range jobs {
			j.ends("a held commit", nil)
		}
	})
}

// A short transaction that begins while a commit is under way cannot tell when
// that will be seen, so it has a snapshot from the start; any other has one once
// somebody has begun to commit.
func TestShortBesideCommit(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		early, err := h.Begin(ctx, engine.TxOptions{Hint: mayConflict})
		if err != nil {
			t.Fatal(err)
		}
		readKey(early, "a")
		first := h.write("held", "x", "y")
		late, err := h.Begin(ctx, engine.TxOptions{Hint: mayConflict})
		if err != nil {
			t.Fatal(err)
		}
		for _, tx := range []engine.Tx{early, late} {
			readKey(tx, "x")
			if tx.(*Tx).state.Load().latest {
				t.Error("a transaction reads the latest state while a commit is under way")
			}
		}
		h.letGo()
		first.ends("the commit", nil)
		for _, tx := range []engine.Tx{early, late} {
			if has, err := tx.Has(ctx, []byte("y")); has || err != nil {
				t.Errorf("half of a commit is seen: %v, %v", has, err)
			}
			putKey(tx, "z")
			if _, err := tx.Commit(ctx); !errors.Is(err, engine.ErrConflict) {
				t.Errorf("Commit: %v, want a conflict", err)
			}
		}
	})
}

func TestWaitsForWriterInFlight(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		first := h.write("held", "x")
		blind := h.write("a", "x", "z")
		blind.waits("a blind write of the same key")
		tx := h.update(func(tx engine.Tx) { putKey(tx, "x") })
		tx.waits("a transaction that writes the same key")
		h.write("y").ends("a write of another key", nil)
		h.letGo()
		first.ends("the first", nil)
		blind.ends("the blind write", nil)
		tx.ends("the transaction", nil)
	})
}

// Until a transaction in flight that has read a key is in the base, no new value
// of that key may get there.
func TestWaitsForReaderInFlight(t *testing.T) {
	for name, read := range map[string]func(tx engine.Tx){
		"Point": func(tx engine.Tx) { readKey(tx, "r") },
		"Range": func(tx engine.Tx) { readRange(tx, "p", "s") },
	} {
		t.Run(name, func(t *testing.T) {
			hold(t, func(t *testing.T, h *held) {
				first := h.update(func(tx engine.Tx) {
					read(tx)
					putKey(tx, "held")
				})
				first.waits("the first")
				blind := h.write("a", "r")
				blind.waits("a blind write of what it has read")
				tx := h.update(func(tx engine.Tx) { putKey(tx, "r") })
				tx.waits("a transaction that writes what it has read")
				h.write("o", "s").ends("a write beside it", nil)
				h.letGo()
				first.ends("the first", nil)
				blind.ends("the blind write", nil)
				tx.ends("the transaction", nil)
			})
		})
	}
}

// A conflict with a commit in flight is told when that has ended: run again
// earlier, the transaction could only lose again.
func TestConflictWaitsForCommitInFlight(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		first := h.write("held", "x")
		second := h.update(func(tx engine.Tx) {
			readKey(tx, "x")
			putKey(tx, "y")
		})
		second.waits("a transaction that reads what is being written")

		cctx, cancel := context.WithCancel(ctx)
		third := h.start(func() error {
			return enginetest.Update(cctx, h, engine.TxOptions{Hint: mayDiffer}, func(ctx context.Context, tx engine.Tx) error {
				readKey(tx, "x")
				return nil
			})
		})
		third.waits("a transaction that only reads, and whose reads may differ")
		cancel()
		synctest.Wait()
		third.ends("the transaction that was cancelled", context.Canceled)

		h.letGo()
		first.ends("the first", nil)
		second.ends("the second", engine.ErrConflict)
		h.update(func(tx engine.Tx) {
			readKey(tx, "x")
			putKey(tx, "y")
		}).ends("the second, run again", nil)
	})
}

// A transaction that began while a commit was in flight conflicts with it, even
// if that had ended long before it looked.
func TestCommitInFlightAtBegin(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		first := h.write("held", "x")
		goOn := make(chan struct{})
		early := h.update(func(tx engine.Tx) {
			<-goOn
			readKey(tx, "x")
			putKey(tx, "y")
		})
		h.letGo()
		first.ends("the first", nil)
		late := h.update(func(tx engine.Tx) {
			readKey(tx, "x")
			putKey(tx, "z")
		})
		late.ends("a transaction that began after it", nil)
		close(goOn)
		synctest.Wait()
		early.ends("a transaction that began before it had ended", engine.ErrConflict)
	})
}

// A transaction conflicts with each commit since it began, and with none before, however
// many there are, while the log holds those that an older one may have to look at; also
// with one that is still in flight among them.
func TestConflictsBesideAnOlderTransaction(t *testing.T) {
	reads := func(tx engine.Tx, many bool) {
		readKey(tx, "k")
		for i := range 2 * lookMax { // more than is looked through while the lock is held
			if many {
				readKey(tx, fmt.Sprint("other", i))
			}
		}
	}
	for _, many := range []bool{false, true} {
		for before := range 3 {
			for after := range 3 {
				for at := -1; at <= after; at++ { // which of those writes what was read; -1: none
					for _, ahead := range []bool{false, true} { // the commit in flight begins before the transaction
						what := fmt.Sprintf("many %t, %d before, %d after, number %d writes, in flight before: %t", many, before, after, at, ahead)
						hold(t, func(t *testing.T, h *held) {
							goOn, older := make(chan struct{}), make(chan struct{})
							old := h.update(func(tx engine.Tx) { readKey(tx, "z"); <-older })
							for range before {
								h.write("k").ends("a commit before", nil)
							}
							var first, last *job
							if ahead {
								first = h.write("held0")
							}
							tx := h.update(func(tx engine.Tx) { reads(tx, many); <-goOn; putKey(tx, "y") })
							for i := range after {
								key := fmt.Sprint("else", i)
								if i == at {
									key = "k"
								}
								h.write(key).ends("a commit after", nil)
							}
							if at == after {
								last = h.write("held", "k")
							}
							close(goOn)
							synctest.Wait()
							if last != nil {
								tx.waits(what)
							}
							h.letGo()
							want := error(nil)
							if at >= 0 {
								want = engine.ErrConflict
							}
							tx.ends(what, want)
							close(older)
							synctest.Wait()
							old.ends("the older one", nil)
							for _, j := range []*job{first, last} {
								if j != nil {
									j.ends("a commit in flight", nil)
								}
							}
						})
					}
				}
			}
		}
	}
}

// A commit is synced as its transaction or batch asks, and as no other does.
func TestCommitsAreSyncedAsAsked(t *testing.T) {
	b := newFakeBase(t)
	d := New(b, Options{})
	for _, sync := range []bool{true, false, false, true} {
		o := engine.TxOptions{Sync: sync}
		if err := enginetest.Update(ctx, d, o, func(ctx context.Context, tx engine.Tx) error { return tx.Put([]byte("k"), []byte("v")) }); err != nil {
			t.Fatal(err)
		}
		batch := d.NewBatch()
		batch.Put([]byte("l"), []byte("v"))
		if err := d.Write(ctx, batch, engine.WriteOptions{Sync: sync}); err != nil {
			t.Fatal(err)
		}
		if n := len(b.synced); n < 2 || b.synced[n-2] != sync || b.synced[n-1] != sync {
			t.Errorf("synced: %v, the last two should be %v", b.synced, sync)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// Many keys are read of one state, whatever is committed between one and the next.
func TestManyKeysOfOneState(t *testing.T) {
	b := newFakeBase(t)
	d := New(b, Options{})
	write := func(value string) {
		batch := d.NewBatch()
		for _, key := range []string{"a", "b", "c"} {
			batch.Put([]byte(key), []byte(value))
		}
		if err := d.Write(ctx, batch, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := d.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(keys, vals [][]byte) error{
		"the latest": func(keys, vals [][]byte) error { return d.GetMany(ctx, keys, vals) },
		"a snapshot": func(keys, vals [][]byte) error { return snap.GetMany(ctx, keys, vals) },
		"a transaction": func(keys, vals [][]byte) error {
			return enginetest.Update(ctx, d, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error { return tx.GetMany(ctx, keys, vals) })
		},
	} {
		write("old")
		n := 0
		b.got = func() { n++; write(fmt.Sprint("new", n)) }
		vals := make([][]byte, 3)
		err := read([][]byte{[]byte("a"), []byte("b"), []byte("c")}, vals)
		b.got = nil
		if err != nil || n == 0 || string(vals[0]) != string(vals[1]) || string(vals[1]) != string(vals[2]) {
			t.Errorf("%s: %q after %d commits, %v", name, vals, n, err)
		}
	}
	if err := errors.Join(snap.Close(), d.Close()); err != nil {
		t.Error(err)
	}
}

// What ended before a transaction began is no conflict, though it has a higher
// version than a commit in flight.
func TestNoConflictWithEndedBehindInFlight(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		first := h.write("held")
		h.write("x").ends("the second", nil)
		h.update(func(tx engine.Tx) {
			readKey(tx, "x")
			readRange(tx, "w", "y")
			putKey(tx, "y")
		}).ends("a transaction", nil)
		h.letGo()
		first.ends("the first", nil)
	})
}

func TestExclusiveWaitsForInFlight(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		first := h.write("held", "x")
		exclusive := h.start(func() error {
			return enginetest.Update(ctx, h, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error {
				readKey(tx, "x")
				putKey(tx, "x")
				return nil
			})
		})
		exclusive.waits("an exclusive transaction")
		cctx, cancel := context.WithCancel(ctx)
		other := h.start(func() error {
			return enginetest.Update(cctx, h, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error { return nil })
		})
		other.waits("another exclusive transaction")
		cancel()
		synctest.Wait()
		other.ends("the other, cancelled", context.Canceled)
		blind := h.write("y")
		blind.waits("a blind write beside it")
		h.letGo()
		first.ends("the first", nil)
		exclusive.ends("the exclusive transaction", nil)
		blind.ends("the blind write", nil)
	})
}

func TestExclusiveCancelledWhileDraining(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		first := h.write("held")
		cctx, cancel := context.WithCancel(ctx)
		exclusive := h.start(func() error {
			return enginetest.Update(cctx, h, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error { return nil })
		})
		exclusive.waits("an exclusive transaction")
		blind := h.write("y")
		blind.waits("a blind write behind it")
		cancel()
		synctest.Wait()
		exclusive.ends("the exclusive transaction", context.Canceled)
		blind.ends("the blind write", nil)
		h.letGo()
		first.ends("the first", nil)
	})
}

func TestCloseWaitsForCommitInFlight(t *testing.T) {
	b := newFakeBase(t)
	d := New(b, Options{})
	arrived, letGo := make(chan struct{}), make(chan struct{})
	b.apply = func([]fakeOp) error {
		close(arrived)
		<-letGo
		return nil
	}
	write := func() error {
		batch := d.NewBatch()
		batch.Put([]byte("x"), []byte("v"))
		return d.Write(ctx, batch, engine.WriteOptions{})
	}
	first, second, closed := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() { first <- write() }()
	<-arrived
	go func() { second <- write() }() // waits for the first, or comes after Close
	go func() { closed <- d.Close() }()
	for {
		d.res.mu.Lock()
		begun := d.res.closed
		d.res.mu.Unlock()
		if begun {
			break
		}
		runtime.Gosched()
	}
	close(letGo)
	// The base complains about a commit that it gets after Close.
	if err := <-first; err != nil {
		t.Errorf("the commit in flight: %v", err)
	}
	if err := <-second; !errors.Is(err, engine.ErrClosed) {
		t.Errorf("the one behind it: %v, want %v", err, engine.ErrClosed)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestFailedAndPanickingApply(t *testing.T) {
	b := newFakeBase(t)
	d := New(b, Options{})
	defer d.Close()
	write := func(key string) error {
		batch := d.NewBatch()
		batch.Put([]byte(key), []byte("v"))
		return d.Write(ctx, batch, engine.WriteOptions{})
	}
	errDisk := errors.New("disk")
	b.apply = func([]fakeOp) error { return errDisk }
	if err := write("x"); !errors.Is(err, errDisk) {
		t.Errorf("Write: %v, want %v", err, errDisk)
	}
	b.apply = func([]fakeOp) error { panic("boom") }
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic did not reach the caller")
			}
		}()
		err := write("x")
		t.Errorf("Write returned %v", err)
	}()
	b.apply = nil
	if err := write("x"); err != nil {
		t.Errorf("Write after that: %v", err)
	}
	if len(d.res.log) != 0 || len(d.res.inflight) != 0 {
		t.Errorf("left: log %d, in flight %d", len(d.res.log), len(d.res.inflight))
	}
}

// A transaction that outlives the log conflicts unless what it has read is known
// to be untouched all the same.
func TestLogBound(t *testing.T) {
	d := New(newFakeBase(t), Options{LogBytes: 4 << 10})
	defer d.Close()
	run := func(read func(tx engine.Tx)) error {
		return enginetest.Update(ctx, d, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			read(tx)
			for i := range 200 {
				b := d.NewBatch()
				b.Put(fmt.Appendf(nil, "key%d", i), []byte("v"))
				if err := d.Write(ctx, b, engine.WriteOptions{}); err != nil {
					return err
				}
			}
			if d.res.logBytes > 5<<10 {
				t.Errorf("the log holds %d bytes", d.res.logBytes)
			}
			return tx.Put([]byte("out"), []byte("v"))
		})
	}
	err := run(func(tx engine.Tx) { readRange(tx, "x", "y") })
	if !errors.Is(err, engine.ErrConflict) {
		t.Errorf("a range: %v, want %v", err, engine.ErrConflict)
	}
	if err := run(func(tx engine.Tx) {}); err != nil {
		t.Errorf("no reads: %v", err)
	}
	// A key whose stripe no other key of the test has.
	used := map[uint64]bool{}
	for i := range 200 {
		used[stripeOf(d, fmt.Sprint("key", i))] = true
	}
	key := ""
	for i := 0; ; i++ {
		if key = fmt.Sprint("read", i); !used[stripeOf(d, key)] {
			break
		}
	}
	if err := run(func(tx engine.Tx) { readKey(tx, key) }); err != nil {
		t.Errorf("a key: %v", err)
	}
	if len(d.res.log) != 0 || d.res.logBytes != 0 {
		t.Errorf("the log still holds %d commits, %d bytes", len(d.res.log), d.res.logBytes)
	}
}

// stripeOf is the stripe of a key.
func stripeOf(d *DB, key string) uint64 {
	u := use{hash: d.res.record().hash([]byte(key))}
	return u.stripe()
}

// Keys that share a stripe do not conflict.
func TestStripeIsOnlyAFilter(t *testing.T) {
	d := New(newFakeBase(t), Options{})
	defer d.Close()
	key := ""
	for i := 0; ; i++ {
		if key = fmt.Sprint("other", i); stripeOf(d, key) == stripeOf(d, "read") {
			break
		}
	}
	err := enginetest.Update(ctx, d, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		readKey(tx, "read")
		b := d.NewBatch()
		b.Put([]byte(key), []byte("v"))
		if err := d.Write(ctx, b, engine.WriteOptions{}); err != nil {
			return err
		}
		return tx.Put([]byte("out"), []byte("v"))
	})
	if err != nil {
		t.Errorf("Update: %v", err)
	}
}

// Without validation the anomaly happens that validation is there for, so that a
// checker has something to find.
func TestUnsafeSkipValidation(t *testing.T) {
	d := New(newFakeBase(t), Options{UnsafeSkipValidation: true})
	defer d.Close()
	err := enginetest.Update(ctx, d, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		readKey(tx, "x")
		b := d.NewBatch()
		b.Put([]byte("x"), []byte("other"))
		if err := d.Write(ctx, b, engine.WriteOptions{}); err != nil {
			return err
		}
		return tx.Put([]byte("x"), []byte("lost"))
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	if v, err := d.Get(ctx, []byte("x")); string(v) != "lost" || err != nil {
		t.Errorf("x = %q, %v", v, err)
	}
}

// A transaction that commits does not keep the memory of a large one.
func TestLargeTransaction(t *testing.T) {
	d := New(newFakeBase(t), Options{})
	defer d.Close()
	val := make([]byte, 1000)
	err := enginetest.Update(ctx, d, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		for i := range 20000 {
			if err := tx.Put(fmt.Appendf(nil, "k%06d", (i*7919)%20000), val); err != nil {
				return err
			}
		}
		n := 0
		it := tx.Iterate(ctx, engine.Range{Reverse: true})
		for it.Next() {
			n++
		}
		if n != 20000 {
			t.Errorf("the transaction sees %d of its 20000 writes", n)
		}
		return it.Close()
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	enginetest.Update(ctx, d, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		s := tx.(*Tx).state.Load()
		if c := cap(s.writes.writes) + cap(s.writes.vals); c > arenaKeep+keptKeys {
			t.Errorf("a small transaction has room for %d", c)
		}
		if c := cap(s.rec.uses) + cap(s.rec.table) + cap(s.rec.blob); c > arenaKeep+5*keptKeys {
			t.Errorf("a small transaction has room for keys: %d", c)
		}
		return nil
	})
}

// TestLogForgetsReads: the log holds what commits have written, and about as much memory as
// it says, however many keys and ranges they have read.
func TestLogForgetsReads(t *testing.T) {
	for name, reads := range map[string]struct{ ranges, keys int }{
		"few": {1, 1}, "ranges": {3000, 0}, "keys": {0, 3000}, "both": {1000, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			const bound = 1 << 18
			d := New(newFakeBase(t), Options{LogBytes: bound})
			defer d.Close()
			old, err := d.Begin(ctx, engine.TxOptions{}) // for which the log is kept
			if err != nil {
				t.Fatal(err)
			}
			heap := func() int {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				return int(m.HeapAlloc)
			}
			far, ends, away := make([]string, reads.ranges), make([]string, reads.ranges), make([]string, reads.keys)
			for j := range far {
				far[j], ends[j] = fmt.Sprint("far", 2*j), fmt.Sprint("far", 2*j, "x")
			}
			for j := range away {
				away[j] = fmt.Sprint("far away", j)
			}
			before := heap()
			for i := range 60 {
				if err := enginetest.Update(ctx, d, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
					for j := range reads.ranges {
						readRange(tx, far[j], ends[j])
					}
					for j := range reads.keys {
						readKey(tx, away[j])
					}
					return tx.Put(fmt.Append(nil, "key", i%10), []byte("v"))
				}); err != nil {
					t.Fatal(err)
				}
			}
			if d.res.logBytes > bound+bound/4 || len(d.res.log) == d.res.head {
				t.Errorf("the log counts %d bytes of %d commits", d.res.logBytes, len(d.res.log)-d.res.head)
			}
			if got := heap() - before; got > 3*bound {
				t.Errorf("%d KiB of memory more, the log is bounded to %d", got>>10, bound>>10)
			}
			if err := old.Rollback(); err != nil {
				t.Fatal(err)
			}
			if d.res.logBytes != 0 {
				t.Errorf("the log still counts %d bytes", d.res.logBytes)
			}
		})
	}
}

// A commit that the base has failed has no number, and the next one has a later place.
func TestFailedCommitsHaveNoNumber(t *testing.T) {
	b := newFakeBase(t)
	d := New(b, Options{})
	defer d.Close()
	errDisk := errors.New("disk")
	write := func() (uint64, error) {
		tx, err := d.Begin(ctx, engine.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		putKey(tx, "a")
		return tx.Commit(ctx)
	}
	first, err := write()
	if first == 0 || err != nil {
		t.Errorf("number %d, %v", first, err)
	}
	b.apply = func([]fakeOp) error { return errDisk }
	if n, err := write(); n != 0 || !errors.Is(err, errDisk) {
		t.Errorf("number %d of a commit that failed, %v", n, err)
	}
	b.apply = nil
	if n, err := write(); n <= first || err != nil {
		t.Errorf("number %d after %d, %v", n, first, err)
	}
}
