package pebble_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/internal/checks"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
)

// small has buffers that tests soon fill, so that they reach the tables.
var small = pebble.Options{WriteBuffer: 64 << 10, BlockSize: 1 << 10, BlockCache: 1 << 20}

// stored is a DB that can be opened again.
type stored struct {
	*pebble.DB
	open func(t testing.TB) engine.Engine
}

func reopen(t testing.TB, e engine.Engine) engine.Engine {
	t.Helper()
	s := e.(*stored)
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return s.open(t)
}

// in opens a database in a directory of a file system.
func in(files vfs.FS, dir string) func(t testing.TB) engine.Engine {
	var open func(t testing.TB) engine.Engine
	open = func(t testing.TB) engine.Engine {
		t.Helper()
		db, err := pebble.OpenFS(files, dir, &small)
		if err != nil {
			t.Fatal(err)
		}
		return &stored{db, open}
	}
	return open
}

func TestConformance(t *testing.T) {
	t.Run("Directory", func(t *testing.T) {
		checks.Few(t, 25) // each flushes files; Memory has all of them
		open := func(t testing.TB) engine.Engine { return in(vfs.Default, t.TempDir())(t) }
		enginetest.Run(t, open, enginetest.WithReopen(reopen))
		enginetest.RunLocal(t, open)
	})
	t.Run("Memory", func(t *testing.T) {
		open := func(t testing.TB) engine.Engine { return in(vfs.NewMem(), "db")(t) }
		enginetest.Run(t, open, enginetest.WithReopen(reopen))
		enginetest.RunLocal(t, open)
	})
}
