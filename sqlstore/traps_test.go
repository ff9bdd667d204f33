package sqlstore

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/provider"
)

// The traps of SQLite's virtual tables, each with the queries that fall into it. plan is what
// EXPLAIN QUERY PLAN has to say, and not what it must not.
var traps = []struct {
	name      string
	query     string
	args      []any
	plan, not string
}{
	{name: "affinity: text beside a number", query: "SELECT id FROM $t_kinds WHERE id = '5'", plan: "by key: id = ?"},
	{name: "affinity: a float beside an integer", query: "SELECT id FROM $t_kinds WHERE id = 5.0", plan: "by key: id = ?"},
	{name: "affinity: bounds between integers", query: "SELECT id FROM $t_kinds WHERE id BETWEEN 1.5 AND 3.5 ORDER BY id", plan: "by key: id >= ?, id <= ?"},
	{name: "affinity: bounds between integers, downwards", query: "SELECT id FROM $t_kinds WHERE id > -1.5 AND id < 3.5 ORDER BY id DESC", plan: "served, in reverse"},
	{name: "affinity: a bound beyond all integers", query: "SELECT count(*) FROM $t_kinds WHERE id < 1e30 AND id > '-9223372036854775809'", plan: "by key"},
	{name: "affinity: text that is no number", query: "SELECT id FROM $t_kinds WHERE id > 'abc' OR id < 'abc' AND id < 3"},
	{name: "affinity: a float that a float32 does not hold", query: "SELECT id FROM $t_kinds WHERE f32 >= 0.1 AND f32 < 1.6 ORDER BY id", plan: "index f32"},
	{name: "affinity: an integer that a float64 does not hold", query: "SELECT id FROM $t_kinds WHERE f64 >= 9007199254740991 ORDER BY id", plan: "index f64"},
	{name: "collation of a constraint", query: "SELECT id FROM $t_kinds WHERE s = 'AB' COLLATE NOCASE ORDER BY id", not: "index s: s"},
	{name: "collation of a bound", query: "SELECT id FROM $t_kinds WHERE s >= 'B' COLLATE NOCASE ORDER BY id", not: "index s: s"},
	{name: "collation of an order", query: "SELECT id FROM $t_kinds WHERE s > '' ORDER BY s COLLATE NOCASE, id", not: "order: served"},
	{name: "OR over two indexes finds a row once", query: "SELECT id FROM $t_kinds WHERE i32 = 5 OR so = 'ab'", plan: "MULTI-INDEX OR"},
	{name: "OR over one index, twice", query: "SELECT a, b FROM $t_pairs WHERE b = 3 OR b < 4"},
	{name: "IN finds a row once", query: "SELECT id FROM $t_kinds WHERE id IN (5, '5', 5.0, 6)", plan: "by key: id in ?"},
	{name: "IN of a list that is empty", query: "SELECT count(*) FROM $t_kinds WHERE id IN (SELECT id FROM $t_kinds WHERE id < 0)"},
	{name: "IN of nothing but NULL", query: "SELECT count(*) FROM $t_kinds WHERE id IN (SELECT NULL)"},
	{name: "IN and an order", query: "SELECT id, i8 FROM $t_kinds WHERE s IN ('a', 'b') ORDER BY i8 DESC, id", not: "order: served"},
	{name: "NULL as a value", query: "SELECT count(*) FROM $t_kinds WHERE i32 = ? OR i32 IS ?", args: []any{nil, nil}},
	{name: "values that are not known are not refuted", query: "SELECT count(*) FROM $t_kinds WHERE id > ? AND id < ?", args: []any{2, 6}, plan: "id > ?, id < ?"},
	{name: "the order of enums is that of their names", query: "SELECT id, colour FROM $t_kinds WHERE colour >= 'blue' ORDER BY colour, id", not: "order: served"},
	{name: "enums: equality", query: "SELECT id FROM $t_kinds WHERE colour = 'blue' ORDER BY at, id", plan: "index colour: colour = "},
	{name: "NaN is NULL", query: "SELECT count(*), count(f32) FROM $t_kinds WHERE f32 IS NULL"},
	{name: "NaN is in no range", query: "SELECT id FROM $t_kinds WHERE f32 < 2 ORDER BY f32, id", plan: "index f32: f32 < ?"},
	{name: "NaN is not in NOT NULL", query: "SELECT id FROM $t_kinds WHERE f64 IS NOT NULL ORDER BY f64, id"},
	{name: "uint64 of 64 bits: equality", query: "SELECT id FROM $t_kinds WHERE u64 = ? ORDER BY id", args: []any{uint64(1<<64 - 1)}, plan: "index u64: u64 = ?"},
	{name: "uint64 of 64 bits: order", query: "SELECT id, u64 FROM $t_kinds WHERE u64 > 5 ORDER BY u64, id", plan: "order: served"},
	{name: "times as text: order", query: "SELECT id, at FROM $t_kinds ORDER BY at DESC, i8, id", plan: "order: served"},
	{name: "times as text: a part of one", query: "SELECT id FROM $t_kinds WHERE at > '2026-03-01T02:00:00' ORDER BY id", plan: "index at"},
	{name: "times as text: other texts of a time", query: "SELECT count(*) FROM $t_kinds WHERE at >= '2026-03-01 02:00:00' AND at <= '2026-03-01T03:00:00+01:00'", plan: "index at: at >= ?, at <= ?"},
	{name: "times as text: what SQLite's functions give", query: "SELECT id FROM $t_kinds WHERE at > datetime('2026-03-01', '+1 hour') ORDER BY id", plan: "index at: at > ?"},
	{name: "times as text: years of many digits", query: "SELECT id, at FROM $t_kinds WHERE at > '9999-12-31T23:59:59.000000000Z' ORDER BY at, id", plan: "index at"},
	{name: "times as text: years before 0", query: "SELECT id, at FROM $t_kinds WHERE at < '0000' ORDER BY at, id", plan: "index at"},
	{name: "a number against text: a literal", query: "SELECT id, s FROM $t_kinds WHERE s = 5 ORDER BY id"},
	{name: "a number against text: of a column", query: "SELECT x.id, y.id FROM $t_kinds x, $t_kinds y WHERE x.s = y.i32 AND y.id < 50"},
	{name: "a number against text: and an order", query: "SELECT id, i8 FROM $t_kinds WHERE s = (SELECT i32 FROM $t_kinds WHERE i32 = 5) ORDER BY i8 DESC, id", plan: "order: served"},
	{name: "a sparse index has not all rows", query: "SELECT id, i32 FROM $t_kinds ORDER BY i32, id", not: "index i32"},
	{name: "a sparse index, of those that have it", query: "SELECT id, i32 FROM $t_kinds WHERE i32 IS NOT NULL ORDER BY i32 DESC, s, id", plan: "index i32"},
	{name: "a partial index has not all rows", query: "SELECT id FROM $t_kinds WHERE colour = ? AND i8 = 3", args: []any{"red"}, not: "index blue"},
	{name: "a partial index, of a literal", query: "SELECT id FROM $t_kinds WHERE colour = 'blue' AND i8 = 3", plan: "index blue"},
	{name: "an index over elements shows a row once", query: "SELECT count(*), count(DISTINCT id) FROM $t_kinds", not: "index tag"},
	{name: "LIKE is for both cases", query: "SELECT id, s FROM $t_kinds WHERE s LIKE 'A%' ORDER BY id"},
	{name: "GLOB is for one", query: "SELECT id, s FROM $t_kinds WHERE s GLOB 'A*' ORDER BY id", plan: "s starts with ?"},
	{name: "LIMIT with rows that SQLite drops", query: "SELECT id FROM $t_kinds WHERE s = 'a' AND id % 3 = 0 ORDER BY i8 DESC, id LIMIT 3 OFFSET 1"},
	{name: "LEFT JOIN with a number beside a text", query: "SELECT p.a, p.b, k.id FROM $t_pairs p LEFT JOIN $t_kinds k ON k.s = p.b AND k.id < 60"},
}

