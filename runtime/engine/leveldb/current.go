package leveldb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb/comparer"
	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// files looks at the files of a database, and changes none. goleveldb's own
// GetMeta rewrites CURRENT.
type files struct {
	stor storage.Storage
	dir  string // where stor is a directory
}

// sizes returns how large each file is.
func (f files) sizes() (map[storage.FileDesc]int64, error) {
	fds, err := f.stor.List(storage.TypeAll)
	if err != nil {
		return nil, err
	}
	sizes := make(map[storage.FileDesc]int64, len(fds))
	for _, fd := range fds {
		if sizes[fd], err = f.size(fd); err != nil {
			return nil, err
		}
	}
	return sizes, nil
}

func (f files) size(fd storage.FileDesc) (int64, error) {
	if f.dir == "" {
		r, err := f.stor.Open(fd)
		if err != nil {
			return 0, err
		}
		size, err := r.Seek(0, io.SeekEnd)
		return size, errors.Join(err, r.Close())
	}
	fi, err := os.Stat(filepath.Join(f.dir, fd.String()))
	if errors.Is(err, os.ErrNotExist) && fd.Type == storage.TypeTable {
		// Old versions of LevelDB gave tables this ending.
		fi, err = os.Stat(filepath.Join(f.dir, fmt.Sprintf("%06d.sst", fd.Num)))
	}
	if err != nil {
		return 0, err
	}
	return fi.Size(), nil
}

// syncDir makes the names of the files durable.
func (f files) syncDir() error {
	d, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, os.ErrInvalid) {
		err = nil // not every system can
	}
	return errors.Join(err, d.Close())
}

// ofPebble returns an error for a database of the other engine, which is not a damaged one
// of this.
func (f files) ofPebble() error {
	if f.dir == "" {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(f.dir, "marker.manifest.*"))
	if err == nil && len(names) > 0 {
		err = fmt.Errorf("%w: the folder has a database of pebble: open it with engines/pebble, whose backup can be restored into a folder of goleveldb", engine.ErrInvalid)
	}
	return err
}

// pointer is a file that names a manifest: CURRENT, the one that is about to
// replace it (CURRENT. and the manifest's number), and the one it has replaced
// (CURRENT.bak).
type pointer struct {
	name     string
	manifest storage.FileDesc
	whole    bool // it holds the name of a manifest
	leads    bool // to a manifest that is there
}

func (f files) pointer(name string, sizes map[storage.FileDesc]int64) (p pointer, there bool, err error) {
	b, err := os.ReadFile(filepath.Join(f.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	p.name = name
	digits, _ := strings.CutPrefix(strings.TrimSuffix(string(b), "\n"), "MANIFEST-")
	num, err := strconv.ParseInt(digits, 10, 64)
	p.manifest = storage.FileDesc{Type: storage.TypeManifest, Num: num}
	p.whole = err == nil && num >= 0 && string(b) == p.manifest.String()+"\n"
	if p.whole {
		_, p.leads = sizes[p.manifest]
	}
	return p, true, nil
}

// entry is where a database begins.
type entry struct {
	manifest storage.FileDesc
	found    bool
	pending  []string // files that were to become CURRENT
}

// entry finds the manifest that counts, as goleveldb does. It is an error where
// there is a trace of a manifest that is gone.
func (f files) entry(sizes map[storage.FileDesc]int64) (entry, error) {
	if f.dir == "" {
		fd, err := f.stor.GetMeta()
		if errors.Is(err, os.ErrNotExist) {
			return entry{}, nil
		}
		if err != nil {
			return entry{}, err
		}
		if _, ok := sizes[fd]; !ok {
			return entry{}, &misfit{fmt.Sprintf("%s is missing, which is named as the current manifest", fd), fixOther}
		}
		return entry{manifest: fd, found: true}, nil
	}
	current, there, err := f.pointer("CURRENT", sizes)
	if err != nil {
		return entry{}, err
	}
	if there && !current.whole {
		return entry{}, &misfit{"CURRENT does not hold the name of a manifest", fixOther}
	}
	// It leads nowhere where the switch to a new manifest failed at its very end.
	before, hadBefore, err := f.pointer("CURRENT.bak", sizes)
	if err != nil {
		return entry{}, err
	}
	if !current.leads {
		if before.leads {
			current = before
		} else if there || hadBefore {
			return entry{}, &misfit{"CURRENT names no manifest that is there", fixOther}
		}
	}
	e := entry{manifest: current.manifest, found: current.leads}
	pending, err := f.pending(sizes)
	if err != nil {
		return entry{}, err
	}
	for _, p := range pending {
		e.pending = append(e.pending, p.name)
		if p.leads && (!e.found || p.manifest.Num > e.manifest.Num) {
			e.manifest, e.found = p.manifest, true
		}
	}
	return e, nil
}

// pending returns the files that were to become CURRENT.
func (f files) pending(sizes map[storage.FileDesc]int64) ([]pointer, error) {
	names, err := filepath.Glob(filepath.Join(f.dir, "CURRENT.*"))
	if err != nil {
		return nil, err
	}
	var found []pointer
	for _, name := range names {
		name = filepath.Base(name)
		if _, err := strconv.ParseInt(strings.TrimPrefix(name, "CURRENT."), 10, 64); err != nil {
			continue
		}
		p, there, err := f.pointer(name, sizes)
		if err != nil {
			return nil, err
		}
		if there {
			found = append(found, p)
		}
	}
	return found, nil
}

// firstManifest is what the creation of a database writes before anything names
// it: a manifest without tables or journals.
var firstManifest = sync.OnceValue(func() []byte {
	var buf bytes.Buffer
	w := journal.NewWriter(&buf)
	rec, err := w.Next()
	if err == nil {
		name := comparer.DefaultComparer.Name()
		b := append([]byte{fieldComparer, byte(len(name))}, name...)
		_, err = rec.Write(append(b, fieldJournal, 0, fieldNextFile, 1, fieldSeq, 0))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // a buffer takes all
	}
	return buf.Bytes()
})

// unfinished reports whether files without an entry are what the creation of a
// database has left that was ended in its middle: no more than the beginning of
// the first manifest, and of the file that was to become CURRENT. Nothing can
// have been written to such a database.
func (f files) unfinished(sizes map[storage.FileDesc]int64, e entry) (bool, error) {
	first := storage.FileDesc{Type: storage.TypeManifest}
	if slices.ContainsFunc(e.pending, func(name string) bool { return name != "CURRENT.0" }) {
		return false, nil
	}
	_, has := sizes[first]
	if !has {
		return len(sizes) == 0, nil
	}
	if len(sizes) > 1 {
		return false, nil
	}
	r, err := f.stor.Open(first)
	if err != nil {
		return false, err
	}
	b, err := io.ReadAll(io.LimitReader(r, blockSize))
	if err = errors.Join(err, r.Close()); err != nil {
		return false, err
	}
	whole := firstManifest()
	written := bytes.HasPrefix(whole, b)
	reserved := len(b) <= len(whole) && len(bytes.Trim(b, "\x00")) == 0 // its size was written, and not its content
	return written || reserved, nil
}

// clear removes what an unfinished creation has left.
func (f files) clear(sizes map[storage.FileDesc]int64, e entry) error {
	for fd := range sizes {
		if err := f.stor.Remove(fd); err != nil {
			return err
		}
	}
	for _, name := range e.pending {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil {
			return err
		}
	}
	return nil
}
