package pebble_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
)

var (
	ctx     = context.Background()
	errDisk = fmt.Errorf("disk on fire: %w", syscall.EIO)
)

// faulty is a file system in memory whose operations fail on demand.
type faulty struct {
	vfs.FS
	mem  *vfs.MemFS
	mu   sync.Mutex
	fail func(op errorfs.Op) bool
}

func newFaulty() *faulty { return newFaultyOn(vfs.NewCrashableMem()) }

func newFaultyOn(mem *vfs.MemFS) *faulty {
	f := &faulty{mem: mem}
	f.FS = errorfs.Wrap(f.mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.fail != nil && f.fail(op) {
			return errDisk
		}
		return nil
	}))
	return f
}

// setFail has the operations fail of which fail says so.
func (f *faulty) setFail(fail func(op errorfs.Op) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

// once fails the first operation of which fail says so.
func once(fail func(op errorfs.Op) bool) func(op errorfs.Op) bool {
	done := false
	return func(op errorfs.Op) bool {
		if done || !fail(op) {
			return false
		}
		done = true
		return true
	}
}

// on is the operations of some kinds on files whose names have a part.
func on(part string, kinds ...errorfs.OpKind) func(op errorfs.Op) bool {
	return func(op errorfs.Op) bool {
		for _, k := range kinds {
			if op.Kind == k && strings.Contains(path.Base(op.Path), part) {
				return true
			}
		}
		return false
	}
}

var flushes = []errorfs.OpKind{errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo}

func openIn(t *testing.T, files vfs.FS) *pebble.DB {
	t.Helper()
	db, err := pebble.OpenFS(files, "db", &small)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func write(db engine.Engine, key string, size int, sync bool) error {
	b := db.NewBatch()
	b.Put([]byte(key), bytes.Repeat([]byte("v"), size))
	return db.Write(ctx, b, engine.WriteOptions{Sync: sync})
}

func wantErr(t *testing.T, what string, err error, want ...error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("%s: error %v, want %v", what, err, w)
		}
	}
}

func wantThere(t *testing.T, db engine.Engine, key string, want bool) {
	t.Helper()
	has, err := db.Has(ctx, []byte(key))
	if has != want || err != nil {
		t.Errorf("%s is there: %v, %v, want %v", key, has, err, want)
	}
}

// A write or flush that failed once ends writing, though the disk would take the next
// one, until the database is opened again. Reads go on. What was there before is there
// after, and nothing that was refused.
func TestReadOnlyAfterFailure(t *testing.T) {
	for _, c := range []struct {
		name string
		fail func(op errorfs.Op) bool
	}{
		{"write of a journal", on(".log", errorfs.OpFileWrite)},
		{"flush of a journal", on(".log", flushes...)},
		{"creation of a journal", on(".log", errorfs.OpCreate, errorfs.OpReuseForWrite)},
		{"write of a manifest", on("MANIFEST-", errorfs.OpFileWrite)},
		{"flush of a manifest", on("MANIFEST-", flushes...)},
		{"write of the tail", on("TAIL", errorfs.OpFileWriteAt)},
		{"flush of the directory", on("db", errorfs.OpFileSync)},
	} {
		for _, again := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, again %v", c.name, again), func(t *testing.T) {
				f := newFaulty()
				db := openIn(t, f)
				if err := write(db, "before", 1, true); err != nil {
					t.Fatal(err) // which is written out, being the first of its journal
				}
				fail := c.fail
				if !again {
					fail = once(fail)
				}
				f.setFail(fail)
				n := 0
				var err error
				for ; n < 2000 && err == nil; n++ {
					err = write(db, fmt.Sprintf("k%04d", n), 1000, n%10 == 0)
				}
				wantErr(t, "the write that failed", err, errDisk)
				if !errors.Is(err, engine.ErrUnknown) && !errors.Is(err, engine.ErrReadOnly) {
					t.Errorf("the write that failed: %v", err)
				}
				for _, sync := range []bool{false, true} {
					err := write(db, "after", 1, sync)
					wantErr(t, "a write after it", err, engine.ErrReadOnly, errDisk)
					if errors.Is(err, engine.ErrUnknown) {
						t.Errorf("the outcome of a write that was not tried is unknown: %v", err)
					}
				}
				err = enginetest.Update(ctx, db, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
					return tx.Put([]byte("after"), []byte("v"))
				})
				wantErr(t, "a transaction after it", err, engine.ErrReadOnly)
				wantErr(t, "Compact", db.Compact(ctx, nil, nil), engine.ErrReadOnly)
				wantThere(t, db, "after", false)
				for i := range n - 1 {
					wantThere(t, db, fmt.Sprintf("k%04d", i), true)
				}
				if err := db.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}

				f.setFail(nil)
				db = openIn(t, f)
				wantThere(t, db, "after", false)
				for i := range n - 1 {
					wantThere(t, db, fmt.Sprintf("k%04d", i), true)
				}
				if err := write(db, "again", 1, true); err != nil {
					t.Errorf("a write after opening again: %v", err)
				}
			})
		}
	}
}

