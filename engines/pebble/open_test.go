package pebble_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine"
)

func TestOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	for _, o := range []pebble.Options{{MustExist: true}, {ReadOnly: true}} {
		_, err := pebble.Open(dir, &o)
		wantErr(t, "Open of nothing", err, os.ErrNotExist)
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("looking for a database has left something: %v", err)
		}
	}
	db, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(db, "k", 1, false); err != nil {
		t.Fatal(err)
	}
	_, err = pebble.Open(dir, nil)
	wantErr(t, "Open while it is open", err, engine.ErrUnavailable)
	if want := "the database is already open, here or in another process"; !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("Open while it is open: %v, want %q", err, want)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db, err = pebble.Open(dir, &pebble.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	wantThere(t, db, "k", true)
	wantErr(t, "Write", write(db, "x", 1, false), engine.ErrReadOnly)
	wantErr(t, "Compact", db.Compact(ctx, nil, nil), engine.ErrReadOnly)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db, err = pebble.Open(dir, &pebble.Options{MustExist: true, BlockCache: -1, BloomBits: -1, NoCompression: true})
	if err != nil {
		t.Fatal(err)
	}
	wantThere(t, db, "k", true)
	if s, err := db.Metrics(); !strings.Contains(s, "Block cache") || err != nil {
		t.Errorf("Metrics: %q, %v", s, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = db.Metrics()
	wantErr(t, "Metrics of a closed database", err, engine.ErrClosed)

	empty := t.TempDir()
	_, err = pebble.Open(empty, &pebble.Options{MustExist: true})
	wantErr(t, "Open of an empty directory", err, os.ErrNotExist)
	// Nothing holds the directory after a failure.
	db, err = pebble.Open(empty, nil)
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
	if _, err := pebble.Open(file, nil); err == nil {
		t.Error("a file was opened as a directory")
	}
}

func TestOptionsRefused(t *testing.T) {
	_, err := pebble.Open(filepath.Join(t.TempDir(), "db"), &pebble.Options{
		BlockSize: 3, WriteBuffer: -1, OpenFiles: 1, BloomBits: 65, LogBytes: 1,
	})
	wantErr(t, "Open", err, engine.ErrInvalid)
	want := []string{
		"pebble options: invalid argument: BlockSize is 3, it must be at least 1024, or 0 for the default of 16384",
		"WriteBuffer is -1, it must be at least 65536, or 0 for the default of 16777216",
		"OpenFiles is 1, it must be at least 16, or 0 for the default of 500",
		"LogBytes is 1, it must be at least 1024, or 0 for the default of 67108864",
		"BloomBits is 65, it must be at most 64, or 0 for the default of 10",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

// A checkpoint is a database of the moment.
func TestCheckpoint(t *testing.T) {
	dir := t.TempDir()
	db, err := pebble.Open(filepath.Join(dir, "db"), &small)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range 200 {
		if err := write(db, fmt.Sprintf("k%04d", i), 1000, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Checkpoint(ctx, filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	if err := write(db, "later", 1, true); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "a checkpoint over another", db.Checkpoint(ctx, filepath.Join(dir, "copy")), os.ErrExist)
	was, err := pebble.Open(filepath.Join(dir, "copy"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	wantThere(t, was, "later", false)
	rows, err := rowsOf(was)
	if len(rows) != 200 || err != nil {
		t.Errorf("the copy has %d rows, %v", len(rows), err)
	}
	if err := write(was, "own", 1, true); err != nil {
		t.Error(err)
	}
	wantThere(t, db, "own", false)
}

// A checkpoint that cannot be written is an error, and nothing else.
func TestCheckpointFails(t *testing.T) {
	f := newFaulty()
	db := openIn(t, f)
	if err := write(db, "k", 1, true); err != nil {
		t.Fatal(err)
	}
	f.setFail(func(op errorfs.Op) bool {
		return op.Kind.ReadOrWrite() == errorfs.OpIsWrite && strings.Contains(op.Path, "copy/")
	})
	wantErr(t, "a checkpoint", db.Checkpoint(ctx, "copy"), errDisk)
	if err := write(db, "after", 1, true); err != nil {
		t.Error(err)
	}
}

// A database of a later version is not damaged.
func TestLaterVersion(t *testing.T) {
	mem := vfs.NewMem()
	if err := openIn(t, mem).Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range must(mem.List("db"))(t) {
		if strings.HasPrefix(name, "marker.format-version.") {
			if err := mem.Rename("db/"+name, "db/marker.format-version.000099.999"); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err := pebble.OpenFS(mem, "db", nil)
	if errors.Is(err, engine.ErrCorrupt) || !strings.Contains(fmt.Sprint(err), "a newer version of this program") {
		t.Errorf("Open: %v", err)
	}
}
