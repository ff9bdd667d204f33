package leveldb

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// DB is an engine.Engine in a directory. It is also an engine.Sizer.
type DB struct {
	*occ.DB
	base *base
}

var _ engine.Sizer = (*DB)(nil)

// Open opens the database in a directory, which it creates if it is not there.
// Nil options stand for the defaults. A directory that another process, or
// another DB of this one, has open is engine.ErrUnavailable; a database whose
// files do not fit together is engine.ErrCorrupt.
func Open(dir string, o *Options) (*DB, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if opts.MustExist || opts.ReadOnly {
		// Without this, looking would create the directory.
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("open %s: %w", dir, err)
		}
	}
	stor, err := storage.OpenFile(dir, opts.ReadOnly)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, openError(err))
	}
	db, err := open(stor, dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, errors.Join(err, stor.Close()))
	}
	return db, nil
}

// OpenStorage opens a database on a goleveldb storage, such as one in memory or
// one that injects faults. Close leaves the storage open.
func OpenStorage(stor storage.Storage, o *Options) (*DB, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	db, err := open(stor, "", opts)
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	return db, nil
}

// open opens a database on stor. If that is of a directory, the database owns it,
// and closes it in the end.
func open(stor storage.Storage, dir string, o Options) (*DB, error) {
	in, err := inspect(files{stor: stor, dir: dir}, o)
	if err != nil {
		return nil, openError(err)
	}
	g := guard(in, o.ReadOnly)
	ldb, err := leveldb.Open(g, o.level())
	if err != nil {
		return nil, openError(err)
	}
	b := &base{reader: reader{ldb}, db: ldb, stor: g, readOnly: o.ReadOnly}
	if dir != "" {
		b.owned = stor
	}
	return &DB{DB: occ.New(b, o.occ()), base: b}, nil
}

// ApproximateSize implements engine.Sizer: the bytes that a range takes in table
// files, compressed. What is still in the write buffer is not counted.
func (d *DB) ApproximateSize(ctx context.Context, start, end []byte) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var size int64
	err := d.Do(func() error {
		r := util.Range{Start: start, Limit: end}
		if end == nil {
			// goleveldb wants a bound; the one right behind the last key will do.
			it := d.base.db.NewIterator(&util.Range{Start: start}, nil)
			defer it.Release()
			if !it.Last() {
				return readError(it.Error())
			}
			r.Limit = append(append([]byte(nil), it.Key()...), 0)
		}
		sizes, err := d.base.db.SizeOf([]util.Range{r})
		size = sizes.Sum()
		return readError(err)
	})
	return size, err
}

// Compact rewrites the tables of a range, nil meaning no bound, so that deleted
// and overwritten pairs no longer take room. It takes long, and other operations
// go on meanwhile; the context is looked at before it starts.
func (d *DB) Compact(ctx context.Context, start, end []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.base.readOnly {
		return d.base.writable()
	}
	return d.Do(func() error {
		return readError(d.base.db.CompactRange(util.Range{Start: start, Limit: end}))
	})
}
