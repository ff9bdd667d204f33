package leveldb

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/syndtr/goleveldb/leveldb/storage"
)

// noteFile is where it is noted down which journals there are, and how long they
// and the manifest are at least, 000000.tmp: text, with a checksum. A journal that
// has lost its end looks like one that a crash has torn, and one that is gone like
// one that was never begun. The note is written before and after a journal is begun, but for the
// one that an opening begins, and at a clean Close, which alone tells of the lengths of journals. It counts as long as the manifest that it names is the current one,
// which the next opening for writing replaces. One that is not there, or not whole,
// or of another time, says nothing.
var noteFile = storage.FileDesc{Type: storage.TypeTemp, Num: 0}

const noteTitle = "storegen: these files were at least so long\n"

// writeNote writes the note. All that it tells must be durable already. Itself it
// is not flushed, and an error does not matter: nothing needs it.
func (g *guarded) writeNote(lengths bool) {
	g.mu.Lock()
	manifest := g.manifest
	g.mu.Unlock()
	if manifest.Type == 0 {
		return // the opening has not switched to a manifest of its own
	}
	fds, err := g.stor.List(storage.TypeJournal)
	if err != nil {
		return
	}
	slices.SortFunc(fds, func(a, b storage.FileDesc) int { return int(a.Num - b.Num) })
	b := []byte(noteTitle)
	for _, fd := range append([]storage.FileDesc{manifest}, fds...) {
		size := int64(0)
		if lengths {
			if size, err = g.size(fd); err != nil {
				return
			}
		}
		b = fmt.Appendf(b, "%s %d\n", fd, size)
	}
	b = append(b, noteSum(b)...)
	next := storage.FileDesc{Type: storage.TypeTemp, Num: noteFile.Num + 1}
	w, err := g.stor.Create(next)
	if err != nil {
		return
	}
	_, err = w.Write(b)
	if err = errors.Join(err, w.Close()); err == nil {
		g.stor.Rename(next, noteFile)
	}
}

// noteSum is the line that ends a note.
func noteSum(b []byte) string { return fmt.Sprintf("sum %08x\n", crc32.Checksum(b, castagnoli)) }

// note is what was noted down.
type note struct {
	manifest storage.FileDesc
	sizes    map[storage.FileDesc]int64
}

// readNote returns the note, if there is one that is whole.
func (in *inspection) readNote() (n note, ok bool, err error) {
	if _, there := in.sizes[noteFile]; !there {
		return n, false, nil
	}
	var b []byte
	err = in.with(noteFile, func(r storage.Reader) (err error) {
		b, err = io.ReadAll(io.LimitReader(r, blockSize))
		return err
	})
	if err != nil {
		return n, false, err
	}
	at := max(0, bytes.LastIndex(b, []byte("sum ")))
	lines, ok := strings.CutPrefix(string(b[:at]), noteTitle)
	if !ok || string(b[at:]) != noteSum(b[:at]) {
		return n, false, nil
	}
	n.sizes = map[storage.FileDesc]int64{}
	for line := range strings.Lines(lines) {
		var num, size int64
		if _, err := fmt.Sscanf(line, "MANIFEST-%d %d\n", &num, &size); err == nil {
			n.manifest = storage.FileDesc{Type: storage.TypeManifest, Num: num}
			n.sizes[n.manifest] = size
		} else if _, err := fmt.Sscanf(line, "%d.log %d\n", &num, &size); err == nil {
			n.sizes[storage.FileDesc{Type: storage.TypeJournal, Num: num}] = size
		} else {
			return n, false, nil
		}
	}
	return n, !n.manifest.Zero(), nil
}

// checkNote compares the files with what was noted down.
func (in *inspection) checkNote() error {
	n, ok, err := in.readNote()
	if !ok || err != nil || n.manifest != in.manifest {
		return err
	}
	for _, fd := range slices.SortedFunc(maps.Keys(n.sizes), func(a, b storage.FileDesc) int { return int(a.Num - b.Num) }) {
		fix := fixNote
		if fd.Type == storage.TypeJournal {
			if fd.Num < in.version.journal || in.truncate {
				continue
			}
			fix = fixJournal
		}
		size, there := in.sizes[fd]
		if !there {
			return &misfit{fmt.Sprintf("%s is missing, which had %d bytes or more", fd, n.sizes[fd]), fix}
		}
		if size < n.sizes[fd] {
			return &misfit{fmt.Sprintf("%s has %d bytes, and had %d or more before", fd, size, n.sizes[fd]), fix}
		}
	}
	if size := n.sizes[in.manifest]; in.end < size {
		return &misfit{fmt.Sprintf("%s is readable for %d bytes, and was for %d or more before", in.manifest, in.end, size), fixOther}
	}
	in.noted = n.sizes
	return nil
}

// unread is what is wrong with a journal that is as long as was noted down, and ends
// before that with what a crash may leave, as zeros: it was closed in order.
func (in *inspection) unread(fd storage.FileDesc, ext extent) *damage {
	size := in.noted[fd]
	if ext.wrong != nil || ext.end >= size {
		return ext.wrong
	}
	return &damage{fd: fd, offset: ext.end, behind: ext.size - ext.end,
		reason: fmt.Sprintf("no commit begins there, and there were commits up to byte %d before", size)}
}
