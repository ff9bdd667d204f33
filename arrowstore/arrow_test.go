package arrowstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/internal/columntest"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	enginememory "github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Every kind in every place comes back as it was.
func TestRoundTrip(t *testing.T) {
	from, to := columntest.Open(t, columntest.Everything()), columntest.Open(t, columntest.Everything())
	columntest.Fill(t, rand.New(rand.NewPCG(1, 2)), from.Rows, 700)
	allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer allocator.AssertSize(t, 0)
	var stream bytes.Buffer
	n, err := arrowstore.Export(t.Context(), &stream, from.Rows, &provider.ScanRequest{}, &arrowstore.Options{Rows: 300, Memory: allocator})
	if err != nil || n != 700 {
		t.Fatalf("exported %d rows: %v", n, err)
	}
	n, err = arrowstore.Import(t.Context(), to.DB, to.Rows, bytes.NewReader(stream.Bytes()))
	if err != nil || n != 700 {
		t.Fatalf("imported %d rows: %v", n, err)
	}
	if diff := cmp.Diff(from.Pairs(t), to.Pairs(t)); diff != "" {
		t.Errorf("(-exported +imported):\n%.3000s", diff)
	}
	_, err = arrowstore.Import(t.Context(), to.DB, to.Rows, bytes.NewReader(stream.Bytes()))
	if !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), "row 0") {
		t.Errorf("imported twice: %v", err)
	}
}

