package leveldb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

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
// What goleveldb reads of journals and manifests ends where the last whole
// record does, so that it neither skips anything nor reads on behind a hole.
type guarded struct {
	storage.Storage
	truncate bool // go back to before the damage of a journal
	readOnly bool
	mu       sync.Mutex
	cause    error
	live     []journalEnd // the journals that count, once the first was opened
	merge    bool         // show them as one
}

// journalEnd says how much of a journal may be read.
type journalEnd struct {
	fd  storage.FileDesc
	end int64
}

// errManyJournals ends the opening of a database for reading that has several
// journals: goleveldb can only do that with one.
var errManyJournals = errors.New("several journals")

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
		r, err = openManifest(fd, r)
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
	mendJournal = "restore a backup, or open with Options.TruncateDamagedJournal to go back to the last commit before the damage"
	mendOther   = "restore a backup"
)

// openManifest ends a manifest before the record that a crash has torn. Going
// back further would bring tables back that are no longer there.
func openManifest(fd storage.FileDesc, r storage.Reader) (storage.Reader, error) {
	ext, err := scan(fd, r)
	if err == nil && ext.wrong != nil {
		ext.wrong.mend = mendOther
		err = ext.wrong
	}
	if err != nil {
		return r, err
	}
	return cutAt(r, ext.end)
}

// openJournal ends a journal before what a crash has torn. goleveldb opens the
// journals that count when a database is opened, the oldest first.
func (g *guarded) openJournal(fd storage.FileDesc, r storage.Reader) (storage.Reader, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.live == nil {
		if err := g.scanJournals(fd, r); err != nil {
			g.live = nil
			return r, err
		}
		if g.readOnly && len(g.live) > 1 {
			g.merge = true
			return r, errManyJournals
		}
	}
	if g.merge {
		return g.merged(fd, r)
	}
	for _, j := range g.live {
		if j.fd == fd {
			return cutAt(r, j.end)
		}
	}
	return r, fmt.Errorf("%s appeared while the database was opened", fd)
}

// List implements storage.Storage.
func (g *guarded) List(ft storage.FileType) ([]storage.FileDesc, error) {
	fds, err := g.Storage.List(ft)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.merge {
		fds = slices.DeleteFunc(fds, func(fd storage.FileDesc) bool {
			return fd.Type == storage.TypeJournal && fd != g.live[0].fd
		})
	}
	return fds, err
}

// merged returns the journals that count as one, in memory. The first of them,
// fd, is open.
func (g *guarded) merged(fd storage.FileDesc, first storage.Reader) (storage.Reader, error) {
	var buf bytes.Buffer
	w := journal.NewWriter(&buf)
	for _, j := range g.live {
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

// scanJournals finds out how much may be read of a journal, which is open, and of
// each later one. Together they are one sequence of commits.
func (g *guarded) scanJournals(from storage.FileDesc, open io.Reader) error {
	fds, err := g.Storage.List(storage.TypeJournal)
	if err != nil {
		return err
	}
	fds = slices.DeleteFunc(fds, func(fd storage.FileDesc) bool { return fd.Num < from.Num })
	slices.SortFunc(fds, func(a, b storage.FileDesc) int { return cmp.Compare(a.Num, b.Num) })
	var last extent  // the latest that holds commits
	var torn *damage // what a torn one is, if commits follow
	for i, fd := range fds {
		var ext extent
		if fd == from {
			ext, err = scan(fd, open)
		} else {
			ext, err = g.scanJournal(fd)
		}
		if err != nil {
			return err
		}
		wrong := ext.wrong
		switch {
		case torn != nil && ext.seq != 0:
			wrong, ext.end = torn, 0
		case last.next != 0 && ext.seq != 0 && ext.seq != last.next:
			wrong = &damage{fd: fd, behind: ext.size,
				reason: fmt.Sprintf("commits are missing before it: expected number %d, found %d", last.next, ext.seq)}
			ext.end = 0
		}
		if wrong != nil && !g.truncate {
			wrong.mend = mendJournal
			return wrong
		}
		g.live = append(g.live, journalEnd{fd, ext.end})
		if wrong != nil {
			for _, behind := range fds[i+1:] {
				g.live = append(g.live, journalEnd{behind, 0})
			}
			return nil
		}
		if ext.end < ext.size && torn == nil {
			torn = &damage{fd: fd, offset: ext.end, behind: ext.size - ext.end,
				reason: "it ends in the middle of a commit, and there are commits in a later journal"}
		}
		if ext.seq != 0 {
			last = ext
		}
	}
	return nil
}

func (g *guarded) scanJournal(fd storage.FileDesc) (extent, error) {
	r, err := g.Storage.Open(fd)
	if err != nil {
		return extent{}, err
	}
	ext, err := scan(fd, r)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return ext, err
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
