package pebble

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// guarded is a file system that remembers the first failed write or flush of a file
// that says what is in the database: a journal, a manifest, a marker, the directory.
// Pebble itself ends the process over such a failure, or panics with its locks held. So
// it is not told: from the failure on, what it does to those files is not done any more,
// and is answered as if it was, so that its files stay as they were then. What a commit
// has to say of that, base says.
//
// Tables are left alone once the database is open: one that could not be written is
// written again under another name. An opening would wait for that for ever, and fails.
//
// What is not in the database's own directory, as a checkpoint, is none of its business.
type guarded struct {
	vfs.FS
	dir     string
	opened  atomic.Bool
	cause   atomic.Pointer[error]
	syncing atomic.Int64 // commits under way that are to be flushed

	journals atomic.Int64 // how many were begun
}

// failed returns the failure that ended writing, or nil.
func (g *guarded) failed() error {
	if p := g.cause.Load(); p != nil {
		return *p
	}
	return nil
}

// fail remembers a failure, if it is the first one.
func (g *guarded) fail(err error) { g.cause.CompareAndSwap(nil, &err) }

// note remembers a failure of a file.
func (g *guarded) note(what, name string, err error) {
	if err != nil {
		g.fail(fmt.Errorf("%s %s: %w", what, filepath.Base(name), err))
	}
}

// table returns what pebble is told of an error of a table: that it has to try again, in
// a while, or nothing while the database is opened, which has failed with that.
func (g *guarded) table(what, name string, err error) error {
	if err == nil {
		return nil
	}
	if !g.opened.Load() {
		g.note(what, name, err)
		return nil
	}
	time.Sleep(retryDelay)
	return err
}

// background is told of errors of flushes and compactions. Pebble tries again, at once;
// but what it cannot read it could never compact.
func (g *guarded) background(err error) {
	if corrupt(err) {
		g.fail(readError(err))
	}
}

// retryDelay is how long pebble has to wait until it tries to write a table again.
const retryDelay = 100 * time.Millisecond

// isTable reports whether a file holds pairs, and nothing that says which of them count.
func isTable(name string) bool {
	return strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, ".blob")
}

// guard returns a guarded file system for the database in a directory.
func guard(files vfs.FS, dir string) *guarded {
	return &guarded{FS: files, dir: files.PathDir(files.PathJoin(dir, tailName))}
}

// elsewhere reports whether a file is not in the database's directory.
func (g *guarded) elsewhere(name string) bool { return g.FS.PathDir(name) != g.dir }

// Create implements vfs.FS.
func (g *guarded) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if g.elsewhere(name) {
		return g.FS.Create(name, c)
	}
	if strings.HasPrefix(filepath.Base(name), "marker.") {
		// It must not be there before the manifest that it names.
		g.note("flush", g.dir, syncDir(g.FS, g.dir))
	}
	if !isTable(name) {
		return g.writer(name, func() (vfs.File, error) { return g.FS.Create(name, c) }), nil
	}
	f, err := g.FS.Create(name, c)
	if err == nil {
		return &tableFile{f, g, name}, nil
	}
	if err := g.table("create", name, err); err != nil {
		return nil, err
	}
	// The opening has failed with that. One that takes all and keeps nothing lets it end.
	return &guardedFile{File: vfs.NewMemFile(nil), g: g, name: name}, nil
}

// ReuseForWrite implements vfs.FS.
func (g *guarded) ReuseForWrite(from, to string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return g.writer(to, func() (vfs.File, error) { return g.FS.ReuseForWrite(from, to, c) }), nil
}

// writer returns a file that create makes, or, after a failure, one that takes all and
// keeps nothing.
func (g *guarded) writer(name string, create func() (vfs.File, error)) vfs.File {
	w := &guardedFile{g: g, name: name, journal: isJournal(name)}
	if w.journal {
		g.journals.Add(1)
	}
	if g.failed() == nil {
		f, err := create()
		if err == nil {
			w.File = f
			return w
		}
		g.note("create", name, err)
	}
	w.File = vfs.NewMemFile(nil) // for its size
	return w
}

