package leveldb

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"github.com/syndtr/goleveldb/leveldb/table"
)

// misfit says that the files of a database do not fit together.
type misfit struct{ reason, fix string }

// Error implements error.
func (m *misfit) Error() string { return m.reason + "; " + m.fix }

// Is makes errors.Is(err, engine.ErrCorrupt) hold.
func (m *misfit) Is(target error) bool { return target == engine.ErrCorrupt }

// inspection looks at all files of a database before goleveldb opens it, which
// takes a manifest for whole that has lost its end, deletes the tables that it
// does not name, and takes journals that are not there for empty.
//
// A manifest names the tables, the oldest journal that counts, and the last
// commit that is in tables. The journals go on from there. When a crash has cut
// off the last edit of a manifest, then what led to it is still there: the
// journal that was made a table, the tables that were merged. So the files of a
// database fit together after every crash, and a file that has lost more than a
// crash takes shows in that they do not:
//
//   - Each table that the manifest names is there, with its size.
//   - The oldest journal that counts is there.
//   - The first commit in the journals is the one behind the last in tables, and
//     none is missing from there on.
//   - No table has later commits than manifest and journals.
//   - What was noted down before is still so: see noteFile.
type inspection struct {
	files
	truncate bool // go back to before the damage of a journal
	sizes    map[storage.FileDesc]int64

	manifest storage.FileDesc
	end      int64 // of the manifest: how much of it may be read
	version  version
	live     []journalEnd               // the journals that count, the oldest first
	last     uint64                     // the last commit in manifest and journals
	noted    map[storage.FileDesc]int64 // how long files were; nil where there is no note of it
	behind   bool                       // commits are left out, as Options.TruncateDamagedJournal says
}

