package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
)

var ctx = context.Background()

// catalogOf makes the descriptions of tables from their schema files.
func catalogOf(t testing.TB, files ...string) []*catalog.Table {
	t.Helper()
	var sources []schema.Source
	for i, f := range files {
		sources = append(sources, schema.Source{Name: fmt.Sprintf("%d.yaml", i), Data: []byte(f)})
	}
	set, err := load.Parse(sources, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := numbering.Assign(lock.New(), set); err != nil {
		t.Fatal(err)
	}
	var out []*catalog.Table
	for _, table := range set.Tables {
		out = append(out, describe.Table(table))
	}
	return out
}

// database is an empty database in memory with tables of schema files, by name.
func database(t testing.TB, files ...string) (*store.DB, map[string]*provider.Provider) {
	t.Helper()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	tables := map[string]*provider.Provider{}
	for _, desc := range catalogOf(t, files...) {
		if len(desc.Per) > 0 {
			continue
		}
		table, err := dynamic.Open(ctx, db, desc)
		if err != nil {
			t.Fatal(err)
		}
		tables[desc.Name] = provider.New(table)
	}
	return db, tables
}

// open opens a database as SQL, and sees at the end that nothing of it is left open.
func open(t testing.TB, db *store.DB, opts ...Option) *sql.DB {
	t.Helper()
	s, err := Open(db, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n := OpenStates(s); n != 0 {
			t.Errorf("%d states of the database are still open", n)
		}
	})
	return s
}

const kindsTypes = `
types:
  Colour: {enum: [red, green, blue, amber]}
  Place: {struct: {city: string, zip: int32?}}
  PairKey: {struct: {a: string, b: int32}}
`

// kindsTable has a column of each kind, with indexes over most of them.
const kindsTable = `
table: t.kinds
access: public
key: id
fields:
  id:     int64
  b:      bool
  i8:     int8
  i32:    int32?
  u16:    uint16
  u64:    uint64
  uv:     uvarint?
  vi:     varint
  f32:    float32
  f64:    float64?
  s:      string
  so:     string?
  by:     bytes
  fb:     "bytes[3]"
  at:     timestamp
  ato:    timestamp?
  day:    date
  clock:  time_of_day
  span:   duration
  id2:    uuid
  colour: Colour
  price:  decimal(9, 2)
  doc:    json?
  tags:   "[]string"
  names:  "map[string]int32"
  place:  Place?
indexes:
  b:      {on: [b, i8]}
  i32:    {on: [i32 desc, s]}
  u64:    {on: [u64]}
  uv:     {on: [uv desc]}
  vi:     {on: [vi]}
  f32:    {on: [f32]}
  f64:    {on: [f64 desc]}
  s:      {on: [s, i8 desc], include: [f64, at]}
  folded: {on: [fold so]}
  so:     {on: [so]}
  by:     {on: [by]}
  fb:     {on: [fb desc]}
  at:     {on: [at desc, i8]}
  ato:    {on: [ato]}
  day:    {on: [day]}
  clock:  {on: [clock]}
  span:   {on: [span]}
  id2:    {on: [id2], unique: true}
  colour: {on: [colour, at]}
  price:  {on: [price desc]}
  tag:    {on: [each tags]}
  blue:   {on: [i8], where: colour == blue}
`

const pairsTable = `
table: t.pairs
access: public
key: {type: PairKey, of: [a, b]}
fields:
  a: string
  b: int32
  c: string?
  kinds: int64
indexes:
  b: {on: [b, c]}
  c: {on: [c]}
  kinds: {on: [kinds]}
`

// fillKinds puts rows with values that differ little into the table of kinds.
func fillKinds(t testing.TB, p *provider.Provider, n int, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	def := p.Def()
	for id := range n {
		values := make([]provider.Value, len(def.Columns))
		for i := range def.Columns {
			c := &def.Columns[i]
			if c.Name == "id" {
				values[i] = provider.Int64(int64(id))
			} else if !c.Nullable || rng.IntN(4) > 0 {
				values[i] = someValue(rng, c, id)
			}
		}
		if _, err := p.Insert(ctx, provider.Scope{}, values); err != nil {
			t.Fatal(err)
		}
	}
}

