package parquetstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/internal/boundmem"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// A File is a Parquet file, whose directory is at its end: an *os.File, a *bytes.Reader.
type File interface {
	io.ReaderAt
	io.ReadSeeker
}

// Import inserts the rows of a Parquet file into a table of a database, and returns how many
// there were, 4096 in a transaction: those before one that is refused stay. Errors are those of
// Batches and of arrowstore.Insert, with the number of the row from 0.
func Import(ctx context.Context, db *store.DB, t provider.Mutable, f File) (n int64, err error) {
	return arrowstore.ImportBatches(ctx, db, t, Batches(ctx, f))
}

// batchRows is how many rows a batch has.
const batchRows = 4096

// mostMemory is how much memory may be taken at once. Tests change it.
var mostMemory = 1 << 30

// Batches are the rows of a Parquet file, in batches of which each is valid until the next.
// Data that is no such file, or ends early, is an error, also where it was made to do harm; no
// more than about 1 GiB of memory is taken for it.
func Batches(ctx context.Context, f File) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		r, err := open(ctx, f)
		if err == nil {
			defer r.close()
		}
		for err == nil && r.left > 0 {
			var batch arrow.RecordBatch
			if batch, err = r.next(); err != nil {
				break
			}
			more := yield(batch, nil)
			if batch.Release(); !more {
				return
			}
		}
		if err != nil {
			yield(nil, fmt.Errorf("no file of Parquet that can be read: %w", err))
		}
	}
}

// reader reads the columns of a file, each by itself: the readers that package pqarrow has for
// all of them run in goroutines, where nobody can recover from a panic.
type reader struct {
	schema  *arrow.Schema
	columns []*pqarrow.ColumnReader
	left    int64 // rows
}

// recovered is the error of data at which the decoders panic.
func recovered(err *error) {
	if p := recover(); p != nil {
		if asError, ok := p.(error); ok {
			*err = asError
		} else {
			*err = fmt.Errorf("%v", p)
		}
	}
}

func open(ctx context.Context, f File) (_ *reader, err error) {
	defer recovered(&err)
	mem := boundmem.New(mostMemory, memory.DefaultAllocator)
	props := parquet.NewReaderProperties(mem)
	props.BufferedStreamEnabled = true // and not a whole column at once
	in, err := file.NewParquetReader(f, file.WithReadProps(props))
	if err != nil {
		return nil, err
	}
	// What the file says of Arrow's types is left aside: Parquet's own tell enough.
	in.MetaData().FileMetaData.KeyValueMetadata = nil
	files, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: batchRows}, mem)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	var fields []arrow.Field
	for i := range files.Manifest.Fields {
		field := &files.Manifest.Fields[i]
		name := field.Field.Name
		if len(field.Children) > 0 || in.MetaData().Schema.Column(field.ColIndex).MaxRepetitionLevel() > 0 {
			return nil, fmt.Errorf("the column %q is nested: write a plain column, lists and structs as JSON", name)
		}
		column, err := files.GetColumn(ctx, i)
		if err != nil {
			return nil, fmt.Errorf("the column %q: %w", name, err)
		}
		r.columns = append(r.columns, column)
		fields = append(fields, *field.Field)
	}
	for i := range in.NumRowGroups() {
		n := in.MetaData().RowGroup(i).NumRows()
		if n < 0 {
			return nil, fmt.Errorf("a group has %d rows", n)
		}
		r.left += n
	}
	if len(fields) == 0 && r.left > 0 {
		return nil, errors.New("it has rows and no columns")
	}
	r.schema = arrow.NewSchema(fields, nil)
	return r, nil
}

// next is the next batch, for the caller to release.
func (r *reader) next() (_ arrow.RecordBatch, err error) {
	defer recovered(&err)
	n := min(r.left, batchRows)
	arrays := make([]arrow.Array, len(r.columns))
	defer func() {
		for _, a := range arrays {
			if a != nil {
				a.Release()
			}
		}
	}()
	for i, column := range r.columns {
		name := r.schema.Field(i).Name
		chunked, err := column.NextBatch(n)
		if err != nil {
			return nil, fmt.Errorf("the column %q: %w", name, err)
		}
		arrays[i], err = whole(chunked)
		if err != nil {
			return nil, fmt.Errorf("the column %q: %w", name, err)
		}
		if int64(arrays[i].Len()) != n {
			return nil, fmt.Errorf("the column %q has fewer rows than the file: it ends %d before", name, r.left-int64(arrays[i].Len()))
		}
	}
	r.left -= n
	return array.NewRecordBatch(r.schema, arrays, n), nil
}

// whole is the array of a batch, which as a rule is one.
func whole(c *arrow.Chunked) (arrow.Array, error) {
	defer c.Release()
	if chunks := c.Chunks(); len(chunks) == 1 {
		chunks[0].Retain()
		return chunks[0], nil
	}
	return array.Concatenate(c.Chunks(), memory.DefaultAllocator)
}

func (r *reader) close() {
	for _, c := range r.columns {
		c.Release()
	}
}
