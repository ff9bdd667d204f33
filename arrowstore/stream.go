package arrowstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/storegen/storegen/internal/boundmem"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// batchWriter is what package ipc has for both formats.
type batchWriter interface {
	Write(arrow.RecordBatch) error
	Close() error
}

// Export writes the rows of a scan to w in the stream format of Arrow IPC, or in its file
// format if the options say so, and returns how many there were.
func Export(ctx context.Context, w io.Writer, t provider.Table, req *provider.ScanRequest, o *Options) (n int64, err error) {
	r, err := NewReader(ctx, t, req, o)
	if err != nil {
		return 0, err
	}
	defer r.Release()
	var out batchWriter = ipc.NewWriter(w, ipc.WithSchema(r.schema), ipc.WithAllocator(r.o.Memory))
	if r.o.File {
		if out, err = ipc.NewFileWriter(w, ipc.WithSchema(r.schema), ipc.WithAllocator(r.o.Memory)); err != nil {
			return 0, err
		}
	}
	for r.Next() {
		if err := out.Write(r.batch); err != nil {
			return n, errors.Join(err, out.Close())
		}
		n += r.batch.NumRows()
	}
	return n, errors.Join(r.err, out.Close())
}

// Import inserts the rows of a stream or a file of Arrow IPC into a table of a database, and
// returns how many there were, 4096 in a transaction: those before one that is refused stay.
// Errors are those of Batches and Insert, with the number of the row from 0.
func Import(ctx context.Context, db *store.DB, t provider.Mutable, r io.Reader) (n int64, err error) {
	return ImportBatches(ctx, db, t, Batches(r))
}

// ImportBatches is Import for batches that come from elsewhere.
func ImportBatches(ctx context.Context, db *store.DB, t provider.Mutable, batches iter.Seq2[arrow.RecordBatch, error]) (n int64, err error) {
	for batch, err := range batches {
		if err != nil {
			return n, err
		}
		rows, err := NewRows(t.Def(), batch)
		if err != nil {
			return n, err
		}
		for at := 0; at < rows.Len(); at += defaultRows {
			end := min(at+defaultRows, rows.Len())
			err := db.Update(ctx, func(tx *store.Tx) error {
				return insert(ctx, t, provider.Scope{Tx: tx}, rows, at, end, n-int64(at))
			})
			if err != nil {
				return n, err
			}
			n += int64(end - at)
		}
	}
	return n, nil
}

// mostMemory is how much memory what was compressed may take. Tests change it.
var mostMemory = 1 << 30

// errCut is the error of a stream without its end. Package ipc does without that, so that a
// stream which was cut between two batches would be taken for a whole one.
var errCut = errors.New("the stream of Arrow has no end: it was cut off behind the rows that it had until there")

// Batches are the batches of a stream or a file of Arrow IPC, each valid until the next. Data
// that is no stream, or ends early, is an error, also where it was made to do harm: no more
// memory is taken than there are bytes, or than 1 GiB for a batch that is compressed.
func Batches(r io.Reader) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		m := newMessages(r)
		in, err := ipc.NewReaderFromMessageReader(m, ipc.WithAllocator(boundmem.New(mostMemory, memory.DefaultAllocator)))
		if err != nil {
			yield(nil, fmt.Errorf("no stream of Arrow: %w", err))
			return
		}
		defer in.Release()
		for next(in, &err) {
			if !yield(in.RecordBatch(), nil) {
				return
			}
		}
		if err == nil {
			err = in.Err()
		}
		if err == nil && !m.ended || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errCut
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// next goes on to the next batch.
func next(in *ipc.Reader, err *error) bool {
	defer recovered(err)
	return in.Next()
}

// recovered is the error of data that package ipc does not call wrong, but panics at.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("no stream of Arrow: %v", p)
	}
}

// Insert inserts the rows of a batch into a table, whose columns it finds by their names. A
// column that is not there, and a null, is a field that is not given. In a transaction, the
// scope's, none is written if one is refused and the function of the transaction returns the
// error. The error is provider.Mutable's, with the number of the row, and store.ErrInvalid for
// columns that the table does not have, or has with a type that says something else.
func Insert(ctx context.Context, t provider.Mutable, s provider.Scope, batch arrow.RecordBatch) error {
	rows, err := NewRows(t.Def(), batch)
	if err != nil {
		return err
	}
	return insert(ctx, t, s, rows, 0, rows.Len(), 0)
}

// insert inserts some of the rows of a batch. before is how many rows there were before it.
func insert(ctx context.Context, t provider.Mutable, s provider.Scope, rows *Rows, from, to int, before int64) error {
	values := make([]kind.Value, len(t.Def().Columns))
	for i := from; i < to; i++ {
		err := rows.Row(i, values)
		if err == nil {
			_, err = t.Insert(ctx, s, values)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", before+int64(i), err)
		}
	}
	return nil
}