// inspect returns what is to be read of a database. An error means that it is not
// to be opened; nothing has changed then. A database that is not there yet has no
// manifest.
func inspect(f files, o Options) (*inspection, error) {
	sizes, err := f.sizes()
	if err != nil {
		return nil, err
	}
	in := &inspection{files: f, truncate: o.TruncateDamagedJournal, sizes: sizes}
	e, err := f.entry(sizes)
	if err != nil {
		return nil, err
	}
	if !e.found {
		return in, in.create(e, o)
	}
	in.manifest = e.manifest
	for _, check := range []func() error{
		in.readManifest, in.checkNote, in.checkTables, in.readJournals, in.checkUnknown,
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// create makes room for a database where none is named.
func (in *inspection) create(e entry, o Options) error {
	if err := in.ofPebble(); err != nil {
		return err
	}
	unfinished, err := in.unfinished(in.sizes, e)
	if err != nil {
		return err
	}
	if !unfinished {
		return &misfit{"CURRENT is missing, and there are files of a database", fixOther}
	}
	if o.ReadOnly || o.MustExist {
		return os.ErrNotExist
	}
	return in.clear(in.sizes, e)
}

// with reads a file.
func (in *inspection) with(fd storage.FileDesc, read func(storage.Reader) error) error {
	r, err := in.stor.Open(fd)
	if err != nil {
		return err
	}
	return errors.Join(read(r), r.Close())
}

// readManifest reads the current manifest. Its end may be torn.
func (in *inspection) readManifest() error {
	return in.with(in.manifest, func(r storage.Reader) error {
		ext, err := scan(in.manifest, r)
		if err == nil && ext.wrong != nil {
			ext.wrong.fix = fixOther
			err = ext.wrong
		}
		if err != nil {
			return err
		}
		in.end = ext.end
		if in.version, err = readVersion(r, ext.end); err != nil {
			return &misfit{fmt.Sprintf("%s: %v", in.manifest, err), fixOther}
		}
		if !in.version.comparer {
			return &misfit{fmt.Sprintf("%s of %d bytes has lost its beginning, which was on disk before it was named", in.manifest, ext.size), fixOther}
		}
		return nil
	})
}

// checkTables makes sure that the tables are there.
func (in *inspection) checkTables() error {
	for num, t := range in.version.tables {
		fd := storage.FileDesc{Type: storage.TypeTable, Num: num}
		size, ok := in.sizes[fd]
		if !ok {
			return &misfit{fmt.Sprintf("%s is missing, which %s names", fd, in.manifest), fixOther}
		}
		if size != t.size {
			return &misfit{fmt.Sprintf("%s has %d bytes, and %s says %d", fd, size, in.manifest, t.size), fixOther}
		}
	}
	return nil
}

// readJournals finds out how much may be read of each journal that counts.
func (in *inspection) readJournals() error {
	var fds []storage.FileDesc
	for fd := range in.sizes {
		if fd.Type == storage.TypeJournal && fd.Num >= in.version.journal {
			fds = append(fds, fd)
		}
	}
	slices.SortFunc(fds, func(a, b storage.FileDesc) int { return cmp.Compare(a.Num, b.Num) })
	// A journal without commits may have been removed when the next was begun: see
	// guarded.Remove, which has not always been there.
	oldest := storage.FileDesc{Type: storage.TypeJournal, Num: in.version.journal}
	_, there := in.sizes[oldest]
	if !there && oldest.Num != 0 && len(fds) == 0 && !in.truncate {
		return &misfit{fmt.Sprintf("%s is missing, where the commits are that follow number %d", oldest, in.version.seq), fixJournal}
	}
	in.last = in.version.seq
	return in.scanJournals(fds)
}

// scanJournals scans the journals that count. Together they are one sequence of
// commits.
func (in *inspection) scanJournals(fds []storage.FileDesc) error {
	var next uint64  // the commit that comes next, once there was one
	var torn *damage // what a torn journal is, if commits follow
	for i, fd := range fds {
		ext, err := in.scanJournal(fd)
		if err != nil {
			return err
		}
		wrong := in.unread(fd, ext)
		if ext.seq != 0 {
			if gap := in.gap(fd, ext, next); torn != nil {
				wrong, ext.end = torn, 0
			} else if gap != nil {
				wrong, ext.end = gap, 0
			} else {
				next = ext.next
				in.last = next - 1
			}
		}
		if wrong != nil && !in.truncate {
			wrong.fix = fixJournal
			return wrong
		}
		in.live = append(in.live, journalEnd{fd, ext.end})
		if wrong != nil {
			for _, behind := range fds[i+1:] {
				in.live = append(in.live, journalEnd{behind, 0})
			}
			in.behind = next != 0
			return nil
		}
		if ext.end < ext.size && torn == nil {
			torn = &damage{fd: fd, offset: ext.end, behind: ext.size - ext.end,
				reason: "it ends in the middle of a commit, and there are commits in a later journal"}
		}
	}
	return nil
}

func (in *inspection) scanJournal(fd storage.FileDesc) (ext extent, err error) {
	err = in.with(fd, func(r storage.Reader) error {
		ext, err = scan(fd, r)
		return err
	})
	return ext, err
}

// gap returns what is wrong if the first commit of a journal is not the next one.
// Of the first journal it is the one behind the last commit in tables. (The number
// of the latter is one too high when it was an opening that made the last table.)
func (in *inspection) gap(fd storage.FileDesc, ext extent, next uint64) *damage {
	least, most := next, next
	if next == 0 {
		least, most = in.version.seq, in.version.seq+1
	}
	switch {
	case ext.seq > most:
		return &damage{fd: fd, behind: ext.size,
			reason: fmt.Sprintf("commits are missing before it: expected number %d, found %d", most, ext.seq)}
	case ext.seq < least:
		return &damage{fd: fd, behind: ext.size,
			reason: fmt.Sprintf("it has commits from number %d on, and those up to %d are in other files already", ext.seq, least)}
	}
	return nil
}

// checkUnknown makes sure that the tables that the manifest does not name have
// nothing that is not elsewhere: they are deleted. Such are left by a crash, before
// a table is put into the manifest, or after it was taken out.
func (in *inspection) checkUnknown() error {
	if in.behind {
		return nil // what lies behind the damage is given up
	}
	for fd := range in.sizes {
		if _, known := in.version.tables[fd.Num]; known || fd.Type != storage.TypeTable {
			continue
		}
		seq, err := in.lastCommit(fd)
		if err != nil {
			return err
		}
		if seq > in.last {
			return &misfit{fmt.Sprintf("%s has lost its end, or a journal is missing: %s has commits up to number %d, and the commits of the other files end with number %d",
				in.manifest, fd, seq, in.last), fixOther}
		}
	}
	return nil
}

// lastCommit returns the highest number of a commit in a table. One that was not
// written to its end has none that counts.
func (in *inspection) lastCommit(fd storage.FileDesc) (last uint64, err error) {
	err = in.with(fd, func(r storage.Reader) error {
		size := in.sizes[fd]
		t, err := table.NewReader(io.NewSectionReader(r, 0, size), size, fd, nil, nil, nil)
		if err != nil {
			return nil
		}
		defer t.Release()
		it := t.NewIterator(nil, nil)
		defer it.Release()
		for it.Next() {
			if key := it.Key(); len(key) >= 8 {
				// The number and the kind of the operation are behind the key.
				last = max(last, binary.LittleEndian.Uint64(key[len(key)-8:])>>8)
			}
		}
		return nil
	})
	return last, err
}
