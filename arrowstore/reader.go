package arrowstore

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// Schema is the Arrow schema of some columns of a table, all where there are none.
func Schema(def *provider.TableDef, columns provider.ColSet) (*arrow.Schema, error) {
	if columns.Len() == 0 {
		columns = def.All()
	}
	var fields []arrow.Field
	for _, i := range columns.List() {
		c := &def.Columns[i]
		f, p, err := formOf(c)
		if err != nil {
			return nil, err
		}
		fields = append(fields, arrow.Field{
			Name: c.Name, Type: f.typ(p), Nullable: c.Nullable || unset(c) != nil,
			Metadata: arrow.NewMetadata([]string{"storegen"}, []string{c.Type.Written()}),
		})
	}
	meta := arrow.NewMetadata([]string{"storegen.table"}, []string{def.Name})
	return arrow.NewSchema(fields, &meta), nil
}

// unset tells which value of a column that is never null is null in Arrow: the zero value of a
// timestamp, which Arrow does not have, and that of a json, which is shown as null. It is nil
// for other columns.
func unset(c *provider.Column) func(v kind.Value) bool {
	switch {
	case c.InKey || c.Nullable || c.Document():
		return nil
	case c.Kind == kind.Timestamp:
		zero := time.Time{}.Unix()
		return func(v kind.Value) bool {
			sec, nanos := v.Unix()
			return sec == zero && nanos == 0
		}
	case c.Kind == kind.JSON:
		return func(v kind.Value) bool { return v.Text() == "null" }
	}
	return nil
}

// Options are how a Reader works. The zero value, and nil, stand for the defaults.
type Options struct {
	// Rows is how many rows a batch has at most. Default 4096.
	Rows int
	// Bytes is about how many bytes of texts and bytes a batch has at most. Default 8 MiB.
	Bytes int
	// File has Export write the file format of Arrow IPC, and not the stream format.
	File bool
	// Progress is called with the rows so far, after each batch; it may be nil.
	Progress func(rows int64)
	// Memory is where batches are made. Default memory.DefaultAllocator.
	Memory memory.Allocator
}

const (
	defaultRows  = 4096
	defaultBytes = 8 << 20
	ahead        = 256 // rows that are taken at once
)

// Reader gives the rows of a scan as batches of columns. It is an array.RecordReader, for one
// goroutine. Release ends the scan.
type Reader struct {
	refs    atomic.Int64
	o       Options
	schema  *arrow.Schema
	cur     provider.BatchCursor
	builder *array.RecordBuilder
	sink    sink
	batch   arrow.RecordBatch
	rows    int64 // of all batches
	done    bool
	err     error
}

var (
	_ array.RecordReader = (*Reader)(nil)
	_ provider.RowSink   = (*sink)(nil)
)

// NewReader begins a scan of a table: of all columns where the request names none. What is
// read is of one state of the database. Errors are those of the table's Scan.
func NewReader(ctx context.Context, t provider.Table, req *provider.ScanRequest, o *Options) (*Reader, error) {
	def := t.Def()
	r := &Reader{}
	if o != nil {
		r.o = *o
	}
	if r.o.Rows <= 0 {
		r.o.Rows = defaultRows
	}
	if r.o.Bytes <= 0 {
		r.o.Bytes = defaultBytes
	}
	if r.o.Memory == nil {
		r.o.Memory = memory.DefaultAllocator
	}
	scan := *req
	if scan.Columns.Len() == 0 {
		scan.Columns = def.All()
	}
	var err error
	if r.schema, err = Schema(def, scan.Columns); err != nil {
		return nil, err
	}
	cur, err := t.Scan(ctx, &scan)
	if err != nil {
		return nil, err
	}
	batches, ok := cur.(provider.BatchCursor)
	if !ok {
		batches = stepping{cur, scan.Columns.List()}
	}
	r.cur = batches
	r.builder = array.NewRecordBuilder(r.o.Memory, r.schema)
	r.sink = sink{def: def, asked: scan.Columns.List(), columns: make([]sinkColumn, len(def.Columns)), cur: batches}
	for at, i := range scan.Columns.List() {
		c := &def.Columns[i]
		f, p, err := formOf(c)
		if err != nil {
			return nil, err
		}
		b := r.builder.Field(at)
		to := sinkColumn{add: f.adder(b, p), null: b.AppendNull, unset: unset(c)}
		switch c.Kind {
		case kind.String:
			to.texts = b.(*array.StringBuilder).BinaryBuilder
		case kind.Int64:
			to.ints = b.(*array.Int64Builder)
		}
		r.sink.columns[i] = to
	}
	r.refs.Store(1)
	return r, nil
}

