package leveldb

import (
	"fmt"
	"sync"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// guarded is a storage that remembers the first failed write or flush of a
// journal or manifest, and fails all later ones with it. goleveldb would go on
// writing behind the hole, and take a later flush that succeeds for both.
//
// Tables are left alone: one that could not be written is deleted and written
// again under another name.
type guarded struct {
	storage.Storage
	mu    sync.Mutex
	cause error
}

// failed returns the failure that ended writing, or nil.
func (g *guarded) failed() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cause
}

// note returns err, after remembering it if it is the first failure.
func (g *guarded) note(fd storage.FileDesc, what string, err error) error {
	if err == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cause == nil {
		g.cause = fmt.Errorf("%s %s: %w", what, fd, err)
	}
	return err
}

// Create implements storage.Storage.
func (g *guarded) Create(fd storage.FileDesc) (storage.Writer, error) {
	w, err := g.Storage.Create(fd)
	if err != nil || fd.Type&(storage.TypeJournal|storage.TypeManifest) == 0 {
		return w, err
	}
	return &guardedWriter{Writer: w, g: g, fd: fd}, nil
}

// guardedWriter writes a journal or manifest. goleveldb never uses one from two
// goroutines at once.
type guardedWriter struct {
	storage.Writer
	g     *guarded
	fd    storage.FileDesc
	dirty bool // written to since the last flush
}

func (w *guardedWriter) Write(p []byte) (int, error) {
	if err := w.g.failed(); err != nil {
		return 0, err
	}
	w.dirty = true
	n, err := w.Writer.Write(p)
	return n, w.g.note(w.fd, "write", err)
}

func (w *guardedWriter) Sync() error {
	if err := w.g.failed(); err != nil {
		return err
	}
	if err := w.Writer.Sync(); err != nil {
		return w.g.note(w.fd, "flush", err)
	}
	w.dirty = false
	return nil
}

// Close flushes first: a synced commit in the next journal promises that the
// unsynced ones before it are there too.
func (w *guardedWriter) Close() error {
	var err error
	if w.dirty && w.g.failed() == nil {
		err = w.Sync()
	}
	if cerr := w.Writer.Close(); err == nil {
		err = w.g.note(w.fd, "close", cerr)
	}
	return err
}
