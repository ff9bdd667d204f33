package torture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// disk is a storage in memory that can fail, and that can be crashed: what was
// not flushed is then lost, or only part of it, as on a real one.
type disk struct {
	mu     sync.Mutex
	files  map[storage.FileDesc]*content
	meta   storage.FileDesc // which manifest counts
	locked bool

	ops  int // since it was made
	at   int // the operation that fails; 0 is none
	kind fault
	hit  bool // the fault has happened
	rng  *rand.Rand
}

type content struct {
	data   []byte
	synced int
}

// fault is what goes wrong.
type fault int

const (
	faultNone      fault = iota // only the crash
	faultTorn                   // part of a write is done, then an error
	faultShort                  // a write says that it wrote less
	faultNoSpace                // nothing is written: ENOSPC
	faultWriteIO                // nothing is written: EIO
	faultSync                   // a flush fails, and what it was to flush is lost
	faultRename                 // the manifest is not switched
	faultCreate                 // a file cannot be made
	faultEverAfter              // the disk is gone from then on
	faultKinds
)

var (
	errNoSpace = errors.New("no space left on device")
	errIO      = errors.New("input/output error")
)

func newDisk(rng *rand.Rand) *disk {
	return &disk{files: map[storage.FileDesc]*content{}, rng: rng}
}

// operation counts, and says whether this is the one that fails. Faults wait for
// an operation of the sort that they are about.
func (d *disk) operation(sort ...fault) fault {
	d.ops++
	switch {
	case d.hit && d.kind == faultEverAfter:
		return faultWriteIO
	case d.at == 0 || d.ops < d.at || d.hit:
		return faultNone
	case d.kind == faultEverAfter:
		d.hit = true
		return faultWriteIO
	case slices.Contains(sort, d.kind):
		d.hit = true
		return d.kind
	}
	return faultNone
}

// crash returns the disk as it is after a power cut: of what was not flushed
// there is some beginning, or nothing.
func (d *disk) crash() *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	after := newDisk(d.rng)
	after.meta = d.meta
	fds := make([]storage.FileDesc, 0, len(d.files))
	for fd := range d.files {
		fds = append(fds, fd)
	}
	slices.SortFunc(fds, func(a, b storage.FileDesc) int {
		return int(a.Num-b.Num)*10 + int(a.Type-b.Type)
	})
	for _, fd := range fds {
		f := d.files[fd]
		n := f.synced
		if lost := len(f.data) - n; lost > 0 {
			n += d.rng.IntN(lost + 1)
		}
		if n == 0 && d.rng.IntN(2) == 0 {
			continue // the file's name was not flushed either
		}
		after.files[fd] = &content{data: bytes.Clone(f.data[:n]), synced: n}
	}
	return after
}

type locker struct{ d *disk }

func (l locker) Unlock() {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.d.locked = false
}

func (d *disk) Lock() (storage.Locker, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, storage.ErrLocked
	}
	d.locked = true
	return locker{d}, nil
}

func (d *disk) Log(string) {}

func (d *disk) SetMeta(fd storage.FileDesc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.operation(faultRename) != faultNone {
		return errIO
	}
	d.meta = fd
	return nil
}

func (d *disk) GetMeta() (storage.FileDesc, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.meta.Zero() {
		return storage.FileDesc{}, os.ErrNotExist
	}
	return d.meta, nil
}

func (d *disk) List(ft storage.FileType) ([]storage.FileDesc, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []storage.FileDesc
	for fd := range d.files {
		if fd.Type&ft != 0 {
			out = append(out, fd)
		}
	}
	return out, nil
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }

func (d *disk) Open(fd storage.FileDesc) (storage.Reader, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[fd]
	if f == nil {
		return nil, os.ErrNotExist
	}
	return reader{bytes.NewReader(f.data[:len(f.data):len(f.data)])}, nil
}

func (d *disk) Create(fd storage.FileDesc) (storage.Writer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.operation(faultCreate) != faultNone {
		return nil, errNoSpace
	}
	f := &content{}
	d.files[fd] = f
	return &diskWriter{d: d, f: f}, nil
}

func (d *disk) Remove(fd storage.FileDesc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[fd] == nil {
		return os.ErrNotExist
	}
	delete(d.files, fd)
	return nil
}

func (d *disk) Rename(from, to storage.FileDesc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[from]
	if f == nil {
		return os.ErrNotExist
	}
	if d.operation(faultRename) != faultNone {
		return errIO
	}
	delete(d.files, from)
	d.files[to] = f
	return nil
}

func (d *disk) Close() error { return nil }

type diskWriter struct {
	d *disk
	f *content
}

func (w *diskWriter) Write(p []byte) (int, error) {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	switch w.d.operation(faultTorn, faultShort, faultNoSpace, faultWriteIO) {
	case faultTorn:
		n := w.d.rng.IntN(len(p) + 1)
		w.f.data = append(w.f.data, p[:n]...)
		return n, errIO
	case faultShort:
		n := w.d.rng.IntN(len(p) + 1)
		w.f.data = append(w.f.data, p[:n]...)
		return n, io.ErrShortWrite
	case faultNoSpace:
		return 0, errNoSpace
	case faultWriteIO:
		return 0, errIO
	}
	w.f.data = append(w.f.data, p...)
	return len(p), nil
}

func (w *diskWriter) Sync() error {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	switch w.d.operation(faultSync) {
	case faultNone:
		w.f.synced = len(w.f.data)
		return nil
	case faultSync:
		// The kernel drops pages that it could not write: they look written until
		// the machine is started again. A later flush that succeeds does not bring
		// them back.
		return fmt.Errorf("flush: %w", errIO)
	}
	return errIO
}

func (w *diskWriter) Close() error { return nil }