// OpenDir implements vfs.FS.
func (g *guarded) OpenDir(name string) (vfs.File, error) {
	f, err := g.FS.OpenDir(name)
	if err != nil || g.elsewhere(g.FS.PathJoin(name, tailName)) {
		return f, err
	}
	return &guardedFile{File: f, g: g, name: name}, nil
}

// Remove implements vfs.FS. After a failure no file goes, for the manifest may still name
// it.
func (g *guarded) Remove(name string) error {
	if g.failed() != nil && !g.elsewhere(name) {
		return nil
	}
	return g.FS.Remove(name)
}

// Rename implements vfs.FS.
func (g *guarded) Rename(from, to string) error {
	if g.elsewhere(to) {
		return g.FS.Rename(from, to)
	}
	if g.failed() != nil {
		return nil
	}
	g.note("rename", from, g.FS.Rename(from, to))
	return nil
}

// Unwrap implements vfs.FS.
func (g *guarded) Unwrap() vfs.FS { return g.FS }

// guardedFile writes a journal, a manifest or a marker, or is a directory that is
// flushed. Pebble uses a directory from several goroutines at once, and nothing else.
type guardedFile struct {
	vfs.File
	g       *guarded
	name    string
	journal bool
	dirty   bool // a journal that was written to since the last flush
}

func (f *guardedFile) Write(p []byte) (int, error) {
	if f.g.failed() == nil {
		f.dirty = f.journal
		_, err := f.File.Write(p)
		f.g.note("write", f.name, err)
	}
	return len(p), nil
}

func (f *guardedFile) WriteAt(p []byte, off int64) (int, error) {
	if f.g.failed() == nil {
		f.dirty = f.journal
		_, err := f.File.WriteAt(p, off)
		f.g.note("write", f.name, err)
	}
	return len(p), nil
}

func (f *guardedFile) Preallocate(off, n int64) error {
	if f.g.failed() != nil {
		return nil
	}
	return f.File.Preallocate(off, n)
}

func (f *guardedFile) Sync() error     { return f.flush(f.File.Sync) }
func (f *guardedFile) SyncData() error { return f.flush(f.File.SyncData) }

func (f *guardedFile) SyncTo(int64) (bool, error) { return true, f.flush(f.File.SyncData) }

// flush flushes the file, but a journal only where a commit asks for it.
func (f *guardedFile) flush(sync func() error) error {
	if !f.journal || f.g.syncing.Load() > 0 {
		f.flushNow(sync)
	}
	return nil
}

func (f *guardedFile) flushNow(sync func() error) {
	if f.g.failed() != nil {
		return
	}
	if err := sync(); err != nil {
		f.g.note("flush", f.name, err)
		return
	}
	if f.journal {
		f.dirty = false
	}
}

// Close flushes a journal first: a synced commit in the next one promises that the
// unsynced ones before it are there too.
func (f *guardedFile) Close() error {
	if f.dirty {
		f.flushNow(f.File.SyncData)
	}
	f.g.note("close", f.name, f.File.Close())
	return nil
}

// tableFile writes a table.
type tableFile struct {
	vfs.File
	g    *guarded
	name string
}

func (f *tableFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if err == nil {
		return n, nil
	}
	return len(p), f.g.table("write", f.name, err)
}

func (f *tableFile) Sync() error     { return f.g.table("flush", f.name, f.File.Sync()) }
func (f *tableFile) SyncData() error { return f.g.table("flush", f.name, f.File.SyncData()) }

func (f *tableFile) SyncTo(n int64) (bool, error) {
	full, err := f.File.SyncTo(n)
	return full, f.g.table("flush", f.name, err)
}

// logger takes what pebble has to say. It tells of nothing that the events and the
// errors do not tell, but for the failures over which it would end the process.
type logger struct{ g *guarded }

var _ pebble.Logger = logger{}

func (logger) Infof(string, ...any)  {}
func (logger) Errorf(string, ...any) {}

// Fatalf ends writing, where pebble would end the process.
func (l logger) Fatalf(format string, args ...any) {
	l.g.fail(fmt.Errorf(format, args...))
}
