package arrowstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/internal/columntest"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// small is a table with a column of each way in which Arrow keeps values.
func small() *catalog.Table {
	return &catalog.Table{Name: "t", Number: 1, Access: access.Public, Key: []int{0}, Fields: []catalog.Field{
		{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.Uint64}},
		{Name: "name", Number: 2, Type: catalog.Type{Kind: kind.String}, Optional: true},
		{Name: "flag", Number: 3, Type: catalog.Type{Kind: kind.Bool}},
		{Name: "uuid", Number: 4, Type: catalog.Type{Kind: kind.UUID}, Optional: true},
		{Name: "amount", Number: 5, Type: catalog.Type{Kind: kind.Decimal, Params: kind.Params{Precision: 10, Scale: 2}}, Optional: true},
	}}
}

// batchOf is a batch of rows of the small table.
func batchOf(rows int) arrow.RecordBatch {
	meta := arrow.NewMetadata([]string{"a"}, []string{"b"})
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Uint64, Metadata: meta}, {Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean},
	}, &meta)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range rows {
		b.Field(0).(*array.Uint64Builder).Append(uint64(i))
		b.Field(2).(*array.BooleanBuilder).Append(i%2 == 0)
		if i%3 == 0 {
			b.Field(1).AppendNull()
		} else {
			b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("name %d", i))
		}
	}
	return b.NewRecordBatch()
}

// streamOf is a stream with two batches.
func streamOf(rows int, o ...ipc.Option) []byte {
	var b bytes.Buffer
	batch := batchOf(rows)
	defer batch.Release()
	w := ipc.NewWriter(&b, append(o, ipc.WithSchema(batch.Schema()))...)
	must(0, w.Write(batch))
	must(0, w.Write(batch))
	must(0, w.Close())
	return b.Bytes()
}

// read reads a stream to its end, as Import does, without a database.
func read(b []byte) (n int, err error) {
	def := provider.DefOf(small())
	values := make([]kind.Value, len(def.Columns))
	for batch, err := range arrowstore.Batches(bytes.NewReader(b)) {
		if err != nil {
			return n, err
		}
		rows, err := arrowstore.NewRows(def, batch)
		if err != nil {
			return n, err
		}
		for i := range min(rows.Len(), 100_000) {
			if err := rows.Row(i, values); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// asked is how much memory a function asks for.
func asked(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Lengths that a stream names are believed no further than there are bytes, wherever they are
// in it, and a batch that unpacks to more than the bound is refused.
func TestHostileLengths(t *testing.T) {
	arrowstore.BoundMemory(48 << 20)
	defer arrowstore.BoundMemory(1 << 30)
	for name, stream := range map[string][]byte{"plain": streamOf(5), "zstd": streamOf(5, ipc.WithZstd()), "lz4": streamOf(5, ipc.WithLZ4())} {
		if n, err := read(stream); n != 10 || err != nil {
			t.Fatalf("%s: %d rows, %v", name, n, err)
		}
		bound := uint64(64 << 20)
		if name == "zstd" { // whose decoder makes room for a window of up to 512 MiB
			bound = 1200 << 20
		}
		for at := 0; at+8 <= len(stream); at += 4 {
			for _, n := range []uint64{math.MaxInt32, 1 << 40, math.MaxInt64, math.MaxUint64} {
				b := bytes.Clone(stream)
				if n == math.MaxInt32 {
					binary.LittleEndian.PutUint32(b[at:], uint32(n))
				} else {
					binary.LittleEndian.PutUint64(b[at:], n)
				}
				var err error
				if used := asked(func() { _, err = read(b) }); used > bound {
					t.Errorf("%s, %#x at %d: %d MiB were asked for, %v", name, n, at, used>>20, err)
				}
			}
		}
	}
}

// A batch that unpacks to more than the bound is refused, and one below it is not.
func TestBomb(t *testing.T) {
	arrowstore.BoundMemory(1 << 20)
	defer arrowstore.BoundMemory(1 << 30)
	for rows, want := range map[int]string{10_000: "<nil>", 200_000: "it takes more than 1 MiB of memory at once"} {
		if _, err := read(streamOf(rows, ipc.WithZstd())); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%d rows: %v, want %s", rows, err, want)
		}
	}
}

// Files of Arrow, whose stream stands behind a mark, are read too, and so are batches with more
// rows than a transaction has.
func TestFile(t *testing.T) {
	d := columntest.Open(t, small())
	n, err := arrowstore.Import(t.Context(), d.DB, d.Rows, bytes.NewReader(streamOf(4500)))
	if n != 4500 || !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), "row 4500: ") {
		t.Errorf("%d rows, %v", n, err)
	}
	var file bytes.Buffer
	must(arrowstore.Export(t.Context(), &file, d.Rows, &provider.ScanRequest{}, &arrowstore.Options{File: true, Rows: 1000}))
	r, err := ipc.NewFileReader(bytes.NewReader(file.Bytes()))
	if err != nil || r.NumRecords() != 5 {
		t.Fatalf("package ipc reads the file: %v", err)
	}
	to := columntest.Open(t, small())
	if n, err := arrowstore.Import(t.Context(), to.DB, to.Rows, &file); n != 4500 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if diff := cmp.Diff(d.Pairs(t), to.Pairs(t)); diff != "" {
		t.Errorf("(-exported +imported):\n%.3000s", diff)
	}
}

// FuzzBatches: any bytes are rows or an error.
func FuzzBatches(f *testing.F) {
	arrowstore.BoundMemory(1 << 20) // to be quick
	f.Add(streamOf(3))
	f.Add(streamOf(2, ipc.WithLZ4()))
	f.Add([]byte("ARROW1\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := read(b)
		again, errAgain := read(b)
		if n != again || (err == nil) != (errAgain == nil) {
			t.Errorf("%d rows, %v; and again %d, %v", n, err, again, errAgain)
		}
	})
}
