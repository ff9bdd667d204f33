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
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine"
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

// params are numbers for types of a kind that has some.
func params(s *kind.Scalar) kind.Params {
	p := s.FormExample
	if s.Kind == kind.Enum {
		p.Values = []kind.EnumValue{{Name: "red", Number: 1}, {Name: "green", Number: 2}}
	}
	return p
}

// everything is a table with each kind as a field that is there and as one that may be absent,
// lists of each, a map and a struct.
func everything() *catalog.Table {
	t := &catalog.Table{Name: "everything", Number: 1, Access: access.Public, Key: []int{0, 1}}
	add := func(name string, typ catalog.Type, optional bool) {
		t.Fields = append(t.Fields, catalog.Field{Name: name, Number: len(t.Fields) + 1, Type: typ, Optional: optional})
	}
	add("id", catalog.Type{Kind: kind.Uint64}, false)
	add("name", catalog.Type{Kind: kind.String}, false)
	for _, s := range kind.Scalars() {
		typ := catalog.Type{Kind: s.Kind, Params: params(s)}
		if s.Kind == kind.Enum {
			typ.Name = "Colour"
		}
		add(s.Name, typ, false)
		add(s.Name+"_opt", typ, true)
		if s.Kind != kind.Uint8 {
			add(s.Name+"_list", catalog.Type{Kind: kind.List, Elem: &typ}, false)
		}
	}
	add("map", catalog.Type{Kind: kind.Map, Elem: &catalog.Type{Kind: kind.Int32}}, false)
	add("struct", catalog.Type{Kind: kind.Struct, Name: "Pair", Fields: []catalog.Field{
		{Name: "a", Number: 1, Type: catalog.Type{Kind: kind.Int32}}, {Name: "b", Number: 2, Type: catalog.Type{Kind: kind.String}, Optional: true},
	}}, true)
	return t
}

// said is a value that Arrow can say.
func said(rng *rand.Rand, t *catalog.Type) kind.Value {
	for {
		v := kind.Of(t.Kind).Random(rng, &t.Params)
		switch t.Kind {
		case kind.String:
			return kind.StringOf(strings.ToValidUTF8(v.Text(), "?"))
		case kind.Timestamp:
			if y := v.Time().Year(); y < 1700 || y > 2200 {
				continue
			}
		case kind.Enum:
			return kind.EnumOf(&t.Params, rng.Int32N(3)+1) // one of them has no name
		}
		return v
	}
}

// fill writes n random rows.
func fill(t *testing.T, rng *rand.Rand, p *provider.Provider, n int) {
	t.Helper()
	def := p.Def()
	for row := range n {
		values := make([]kind.Value, len(def.Columns))
		for i := range def.Columns {
			c := &def.Columns[i]
			switch typ := c.Type; {
			case c.Name == "id":
				values[i] = kind.Uint64Of(uint64(row))
			case !c.InKey && rng.IntN(3) == 0 && c.Kind != kind.Enum:
			case !c.Document():
				values[i] = said(rng, typ)
			case typ.Kind == kind.List:
				var elems []string
				for range rng.IntN(3) {
					elems = append(elems, said(rng, typ.Elem).JSON())
				}
				values[i] = kind.JSONOf("[" + strings.Join(elems, ",") + "]")
			case typ.Kind == kind.Map:
				values[i] = kind.JSONOf(fmt.Sprintf(`{"a": %d}`, rng.IntN(9)))
			default:
				values[i] = kind.JSONOf(`{"a": 3, "b": "é"}`)
			}
		}
		if _, err := p.Insert(t.Context(), provider.Scope{}, values); err != nil {
			t.Fatal(err)
		}
	}
}

type database struct {
	eng engine.Engine
	db  *store.DB
	p   *provider.Provider
}

func open(t *testing.T, table *catalog.Table) *database {
	eng := enginememory.New()
	db := must(store.Open(t.Context(), eng))
	t.Cleanup(func() { db.Close() })
	return &database{eng, db, provider.New(must(dynamic.Open(t.Context(), db, table)))}
}

