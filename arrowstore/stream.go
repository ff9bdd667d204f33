package arrowstore

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// Export writes the rows of a scan to w in the stream format of Arrow IPC, and returns how
// many there were.
func Export(ctx context.Context, w io.Writer, t provider.Table, req *provider.ScanRequest, o *Options) (n int64, err error) {
	r, err := NewReader(ctx, t, req, o)
	if err != nil {
		return 0, err
	}
	defer r.Release()
	out := ipc.NewWriter(w, ipc.WithSchema(r.schema), ipc.WithAllocator(r.o.Memory))
	for r.Next() {
		if err := out.Write(r.batch); err != nil {
			return n, errors.Join(err, out.Close())
		}
		n += r.batch.NumRows()
	}
	return n, errors.Join(r.err, out.Close())
}

// Import inserts the rows of a stream of Arrow IPC into a table of a database, and returns how
// many there were. Each batch is a transaction: those before one that is refused stay. Errors
// are those of Insert. A stream that ends early is an error. One that was made to do harm is
// not for it: package ipc believes the lengths that a stream names, and asks for that memory.
func Import(ctx context.Context, db *store.DB, t provider.Mutable, r io.Reader) (n int64, err error) {
	defer func() { // where package ipc does not say that a stream is wrong, but panics
		if p := recover(); p != nil {
			err = fmt.Errorf("no stream of Arrow: %v", p)
		}
	}()
	tail := &tailed{r: r}
	in, err := ipc.NewReader(tail)
	if err != nil {
		return 0, fmt.Errorf("no stream of Arrow: %w", err)
	}
	defer in.Release()
	for in.Next() {
		batch := in.RecordBatch()
		err := db.Update(ctx, func(tx *store.Tx) error { return Insert(ctx, t, provider.Scope{Tx: tx}, batch) })
		if err != nil {
			return n, err
		}
		n += batch.NumRows()
	}
	if err := in.Err(); err != nil {
		return n, err
	}
	if tail.last != endOfStream {
		return n, errCut
	}
	return n, nil
}

// endOfStream is what a stream ends with. Package ipc does without it, so that one that was
// cut between two batches would be taken for a whole one.
var endOfStream = [8]byte{0xff, 0xff, 0xff, 0xff}

var errCut = errors.New("the stream of Arrow has no end: it was cut off behind the rows that it had until there")

// tailed knows the last bytes that were read.
type tailed struct {
	r    io.Reader
	last [8]byte
}

// Read implements io.Reader.
func (t *tailed) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n >= len(t.last) {
		copy(t.last[:], p[n-len(t.last):n])
	} else {
		copy(t.last[:], t.last[n:])
		copy(t.last[len(t.last)-n:], p[:n])
	}
	return n, err
}

// Insert inserts the rows of a batch into a table, whose columns it finds by their names. A
// column that is not there, and a null, is a field that is not given. In a transaction, the
// scope's, none is written if one is refused and the function of the transaction returns the
// error. The error is provider.Mutable's, with the number of the row, and store.ErrInvalid for
// columns that the table does not have or has with another type.
func Insert(ctx context.Context, t provider.Mutable, s provider.Scope, batch arrow.RecordBatch) error {
	def := t.Def()
	type column struct {
		at  int
		arr arrow.Array
		get func(i int) (kind.Value, error)
	}
	columns := make([]column, batch.NumCols())
	for i := range columns {
		name := batch.ColumnName(i)
		at := def.ColumnNamed(name)
		if at < 0 {
			return fmt.Errorf("%w: %s has no column %q", store.ErrInvalid, def.Name, name)
		}
		f, p, err := formOf(&def.Columns[at])
		if err != nil {
			return err
		}
		arr := batch.Column(i)
		if !arrow.TypeEqual(arr.DataType(), f.typ(p)) {
			return fmt.Errorf("%w: the column %s of %s is %s, and the batch has %s", store.ErrInvalid, name, def.Name, f.typ(p), arr.DataType())
		}
		columns[i] = column{at, arr, f.getter(arr, p)}
	}
	values := make([]kind.Value, len(def.Columns))
	for row := range int(batch.NumRows()) {
		clear(values)
		for i := range columns {
			c := &columns[i]
			if c.arr.IsNull(row) {
				continue
			}
			var err error
			if values[c.at], err = c.get(row); err != nil {
				return fmt.Errorf("%w: row %d: %s: %w", store.ErrInvalid, row, def.Columns[c.at].Name, err)
			}
		}
		if _, err := t.Insert(ctx, s, values); err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
	}
	return nil
}
