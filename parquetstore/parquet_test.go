package parquetstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/internal/columntest"
	"github.com/storegen/storegen/parquetstore"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// Every kind in every place comes back as it was.
func TestRoundTrip(t *testing.T) {
	from, to := columntest.Open(t, columntest.Everything()), columntest.Open(t, columntest.Everything())
	columntest.Fill(t, rand.New(rand.NewPCG(1, 2)), from.Rows, 700)
	allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer allocator.AssertSize(t, 0)
	var b bytes.Buffer
	n, err := parquetstore.Export(t.Context(), &b, from.Rows, &provider.ScanRequest{}, &arrowstore.Options{Rows: 300, Memory: allocator})
	if err != nil || n != 700 {
		t.Fatalf("exported %d rows: %v", n, err)
	}
	n, err = parquetstore.Import(t.Context(), to.DB, to.Rows, bytes.NewReader(b.Bytes()))
	if err != nil || n != 700 {
		t.Fatalf("imported %d rows: %v", n, err)
	}
	if diff := cmp.Diff(from.Pairs(t), to.Pairs(t)); diff != "" {
		t.Errorf("(-exported +imported):\n%.3000s", diff)
	}
	_, err = parquetstore.Import(t.Context(), to.DB, to.Rows, bytes.NewReader(b.Bytes()))
	if !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), "row 0") {
		t.Errorf("imported twice: %v", err)
	}
}

// A table without rows is a file without groups, and the columns and rows of a scan are what is
// in its file. Of many rows there are several groups.
func TestExport(t *testing.T) {
	d := columntest.Open(t, small())
	var b bytes.Buffer
	if n, err := parquetstore.Export(t.Context(), &b, d.Rows, &provider.ScanRequest{}, nil); n != 0 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if n, err := parquetstore.Import(t.Context(), d.DB, d.Rows, bytes.NewReader(b.Bytes())); n != 0 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	const rows = 70_000
	if n, err := parquetstore.Import(t.Context(), d.DB, d.Rows, bytes.NewReader(fileOf(t, rows, parquet.WithCompression(compress.Codecs.Zstd)))); n != rows || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	for _, c := range []struct {
		req    provider.ScanRequest
		rows   int64
		groups int
		names  string
	}{
		{provider.ScanRequest{}, rows, 2, "id name flag uuid amount"},
		{provider.ScanRequest{Columns: d.Rows.Def().Set("id", "flag"), Limit: 7}, 7, 1, "id flag"},
	} {
		b.Reset()
		if n, err := parquetstore.Export(t.Context(), &b, d.Rows, &c.req, nil); n != c.rows || err != nil {
			t.Errorf("%d rows, %v", n, err)
		}
		in, err := file.NewParquetReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range in.MetaData().Schema.NumColumns() {
			names = append(names, in.MetaData().Schema.Column(i).Name())
		}
		if got := strings.Join(names, " "); got != c.names || in.NumRowGroups() != c.groups || in.NumRows() != c.rows {
			t.Errorf("the file has the columns %s, %d groups, %d rows", got, in.NumRowGroups(), in.NumRows())
		}
	}
}

// small is a table with a column of each way in which Parquet keeps values.
func small() *catalog.Table {
	return &catalog.Table{Name: "t", Number: 1, Access: access.Public, Key: []int{0}, Fields: []catalog.Field{
		{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.Uint64}},
		{Name: "name", Number: 2, Type: catalog.Type{Kind: kind.String}, Optional: true},
		{Name: "flag", Number: 3, Type: catalog.Type{Kind: kind.Bool}},
		{Name: "uuid", Number: 4, Type: catalog.Type{Kind: kind.UUID}, Optional: true},
		{Name: "amount", Number: 5, Type: catalog.Type{Kind: kind.Decimal, Params: kind.Params{Precision: 10, Scale: 2}}, Optional: true},
	}}
}

// fileOf is a file as another program writes it, without Arrow's types.
func fileOf(t testing.TB, rows int, o ...parquet.WriterProperty) []byte {
	return write(t, []arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64}, {Name: "name", Type: arrow.BinaryTypes.LargeString, Nullable: true},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean},
	}, func(b *array.RecordBuilder) {
		for i := range rows {
			b.Field(0).(*array.Int64Builder).Append(int64(i))
			b.Field(2).(*array.BooleanBuilder).Append(i%2 == 0)
			if i%3 == 0 {
				b.Field(1).AppendNull()
			} else {
				b.Field(1).(*array.LargeStringBuilder).Append(fmt.Sprintf("name %d", i%10))
			}
		}
	}, o...)
}

