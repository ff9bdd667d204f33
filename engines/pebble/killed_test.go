package pebble_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine"
)

// killed is what a process that is killed now leaves of its files.
func killed(files *vfs.MemFS) *vfs.MemFS {
	return files.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))})
}

// What outlived one kill outlives the next one too, though nothing was written meanwhile.
func TestKilledAgain(t *testing.T) {
	files := vfs.NewCrashableMem()
	db := openIn(t, files)
	for i := range 30 {
		if err := write(db, fmt.Sprint("k", i), 100, i == 10); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		files = killed(files)
		db = openIn(t, files)
		for i := range 30 {
			wantThere(t, db, fmt.Sprint("k", i), true)
		}
	}
}

// A batch that pebble keeps as it is, since it is large, outlives the process as well.
func TestKilledAfterLargeBatch(t *testing.T) {
	files := vfs.NewCrashableMem()
	db := openIn(t, files)
	for round := range 3 {
		b := db.NewBatch()
		for i := range 1000 {
			b.Put(fmt.Appendf(nil, "k%d-%04d", round, i), make([]byte, 150))
		}
		if err := db.Write(ctx, b, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		db := openIn(t, killed(files))
		wantThere(t, db, fmt.Sprintf("k%d-0000", round), true)
		wantThere(t, db, fmt.Sprintf("k%d-0999", round), true)
	}
}

// A clean Close leaves no tail, of which all is in the journal then.
func TestCloseRemovesTail(t *testing.T) {
	files := vfs.NewCrashableMem()
	db := openIn(t, files)
	if err := write(db, "k", 1, false); err != nil {
		t.Fatal(err)
	}
	if names := must(files.List("db"))(t); !slices.Contains(names, "TAIL") {
		t.Errorf("there is no tail while it is open: %v", names)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if names := must(files.List("db"))(t); slices.Contains(names, "TAIL") {
		t.Errorf("there is a tail: %v", names)
	}
}

// A manifest that has lost all it had is no empty database.
func TestEmptyManifest(t *testing.T) {
	files := vfs.NewCrashableMem()
	db := openIn(t, files)
	if err := write(db, "k", 1, true); err != nil {
		t.Fatal(err)
	}
	left := killed(files)
	for _, name := range must(left.List("db"))(t) {
		if strings.HasPrefix(name, "MANIFEST-") {
			f := must(left.Create("db/"+name, vfs.WriteCategoryUnspecified))(t)
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err := pebble.OpenFS(left, "db", &small)
	wantErr(t, "Open", err, engine.ErrCorrupt)
	if !strings.Contains(err.Error(), "does not begin as a manifest") {
		t.Errorf("the error is %v", err)
	}
}

// A compaction that comes upon damage ends writing.
func TestCompactionOfDamage(t *testing.T) {
	files := vfs.NewCrashableMem()
	db := openIn(t, files)
	for i := range 300 {
		if err := write(db, fmt.Sprintf("k%04d", i), 1000, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range must(files.List("db"))(t) {
		if strings.HasSuffix(name, ".sst") {
			f := must(files.OpenReadWrite("db/"+name, vfs.WriteCategoryUnspecified))(t)
			if _, err := f.WriteAt([]byte("damage"), 100); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	db = openIn(t, files)
	var err error
	for i := 0; i < 20_000 && err == nil; i++ { // which are merged with what is there
		err = write(db, fmt.Sprintf("k%04d", i%300), 1000, false)
	}
	wantErr(t, "a write while tables are merged", err, engine.ErrCorrupt)
	wantErr(t, "a write after it", write(db, "after", 1, false), engine.ErrReadOnly, engine.ErrCorrupt)
	db.Close()
}