func TestTraps(t *testing.T) {
	db, tables := database(t, kindsTypes, kindsTable, pairsTable)
	fillKinds(t, tables["t.kinds"], 400, 7)
	for i := range 60 {
		v := []provider.Value{provider.String([]string{"a", "b", "c"}[i%3]), provider.Int32(int32(i / 3)), {}, provider.Int64(int64(i % 7))}
		if i%4 > 0 {
			v[2] = provider.String([]string{"x", "y", "5"}[i%3])
		}
		if _, err := tables["t.pairs"].Insert(ctx, provider.Scope{}, v); err != nil {
			t.Fatal(err)
		}
	}
	c := connection(t, open(t, db))
	native(t, c, tables)
	for _, trap := range traps {
		t.Run(trap.name, func(t *testing.T) {
			text := strings.ReplaceAll(trap.query, "$t_", "t_")
			ours, err := read(c, text, trap.args...)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := read(c, strings.ReplaceAll(trap.query, "$t_", "n_t_"), trap.args...)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, "ORDER BY") {
				slices.Sort(ours)
				slices.Sort(theirs)
			}
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Errorf("-native +ours\n%s", diff)
			}
			if len(theirs) == 0 {
				t.Error("no rows, which tells little")
			}
			rows, err := read(c, "EXPLAIN QUERY PLAN "+text, trap.args...)
			if err != nil {
				t.Fatal(err)
			}
			how := strings.Join(rows, "\n")
			if !strings.Contains(how, trap.plan) || trap.not != "" && strings.Contains(how, trap.not) {
				t.Errorf("the plan is\n%s\nwant %q, and not %q", how, trap.plan, trap.not)
			}
		})
	}
}

// A table of more than 63 columns: the last bit of what SQLite asks for is of all others.
func TestManyColumns(t *testing.T) {
	var b strings.Builder
	b.WriteString("table: t.wide\naccess: public\nkey: id\nfields:\n  id: int64\n")
	for i := range 80 {
		b.WriteString("  c" + string(rune('a'+i/10)) + string(rune('0'+i%10)) + ": int64\n")
	}
	db, tables := database(t, b.String())
	p := tables["t.wide"]
	values := make([]provider.Value, len(p.Def().Columns))
	for i := range values {
		values[i] = provider.Int64(int64(i))
	}
	if _, err := p.Insert(ctx, provider.Scope{}, values); err != nil {
		t.Fatal(err)
	}
	s := open(t, db)
	for query, want := range map[string]string{
		"SELECT cg1, cg2, cg3 FROM t_wide":            `int64 "62" | int64 "63" | int64 "64"`,
		"SELECT ch9 FROM t_wide WHERE ch8 = 79":       `int64 "80"`,
		"SELECT id FROM t_wide WHERE ch9 = 80":        `int64 "0"`,
		"SELECT sum(ch9 + ca0) FROM t_wide":           `int64 "81"`,
		"SELECT count(*) FROM t_wide WHERE cg2 <> 63": `int64 "0"`,
	} {
		got, err := read(s, query)
		if diff := cmp.Diff([]string{want}, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", query, err, diff)
		}
	}
	if _, err := s.Exec("UPDATE t_wide SET ch9 = ca0 + 5"); err != nil {
		t.Fatal(err)
	}
	got, err := read(s, "SELECT ch8, ch9, ca0 FROM t_wide")
	if diff := cmp.Diff([]string{`int64 "79" | int64 "6" | int64 "1"`}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
