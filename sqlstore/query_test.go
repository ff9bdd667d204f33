package sqlstore

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/provider"
)

// Queries give the same rows on our tables and on SQLite's own, in the same order where
// they ask for one. $t_ is what the name of a table begins with.
func TestSameAsNative(t *testing.T) {
	db, tables := database(t, kindsTypes, kindsTable, pairsTable)
	fillKinds(t, tables["t.kinds"], 300, 1)
	pairs := tables["t.pairs"]
	for i := range 60 {
		v := []provider.Value{provider.String([]string{"a", "b", "c"}[i%3]), provider.Int32(int32(i / 3)), {}, provider.Int64(int64(i % 7))}
		if i%4 > 0 {
			v[2] = provider.String([]string{"x", "y", "5"}[i%3])
		}
		if _, err := pairs.Insert(ctx, provider.Scope{}, v); err != nil {
			t.Fatal(err)
		}
	}
	c := connection(t, open(t, db))
	native(t, c, tables)
	for _, q := range queries {
		ours, err := read(c, strings.ReplaceAll(q.text, "$t_", "t_"), q.args...)
		if err != nil {
			t.Errorf("%s: %v", q.text, err)
			continue
		}
		theirs, err := read(c, strings.ReplaceAll(q.text, "$t_", "n_t_"), q.args...)
		if err != nil {
			t.Errorf("%s: native: %v", q.text, err)
			continue
		}
		if !strings.Contains(strings.ToUpper(q.text), "ORDER BY") {
			slices.Sort(ours)
			slices.Sort(theirs)
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			plan, _ := read(c, "EXPLAIN QUERY PLAN "+strings.ReplaceAll(q.text, "$t_", "t_"), q.args...)
			t.Errorf("%s %v: -native +ours\n%s\n%s", q.text, q.args, diff, strings.Join(plan, "\n"))
		}
		if len(theirs) == 0 && !q.empty {
			t.Errorf("%s %v: no rows, which tells little", q.text, q.args)
		}
	}
}

type query struct {
	text  string
	args  []any
	empty bool // finds nothing, and is to
}