// stepping fills columns from a cursor that cannot do that itself.
type stepping struct {
	provider.Cursor
	columns []int
}

func (s stepping) AppendTo(to provider.ColumnSink, n int) (int, error) {
	for i := range n {
		if !s.Next() {
			return i, s.Err()
		}
		for _, c := range s.columns {
			if err := to.AppendValue(c, s.Value(c)); err != nil {
				return i, err
			}
		}
	}
	return n, nil
}

// sink appends values to the builders of columns.
type sink struct {
	def     *provider.TableDef
	asked   []int
	columns []sinkColumn
	cur     provider.Cursor
	bytes   int
}

type sinkColumn struct {
	add   func(v kind.Value) error
	null  func()
	unset func(v kind.Value) bool // or nil

	// The most common kinds are appended without add, which is a tenth of a scan of seven
	// columns; nil for other kinds.
	texts *array.BinaryBuilder
	ints  *array.Int64Builder

	bytes int // of texts in the batch before, for which room is made
}

// AppendRow implements provider.RowSink.
func (s *sink) AppendRow(values []kind.Value) error {
	for _, column := range s.asked {
		if err := s.append(column, &values[column]); err != nil {
			return err
		}
	}
	return nil
}

// AppendValue implements provider.ColumnSink.
func (s *sink) AppendValue(column int, v kind.Value) error { return s.append(column, &v) }

func (s *sink) append(column int, value *kind.Value) error {
	c, v := &s.columns[column], *value
	if v.IsNull() || c.unset != nil && c.unset(v) {
		c.null()
		return nil
	}
	text := v.Text()
	s.bytes += len(text)
	switch {
	case c.texts != nil && utf8.ValidString(text):
		appendBytes(c.texts, view.Bytes(text))
		return nil
	case c.ints != nil:
		c.ints.UnsafeAppend(v.Int64())
		return nil
	}
	if err := c.add(v); err != nil {
		return fmt.Errorf("%s: the column %s of the row %x: %w", s.def.Name, s.def.Columns[column].Name, s.cur.Key(), err)
	}
	return nil
}

// reserve makes room for as much text as the batch before had, and a little more.
func (s *sink) reserve() {
	for i := range s.columns {
		if c := &s.columns[i]; c.texts != nil && c.bytes > 0 {
			c.texts.ReserveData(c.bytes + c.bytes/32)
		}
	}
}

// note keeps how much text the batch has.
func (s *sink) note() {
	for i := range s.columns {
		if c := &s.columns[i]; c.texts != nil {
			c.bytes = c.texts.DataLen()
		}
	}
}

// Next makes the next batch, and returns false at the end and at an error.
func (r *Reader) Next() bool {
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
	rows := 0
	r.sink.bytes = 0
	if r.err == nil && !r.done {
		r.builder.Reserve(r.o.Rows)
		r.sink.reserve()
	}
	for r.err == nil && !r.done && rows < r.o.Rows && r.sink.bytes < r.o.Bytes {
		want := min(ahead, r.o.Rows-rows)
		n, err := r.cur.AppendTo(&r.sink, want)
		rows += n
		r.done, r.err = n < want, err
	}
	if r.err != nil || rows == 0 {
		return false
	}
	r.sink.note()
	r.batch = r.builder.NewRecordBatch()
	if r.rows += int64(rows); r.o.Progress != nil {
		r.o.Progress(r.rows)
	}
	return true
}

// Schema implements array.RecordReader.
func (r *Reader) Schema() *arrow.Schema { return r.schema }

// RecordBatch is the batch that Next has made, valid until the next call of it. Retain it to
// keep it.
func (r *Reader) RecordBatch() arrow.RecordBatch { return r.batch }

// Record is RecordBatch, under its former name.
func (r *Reader) Record() arrow.RecordBatch { return r.batch }

// Err is the error that ended the batches; nil at a true end.
func (r *Reader) Err() error { return r.err }

// Retain implements array.RecordReader.
func (r *Reader) Retain() { r.refs.Add(1) }

// Release ends the scan with the last reference.
func (r *Reader) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
	r.builder.Release()
	if err := r.cur.Close(); r.err == nil {
		r.err = err
	}
}