// pairs are all that a database holds, but for the secret of its cursors.
func (d *database) pairs(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	it := d.eng.Iterate(t.Context(), engine.Range{})
	for it.Next() {
		out[string(it.Key())] = string(it.Value())
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	delete(out, "\x00\x06")
	return out
}

// Every kind in every place comes back as it was.
func TestRoundTrip(t *testing.T) {
	from, to := open(t, everything()), open(t, everything())
	fill(t, rand.New(rand.NewPCG(1, 2)), from.p, 700)
	allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer allocator.AssertSize(t, 0)
	var stream bytes.Buffer
	n, err := arrowstore.Export(t.Context(), &stream, from.p, &provider.ScanRequest{}, &arrowstore.Options{Rows: 300, Memory: allocator})
	if err != nil || n != 700 {
		t.Fatalf("exported %d rows: %v", n, err)
	}
	n, err = arrowstore.Import(t.Context(), to.db, to.p, bytes.NewReader(stream.Bytes()))
	if err != nil || n != 700 {
		t.Fatalf("imported %d rows: %v", n, err)
	}
	if diff := cmp.Diff(from.pairs(t), to.pairs(t)); diff != "" {
		t.Errorf("(-exported +imported):\n%.3000s", diff)
	}
	_, err = arrowstore.Import(t.Context(), to.db, to.p, bytes.NewReader(stream.Bytes()))
	if !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), "row 0") {
		t.Errorf("imported twice: %v", err)
	}
}

// A batch of the columns, ranges and number of rows that a scan asks for.
func TestReader(t *testing.T) {
	d := open(t, everything())
	fill(t, rand.New(rand.NewPCG(3, 4)), d.p, 50)
	def := d.p.Def()
	r, err := arrowstore.NewReader(t.Context(), d.p, &provider.ScanRequest{
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
	d := open(t, everything())
	fill(t, rand.New(rand.NewPCG(5, 6)), d.p, 300)
	var want, got bytes.Buffer
	must(arrowstore.Export(t.Context(), &want, d.p, &provider.ScanRequest{}, nil))
	if n, err := arrowstore.Export(t.Context(), &got, stepped{d.p}, &provider.ScanRequest{}, nil); n != 300 || err != nil {
		t.Errorf("exported %d rows: %v", n, err)
	}
	if !bytes.Equal(want.Bytes(), got.Bytes()) {
		t.Error("the streams differ")
	}
}

// Each scalar has a form.
func TestForms(t *testing.T) {
	if _, err := arrowstore.Schema(open(t, everything()).p.Def(), nil); err != nil {
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
			d := open(t, everything())
			def := d.p.Def()
			values := make([]kind.Value, len(def.Columns))
			values[0], values[1] = kind.Uint64Of(1), kind.StringOf("n")
			values[def.ColumnNamed("enum")] = kind.EnumOf(&def.Columns[def.ColumnNamed("enum")].Type.Params, 1)
			values[def.ColumnNamed(c.column)] = c.v
			if _, err := d.p.Insert(t.Context(), provider.Scope{}, values); err != nil {
				t.Fatal(err)
			}
			_, err := arrowstore.Export(t.Context(), &bytes.Buffer{}, d.p, &provider.ScanRequest{}, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Batches that do not fit the table are refused.
func TestInsertRefused(t *testing.T) {
	d := open(t, everything())
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
			err := arrowstore.Insert(t.Context(), d.p, provider.Scope{}, batch)
			if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := arrowstore.Import(t.Context(), d.db, d.p, strings.NewReader("no stream")); err == nil || !strings.Contains(err.Error(), "no stream of Arrow") {
		t.Errorf("got %v", err)
	}
}

// A stream that was cut anywhere is an error.
func TestCutStream(t *testing.T) {
	table := &catalog.Table{Name: "t", Number: 1, Access: access.Public, Key: []int{0}, Fields: []catalog.Field{
		{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.Uint64}}, {Name: "name", Number: 2, Type: catalog.Type{Kind: kind.String}, Optional: true},
	}}
	d := open(t, table)
	for i := range 20 {
		must(d.p.Insert(t.Context(), provider.Scope{}, []kind.Value{kind.Uint64Of(uint64(i)), kind.StringOf("x")}))
	}
	var stream bytes.Buffer
	must(arrowstore.Export(t.Context(), &stream, d.p, &provider.ScanRequest{}, &arrowstore.Options{Rows: 10}))
	for n := range stream.Len() {
		to := open(t, table)
		got, err := arrowstore.Import(t.Context(), to.db, to.p, bytes.NewReader(stream.Bytes()[:n]))
		if err == nil || got%10 != 0 {
			t.Errorf("of %d bytes, %d rows were imported: %v", n, got, err)
		}
	}
	to := open(t, table)
	if n, err := arrowstore.Import(t.Context(), to.db, to.p, iotest.OneByteReader(&stream)); n != 20 || err != nil {
		t.Errorf("byte by byte, %d rows were imported: %v", n, err)
	}
}

func BenchmarkReader(b *testing.B) {
	ctx := context.Background()
	db := must(store.Open(ctx, enginememory.New()))
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
