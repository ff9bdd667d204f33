package sqlstore

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/provider"
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
	"SELECT id FROM t_kinds WHERE i32 IS NOT NULL ORDER BY i32",
	"SELECT * FROM t_kinds WHERE i32 = 5 OR id = 7",
	"SELECT * FROM t_kinds WHERE f64 IS NULL",
	"SELECT * FROM t_pairs WHERE a = 'x' AND b > 5 ORDER BY b DESC",
	"SELECT k.s FROM t_pairs p JOIN t_kinds k ON k.id = p.kinds WHERE p.a = 'a'",
}