// No commit that queued up behind a failed flush is answered as a success.
func TestFailedFlushFailsAllBehindIt(t *testing.T) {
	f := newFaulty()
	db := openIn(t, f)
	if err := write(db, "before", 1, true); err != nil {
		t.Fatal(err) // which is written out, being the first of its journal
	}
	var failed bool
	f.setFail(func(op errorfs.Op) bool {
		if on(".log", flushes...)(op) && !failed {
			failed = true
			return true
		}
		if failed && on(".log", append(flushes, errorfs.OpFileWrite)...)(op) {
			t.Errorf("%v of %s after a failed flush", op.Kind, op.Path)
		}
		return false
	})
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			err := write(db, fmt.Sprintf("k%d", i), 1, true)
			if !errors.Is(err, engine.ErrUnknown) && !errors.Is(err, engine.ErrReadOnly) {
				t.Errorf("Write: %v", err)
			}
		})
	}
	wg.Wait()
}

// A table that could not be written is written again, and nobody hears of it.
func TestFailedTable(t *testing.T) {
	f := newFaulty()
	db := openIn(t, f)
	f.setFail(once(on(".sst", errorfs.OpFileWrite)))
	for i := range 300 {
		if err := write(db, fmt.Sprintf("k%04d", i), 1000, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openIn(t, f)
	for i := range 300 {
		wantThere(t, db, fmt.Sprintf("k%04d", i), true)
	}
}

func TestFailedFlushAtClose(t *testing.T) {
	f := newFaulty()
	db := openIn(t, f)
	if err := write(db, "k", 1, false); err != nil {
		t.Fatal(err)
	}
	f.setFail(on(".log", flushes...))
	wantErr(t, "Close", db.Close(), errDisk)
	if err := db.Close(); err != nil {
		t.Errorf("Close twice: %v", err)
	}
}

// A failure while a database is opened is an error, and the next opening is fine.
func TestFailedOpening(t *testing.T) {
	t.Run("closed", func(t *testing.T) { failOpening(t, true, false) })
	t.Run("killed", func(t *testing.T) { failOpening(t, false, false) })
	t.Run("killed, and again", func(t *testing.T) { failOpening(t, false, true) })
}

// failOpening fails each operation of an opening, and all behind it if again is set.
func failOpening(t *testing.T, close, again bool) {
	f := newFaulty()
	db := openIn(t, f)
	// So much that an opening that has only the journal writes a table of it.
	for i := range 200 {
		if err := write(db, fmt.Sprintf("k%04d", i), 1000, i%10 == 9); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(db, "k", 1, true); err != nil {
		t.Fatal(err)
	}
	killed := f.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for at := 0; ; at++ {
		if !close {
			f = newFaultyOn(killed.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))}))
		}
		n := 0
		hit := false
		f.setFail(func(op errorfs.Op) bool {
			if op.Kind.ReadOrWrite() == errorfs.OpIsRead || op.Kind == errorfs.OpFileClose {
				return false
			}
			n++
			hit = hit || n == at
			return n == at || again && n > at
		})
		db, err := pebble.OpenFS(f, "db", &small)
		f.setFail(nil)
		if err != nil {
			wantErr(t, "Open", err, errDisk)
			failed++
		} else {
			wantThere(t, db, "k", true)
			if err := db.Close(); err != nil && !errors.Is(err, errDisk) {
				t.Fatal(err)
			}
		}
		if !hit && at > 0 {
			break
		}
	}
	if failed < 3 {
		t.Errorf("%d openings failed", failed)
	}
	wantThere(t, openIn(t, f), "k", true)
}

// A batch larger than the write buffer is one commit like any other, and can be written
// twice.
func TestLargeBatch(t *testing.T) {
	f := newFaulty()
	db := openIn(t, f)
	b := db.NewBatch()
	for i := range 1000 {
		b.Put(fmt.Appendf(nil, "k%04d", i), bytes.Repeat([]byte("v"), 500))
	}
	for range 2 {
		if err := db.Write(ctx, b, engine.WriteOptions{Sync: true}); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	db = openIn(t, f)
	wantThere(t, db, "k0000", true)
	wantThere(t, db, "k0999", true)

	f.setFail(on(".log", flushes...))
	b = db.NewBatch()
	for i := range 1000 {
		b.Put(fmt.Appendf(nil, "x%04d", i), bytes.Repeat([]byte("v"), 500))
	}
	wantErr(t, "Write", db.Write(ctx, b, engine.WriteOptions{Sync: true}), engine.ErrUnknown)
	wantErr(t, "a write after it", write(db, "after", 1, false), engine.ErrReadOnly)
}
