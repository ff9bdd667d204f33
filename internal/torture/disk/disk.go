// Package disk is a storage for goleveldb in memory that can fail at a chosen
// operation, and that can lose its power: what was not flushed is then gone, or
// only part of it is left, as on a real disk.
//
// It knows nothing of what is stored.
package disk

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

// Disk is such a storage. Its methods may be called from several goroutines.
type Disk struct {
	mu     sync.Mutex
	files  map[storage.FileDesc]*content
	meta   storage.FileDesc              // which manifest counts
	gone   map[storage.FileDesc]*content // removed, and not durably so
	locked bool

	ops  int // since it was made
	at   int // the operation that fails; 0 is none
	kind Fault
	hit  bool // the fault has happened
	rng  *rand.Rand
}

type content struct {
	data   []byte
	synced int
	named  bool // the name is durable
}

// Fault is what goes wrong.
type Fault int

const (
	None      Fault = iota // only the crash
	Torn                   // part of a write is done, then an error
	Short                  // a write says that it wrote less
	NoSpace                // nothing is written: ENOSPC
	WriteIO                // nothing is written: EIO
	Sync                   // a flush fails, and what it was to flush is lost
	Rename                 // the manifest is not switched
	Create                 // a file cannot be made
	EverAfter              // the disk is gone from then on
	Kinds
)

var (
	errNoSpace = errors.New("no space left on device")
	errIO      = errors.New("input/output error")
)

// New returns an empty disk. What it loses follows from rng.
func New(rng *rand.Rand) *Disk {
	return &Disk{files: map[storage.FileDesc]*content{}, gone: map[storage.FileDesc]*content{}, rng: rng}
}

// FailAfter lets the operation of the fault's sort that comes next after n more
// ones fail, and nothing before it.
func (d *Disk) FailAfter(kind Fault, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kind, d.at, d.hit = kind, d.ops+1+n, false
}

// Hit tells whether the fault has happened.
func (d *Disk) Hit() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hit
}

// operation counts, and says whether this is the one that fails. Faults wait for
// an operation of the sort that they are about.
func (d *Disk) operation(sort ...Fault) Fault {
	d.ops++
	switch {
	case d.hit && d.kind == EverAfter:
		return WriteIO
	case d.at == 0 || d.ops < d.at || d.hit:
		return None
	case d.kind == EverAfter:
		d.hit = true
		return WriteIO
	case slices.Contains(sort, d.kind):
		d.hit = true
		return d.kind
	}
	return None
}

// Crash returns the disk as it is after a power cut: of what was not flushed
// there is some beginning, or nothing, and files that were removed may be back.
func (d *Disk) Crash() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	after := New(d.rng)
	after.meta = d.meta
	fds := make([]storage.FileDesc, 0, len(d.files)+len(d.gone))
	for fd := range d.files {
		fds = append(fds, fd)
	}
	for fd := range d.gone {
		fds = append(fds, fd)
	}
	slices.SortFunc(fds, func(a, b storage.FileDesc) int {
		return int(a.Num-b.Num)*10 + int(a.Type-b.Type)
	})
	for _, fd := range fds {
		f := d.files[fd]
		if f == nil {
			if f = d.gone[fd]; d.rng.IntN(2) == 0 {
				continue
			}
		}
		n := f.synced
		if lost := len(f.data) - n; lost > 0 {
			n += d.rng.IntN(lost + 1)
		}
		if !f.named && n == 0 && d.rng.IntN(2) == 0 {
			continue // the file's name was not flushed either
		}
		after.files[fd] = &content{data: bytes.Clone(f.data[:n]), synced: n, named: true}
	}
	return after
}

type locker struct{ d *Disk }

func (l locker) Unlock() {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.d.locked = false
}

func (d *Disk) Lock() (storage.Locker, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, storage.ErrLocked
	}
	d.locked = true
	return locker{d}, nil
}

func (d *Disk) Log(string) {}

func (d *Disk) SetMeta(fd storage.FileDesc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.operation(Rename) != None {
		return errIO
	}
	d.meta = fd
	return nil
}

func (d *Disk) GetMeta() (storage.FileDesc, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.meta.Zero() {
		return storage.FileDesc{}, os.ErrNotExist
	}
	return d.meta, nil
}

func (d *Disk) List(ft storage.FileType) ([]storage.FileDesc, error) {
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

func (d *Disk) Open(fd storage.FileDesc) (storage.Reader, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[fd]
	if f == nil {
		return nil, os.ErrNotExist
	}
	return reader{bytes.NewReader(f.data[:len(f.data):len(f.data)])}, nil
}

func (d *Disk) Create(fd storage.FileDesc) (storage.Writer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.operation(Create) != None {
		return nil, errNoSpace
	}
	f := &content{}
	d.files[fd] = f
	delete(d.gone, fd)
	return &diskWriter{d: d, f: f, manifest: fd.Type == storage.TypeManifest}, nil
}

func (d *Disk) Remove(fd storage.FileDesc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[fd]
	if f == nil {
		return os.ErrNotExist
	}
	delete(d.files, fd)
	d.gone[fd] = f
	return nil
}

func (d *Disk) Rename(from, to storage.FileDesc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[from]
	if f == nil {
		return os.ErrNotExist
	}
	if d.operation() != None {
		return errIO
	}
	delete(d.files, from)
	d.files[to] = f
	return nil
}

func (d *Disk) Close() error { return nil }

type diskWriter struct {
	d        *Disk
	f        *content
	manifest bool
}

func (w *diskWriter) Write(p []byte) (int, error) {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	switch w.d.operation(Torn, Short, NoSpace, WriteIO) {
	case Torn:
		n := w.d.rng.IntN(len(p) + 1)
		w.f.data = append(w.f.data, p[:n]...)
		return n, errIO
	case Short:
		n := w.d.rng.IntN(len(p) + 1)
		w.f.data = append(w.f.data, p[:n]...)
		return n, io.ErrShortWrite
	case NoSpace:
		return 0, errNoSpace
	case WriteIO:
		return 0, errIO
	}
	w.f.data = append(w.f.data, p...)
	return len(p), nil
}

func (w *diskWriter) Sync() error {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	switch w.d.operation(Sync) {
	case None:
		w.f.synced, w.f.named = len(w.f.data), true
		if w.manifest {
			clear(w.d.gone) // with a manifest, the directory is flushed
		}
		return nil
	case Sync:
		// The kernel drops pages that it could not write: they look written until
		// the machine is started again. A later flush that succeeds does not bring
		// them back.
		return fmt.Errorf("flush: %w", errIO)
	}
	return errIO
}

func (w *diskWriter) Close() error { return nil }