func pick[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

// someValue is one of a few values of a column.
func someValue(rng *rand.Rand, c *provider.Column, id int) provider.Value {
	switch c.Type.Kind {
	case kind.Float32:
		return provider.Float32(pick[float32](rng, 0, 1.5, -2, 1e10, float32(math.NaN()), float32(math.Inf(1)), 0.1))
	case kind.Float64:
		return provider.Float64(pick(rng, 0, 1.5, -2, 1e300, math.NaN(), math.Inf(-1), 0.1, 1<<53))
	case kind.Uint64:
		return provider.Uint64(pick[uint64](rng, 0, 1, 5, math.MaxInt64, 1<<63, math.MaxUint64, math.MaxUint64-1, 10_000_000_000_000_000_000))
	case kind.Uvarint:
		return provider.Uvarint(pick[uint64](rng, 0, 1, 5, math.MaxInt64, 1<<63, math.MaxUint64))
	case kind.String:
		return provider.String(pick(rng, "", "5", "5.0", "a", "A", "ab", "abc", "b", "Ä", "ä", "z\x00y", "\xff", "2026-03"))
	case kind.Timestamp:
		return provider.Time(pick(rng, times...))
	case kind.UUID:
		return provider.UUID([16]byte{byte(id >> 8), byte(id), byte(rng.IntN(256))})
	case kind.Decimal:
		v, err := kind.Of(kind.Decimal).ParseLit(&c.Type.Params, pick(rng, "0", "1.5", "10", "9", "-3.25", "100.01", "5"))
		if err != nil {
			panic(err)
		}
		return v
	case kind.JSON:
		return provider.JSON(pick(rng, `{"a":1}`, `[1,2]`, `null`, `"x"`, `{"a":{"b":[true]}}`))
	case kind.List:
		return provider.JSON(pick(rng, `[]`, `["x"]`, `["x","y"]`, `["y","z","x"]`))
	case kind.Map:
		return provider.JSON(pick(rng, `{}`, `{"one":1}`, `{"one":1,"two":2}`))
	case kind.Struct:
		return provider.JSON(pick(rng, `{"city":"Bern"}`, `{"city":"Rome","zip":5}`))
	case kind.Int8, kind.Int32, kind.Uint16, kind.Varint:
		v, err := kind.Of(c.Type.Kind).ParseLit(&c.Type.Params, fmt.Sprint(rng.IntN(9)))
		if err != nil {
			panic(err)
		}
		return v
	}
	return kind.Of(c.Type.Kind).Random(rng, &c.Type.Params)
}

var times = []time.Time{
	{}, time.Unix(0, 0),
	time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 1, 2, 0, 0, 1, time.UTC),
	time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 2, 28, 23, 59, 59, 999999999, time.UTC),
	time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(-20000, 12, 31, 0, 0, 0, 0, time.UTC),
	time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(123456789, 1, 1, 0, 0, 0, 0, time.UTC),
}

// native copies tables into temporary ones of SQLite's own, n_NAME, with the same columns
// and indexes on all of them.
func native(t testing.TB, c *sql.Conn, tables map[string]*provider.Provider) {
	t.Helper()
	for _, p := range tables {
		table, err := newTable(p)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, col := range p.Def().Columns {
			names = append(names, quote(col.Name))
		}
		name := "n_" + table.flat
		create := strings.Replace(table.declaration(), "CREATE TABLE x", "CREATE TEMP TABLE "+name, 1)
		create = strings.Replace(create, `"_key" BLOB HIDDEN NOT NULL PRIMARY KEY`, fmt.Sprintf("PRIMARY KEY (%s)", keyNames(p.Def())), 1)
		exec(t, c, create)
		exec(t, c, fmt.Sprintf("INSERT INTO %s SELECT %s FROM %s", name, strings.Join(names, ", "), table.flat))
		for i, col := range names {
			exec(t, c, fmt.Sprintf("CREATE INDEX temp.%s_%d ON %s(%s)", name, i, name, col))
		}
	}
}

func keyNames(def *provider.TableDef) string {
	var out []string
	for _, i := range def.Key {
		out = append(out, quote(def.Columns[i].Name))
	}
	return strings.Join(out, ", ")
}

func exec(t testing.TB, c *sql.Conn, query string, args ...any) {
	t.Helper()
	if _, err := c.ExecContext(ctx, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// querier is a sql.DB, sql.Conn or sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// read returns the rows of a query as texts, with the type of each value.
func read(q querier, query string, args ...any) (out []string, err error) {
	return readIn(ctx, q, query, args...)
}

func readIn(ctx context.Context, q querier, query string, args ...any) (out []string, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		var b strings.Builder
		for i, v := range values {
			if i > 0 {
				b.WriteString(" | ")
			}
			fmt.Fprintf(&b, "%T %q", v, fmt.Sprint(v))
		}
		out = append(out, b.String())
	}
	return out, rows.Err()
}

func connection(t testing.TB, s *sql.DB) *sql.Conn {
	t.Helper()
	c, err := s.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
