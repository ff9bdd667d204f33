package pebble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/storegen/storegen/runtime/engine"
)

var _ engine.Ingester = (*DB)(nil)

const (
	// loadPrefix begins the names of tables that are written to be ingested.
	loadPrefix = "LOAD-"
	// loadBytes is about how large one becomes.
	loadBytes = 32 << 20
	// loadLook is how many pairs there are between two looks at the context.
	loadLook = 1024
)

// loads is how many were begun, so that each has names of its own.
var loads atomic.Int64

// Ingest implements engine.Ingester: it writes tables, which then become part of the
// database, all of them or none. Commits go on while they are written.
func (d *DB) Ingest(ctx context.Context, pairs engine.Iterator) error {
	return d.Do(func() error {
		if err := errors.Join(ctx.Err(), d.base.writable()); err != nil {
			return err
		}
		w := &tableWriter{base: d.base, pairs: pairs, prefix: fmt.Sprintf("%s%d-", loadPrefix, loads.Add(1)), may: func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return d.Do(func() error { return nil }) // not if it is to be closed
		}}
		err := w.write()
		if err == nil && len(w.names) > 0 {
			if err = d.base.tail.ingest(ctx, w.names); d.base.files.failed() != nil {
				return fmt.Errorf("%w: %w", engine.ErrUnknown, readError(d.base.files.failed()))
			}
		}
		return errors.Join(err, removeLoads(d.base.files.FS, d.base.dir, w.prefix))
	})
}

// ingest has pebble take tables. That takes numbers of commits, so that the journal is
// written out.
func (t *tail) ingest(ctx context.Context, names []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(readError(t.db.Ingest(ctx, names)), t.writeOut())
}

// tableWriter writes pairs to tables.
type tableWriter struct {
	base   *base
	pairs  engine.Iterator
	may    func() error // asked from time to time
	prefix string       // of the names
	names  []string
	n      int
	key    []byte // of the last pair
	more   bool   // there is one that is in no table yet
}

// write writes all pairs. A table ends where it is large enough, or where the keys go on in
// another part of the key space, so that none reaches over what lies between.
func (w *tableWriter) write() error {
	err := w.next()
	for err == nil && w.more {
		err = w.table()
	}
	return err
}

// next moves to the next pair.
func (w *tableWriter) next() error {
	if w.n%loadLook == 0 {
		if err := w.may(); err != nil {
			return err
		}
	}
	w.n++
	if w.more = w.pairs.Next(); !w.more {
		return w.pairs.Err()
	}
	key := w.pairs.Key()
	switch {
	case len(key) == 0 || len(w.pairs.Value()) == 0:
		return fmt.Errorf("%w: a pair that is to be ingested has no key, or no value", engine.ErrInvalid)
	case bytes.Compare(key, w.key) <= 0:
		return fmt.Errorf("%w: of the keys that are to be ingested, %q comes behind %q", engine.ErrInvalid, key, w.key)
	}
	return nil
}

// table writes pairs to one table.
func (w *tableWriter) table() error {
	files := w.base.files
	name := files.PathJoin(w.base.dir, fmt.Sprintf("%s%06d", w.prefix, len(w.names)))
	f, err := files.FS.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	w.names = append(w.names, name)
	// Closing it flushes it.
	to := sstable.NewWriter(objstorageprovider.NewFileWritable(f), w.base.tables)
	part := w.pairs.Key()[0]
	for err == nil && w.more && w.pairs.Key()[0] == part && to.Raw().EstimatedSize() < loadBytes {
		w.key = append(w.key[:0], w.pairs.Key()...)
		if err = to.Set(w.key, w.pairs.Value()); err == nil {
			err = w.next()
		}
	}
	return errors.Join(err, to.Close())
}

// removeLoads removes tables that were to be ingested and were not: those whose names begin
// with a prefix.
func removeLoads(files vfs.FS, dir, prefix string) error {
	names, err := files.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			err = errors.Join(err, files.Remove(files.PathJoin(dir, name)))
		}
	}
	return err
}
