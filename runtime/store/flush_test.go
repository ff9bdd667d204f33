package store_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// countingStorage counts flushes of journals. A pause makes each last as long as
// on a disk.
type countingStorage struct {
	storage.Storage
	flushes atomic.Int64
	pause   time.Duration
}

func (s *countingStorage) Create(fd storage.FileDesc) (storage.Writer, error) {
	w, err := s.Storage.Create(fd)
	if err != nil || fd.Type != storage.TypeJournal {
		return w, err
	}
	return &countingWriter{w, s}, nil
}

type countingWriter struct {
	storage.Writer
	s *countingStorage
}

func (w *countingWriter) Sync() error {
	w.s.flushes.Add(1)
	time.Sleep(w.s.pause)
	return w.Writer.Sync()
}

// commitsFrom makes n synced commits, of a row each, from some goroutines at
// once, and returns how many flushes that took.
func commitsFrom(t testing.TB, s *countingStorage, workers, n int) int {
	t.Helper()
	eng, err := leveldb.OpenStorage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, eng)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	table, err := users.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	if b, ok := t.(*testing.B); ok {
		b.ResetTimer()
	}
	before := s.flushes.Load()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				id := models.UserID(fmt.Sprint("u", i))
				if err := table.Insert(ctx, &users.User{UserID: id, Username: models.UserName(id)}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return int(s.flushes.Load() - before)
}

// Concurrent committers share flushes; one alone has one for each commit.
func TestCommitsShareFlushes(t *testing.T) {
	const n = 320
	alone := commitsFrom(t, &countingStorage{Storage: storage.NewMemStorage()}, 1, n)
	if alone != n {
		t.Errorf("%d commits, one after the other, took %d flushes", n, alone)
	}
	together := commitsFrom(t, &countingStorage{Storage: storage.NewMemStorage(), pause: time.Millisecond}, 32, n)
	if together > n/2 {
		t.Errorf("%d commits from 32 goroutines took %d flushes", n, together)
	}
}

// BenchmarkSyncedCommits is what a synced commit of one row costs on the disk of
// this machine, and how many flushes it takes, alone and with others.
func BenchmarkSyncedCommits(b *testing.B) {
	for _, workers := range []int{1, 8, 32, 128} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			files, err := storage.OpenFile(filepath.Join(b.TempDir(), "db"), false)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { files.Close() })
			flushes := commitsFrom(b, &countingStorage{Storage: files}, workers, b.N)
			b.ReportMetric(float64(flushes)/float64(b.N), "flushes/op")
		})
	}
}
