package pebble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
)

// DB is an engine.Engine in a directory. It is also an engine.Sizer, an engine.Ingester and
// an engine.RangeDeleter.
type DB struct {
	*occ.DB
	base *base
}

var _ engine.Sizer = (*DB)(nil)

// Open opens the database in a directory, which it creates if it is not there.
// Nil options stand for the defaults. A directory that another process, or
// another DB of this one, has open is engine.ErrUnavailable; a database whose
// files do not fit together is engine.ErrCorrupt.
func Open(dir string, o *Options) (*DB, error) { return OpenFS(vfs.Default, dir, o) }

// OpenFS is Open in another file system than that of the machine, such as one of
// pebble's in memory.
func OpenFS(files vfs.FS, dir string, o *Options) (*DB, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	db, err := open(files, dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return db, nil
}

func open(files vfs.FS, dir string, o Options) (*DB, error) {
	if o.MustExist || o.ReadOnly {
		// Without this, looking would create the directory.
		if _, err := files.Stat(dir); err != nil {
			return nil, err
		}
	} else if err := files.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := pebble.LockDirectory(dir, files)
	if err != nil {
		return nil, lockError(err)
	}
	db, err := openLocked(files, dir, lock, o)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return db, nil
}

func openLocked(files vfs.FS, dir string, lock *pebble.Lock, o Options) (*DB, error) {
	if err := inspect(files, dir); err != nil {
		return nil, err
	}
	left, err := unwritten(files, dir)
	if err != nil {
		return nil, err
	}
	if o.ReadOnly && len(left) > 0 {
		return nil, fmt.Errorf("%w: the database was not closed, and its last commits have to be written to it: open it for writing first", engine.ErrUnavailable)
	}
	if !o.ReadOnly {
		if err := errors.Join(removeNote(files, dir), removeLoads(files, dir, loadPrefix)); err != nil {
			return nil, err
		}
	}
	g := guard(files, dir)
	po := o.pebble()
	po.FS, po.Lock, po.Logger = g, lock, logger{g}
	po.EventListener = &pebble.EventListener{
		BackgroundError: g.background,
		DataCorruption:  func(pebble.DataCorruptionInfo) {}, // what reads find, they return
	}
	defer po.Cache.Unref()
	pdb, err := openPebble(dir, po)
	if cause := g.failed(); cause != nil && !errors.Is(cause, engine.ErrCorrupt) {
		if err == nil {
			pdb.Close() // which writes nothing any more
		}
		return nil, readError(cause)
	}
	if err != nil {
		return nil, openError(err)
	}
	g.opened.Store(true)
	b := &base{reader: reader{pdb}, db: pdb, dir: dir, files: g, lock: lock, readOnly: o.ReadOnly}
	po.EnsureDefaults()
	b.tables = po.MakeWriterOptions(len(po.Levels)-1, format.MaxTableFormat())
	b.large = int(po.MemTableSize / 4)
	if !o.ReadOnly {
		err = recoverTail(pdb, g, left)
		if err == nil {
			b.tail, err = startTail(pdb, g, dir)
		}
		if err != nil {
			return nil, errors.Join(readError(err), pdb.Close())
		}
	}
	return &DB{DB: occ.New(b, o.occ()), base: b}, nil
}

// openPebble is pebble.Open for a database whose files may hold anything: where pebble
// panics over one, that is an error.
func openPebble(dir string, o *pebble.Options) (db *pebble.DB, err error) {
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	return pebble.Open(dir, o)
}

// lockError returns the engine's form of an error of locking a directory.
func lockError(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return err
	}
	return fmt.Errorf("%w: the database is already open, here or in another process: %w", engine.ErrUnavailable, err)
}

// openError returns the engine's form of an error of opening a database. What is none of
// the system's is of files that do not fit together: pebble has no name for all of these.
func openError(err error) error {
	var number syscall.Errno
	var path *fs.PathError
	switch {
	case errors.Is(err, pebble.ErrDBDoesNotExist):
		return fmt.Errorf("%w: %w", os.ErrNotExist, err)
	case strings.Contains(err.Error(), "format major version"): // for which pebble has no value
		return fmt.Errorf("%w (a newer version of this program may open it)", readError(err))
	case !corrupt(err) && (errors.As(err, &number) || errors.As(err, &path)):
		return readError(err)
	}
	return misfit("%v", err)
}

var _ engine.RangeDeleter = (*DB)(nil)

// DeleteRange implements engine.RangeDeleter: it is one record, however much is in the
// range. Disk space comes back in the background: pebble writes its memory out after ten
// seconds at the latest, and merges then.
func (d *DB) DeleteRange(tx engine.Tx, start, end []byte) error {
	return occ.DeleteRange(d.DB, tx, start, end)
}

// ApproximateSize implements engine.Sizer: the bytes that a range takes in table
// files, compressed. What is still in the write buffer is not counted.
func (d *DB) ApproximateSize(ctx context.Context, start, end []byte) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var size uint64
	err := d.Do(func() error {
		first, last, err := d.base.span(start, end)
		if err != nil || last == nil {
			return err
		}
		size, err = d.base.db.EstimateDiskUsage(first, last)
		return readError(err)
	})
	return int64(size), err
}

// Compact rewrites the tables of a range, nil meaning no bound, so that deleted
// and overwritten pairs no longer take room. It takes long, and other operations
// go on meanwhile; the context is looked at before it starts, and while it waits.
func (d *DB) Compact(ctx context.Context, start, end []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.base.writable(); err != nil {
		return err
	}
	return d.Do(func() error {
		first, last, err := d.base.span(start, end)
		if err != nil || last == nil {
			return err
		}
		return readError(d.base.db.Compact(ctx, first, last, false))
	})
}

// Checkpoint makes a copy of the database, as it is now, in a directory that is not
// there yet. Files that no longer change are linked, where the file system can, so that
// it takes little time and room. The copy is a database like any other.
func (d *DB) Checkpoint(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.base.writable(); err != nil {
		return err
	}
	return d.Do(func() error {
		d.base.files.syncing.Add(1) // so that the journal is flushed
		defer d.base.files.syncing.Add(-1)
		return readError(d.base.db.Checkpoint(dir, pebble.WithFlushedWAL()))
	})
}

// Metrics is pebble's own account of what it has done and holds, as text: levels,
// compactions, the cache, the write buffers.
func (d *DB) Metrics() (string, error) {
	var s string
	err := d.Do(func() error {
		s = d.base.db.Metrics().String()
		return nil
	})
	return s, err
}
