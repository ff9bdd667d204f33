package sqlstore

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// EXPLAIN QUERY PLAN says which path is taken, with which ranges, and what is read.
func TestPlans(t *testing.T) {
	db, tables := database(t, kindsTypes, kindsTable, pairsTable)
	fillKinds(t, tables["t.kinds"], 300, 1)
	for i := range 300 {
		v := []provider.Value{provider.String(string(rune('a' + i%20))), provider.Int32(int32(i)), {}, provider.Int64(int64(i % 7))}
		if _, err := tables["t.pairs"].Insert(ctx, provider.Scope{}, v); err != nil {
			t.Fatal(err)
		}
	}
	c := connection(t, open(t, db))
	var b strings.Builder
	for _, q := range plans {
		fmt.Fprintf(&b, "%s\n", q)
		rows, err := c.QueryContext(ctx, "EXPLAIN QUERY PLAN "+q)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "  %s\n", planNumber.ReplaceAllString(detail, "INDEX n:"))
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "testdata/plans.txt", b.String())
}

// explained is the plan of a query.
func explained(t *testing.T, c *sql.Conn, q string) string {
	t.Helper()
	rows, err := c.QueryContext(ctx, "EXPLAIN QUERY PLAN "+q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Plans that have literals in them are kept for as long as the connection: of some number on,
// literals are values that come later, whose answers are the same.
func TestManyLiterals(t *testing.T) {
	db, tables := database(t, `table: t.parts
access: public
key: id
fields: {id: int64, n: int64, word: string}
indexes:
  large: {on: [word], where: n > 10}
`)
	for i := range 40 {
		if _, err := tables["t.parts"].Insert(ctx, provider.Scope{}, []provider.Value{provider.Int64(int64(i)), provider.Int64(int64(i)), provider.String(fmt.Sprint(i % 2))}); err != nil {
			t.Fatal(err)
		}
	}
	c := connection(t, open(t, db))
	q := func(n int) string { return fmt.Sprintf("SELECT id FROM t_parts WHERE n = %d AND word = '1'", n) }
	if p := explained(t, c, q(11)); !strings.Contains(p, "index large") {
		t.Errorf("a literal that implies the condition of an index does not take it: %s", p)
	}
	for i := range mostShapes {
		explained(t, c, q(1000+i))
	}
	if p := explained(t, c, q(13)); strings.Contains(p, "index large") {
		t.Errorf("a plan is kept for each of %d literals: %s", mostShapes+2, p)
	}
	for n, want := range map[int]int{11: 1, 12: 0, 13: 1, 9: 1} {
		var got int
		if err := c.QueryRowContext(ctx, "SELECT count(*) FROM ("+q(n)+")").Scan(&got); err != nil || got != want {
			t.Errorf("n = %d has %d rows, %v; want %d", n, got, err, want)
		}
	}
}

// The size of a table that grows is seen, which decides the order of a join.
func TestGrowingTable(t *testing.T) {
	table := func(name string) string {
		return "table: t." + name + "\naccess: public\nkey: id\nfields: {id: int64, other: int64}\nindexes:\n  other: {on: [other]}\n"
	}
	db, tables := database(t, table("a"), table("b"))
	fill := func(name string, from, to int) {
		if err := db.Update(ctx, func(tx *store.Tx) error {
			for i := from; i < to; i++ {
				if _, err := tables["t."+name].Insert(ctx, provider.Scope{Tx: tx}, []provider.Value{provider.Int64(int64(i)), provider.Int64(int64(i))}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	fill("a", 0, 2000)
	fill("b", 0, 20)
	c := connection(t, open(t, db))
	const q = "SELECT count(*) FROM t_a AS a JOIN t_b AS b ON a.id = b.id"
	if p := explained(t, c, q); !strings.HasPrefix(p, "SCAN b ") {
		t.Errorf("the small table is not the outer one:\n%s", p)
	}
	fill("b", 20, 100_000)
	for range sizeKept {
		explained(t, c, "SELECT * FROM t_b")
		explained(t, c, "SELECT * FROM t_a")
	}
	if p := explained(t, c, q); !strings.HasPrefix(p, "SCAN a ") {
		t.Errorf("the table that has grown is the outer one still:\n%s", p)
	}
}

var planNumber = regexp.MustCompile(`INDEX \d+:`)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got (-update rewrites it)\n%s", file, diff)
	}
}

var plans = []string{
	"SELECT * FROM t_kinds WHERE id = 5",
	"SELECT * FROM t_kinds WHERE id = '5'",
	"SELECT id FROM t_kinds WHERE id IN (1, 2)",
	"SELECT count(*) FROM t_kinds",
	"SELECT s, f64 FROM t_kinds WHERE s = 'a' ORDER BY i8 DESC",
	"SELECT s FROM t_kinds GROUP BY s",
	"SELECT * FROM t_kinds WHERE s GLOB 'a*'",
	"SELECT * FROM t_kinds WHERE s LIKE 'a%'",
	"SELECT * FROM t_kinds WHERE at LIKE '2026-03%'",
	"SELECT * FROM t_kinds WHERE at > '2026-03' ORDER BY at DESC",
	"SELECT * FROM t_kinds WHERE colour = 'blue' AND i8 > 5",
	"SELECT * FROM t_kinds WHERE colour > 'blue'",
	"SELECT * FROM t_kinds WHERE id2 = 'x'",
	"SELECT * FROM t_kinds WHERE so = 'x' COLLATE NOCASE",
	"SELECT * FROM t_kinds WHERE so COLLATE NOCASE IN ('x', 'Y')",
	"SELECT * FROM t_kinds WHERE so LIKE 'ab%'",
	"SELECT x.id FROM t_pairs AS p CROSS JOIN t_kinds AS x WHERE x.so LIKE p.a",
	"SELECT * FROM t_kinds WHERE so LIKE '%ab'",
	"SELECT id FROM t_kinds WHERE i32 IS NOT NULL ORDER BY i32",
	"SELECT id FROM t_kinds ORDER BY id DESC LIMIT 3 OFFSET 2",
	"SELECT id FROM t_kinds WHERE s = 'a' ORDER BY id LIMIT 3",
	"SELECT id FROM t_kinds WHERE s > 'a' ORDER BY s LIMIT 3",
	"SELECT id FROM t_kinds WHERE id % 2 = 1 ORDER BY id LIMIT 3",
	"SELECT id FROM t_kinds ORDER BY f64 LIMIT 3",
	"SELECT * FROM t_kinds WHERE i32 = 5 OR id = 7",
	"SELECT * FROM t_kinds WHERE f64 IS NULL",
	"SELECT * FROM t_pairs WHERE a = 'x' AND b > 5 ORDER BY b DESC",
	"SELECT k.s FROM t_pairs p JOIN t_kinds k ON k.id = p.kinds WHERE p.a = 'a'",
}
