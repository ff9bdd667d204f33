package parquetstore

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/runtime/provider"
)

// groupRows is how many rows a group has at most, and groupBytes about how many bytes.
const (
	groupRows  = 1 << 16
	groupBytes = 64 << 20
)

// Export writes the rows of a scan to w as a Parquet file, and returns how many there were. The
// options are those of the batches that rows are taken in; nil stands for the defaults.
func Export(ctx context.Context, w io.Writer, t provider.Table, req *provider.ScanRequest, o *arrowstore.Options) (n int64, err error) {
	r, err := arrowstore.NewReader(ctx, t, req, o)
	if err != nil {
		return 0, err
	}
	defer r.Release()
	mem := memory.Allocator(memory.DefaultAllocator)
	if o != nil && o.Memory != nil {
		mem = o.Memory
	}
	schema := plainSchema(r.Schema())
	out, err := pqarrow.NewFileWriter(schema, onlyWriter{w},
		parquet.NewWriterProperties(parquet.WithAllocator(mem), parquet.WithCompression(compress.Codecs.Snappy), parquet.WithMaxRowGroupLength(groupRows), parquet.WithCreatedBy("storegen")),
		pqarrow.NewArrowWriterProperties(pqarrow.WithAllocator(mem), pqarrow.WithStoreSchema()))
	if err != nil {
		return 0, err
	}
	for r.Next() {
		batch := plainBatch(schema, r.RecordBatch())
		err := out.WriteBuffered(batch)
		batch.Release()
		if err != nil {
			return n, errors.Join(err, out.Close())
		}
		n += r.RecordBatch().NumRows()
		if out.RowGroupTotalBytesWritten() > groupBytes {
			if err := out.NewBufferedRowGroupChecked(); err != nil {
				return n, errors.Join(err, out.Close())
			}
		}
	}
	return n, errors.Join(r.Err(), out.Close())
}

// plainSchema has integers for durations, which Parquet does not have.
func plainSchema(schema *arrow.Schema) *arrow.Schema {
	fields := schema.Fields()
	for i := range fields {
		if fields[i].Type.ID() == arrow.DURATION {
			fields[i].Type = arrow.PrimitiveTypes.Int64
		}
	}
	meta := schema.Metadata()
	return arrow.NewSchema(fields, &meta)
}

// plainBatch is a batch with the types of a plain schema, for the caller to release.
func plainBatch(schema *arrow.Schema, batch arrow.RecordBatch) arrow.RecordBatch {
	columns := make([]arrow.Array, batch.NumCols())
	for i := range columns {
		columns[i] = batch.Column(i)
		if data := columns[i].Data(); data.DataType().ID() == arrow.DURATION { // the same bytes
			plain := array.NewData(arrow.PrimitiveTypes.Int64, data.Len(), data.Buffers(), nil, data.NullN(), data.Offset())
			columns[i] = array.NewInt64Data(plain)
			plain.Release()
			defer columns[i].Release()
		}
	}
	return array.NewRecordBatch(schema, columns, batch.NumRows())
}

// onlyWriter keeps the file's writer from closing w.
type onlyWriter struct{ io.Writer }