// A batch of the columns, ranges and number of rows that a scan asks for.
func TestReader(t *testing.T) {
	d := columntest.Open(t, columntest.Everything())
	columntest.Fill(t, rand.New(rand.NewPCG(3, 4)), d.Rows, 50)
	def := d.Rows.Def()
	r, err := arrowstore.NewReader(t.Context(), d.Rows, &provider.ScanRequest{
		Columns: def.Set("id", "decimal", "date"), Limit: 7, Reverse: true,
		Ranges: []provider.KeyRange{{High: provider.Beyond(kind.Uint64Of(40))}},
	}, &arrowstore.Options{Rows: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var got []string
	for r.Next() {
		var batch []string
		ids := r.RecordBatch().Column(0).(*array.Uint64)
		for i := range ids.Len() {
			batch = append(batch, fmt.Sprint(ids.Value(i)))
		}
		got = append(got, strings.Join(batch, " "))
	}
	if diff := cmp.Diff([]string{"39 38 37 36 35", "34 33"}, got); diff != "" || r.Err() != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err(), diff)
	}
	var columns []string
	for _, f := range r.Schema().Fields() {
		columns = append(columns, fmt.Sprintf("%s: %s, %s", f.Name, f.Type, f.Metadata.Values()[0]))
	}
	want := []string{"id: uint64, uint64", "decimal: decimal(12, 2), decimal(12,2)", "date: date32, date"}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// stepped is a table whose cursors go row by row.
type stepped struct{ provider.Table }

func (s stepped) Scan(ctx context.Context, req *provider.ScanRequest) (provider.Cursor, error) {
	cur, err := s.Table.Scan(ctx, req)
	return struct{ provider.Cursor }{cur}, err
}

// A table whose cursors do not fill columns gives the same stream.
func TestStepping(t *testing.T) {
	d := columntest.Open(t, columntest.Everything())
	columntest.Fill(t, rand.New(rand.NewPCG(5, 6)), d.Rows, 300)
	var want, got bytes.Buffer
	must(arrowstore.Export(t.Context(), &want, d.Rows, &provider.ScanRequest{}, nil))
	if n, err := arrowstore.Export(t.Context(), &got, stepped{d.Rows}, &provider.ScanRequest{}, nil); n != 300 || err != nil {
		t.Errorf("exported %d rows: %v", n, err)
	}
	if !bytes.Equal(want.Bytes(), got.Bytes()) {
		t.Error("the streams differ")
	}
}

// Each scalar has a form.
func TestForms(t *testing.T) {
	if _, err := arrowstore.Schema(columntest.Open(t, columntest.Everything()).Rows.Def(), nil); err != nil {
		t.Error(err)
	}
}

// What Arrow cannot say is an error that names the row and the column.
func TestUnsaid(t *testing.T) {
	for name, c := range map[string]struct {
		column string
		v      kind.Value
		want   string
	}{
		"bytes in text":    {"string", kind.StringOf("\xff"), "the column string of the row 0000000000000001"},
		"a time long ago":  {"timestamp", kind.TimestampOf(time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC)), "1678 to 2261"},
		"a time far ahead": {"timestamp_opt", kind.TimestampOf(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)), "the column timestamp_opt"},
	} {
		t.Run(name, func(t *testing.T) {
			d := columntest.Open(t, columntest.Everything())
			def := d.Rows.Def()
			values := make([]kind.Value, len(def.Columns))
			values[0], values[1] = kind.Uint64Of(1), kind.StringOf("n")
			values[def.ColumnNamed("enum")] = kind.EnumOf(&def.Columns[def.ColumnNamed("enum")].Type.Params, 1)
			values[def.ColumnNamed(c.column)] = c.v
			if _, err := d.Rows.Insert(t.Context(), provider.Scope{}, values); err != nil {
				t.Fatal(err)
			}
			_, err := arrowstore.Export(t.Context(), &bytes.Buffer{}, d.Rows, &provider.ScanRequest{}, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Batches that do not fit the table are refused.
func TestInsertRefused(t *testing.T) {
	d := columntest.Open(t, columntest.Everything())
	for name, c := range map[string]struct {
		fields []arrow.Field
		want   string
	}{
		"no column":  {[]arrow.Field{{Name: "nome", Type: arrow.BinaryTypes.String}}, `everything has no column "nome"`},
		"other type": {[]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}}, "the column id of everything is uint64, and the batch has utf8"},
		"no key":     {[]arrow.Field{{Name: "int8", Type: arrow.PrimitiveTypes.Int8}}, "row 0"},
	} {
		t.Run(name, func(t *testing.T) {
			b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(c.fields, nil))
			defer b.Release()
			b.Field(0).AppendEmptyValue()
			batch := b.NewRecordBatch()
			defer batch.Release()
			err := arrowstore.Insert(t.Context(), d.Rows, provider.Scope{}, batch)
			if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := arrowstore.Import(t.Context(), d.DB, d.Rows, strings.NewReader("no stream")); err == nil || !strings.Contains(err.Error(), "no stream of Arrow") {
		t.Errorf("got %v", err)
	}
}

// A stream that was cut anywhere is an error, which says so in words.
func TestCutStream(t *testing.T) {
	table := &catalog.Table{Name: "t", Number: 1, Access: access.Public, Key: []int{0}, Fields: []catalog.Field{
		{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.Uint64}}, {Name: "name", Number: 2, Type: catalog.Type{Kind: kind.String}, Optional: true},
	}}
	d := columntest.Open(t, table)
	for i := range 20 {
		must(d.Rows.Insert(t.Context(), provider.Scope{}, []kind.Value{kind.Uint64Of(uint64(i)), kind.StringOf("x")}))
	}
	var stream bytes.Buffer
	must(arrowstore.Export(t.Context(), &stream, d.Rows, &provider.ScanRequest{}, &arrowstore.Options{Rows: 10}))
	for n := range stream.Len() {
		to := columntest.Open(t, table)
		got, err := arrowstore.Import(t.Context(), to.DB, to.Rows, bytes.NewReader(stream.Bytes()[:n]))
		if err == nil || got%10 != 0 || !strings.Contains(err.Error(), "stream of Arrow") {
			t.Errorf("of %d bytes, %d rows were imported: %v", n, got, err)
		}
	}
	to := columntest.Open(t, table)
	if n, err := arrowstore.Import(t.Context(), to.DB, to.Rows, iotest.OneByteReader(&stream)); n != 20 || err != nil {
		t.Errorf("byte by byte, %d rows were imported: %v", n, err)
	}
}

// BenchmarkReader reads rows of seven columns: from memory, and from goleveldb with all of
// them in sorted tables.
func BenchmarkReader(b *testing.B) {
	b.Run("memory", func(b *testing.B) { benchmarkReader(b, enginememory.New(), func() error { return nil }) })
	b.Run("goleveldb", func(b *testing.B) {
		eng := must(leveldb.Open(b.TempDir(), nil))
		benchmarkReader(b, eng, func() error { return eng.Compact(b.Context(), nil, nil) })
	})
}

func benchmarkReader(b *testing.B, eng engine.Engine, filled func() error) {
	ctx := b.Context()
	db := must(store.Open(ctx, eng, store.WithoutSync()))
	defer db.Close()
	table := &catalog.Table{Name: "t", Number: 1, Access: access.Public, Key: []int{0}}
	for i, k := range []kind.Kind{kind.String, kind.String, kind.String, kind.Timestamp, kind.Int64, kind.Bool, kind.Float64} {
		table.Fields = append(table.Fields, catalog.Field{Name: fmt.Sprintf("c%d", i), Number: i + 1, Type: catalog.Type{Kind: k}})
	}
	p := provider.New(must(dynamic.Open(ctx, db, table)))
	const rows = 20_000
	must(0, db.Update(ctx, func(tx *store.Tx) error {
		for i := range rows {
			_, err := p.Insert(ctx, provider.Scope{Tx: tx}, []kind.Value{
				kind.StringOf(fmt.Sprintf("user-%08d", i)), kind.StringOf("name"), kind.StringOf("user@example.com"),
				kind.TimestampOf(time.Unix(1_700_000_000+int64(i), 0)), kind.Int64Of(int64(i)), kind.BoolOf(i%2 == 0), kind.Float64Of(float64(i)),
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	must(0, filled())
	b.ReportAllocs()
	for b.Loop() {
		r := must(arrowstore.NewReader(ctx, p, &provider.ScanRequest{}, nil))
		n := 0
		for r.Next() {
			n += int(r.RecordBatch().NumRows())
		}
		if r.Release(); n != rows || r.Err() != nil {
			b.Fatal(n, r.Err())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
