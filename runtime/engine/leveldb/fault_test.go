package leveldb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

var (
	ctx     = context.Background()
	errDisk = errors.New("disk on fire")
)

// faulty is a storage in memory whose journals and manifests fail on demand, and
// which records what they are asked to do.
type faulty struct {
	storage.Storage
	mu     sync.Mutex
	fail   func(what string, fd storage.FileDesc) error
	events []string // flush and close of journals
}

func newFaulty() *faulty { return &faulty{Storage: storage.NewMemStorage()} }

func (f *faulty) do(what string, fd storage.FileDesc) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fd.Type == storage.TypeJournal && (what == "flush" || what == "close") {
		f.events = append(f.events, what)
	}
	if f.fail == nil {
		return nil
	}
	return f.fail(what, fd)
}

func (f *faulty) setFail(fail func(what string, fd storage.FileDesc) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

func (f *faulty) Create(fd storage.FileDesc) (storage.Writer, error) {
	if err := f.do("create", fd); err != nil {
		return nil, err
	}
	w, err := f.Storage.Create(fd)
	return &faultyWriter{w, f, fd}, err
}

// SetMeta fails when it has been done.
func (f *faulty) SetMeta(fd storage.FileDesc) error {
	return errors.Join(f.Storage.SetMeta(fd), f.do("switch", fd))
}

type faultyWriter struct {
	storage.Writer
	f  *faulty
	fd storage.FileDesc
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	if err := w.f.do("write", w.fd); err != nil {
		n, _ := w.Writer.Write(p[:len(p)/2]) // torn
		return n, err
	}
	return w.Writer.Write(p)
}

func (w *faultyWriter) Sync() error {
	if err := w.f.do("flush", w.fd); err != nil {
		return err
	}
	return w.Writer.Sync()
}

func (w *faultyWriter) Close() error {
	if err := w.f.do("close", w.fd); err != nil {
		w.Writer.Close()
		return err
	}
	return w.Writer.Close()
}

func openFaulty(t *testing.T, f *faulty) *leveldb.DB {
	t.Helper()
	db, err := leveldb.OpenStorage(f, &leveldb.Options{WriteBuffer: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func write(db *leveldb.DB, key string, size int, sync bool) error {
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

func wantThere(t *testing.T, db *leveldb.DB, key string, want bool) {
	t.Helper()
	has, err := db.Has(ctx, []byte(key))
	if has != want || err != nil {
		t.Errorf("%s is there: %v, %v, want %v", key, has, err, want)
	}
}

// A write or flush that failed once fails all later ones, though the disk would
// take them, until the database is opened again.
func TestReadOnlyAfterFailedWrite(t *testing.T) {
	for _, what := range []string{"write", "flush"} {
		t.Run(what, func(t *testing.T) {
			f := newFaulty()
			db := openFaulty(t, f)
			if err := write(db, "before", 1, true); err != nil {
				t.Fatal(err)
			}
			once := true
			f.setFail(func(w string, fd storage.FileDesc) error {
				if w == what && fd.Type == storage.TypeJournal && once {
					once = false
					return errDisk
				}
				return nil
			})
			err := write(db, "lost", 1, true)
			wantErr(t, "the write that failed", err, engine.ErrUnknown, errDisk)
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
			wantThere(t, db, "before", true)
			wantThere(t, db, "after", false)
			if err := db.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}

			db = openFaulty(t, f)
			wantThere(t, db, "before", true)
			wantThere(t, db, "after", false)
			if err := write(db, "again", 1, true); err != nil {
				t.Errorf("a write after opening again: %v", err)
			}
		})
	}
}

// A journal that could not be begun ends writing as a write that failed does, though the
// next one could be.
func TestReadOnlyAfterFailedCreation(t *testing.T) {
	f := newFaulty()
	db := openFaulty(t, f)
	once := true
	f.setFail(func(what string, fd storage.FileDesc) error {
		if what == "create" && fd.Type == storage.TypeJournal && once {
			once = false
			return errDisk
		}
		return nil
	})
	n := 0
	var err error
	for ; n < 1000 && err == nil; n++ {
		err = write(db, fmt.Sprintf("k%04d", n), 1000, true)
	}
	wantErr(t, "the write that failed", err, engine.ErrUnknown, errDisk)
	wantErr(t, "a write after it", write(db, "after", 1, true), engine.ErrReadOnly, errDisk)
	if err := db.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	db = openFaulty(t, f)
	wantThere(t, db, "after", false)
	for i := range n - 1 {
		wantThere(t, db, fmt.Sprintf("k%04d", i), true)
	}
}

// No commit that queued up behind a failed flush is answered as a success.
func TestFailedFlushFailsAllBehindIt(t *testing.T) {
	f := newFaulty()
	db := openFaulty(t, f)
	var failed bool
	f.setFail(func(w string, fd storage.FileDesc) error {
		if w == "flush" && fd.Type == storage.TypeJournal && !failed {
			failed = true
			return errDisk
		}
		if failed && (w == "write" || w == "flush") && fd.Type == storage.TypeJournal {
			t.Errorf("%s of %s after a failed flush", w, fd)
		}
		return nil
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

// A manifest that could not be written ends writing too.
func TestReadOnlyAfterFailedManifest(t *testing.T) {
	f := newFaulty()
	db := openFaulty(t, f)
	f.setFail(func(w string, fd storage.FileDesc) error {
		if w == "flush" && fd.Type == storage.TypeManifest {
			return errDisk
		}
		return nil
	})
	var err error
	for i := 0; i < 10000 && err == nil; i++ {
		err = write(db, fmt.Sprintf("k%04d", i), 1000, false)
	}
	wantErr(t, "a write", err, errDisk)
	wantErr(t, "a write after it", write(db, "after", 1, false), engine.ErrReadOnly, errDisk)
	wantThere(t, db, "k0000", true)
}

// A switch to a manifest may fail when it was made already, so that CURRENT names
// it: it stays.
func TestFailedSwitch(t *testing.T) {
	f := newFaulty()
	db := openFaulty(t, f)
	if err := write(db, "k", 1, true); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f.setFail(func(what string, fd storage.FileDesc) error {
		if what == "switch" {
			return errDisk
		}
		return nil
	})
	if _, err := leveldb.OpenStorage(f, nil); err == nil {
		t.Fatalf("the switch failed, and the opening: %v", err)
	}
	f.setFail(nil)
	db = openFaulty(t, f)
	wantThere(t, db, "k", true)
}

// The journal is flushed before the next one is begun, and at Close: a synced
// commit makes the unsynced ones before it durable.
func TestJournalFlushedWhenRotated(t *testing.T) {
	f := newFaulty()
	db := openFaulty(t, f)
	for i := range 200 {
		if err := write(db, fmt.Sprintf("k%04d", i), 1000, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.events) < 4 {
		t.Errorf("the journal was not rotated: %q", f.events)
	}
	// Each is flushed when it is made, so that its name is durable.
	if n := strings.Count(strings.Join(f.events, " "), "flush"); n < len(f.events)*2/3 || f.events[0] != "flush" {
		t.Errorf("journal events %q, want a flush of each at its beginning", f.events)
	}
	last := ""
	for _, e := range f.events {
		if e == "close" && last != "flush" {
			t.Errorf("journal events %q, want a flush before every close", f.events)
			break
		}
		last = e
	}
}

func TestFailedFlushAtClose(t *testing.T) {
	f := newFaulty()
	db := openFaulty(t, f)
	if err := write(db, "k", 1, false); err != nil {
		t.Fatal(err)
	}
	f.setFail(func(w string, fd storage.FileDesc) error {
		if w == "flush" {
			return errDisk
		}
		return nil
	})
	wantErr(t, "Close", db.Close(), errDisk)
	if err := db.Close(); err != nil {
		t.Errorf("Close twice: %v", err)
	}
}

// A batch larger than the write buffer is one commit like any other.
func TestLargeBatch(t *testing.T) {
	f := newFaulty()
	db := openFaulty(t, f)
	b := db.NewBatch()
	for i := range 1000 {
		b.Put(fmt.Appendf(nil, "k%04d", i), bytes.Repeat([]byte("v"), 500))
	}
	if err := db.Write(ctx, b, engine.WriteOptions{Sync: true}); err != nil {
		t.Fatal(err)
	}
	db.Close()
	db = openFaulty(t, f)
	wantThere(t, db, "k0000", true)
	wantThere(t, db, "k0999", true)

	f.setFail(func(w string, fd storage.FileDesc) error {
		if w == "flush" && fd.Type == storage.TypeJournal {
			return errDisk
		}
		return nil
	})
	b = db.NewBatch()
	for i := range 1000 {
		b.Put(fmt.Appendf(nil, "x%04d", i), bytes.Repeat([]byte("v"), 500))
	}
	wantErr(t, "Write", db.Write(ctx, b, engine.WriteOptions{Sync: true}), engine.ErrUnknown)
	wantThere(t, db, "x0000", false)
}

// Bits that flip in a table are noticed by every way of reading.
func TestCorruptTable(t *testing.T) {
	dir := t.TempDir()
	db, err := leveldb.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		if err := write(db, fmt.Sprintf("k%04d", i), 100, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Compact(ctx, nil, nil); err != nil {
		t.Fatal(err)
	}
	if n, err := db.ApproximateSize(ctx, nil, nil); n <= 0 || err != nil {
		t.Errorf("ApproximateSize = %d, %v", n, err)
	}
	half, err := db.ApproximateSize(ctx, []byte("k1000"), nil)
	whole, err2 := db.ApproximateSize(ctx, nil, []byte("l"))
	if half >= whole || err != nil || err2 != nil {
		t.Errorf("half takes %d bytes (%v), the whole %d (%v)", half, err, whole, err2)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(dir, "*.ldb"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, name := range tables {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data[10] ^= 0x40
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	db, err = leveldb.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Get(ctx, []byte("k0000"))
	wantErr(t, "Get", err, engine.ErrCorrupt)
	_, err = db.Has(ctx, []byte("k0000"))
	wantErr(t, "Has", err, engine.ErrCorrupt)
	for _, reverse := range []bool{false, true} {
		it := db.Iterate(ctx, engine.Range{Reverse: reverse})
		for it.Next() {
		}
		wantErr(t, "Iterate", it.Err(), engine.ErrCorrupt)
		wantErr(t, "Close", it.Close(), engine.ErrCorrupt)
	}
	err = enginetest.Update(ctx, db, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		_, err := tx.Get(ctx, []byte("k0000"))
		wantErr(t, "Get in a transaction", err, engine.ErrCorrupt)
		return err
	})
	wantErr(t, "Update", err, engine.ErrCorrupt)
}

func TestOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	for _, o := range []leveldb.Options{{MustExist: true}, {ReadOnly: true}} {
		_, err := leveldb.Open(dir, &o)
		wantErr(t, "Open of nothing", err, os.ErrNotExist)
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("looking for a database has left something: %v", err)
		}
	}
	db, err := leveldb.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(db, "k", 1, false); err != nil {
		t.Fatal(err)
	}
	_, err = leveldb.Open(dir, nil)
	wantErr(t, "Open while it is open", err, engine.ErrUnavailable)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db, err = leveldb.Open(dir, &leveldb.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	wantThere(t, db, "k", true)
	wantErr(t, "Write", write(db, "x", 1, false), engine.ErrReadOnly)
	wantErr(t, "Compact", db.Compact(ctx, nil, nil), engine.ErrReadOnly)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db, err = leveldb.Open(dir, &leveldb.Options{MustExist: true, BlockCache: -1, BloomBits: -1, NoCompression: true})
	if err != nil {
		t.Fatal(err)
	}
	wantThere(t, db, "k", true)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	empty := t.TempDir()
	_, err = leveldb.Open(empty, &leveldb.Options{MustExist: true})
	wantErr(t, "Open of an empty directory", err, os.ErrNotExist)
	// Nothing holds the directory after a failure.
	db, err = leveldb.Open(empty, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := leveldb.Open(file, nil); err == nil {
		t.Error("a file was opened as a directory")
	}
}

func TestOptionsRefused(t *testing.T) {
	_, err := leveldb.Open(filepath.Join(t.TempDir(), "db"), &leveldb.Options{
		BlockSize: 3, WriteBuffer: -1, OpenFiles: 1, BloomBits: 65, LogBytes: 1,
	})
	wantErr(t, "Open", err, engine.ErrInvalid)
	want := []string{
		"leveldb options: invalid argument: BlockSize is 3, it must be at least 1024, or 0 for the default of 16384",
		"WriteBuffer is -1, it must be at least 65536, or 0 for the default of 16777216",
		"OpenFiles is 1, it must be at least 16, or 0 for the default of 500",
		"LogBytes is 1, it must be at least 1024, or 0 for the default of 67108864",
		"BloomBits is 65, it must be at most 64, or 0 for the default of 10",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}
