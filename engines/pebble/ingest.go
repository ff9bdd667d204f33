package pebble

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// Ingest implements engine.Ingester: it writes tables, which then become part of the
// database, all of them or none.
func (d *DB) Ingest(ctx context.Context, pairs engine.Iterator) error {
	if err := d.base.writable(); err != nil {
		return err
	}
	return d.Do(func() error {
		names, err := d.base.writeTables(ctx, pairs)
		if err == nil && len(names) > 0 {
			err = d.base.tail.ingest(ctx, names)
		}
		if cause := d.base.files.failed(); cause != nil {
			return fmt.Errorf("%w: %w", engine.ErrUnknown, readError(cause))
		}
		return errors.Join(err, removeLoads(d.base.files.FS, d.base.dir))
	})
}

// ingest has pebble take tables. That takes numbers of commits, so that the journal is
// written out.
func (t *tail) ingest(ctx context.Context, names []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(readError(t.db.Ingest(ctx, names)), t.writeOut())
}

// writeTables writes pairs to tables, and returns their names.
func (b *base) writeTables(ctx context.Context, pairs engine.Iterator) (names []string, err error) {
	more := true
	for more && err == nil {
		name := b.files.PathJoin(b.dir, fmt.Sprintf("%s%06d", loadPrefix, len(names)))
		var n int
		if n, more, err = b.writeTable(ctx, name, pairs); n > 0 {
			names = append(names, name)
		}
	}
	return names, errors.Join(err, pairs.Err())
}

// writeTable writes pairs to one table, and returns how many. more is false where the
// pairs have ended.
func (b *base) writeTable(ctx context.Context, name string, pairs engine.Iterator) (n int, more bool, err error) {
	f, err := b.files.FS.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return 0, false, err
	}
	// Closing it flushes it.
	w := sstable.NewWriter(objstorageprovider.NewFileWritable(f), b.tables)
	for more = true; err == nil && w.Raw().EstimatedSize() < loadBytes; n++ {
		if n%loadLook == 0 {
			if err = ctx.Err(); err != nil {
				break
			}
		}
		if more = pairs.Next(); !more {
			break
		}
		err = w.Set(pairs.Key(), pairs.Value())
	}
	return n, more, errors.Join(err, w.Close())
}

// removeLoads removes tables that were to be ingested and were not.
func removeLoads(files vfs.FS, dir string) error {
	names, err := files.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, loadPrefix) {
			err = errors.Join(err, files.Remove(files.PathJoin(dir, name)))
		}
	}
	return err
}
