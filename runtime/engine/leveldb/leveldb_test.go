package leveldb_test

import (
	"testing"

	"github.com/storegen/storegen/internal/checks"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// stored is a DB that can be opened again.
type stored struct {
	*leveldb.DB
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

// onDisk opens a database in a directory, with a small write buffer so that
// tests reach the tables.
func onDisk(dir string) func(t testing.TB) engine.Engine {
	var open func(t testing.TB) engine.Engine
	open = func(t testing.TB) engine.Engine {
		t.Helper()
		db, err := leveldb.Open(dir, &leveldb.Options{WriteBuffer: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		return &stored{db, open}
	}
	return open
}

// inMemory opens a database on a storage in memory.
func inMemory(stor storage.Storage) func(t testing.TB) engine.Engine {
	var open func(t testing.TB) engine.Engine
	open = func(t testing.TB) engine.Engine {
		t.Helper()
		db, err := leveldb.OpenStorage(stor, &leveldb.Options{WriteBuffer: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		return &stored{db, open}
	}
	return open
}

func TestConformance(t *testing.T) {
	t.Run("Directory", func(t *testing.T) {
		checks.Few(t, 25) // each flushes files; Storage has all of them
		open := func(t testing.TB) engine.Engine { return onDisk(t.TempDir())(t) }
		enginetest.Run(t, open, enginetest.WithReopen(reopen))
		enginetest.RunLocal(t, open)
	})
	t.Run("Storage", func(t *testing.T) {
		open := func(t testing.TB) engine.Engine { return inMemory(storage.NewMemStorage())(t) }
		enginetest.Run(t, open, enginetest.WithReopen(reopen))
		enginetest.RunLocal(t, open)
	})
}
