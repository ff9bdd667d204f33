package leveldb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	lerrors "github.com/syndtr/goleveldb/leveldb/errors"
	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// guarded is a storage that remembers the first failed write or flush of a
// journal or manifest, and fails all later ones with it. goleveldb would go on
// writing behind the hole, and take a later flush that succeeds for both.
//
// Tables are left alone: one that could not be written is deleted and written
// again under another name.
//
// What goleveldb reads of journals and manifests ends where the inspection says,
// so that it neither skips anything nor reads on behind a hole.
type guarded struct {
	files
	storage.Storage
	found *inspection
	merge bool // show the journals that count as one

	// cause is what ended writing, or nil. Each commit looks at it, twice, so that it is
	// behind no lock.
	cause atomic.Pointer[error]

	mu       sync.Mutex
	manifest storage.FileDesc              // the current one
	unused   map[storage.FileDesc]bool     // journals of this opening that nothing was written to
	dropped  []storage.FileDesc            // those of them that goleveldb has removed
	named    map[storage.FileDesc]struct{} // manifests that CURRENT may name, though the switch to them failed
}

// journalEnd says how much of a journal may be read.
type journalEnd struct {
	fd  storage.FileDesc
	end int64
}

// errNotInspected ends an opening that does not see what was inspected.
var errNotInspected = errors.New("the current manifest has changed while the database was opened")

// guard returns the storage for the opening of an inspected database. Only one
// journal can be read when it is opened for reading.
func guard(in *inspection, readOnly bool) *guarded {
	return &guarded{
		files: in.files, Storage: in.stor, found: in,
		merge:  readOnly && len(in.live) > 1,
		unused: map[storage.FileDesc]bool{},
		named:  map[storage.FileDesc]struct{}{},
	}
}

// failed returns the failure that ended writing, or nil.
func (g *guarded) failed() error {
	if err := g.cause.Load(); err != nil {
		return *err
	}
	return nil
}

// note returns err, after remembering it if it is the first failure.
func (g *guarded) note(fd storage.FileDesc, what string, err error) error {
	if err == nil {
		return nil
	}
	cause := fmt.Errorf("%s %s: %w", what, fd, err)
	g.cause.CompareAndSwap(nil, &cause)
	return err
}

// Create implements storage.Storage. The name of a journal is durable before the
// manifest says that it counts.
func (g *guarded) Create(fd storage.FileDesc) (storage.Writer, error) {
	if fd.Type == storage.TypeJournal {
		g.writeNote(false) // of those before it
	}
	w, err := g.Storage.Create(fd)
	if err != nil || fd.Type&(storage.TypeJournal|storage.TypeManifest) == 0 {
		return w, err
	}
	if fd.Type == storage.TypeJournal {
		if err := g.syncName(w); err != nil {
			return nil, errors.Join(g.note(fd, "create", err), w.Close())
		}
		g.mu.Lock()
		g.unused[fd] = true
		g.mu.Unlock()
		g.writeNote(false) // with it
	}
	return &guardedWriter{Writer: w, g: g, fd: fd, unused: fd.Type == storage.TypeJournal}, nil
}

func (g *guarded) syncName(w storage.Writer) error {
	if g.dir != "" {
		return g.syncDir()
	}
	return w.Sync()
}

// GetMeta implements storage.Storage.
func (g *guarded) GetMeta() (storage.FileDesc, error) {
	fd, err := g.Storage.GetMeta()
	if err == nil && fd != g.found.manifest {
		return fd, errNotInspected
	}
	return fd, err
}

// SetMeta implements storage.Storage.
func (g *guarded) SetMeta(fd storage.FileDesc) error {
	err := g.Storage.SetMeta(fd)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.named[fd] = struct{}{}
		return err
	}
	delete(g.named, fd)
	g.manifest = fd
	return nil
}