var queries = []query{
	{text: "SELECT * FROM $t_kinds ORDER BY id"},
	{text: "SELECT * FROM $t_pairs ORDER BY a, b"},
	{text: "SELECT count(*) FROM $t_kinds"},
	// The key, as numbers that are not integers and texts that are numbers.
	{text: "SELECT id, s FROM $t_kinds WHERE id = 5"},
	{text: "SELECT id, s FROM $t_kinds WHERE id = '5'"},
	{text: "SELECT id, s FROM $t_kinds WHERE id = ' 5'"},
	{text: "SELECT id, s FROM $t_kinds WHERE id = 5.0"},
	{text: "SELECT id, s FROM $t_kinds WHERE id = '5.0'"},
	{text: "SELECT id, s FROM $t_kinds WHERE id = 5.5", empty: true},
	{text: "SELECT id, s FROM $t_kinds WHERE id BETWEEN 1.5 AND 3.5"},
	{text: "SELECT id, s FROM $t_kinds WHERE id > 1.5 AND id < 4 ORDER BY id DESC"},
	{text: "SELECT id FROM $t_kinds WHERE id < 'a' AND id > 290"},
	{text: "SELECT id FROM $t_kinds WHERE id > 'a'", empty: true},
	{text: "SELECT id FROM $t_kinds WHERE id < x'00' AND id > 290"},
	{text: "SELECT id FROM $t_kinds WHERE id = NULL", empty: true},
	{text: "SELECT id FROM $t_kinds WHERE id IS NULL", empty: true},
	{text: "SELECT id FROM $t_kinds WHERE id < 1e300 AND id > 297.5"},
	{text: "SELECT id FROM $t_kinds WHERE id = ?", args: []any{"7"}},
	{text: "SELECT id FROM $t_kinds WHERE id = ?", args: []any{7.0}},
	{text: "SELECT id FROM $t_kinds WHERE id IN (1, '2', 3.0, 4.5, NULL, 'x', 1)"},
	{text: "SELECT id FROM $t_kinds WHERE id IN (SELECT i8 FROM $t_kinds)"},
	{text: "SELECT id FROM $t_kinds WHERE id NOT IN (1, 2) AND id < 5"},
	{text: "SELECT id FROM $t_kinds WHERE id IS 5 OR id IS NOT 5 AND id < 3"},
	// LIMIT and OFFSET, which end a scan early where nothing else is checked.
	{text: "SELECT id FROM $t_kinds ORDER BY id LIMIT 3 OFFSET 2"},
	{text: "SELECT id FROM $t_kinds ORDER BY id DESC LIMIT ? OFFSET ?", args: []any{4, 1}},
	{text: "SELECT id FROM $t_kinds ORDER BY id LIMIT ?", args: []any{"3"}},
	{text: "SELECT id FROM $t_kinds ORDER BY id LIMIT -1 OFFSET 290"},
	{text: "SELECT id FROM $t_kinds ORDER BY id LIMIT 9223372036854775807 OFFSET 295"},
	{text: "SELECT id FROM $t_kinds ORDER BY id LIMIT 0", empty: true},
	{text: "SELECT count(*) FROM (SELECT id FROM $t_kinds LIMIT 7)"},
	{text: "SELECT i32, id FROM $t_kinds WHERE i32 IS NOT NULL ORDER BY i32, id LIMIT 5 OFFSET 1"},
	{text: "SELECT id FROM $t_kinds WHERE id > 3.5 ORDER BY id LIMIT 4"},
	{text: "SELECT id FROM $t_kinds WHERE id = 5 OR id = 7 ORDER BY id LIMIT 1 OFFSET 1"},
	{text: "SELECT id FROM $t_kinds WHERE id IN (9, 7, '5') ORDER BY id LIMIT 2"},
	{text: "SELECT id FROM $t_kinds WHERE s = 'a' AND id % 2 = 1 ORDER BY id LIMIT 2"},
	{text: "SELECT id FROM $t_kinds WHERE s = 'a' ORDER BY id LIMIT 2 OFFSET 1"},
	{text: "SELECT id FROM $t_kinds WHERE s = ? ORDER BY id LIMIT 2", args: []any{"a"}},
	{text: "SELECT id FROM $t_kinds WHERE colour = 'red' AND id > 0 ORDER BY id LIMIT 3"},
	{text: "SELECT s, count(*) FROM $t_kinds GROUP BY s ORDER BY s LIMIT 3 OFFSET 1"},
	{text: "SELECT DISTINCT s FROM $t_kinds ORDER BY s LIMIT 3 OFFSET 1"},
	{text: "SELECT * FROM (SELECT id FROM $t_kinds ORDER BY id LIMIT 8) UNION ALL SELECT a FROM $t_pairs LIMIT 5 OFFSET 6"},
	{text: "SELECT id FROM $t_kinds UNION ALL SELECT -id FROM $t_kinds LIMIT 5 OFFSET 298"},
	{text: "SELECT id FROM $t_kinds UNION ALL SELECT -id FROM $t_kinds ORDER BY 1 LIMIT 5 OFFSET 2"},
	{text: "SELECT id, row_number() OVER (ORDER BY id DESC) AS n FROM $t_kinds ORDER BY id LIMIT 3"},
	{text: "SELECT a, (SELECT id FROM $t_kinds WHERE id > $t_pairs.b ORDER BY id LIMIT 1 OFFSET 1) AS next FROM $t_pairs ORDER BY a, b LIMIT 4"},
	{text: "SELECT id FROM $t_kinds WHERE id IN (SELECT b FROM $t_pairs ORDER BY a, b LIMIT 3) ORDER BY id"},
	{text: "SELECT k.id FROM $t_kinds AS k LEFT JOIN $t_pairs AS p ON p.b = k.id WHERE p.a IS NULL ORDER BY k.id LIMIT 3"},
	// Texts, numbers beside them, collations.
	{text: "SELECT id, s FROM $t_kinds WHERE s = 5"},
	{text: "SELECT id, s FROM $t_kinds WHERE s = '5'"},
	{text: "SELECT x.id, y.id FROM $t_kinds x, $t_kinds y WHERE x.s = y.i32 AND y.id < 40"},
	{text: "SELECT x.id, y.id FROM $t_kinds x, $t_kinds y WHERE x.s = y.i32 AND y.i32 = 5 ORDER BY x.s, x.i8 DESC, x.id, y.id"},
	{text: "SELECT id, i8 FROM $t_kinds WHERE s = 5 ORDER BY i8 DESC, id"},
	{text: "SELECT id, i8 FROM $t_kinds WHERE s = (SELECT i32 FROM $t_kinds WHERE i32 = 5) ORDER BY i8 DESC, id"},
	{text: "SELECT id, s FROM $t_kinds WHERE s = 'a' COLLATE NOCASE"},
	{text: "SELECT id, so FROM $t_kinds WHERE so = ? COLLATE NOCASE", args: []any{"Z\x00x"}},
	{text: "SELECT id, so FROM $t_kinds WHERE so COLLATE NOCASE IN (?, 'b')", args: []any{"Z\x00x"}},
	{text: "SELECT id, so FROM $t_kinds WHERE so = 'AB' COLLATE NOCASE"},
	{text: "SELECT id, s FROM $t_kinds WHERE s > 'a' COLLATE NOCASE AND id < 50"},
	{text: "SELECT id, so FROM $t_kinds WHERE so COLLATE NOCASE IN ('AB', 'b', 5, NULL, x'6162')"},
	{text: "SELECT id, so FROM $t_kinds WHERE so = 'AB' COLLATE NOCASE AND so = 'ab' COLLATE NOCASE"},
	{text: "SELECT id, so FROM $t_kinds WHERE so = 'Ab' COLLATE NOCASE ORDER BY so, id"},
	{text: "SELECT id, so FROM $t_kinds WHERE so LIKE 'aB%' ORDER BY so, id"},
	{text: "SELECT id, so FROM $t_kinds WHERE so LIKE 'A_' OR so LIKE 'b'"},
	{text: "SELECT id, so FROM $t_kinds WHERE so LIKE '%' AND so LIKE ''"},
	{text: "SELECT id, so FROM $t_kinds WHERE so LIKE 5 OR so LIKE NULL OR so LIKE x'61'"},
	{text: "SELECT k.id, l.id FROM $t_kinds AS k JOIN $t_kinds AS l ON l.so = k.s COLLATE NOCASE AND l.id < 40"},
	{text: "SELECT k.id, l.id FROM $t_kinds AS k JOIN $t_kinds AS l ON l.so LIKE k.s AND l.id < 40"},
	{text: "SELECT id, s FROM $t_kinds WHERE s >= 'a' AND s < 'b' ORDER BY s, i8 DESC, id"},
	{text: "SELECT id, s FROM $t_kinds WHERE s LIKE 'a%'"},
	{text: "SELECT id, s FROM $t_kinds WHERE s LIKE '2026%'"},
	{text: "SELECT id, s FROM $t_kinds WHERE s GLOB 'a*'"},
	{text: "SELECT id, s FROM $t_kinds WHERE s GLOB '[a-b]*'"},
	{text: "SELECT id, s FROM $t_kinds WHERE s GLOB ?", args: []any{"ab*"}},
	{text: "SELECT id, s FROM $t_kinds WHERE s LIKE ?", args: []any{"ab%"}},
	{text: "SELECT id FROM $t_kinds WHERE s LIKE NULL", empty: true},
	{text: "SELECT id, s FROM $t_kinds WHERE s = x'61'", empty: true},
	{text: "SELECT id, s FROM $t_kinds WHERE s < x'61' AND id < 9"},
	{text: "SELECT s, count(*) FROM $t_kinds GROUP BY s ORDER BY s"},
	{text: "SELECT DISTINCT s FROM $t_kinds"},
	{text: "SELECT DISTINCT b, i8 FROM $t_kinds ORDER BY b, i8"},
	// What may be absent.
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 IS NULL"},
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 IS NOT NULL ORDER BY i32 DESC, s, id"},
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 IS 5"},
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 IS ?", args: []any{nil}},
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 IS ?", args: []any{5}},
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 = ?", args: []any{nil}, empty: true},
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 > 3 ORDER BY i32 DESC, s, id"},
	{text: "SELECT id, i32 FROM $t_kinds WHERE i32 IN (1, 2) OR i32 IS NULL ORDER BY i32, id"},
	{text: "SELECT id, i32 FROM $t_kinds ORDER BY i32, id"},
	{text: "SELECT count(i32), min(i32), max(i32), sum(i32) FROM $t_kinds"},
	// Numbers that are none, and those of more than 63 bits.
	{text: "SELECT id, f64 FROM $t_kinds WHERE f64 IS NULL"},
	{text: "SELECT id, f32 FROM $t_kinds WHERE f32 IS NULL"},
	{text: "SELECT id, f32 FROM $t_kinds WHERE f32 IS NOT NULL ORDER BY f32, id"},
	{text: "SELECT id, f32 FROM $t_kinds ORDER BY f32, id"},
	{text: "SELECT id, f64 FROM $t_kinds WHERE f64 < 1.5 ORDER BY f64 DESC, id"},
	{text: "SELECT id, f64 FROM $t_kinds WHERE f64 >= 1 AND f64 <= 9007199254740992"},
	{text: "SELECT id, f64 FROM $t_kinds WHERE f64 = 9007199254740993", empty: true},
	{text: "SELECT id, f32 FROM $t_kinds WHERE f32 = 0.1", empty: true},
	{text: "SELECT id, f32 FROM $t_kinds WHERE f32 > 0.1 AND f32 < 2"},
	{text: "SELECT id, u64 FROM $t_kinds ORDER BY u64, id"},
	{text: "SELECT id, u64 FROM $t_kinds WHERE u64 = 5"},
	{text: "SELECT id, u64 FROM $t_kinds WHERE u64 = '18446744073709551615'"},
	{text: "SELECT id, u64 FROM $t_kinds WHERE u64 = '09223372036854775808'"},
	{text: "SELECT id, u64 FROM $t_kinds WHERE u64 = '5'", empty: true},
	{text: "SELECT id, u64 FROM $t_kinds WHERE u64 > 5 ORDER BY u64 DESC, id"},
	{text: "SELECT id, u64 FROM $t_kinds WHERE u64 >= -1 AND u64 < 1.5"},
	{text: "SELECT id, u64 FROM $t_kinds WHERE u64 > '1'"},
	{text: "SELECT id, uv FROM $t_kinds WHERE uv > 0 ORDER BY uv, id"},
	{text: "SELECT x.id, y.id FROM $t_kinds x JOIN $t_kinds y ON x.u64 = y.u64 WHERE y.id < 20"},
	// Bytes.
	{text: "SELECT id, by FROM $t_kinds WHERE by >= x'61' ORDER BY by, id"},
	{text: "SELECT id, by FROM $t_kinds WHERE by > 'a' ORDER BY by, id"},
	{text: "SELECT id FROM $t_kinds WHERE by = 'a' OR fb = x'01' OR s = x'61' OR id = x'31' OR u64 = x'35' OR f64 = x'30'", empty: true},
	{text: "SELECT id FROM $t_kinds WHERE by IN ('a', x'', 5) OR s IN (x'61', 'a') OR fb IN (x'00', x'000000')"},
	{text: "SELECT id, fb FROM $t_kinds WHERE fb >= x'01' AND fb < x'ff' ORDER BY fb DESC, id", empty: true},
	// Times.
	{text: "SELECT id, at FROM $t_kinds ORDER BY at, id"},
	{text: "SELECT id, at FROM $t_kinds ORDER BY at DESC, i8, id LIMIT 20"},
	{text: "SELECT id, at FROM $t_kinds WHERE at >= '2026-03-01' ORDER BY at DESC, i8, id"},
	{text: "SELECT id, at FROM $t_kinds WHERE at > '2026-03-01T02:00' AND at < '2026-03-02'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at > '2026-03-01 02:00' AND at <= '2026-03-02 00:00'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at <= '2026' OR at > '9999-12-31T23:59:59.000000000Z'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at = ?", args: []any{times[2]}},
	{text: "SELECT id, at FROM $t_kinds WHERE at = '2026-03-01T03:00:00+01:00'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at IN ('2026-03-01 02:00', '2026-03-02', 'now', 5)"},
	{text: "SELECT id, at FROM $t_kinds WHERE at > datetime('2026-03-01 03:00', '-1 hour') ORDER BY at, id"},
	{text: "SELECT id, at FROM $t_kinds WHERE at >= datetime('2026-03-01 03:00', '-1 hour') AND at < 2027 ORDER BY at, id"},
	{text: "SELECT id, at FROM $t_kinds WHERE at LIKE '2026-0%' AND at LIKE '2%'"},
	{text: "SELECT count(*) FROM $t_kinds WHERE at > '-000000000001' AND at < '~999999999999-12-31T23:59:59+01:00'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at = '-000000000001' OR at < '-000000000001-02-01' OR at > '~999999999999'", empty: true},
	{text: "SELECT x.id, y.id FROM $t_kinds x JOIN $t_kinds y ON x.at = y.day WHERE y.id < 40", empty: true},
	{text: "SELECT id, day FROM $t_kinds WHERE day >= '2026-0' AND day < '2026-1' ORDER BY day, id"},
	{text: "SELECT id, clock FROM $t_kinds WHERE clock > '1' AND clock <= '2' ORDER BY clock, id"},
	{text: "SELECT id, at FROM $t_kinds WHERE at > ? AND at <= ?", args: []any{times[5], times[3]}},
	{text: "SELECT id, at FROM $t_kinds WHERE at LIKE '2026-03-01%'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at GLOB '2026-0[23]*'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at LIKE '2026%02:00%'"},
	{text: "SELECT id, at FROM $t_kinds WHERE at < 5 OR at > 'x'", empty: true},
	{text: "SELECT id, date(at), strftime('%H:%M', at), julianday(at) FROM $t_kinds WHERE at > '2026'"},
	{text: "SELECT id, ato FROM $t_kinds WHERE ato IS NOT NULL ORDER BY ato DESC, id"},
	{text: "SELECT id, day FROM $t_kinds ORDER BY day, id"},
	{text: "SELECT id, day FROM $t_kinds WHERE day >= '2026-01' ORDER BY day, id"},
	{text: "SELECT id, day FROM $t_kinds WHERE day < '0000-01-01' OR day > '9999'"},
	{text: "SELECT count(*) FROM $t_kinds WHERE day > '-000000000001-01-01' AND day < '~999999999999-12-31'"},
	{text: "SELECT id, clock FROM $t_kinds WHERE clock > '12' ORDER BY clock, id"},
	{text: "SELECT id, clock FROM $t_kinds WHERE clock <= '12:30' ORDER BY clock DESC, id"},
	{text: "SELECT id, span FROM $t_kinds WHERE span > 0 ORDER BY span, id"},
	// Enums, UUIDs, decimals.
	{text: "SELECT id, colour FROM $t_kinds WHERE colour = 'blue'"},
	{text: "SELECT id, colour FROM $t_kinds WHERE colour = 'blue' AND i8 > 4 ORDER BY i8, id"},
	{text: "SELECT id, colour FROM $t_kinds WHERE colour IN ('red', 'pink')"},
	{text: "SELECT id, colour FROM $t_kinds WHERE colour = 'pink'", empty: true},
	{text: "SELECT id, colour FROM $t_kinds WHERE colour > 'b' ORDER BY colour, at, id"},
	{text: "SELECT colour, count(*) FROM $t_kinds GROUP BY colour ORDER BY colour DESC"},
	{text: "SELECT id, id2 FROM $t_kinds ORDER BY id2"},
	{text: "SELECT id, id2 FROM $t_kinds WHERE id2 = (SELECT id2 FROM $t_kinds WHERE id = 9)"},
	{text: "SELECT id, id2 FROM $t_kinds WHERE id2 > '0001' ORDER BY id2"},
	{text: "SELECT id, id2 FROM $t_kinds WHERE id2 = (SELECT upper(id2) FROM $t_kinds WHERE id = 9)", empty: false},
	{text: "SELECT id, price FROM $t_kinds ORDER BY price, id"},
	{text: "SELECT id, price FROM $t_kinds WHERE price > '9' ORDER BY price DESC, id"},
	{text: "SELECT id, price FROM $t_kinds WHERE price = '1.50'"},
	{text: "SELECT id, price FROM $t_kinds WHERE price > 9 AND price < 100.5"},
	{text: "SELECT id, price FROM $t_kinds WHERE price = '1.505'", empty: true},
	{text: "SELECT id, price FROM $t_kinds WHERE price >= '1.505' AND price < 'x'"},
	{text: "SELECT price, count(*) FROM $t_kinds GROUP BY price ORDER BY price"},
	{text: "SELECT max(price), min(price) FROM $t_kinds"},
	{text: "SELECT x.id, y.id FROM $t_kinds x, $t_kinds y WHERE x.price = y.i8 AND y.id < 20"},
	// Documents.
	{text: "SELECT id, json_extract(doc, '$.a') FROM $t_kinds WHERE doc IS NOT NULL"},
	{text: "SELECT id, doc ->> 'a' FROM $t_kinds WHERE doc -> 'a' = '1'"},
	{text: "SELECT k.id, e.value FROM $t_kinds k, json_each(tags) e WHERE e.value >= 'y'"},
	{text: "SELECT id, place ->> 'city' FROM $t_kinds WHERE place ->> 'zip' = 5"},
	{text: "SELECT id, names FROM $t_kinds WHERE json_extract(names, '$.one') = 1"},
	// Bools.
	{text: "SELECT id, b FROM $t_kinds WHERE b ORDER BY i8, id"},
	{text: "SELECT id, b FROM $t_kinds WHERE b = true AND i8 > 3 ORDER BY i8, id"},
	{text: "SELECT id, b FROM $t_kinds WHERE b < 5 AND id < 9"},
	{text: "SELECT id, b FROM $t_kinds WHERE b = 2", empty: true},
	{text: "SELECT id, b FROM $t_kinds WHERE b = '1' AND id < 9"},
	// OR, joins, subqueries, windows.
	{text: "SELECT id FROM $t_kinds WHERE i32 = 5 OR colour = 'red' OR id = 7"},
	{text: "SELECT a, b FROM $t_pairs WHERE b = 3 OR c = 'x'"},
	{text: "SELECT a, b FROM $t_pairs WHERE (a, b) = ('a', 5)"},
	{text: "SELECT a, b FROM $t_pairs WHERE a = 'b' AND b > 3.5 ORDER BY b DESC"},
	{text: "SELECT a, b FROM $t_pairs WHERE a IN ('a', 'c') AND b IN (1, 2, 3) ORDER BY a, b"},
	{text: "SELECT k.id, p.a, p.b FROM $t_pairs p JOIN $t_kinds k ON k.id = p.kinds WHERE p.a = 'a'"},
	{text: "SELECT k.id, p.b FROM $t_kinds k LEFT JOIN $t_pairs p ON p.kinds = k.id AND p.a = 'b' WHERE k.id < 12"},
	{text: "SELECT k.id, (SELECT count(*) FROM $t_pairs p WHERE p.kinds = k.id) FROM $t_kinds k WHERE k.id < 10"},
	{text: "SELECT id FROM $t_kinds k WHERE EXISTS (SELECT 1 FROM $t_pairs p WHERE p.kinds = k.id AND p.c = 'x')"},
	{text: "SELECT a, b, row_number() OVER (PARTITION BY a ORDER BY b DESC) FROM $t_pairs ORDER BY a, b"},
	{text: "WITH big AS (SELECT * FROM $t_pairs WHERE b > 10) SELECT a, count(*) FROM big GROUP BY a ORDER BY a"},
	{text: "SELECT a FROM $t_pairs UNION SELECT c FROM $t_pairs ORDER BY 1"},
	{text: "SELECT a, b FROM $t_pairs ORDER BY a DESC, b DESC LIMIT 5 OFFSET 3"},
	{text: "SELECT a, b FROM $t_pairs ORDER BY b LIMIT 0", empty: true},
	{text: "SELECT x.a, y.b FROM $t_pairs x, $t_pairs y WHERE x.a = y.c OR x.b = y.b AND x.a < y.a"},
}