func write(t testing.TB, fields []arrow.Field, fill func(b *array.RecordBuilder), o ...parquet.WriterProperty) []byte {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	fill(b)
	batch := b.NewRecordBatch()
	defer batch.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(batch.Schema(), &out, parquet.NewWriterProperties(o...), pqarrow.DefaultWriterProps())
	if err == nil {
		err = errors.Join(w.Write(batch), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Types of Parquet that are another name for what is stored, and times in another unit, are
// read as what they are.
func TestLogicalTypes(t *testing.T) {
	table := &catalog.Table{Name: "t", Number: 1, Access: access.Public, Key: []int{0}, Fields: []catalog.Field{
		{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.UUID}},
		{Name: "at", Number: 2, Type: catalog.Type{Kind: kind.Timestamp}},
		{Name: "day", Number: 3, Type: catalog.Type{Kind: kind.TimeOfDay}},
	}}
	fields := []arrow.Field{
		{Name: "id", Type: extensions.NewUUIDType()}, {Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "day", Type: arrow.FixedWidthTypes.Time32ms},
	}
	b := write(t, fields, func(b *array.RecordBuilder) {
		for i, text := range []string{"00000000-0000-0000-0000-000000000007", "2026-01-31 12:00:00.5Z", "12:30:00.25"} {
			if err := b.Field(i).AppendValueFromString(text); err != nil {
				t.Fatal(err)
			}
		}
	})
	d := columntest.Open(t, table)
	if n, err := parquetstore.Import(t.Context(), d.DB, d.Rows, bytes.NewReader(b)); n != 1 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	cur, err := d.Rows.Scan(t.Context(), &provider.ScanRequest{Columns: d.Rows.Def().All()})
	if err != nil {
		t.Fatal(err)
	}
	defer cur.Close()
	var got []string
	for cur.Next() {
		for i := range fields {
			got = append(got, cur.Value(i).String())
		}
	}
	want := []string{"00000000-0000-0000-0000-000000000007", "2026-01-31T12:00:00.5Z", "12:30:00.25"}
	if diff := cmp.Diff(want, got); diff != "" || cur.Err() != nil {
		t.Errorf("%v (-want +got)\n%s", cur.Err(), diff)
	}
}

// What does not fit is refused, with the name of the column.
func TestRefused(t *testing.T) {
	d := columntest.Open(t, small())
	one := func(name string, typ arrow.DataType) []byte {
		return write(t, []arrow.Field{{Name: name, Type: typ}}, func(b *array.RecordBuilder) { b.Field(0).AppendEmptyValue() })
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"no file":        {[]byte("PAR1 and no more PAR1"), "no file of Parquet that can be read: "},
		"empty":          {nil, "file too small"},
		"no such column": {one("nome", arrow.BinaryTypes.String), `t has no column "nome"`},
		"other type":     {one("id", arrow.BinaryTypes.String), "the column id of t is uint64, and the batch has utf8"},
		"list":           {one("name", arrow.ListOf(arrow.BinaryTypes.String)), `the column "name" is nested: write a plain column`},
		"struct":         {one("name", arrow.StructOf(arrow.Field{Name: "a", Type: arrow.BinaryTypes.String})), `the column "name" is nested`},
		"no key":         {one("flag", arrow.FixedWidthTypes.Boolean), "row 0: "},
	} {
		t.Run(name, func(t *testing.T) {
			if n, err := parquetstore.Import(t.Context(), d.DB, d.Rows, bytes.NewReader(c.file)); n != 0 || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d rows, %v; want %s", n, err, c.want)
			}
		})
	}
}

// read reads a file to its end, as Import does, without a database.
func read(t testing.TB, b []byte) (n int, err error) {
	def := provider.DefOf(small())
	values := make([]kind.Value, len(def.Columns))
	for batch, err := range parquetstore.Batches(t.Context(), bytes.NewReader(b)) {
		if err != nil {
			return n, err
		}
		rows, err := arrowstore.NewRows(def, batch)
		if err != nil {
			return n, err
		}
		for i := range rows.Len() {
			if err := rows.Row(i, values); err != nil {
				return n, err
			}
			n++
		}
		if n > 100_000 {
			return n, errors.New("too many rows for a test")
		}
	}
	return n, nil
}

// A file that was cut anywhere is an error, and one with bytes that are wrong is rows or an
// error; neither takes much memory.
func TestHostile(t *testing.T) {
	parquetstore.BoundMemory(32 << 20)
	defer parquetstore.BoundMemory(1 << 30)
	whole := fileOf(t, 20)
	if n, err := read(t, whole); n != 20 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	for n := range len(whole) {
		if _, err := read(t, whole[:n]); err == nil {
			t.Errorf("of %d bytes, rows were read", n)
		}
	}
	for at := range whole {
		for _, x := range []uint32{0, 0xff, 0x7fffffff, 0xffffffff} {
			b := append(bytes.Clone(whole), 0, 0, 0, 0)
			binary.LittleEndian.PutUint32(b[at:], x)
			b = b[:len(whole)]
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := read(t, b)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
				t.Errorf("%#x at %d: %d MiB were asked for, %v", x, at, used>>20, err)
			}
		}
	}
}

// FuzzBatches: any bytes are rows or an error.
func FuzzBatches(f *testing.F) {
	parquetstore.BoundMemory(8 << 20) // to be quick
	f.Add(fileOf(f, 3))
	f.Add(fileOf(f, 3, parquet.WithCompression(compress.Codecs.Snappy), parquet.WithDataPageVersion(parquet.DataPageV2)))
	f.Add(fileOf(f, 3, parquet.WithDictionaryDefault(false), parquet.WithCompression(compress.Codecs.Gzip)))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := read(t, b)
		again, errAgain := read(t, b)
		if n != again || (err == nil) != (errAgain == nil) {
			t.Errorf("%d rows, %v; and again %d, %v", n, err, again, errAgain)
		}
	})
}