// Remove implements storage.Storage. Two files stay that goleveldb would remove: a
// manifest that could not be made the current one, as CURRENT may name it all the
// same; and a journal without commits, which the current manifest may name, until
// one with commits is removed.
func (g *guarded) Remove(fd storage.FileDesc) error {
	if fd.Type&(storage.TypeJournal|storage.TypeManifest) == 0 {
		return g.Storage.Remove(fd)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.named[fd]; ok {
		return nil
	}
	if g.unused[fd] {
		g.dropped = append(g.dropped, fd)
		return nil
	}
	if err := g.Storage.Remove(fd); err != nil || fd.Type != storage.TypeJournal {
		return err
	}
	for _, before := range g.dropped {
		if err := g.Storage.Remove(before); err != nil {
			return err
		}
	}
	g.dropped = nil
	return nil
}

// guardedWriter writes a journal or manifest. goleveldb never uses one from two
// goroutines at once.
type guardedWriter struct {
	storage.Writer
	g     *guarded
	fd    storage.FileDesc
	dirty bool // written to since the last flush

	unused bool // a journal that was never written to
}

func (w *guardedWriter) Write(p []byte) (int, error) {
	if err := w.g.failed(); err != nil {
		return 0, err
	}
	w.dirty = true
	if w.unused && len(p) > 0 {
		w.unused = false
		w.g.mu.Lock()
		delete(w.g.unused, w.fd)
		w.g.mu.Unlock()
	}
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

// Open implements storage.Storage.
func (g *guarded) Open(fd storage.FileDesc) (storage.Reader, error) {
	r, err := g.Storage.Open(fd)
	if err != nil {
		return r, err
	}
	switch fd.Type {
	case storage.TypeJournal:
		r, err = g.openJournal(fd, r)
	case storage.TypeManifest:
		if fd != g.found.manifest {
			err = errNotInspected
			break
		}
		r, err = cutAt(r, g.found.end)
	case storage.TypeTable:
		err = checkFooter(fd, r)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

const (
	fixJournal = "restore a backup, or open with Options.TruncateDamagedJournal to go back to the last commit before the damage"
	fixOther   = "restore a backup"
	fixNote    = "restore a backup, or, if these files are one, remove 000000.tmp"
)

// openJournal ends a journal before what a crash has torn.
func (g *guarded) openJournal(fd storage.FileDesc, r storage.Reader) (storage.Reader, error) {
	if g.merge {
		return g.merged(fd, r)
	}
	for _, j := range g.found.live {
		if j.fd == fd {
			return cutAt(r, j.end)
		}
	}
	return r, fmt.Errorf("%s appeared while the database was opened", fd)
}

// List implements storage.Storage.
func (g *guarded) List(ft storage.FileType) ([]storage.FileDesc, error) {
	fds, err := g.Storage.List(ft)
	if g.merge {
		fds = slices.DeleteFunc(fds, func(fd storage.FileDesc) bool {
			return fd.Type == storage.TypeJournal && fd != g.found.live[0].fd
		})
	}
	return fds, err
}

// merged returns the journals that count as one, in memory. The first of them,
// fd, is open.
func (g *guarded) merged(fd storage.FileDesc, first storage.Reader) (storage.Reader, error) {
	var buf bytes.Buffer
	w := journal.NewWriter(&buf)
	for _, j := range g.found.live {
		r := first
		if j.fd != fd {
			var err error
			if r, err = g.Storage.Open(j.fd); err != nil {
				return first, err
			}
		}
		err := copyRecords(w, r, j.end)
		if j.fd != fd {
			err = errors.Join(err, r.Close())
		}
		if err != nil {
			return first, err
		}
	}
	if err := w.Close(); err != nil {
		return first, err
	}
	return &inMemory{bytes.NewReader(buf.Bytes()), first}, nil
}

// copyRecords copies the records of a journal up to its end.
func copyRecords(w *journal.Writer, r storage.Reader, end int64) error {
	from, err := cutAt(r, end)
	if err != nil {
		return err
	}
	recs := journal.NewReader(from, nil, true, true)
	for {
		rec, err := recs.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		to, err := w.Next()
		if err != nil {
			return err
		}
		if _, err := io.Copy(to, rec); err != nil {
			return err
		}
	}
}

// inMemory is a file whose content is in memory.
type inMemory struct {
	*bytes.Reader
	io.Closer
}

// cut is a file that ends early.
type cut struct {
	storage.Reader
	left int64
}

// cutAt returns r from its beginning to end.
func cutAt(r storage.Reader, end int64) (storage.Reader, error) {
	_, err := r.Seek(0, io.SeekStart)
	return &cut{r, end}, err
}

func (c *cut) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.EOF
	}
	n, err := c.Reader.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// A table ends in a footer of 48 bytes, which has no checksum: where the
// metaindex is and where the index is, as offset and length, zeros, and a magic
// number, which goleveldb checks.
const (
	footerSize   = 48
	blockTrailer = 5 // behind a block's length: compression and checksum
)

// checkFooter makes sure of what the checksums of a table do not guard: the
// metaindex, the index and the footer lie one behind the other at its end, so
// that no other footer passes.
func checkFooter(fd storage.FileDesc, r storage.Reader) error {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	bad := func(reason string) error {
		return &lerrors.ErrCorrupted{Fd: fd, Err: fmt.Errorf("table of %d bytes: %s", size, reason)}
	}
	if size < footerSize {
		return bad("too short")
	}
	var footer [footerSize]byte
	if _, err := r.ReadAt(footer[:], size-footerSize); err != nil && err != io.EOF {
		return err
	}
	var v [4]uint64 // offset and length of the metaindex, and of the index
	rest := footer[:]
	for i := range v {
		n := 0
		v[i], n = binary.Uvarint(rest)
		if n <= 0 || v[i] > uint64(size) || n > 1 && rest[n-1] == 0 {
			return bad("the footer does not say where the index is")
		}
		rest = rest[n:]
	}
	if zeros := bytes.TrimRight(rest[:len(rest)-8], "\x00"); len(zeros) > 0 {
		return bad("the footer has something in it that is not used")
	}
	if v[0]+v[1]+blockTrailer != v[2] || v[2]+v[3]+blockTrailer != uint64(size)-footerSize {
		return bad("the footer does not fit the table")
	}
	return nil
}
