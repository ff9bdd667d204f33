package leveldb

import (
	"errors"
	"testing"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// counted is a writer that counts its flushes.
type counted struct {
	storage.Writer
	flushes int
}

func (w *counted) Sync() error {
	w.flushes++
	return w.Writer.Sync()
}

// Once a write or a flush of any journal or manifest has failed, none of any other is
// tried: a flush that succeeded would stand for what is lost.
func TestNothingBehindAFailure(t *testing.T) {
	broken := errors.New("broken")
	stor := storage.NewMemStorage()
	g := guard(&inspection{files: files{stor: stor}}, false)
	var writers []*guardedWriter
	for i, ft := range []storage.FileType{storage.TypeJournal, storage.TypeManifest, storage.TypeJournal} {
		fd := storage.FileDesc{Type: ft, Num: int64(i)}
		w, err := stor.Create(fd)
		if err != nil {
			t.Fatal(err)
		}
		gw := &guardedWriter{Writer: &counted{Writer: w}, g: g, fd: fd}
		if _, err := gw.Write([]byte("before")); err != nil {
			t.Fatal(err)
		}
		writers = append(writers, gw)
	}
	if err := writers[0].Sync(); err != nil {
		t.Fatal(err)
	}
	if err := g.note(writers[0].fd, "write", broken); err != broken {
		t.Errorf("the failure itself comes back as %v", err)
	}
	for i, w := range writers {
		before := w.Writer.(*counted).flushes
		if _, err := w.Write([]byte("behind")); !errors.Is(err, broken) {
			t.Errorf("writer %d: a write behind the failure: %v", i, err)
		}
		if err := w.Sync(); !errors.Is(err, broken) {
			t.Errorf("writer %d: a flush behind the failure: %v", i, err)
		}
		if err := w.Close(); err != nil {
			t.Errorf("writer %d: closing: %v", i, err)
		}
		if n := w.Writer.(*counted).flushes; n != before {
			t.Errorf("writer %d: %d flushes behind the failure", i, n-before)
		}
	}
	if err := g.note(writers[1].fd, "flush", errors.New("another")); err == nil || !errors.Is(g.failed(), broken) {
		t.Errorf("the first failure is %v", g.failed())
	}
}
