package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"runtime/debug"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/batchrepr"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/wal"
	"github.com/storegen/storegen/runtime/engine"
)

// tail is a file of the last commits. Pebble keeps those that are not synced in the
// process, until 32 KiB of them have come together; to have it write each at once wakes
// another thread, which takes as long as the commit. So each is also copied to here, by the
// thread that makes it: the memory of the file is the system's. Whatever of it the journal does not have is written to the
// database when that is opened.
//
// The commits have numbers without gaps, pebble's sequence numbers. Those of the journal
// end somewhere, also after a power cut, and those of the tail go on from there or are of
// no use. For that, the tail has each commit since the journal was last written out, and
// the first commit of each journal is written out at once, so that a journal without
// commits says that there were none.
type tail struct {
	mu       sync.Mutex // held over a commit, so that they come in their order
	db       *pebble.DB
	files    *guarded
	file     vfs.File
	mem      []byte // the file, where the system can map it
	end      int64
	journals int64 // how many journals there were when the journal was last written out
	buf      []byte
}

const (
	tailName   = "TAIL"
	tailHeader = 8       // checksum and length of a commit
	tailMost   = 1 << 19 // bytes of the file
)

// startTail begins a new tail in a database that has all that the old one had.
func startTail(db *pebble.DB, files *guarded, dir string) (*tail, error) {
	name := files.PathJoin(dir, tailName)
	f, err := files.FS.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(make([]byte, tailMost)) // so that there is room for what is mapped
	if err = errors.Join(err, f.Close(), syncDir(files.FS, dir)); err != nil {
		return nil, err
	}
	t := &tail{db: db, files: files}
	if t.file, err = files.FS.OpenReadWrite(name, vfs.WriteCategoryUnspecified); err != nil {
		return nil, err
	}
	if fd := t.file.Fd(); fd != vfs.InvalidFd {
		t.mem = mapFile(fd, tailMost)
	}
	return t, nil
}

// commit makes a commit, and returns once it outlives the process, or, with sync, the
// machine.
func (t *tail) commit(ops *pebble.Batch, sync bool) error {
	if sync {
		if err := t.inOrder(ops, func() error { return t.db.ApplyNoSyncWait(ops, pebble.Sync) }); err != nil {
			return err
		}
		return ops.SyncWait()
	}
	return t.inOrder(ops, func() error { return t.db.Apply(ops, pebble.NoSync) })
}

func (t *tail) inOrder(ops *pebble.Batch, apply func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := apply(); err != nil {
		return err
	}
	return t.add(ops.Repr())
}

// commitLarge is commit for a batch that is written to the journal at once.
func (t *tail) commitLarge(ops *pebble.Batch) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	journals := t.files.journals.Load()
	if err := t.db.Apply(ops, pebble.Sync); err != nil {
		return err
	}
	return t.writtenOut(journals)
}

// add writes a commit that pebble has taken.
func (t *tail) add(repr []byte) error {
	if err := t.files.failed(); err != nil {
		return err
	}
	if t.end+int64(tailHeader+len(repr)) > tailMost || t.files.journals.Load() != t.journals {
		return t.writeOut()
	}
	t.buf = append(t.buf[:0], make([]byte, tailHeader)...)
	t.buf = append(t.buf, repr...)
	binary.LittleEndian.PutUint32(t.buf[4:], uint32(len(repr)))
	binary.LittleEndian.PutUint32(t.buf, crc32.Checksum(t.buf[4:], noteTable))
	if err := t.write(); err != nil {
		t.files.note("write", tailName, err)
		return err
	}
	t.end += int64(len(t.buf))
	return nil
}

// write writes buf to the end of the file.
func (t *tail) write() (err error) {
	if t.mem == nil {
		_, err = t.file.WriteAt(t.buf, t.end)
		return err
	}
	// A page of the file that cannot be read or written is a fault.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the file is mapped, and its memory: %v", r)
		}
	}()
	copy(t.mem[t.end:], t.buf)
	return nil
}

// writeOut has pebble write its journal, and begins the tail anew.
func (t *tail) writeOut() error {
	journals := t.files.journals.Load()
	mark := t.db.NewBatch()
	defer mark.Close()
	mark.LogData(nil, nil) // which is a record of the journal, and no pair
	if err := t.db.Apply(mark, pebble.Sync); err != nil {
		return err
	}
	return t.writtenOut(journals)
}

// writtenOut notes that the journal was written, and that there were so many before.
func (t *tail) writtenOut(journals int64) error {
	t.end, t.journals = 0, journals
	return t.files.failed()
}

// close ends the tail of a database that was closed.
func (t *tail) close(dir string, clean bool) error {
	if t.mem != nil {
		unmapFile(t.mem)
	}
	err := t.file.Close()
	if clean {
		// What is left of it has nothing that the journal does not have.
		err = errors.Join(err, t.files.FS.Remove(t.files.PathJoin(dir, tailName)))
	}
	return err
}

// unwritten returns the commits of the tail that the journal does not have, in their
// order.
func unwritten(files vfs.FS, dir string) ([][]byte, error) {
	data, err := readFile(files, files.PathJoin(dir, tailName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	next, found, err := journalEnd(files, dir)
	if err != nil || !found {
		return nil, err
	}
	var commits [][]byte
	for {
		repr, rest := cutCommit(data)
		h, ok := batchrepr.ReadHeader(repr)
		if !ok {
			return commits, nil
		}
		if seq := uint64(h.SeqNum); seq == next {
			commits = append(commits, repr)
			next += uint64(h.Count)
		} else if seq > next {
			return commits, nil // of what a power cut has left
		}
		data = rest
	}
}

// cutCommit returns the first commit of a tail, nil where there is none.
func cutCommit(data []byte) (repr, rest []byte) {
	if len(data) < tailHeader {
		return nil, nil
	}
	n := binary.LittleEndian.Uint32(data[4:])
	if uint64(n) > uint64(len(data)-tailHeader) {
		return nil, nil
	}
	end := tailHeader + int(n)
	if crc32.Checksum(data[4:end], noteTable) != binary.LittleEndian.Uint32(data) {
		return nil, nil
	}
	return data[tailHeader:end], data[end:]
}

// journalEnd returns the number behind the last commit in the last journal. found is
// false where that has none.
func journalEnd(files vfs.FS, dir string) (next uint64, found bool, err error) {
	logs, err := wal.Scan(wal.Dir{FS: files, Dirname: dir})
	if err != nil || len(logs) == 0 {
		return 0, false, err
	}
	r := logs[len(logs)-1].OpenForRead()
	defer r.Close()
	for {
		rec, _, err := r.NextRecord()
		if err != nil {
			return next, found, nil // the end, or damage: pebble tells
		}
		data, err := io.ReadAll(rec)
		if err != nil {
			return next, found, nil
		}
		if h, ok := batchrepr.ReadHeader(data); ok {
			next, found = uint64(h.SeqNum)+uint64(h.Count), true
		}
	}
}

// recoverTail writes commits that the journal did not have.
func recoverTail(db *pebble.DB, files *guarded, commits [][]byte) error {
	files.syncing.Add(1)
	defer files.syncing.Add(-1)
	for i, repr := range commits {
		b := db.NewBatch()
		if err := b.SetRepr(repr); err != nil {
			return fmt.Errorf("%w: %s: %w", engine.ErrCorrupt, tailName, err)
		}
		wo := pebble.NoSync
		if i == len(commits)-1 {
			wo = pebble.Sync
		}
		if err := db.Apply(b, wo); err != nil {
			return err
		}
	}
	return files.failed()
}
