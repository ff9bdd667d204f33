package proof

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/internal/checks"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/sqlstore"
)

var (
	queries = flag.Int("queries", cases(2000), "how many random queries are asked")
	seed    = flag.Uint64("seed", 1, "the seed of the first world")
)

// cases is how many cases there are of a kind where the command line does not say.
func cases(n int) int {
	if checks.Race {
		return n / 8
	}
	return n
}

// indexed opens tables of SQLite's own with the indexes of the store's.
func indexed(_ context.Context, w *World) (*Side, error) {
	c, err := sqlite3.Open(":memory:")
	if err != nil {
		return nil, err
	}
	s := &Side{conn: c}
	if err := c.CreateCollation("decimal", compareNumbers); err != nil {
		return nil, err
	}
	types := map[kind.Kind]string{kind.String: "text", kind.Float32: "real", kind.Float64: "real", kind.Bytes: "blob", kind.FixedBytes: "blob", kind.Uint64: "", kind.Uvarint: "", kind.Bool: "boolean"}
	for i, t := range w.made {
		def := provider.New(t).Def()
		var columns []string
		for _, col := range def.Columns {
			typ, ok := types[col.Kind]
			if !ok {
				typ = "text"
				if col.Kind.Integer() || col.Kind == kind.Duration {
					typ = "integer"
				}
			}
			if col.Kind == kind.Decimal {
				typ += " collate decimal"
			}
			columns = append(columns, quoted(col.Name)+" "+typ)
		}
		name := SQLName(def.Name)
		if err := s.Exec("create table " + name + "(" + strings.Join(columns, ", ") + ")"); err != nil {
			return nil, err
		}
		for _, row := range w.rows[i] {
			var args []Value
			for _, v := range row {
				args = append(args, shows(v))
			}
			if a := s.Run("insert into "+name+" values ("+strings.TrimSuffix(strings.Repeat("?,", len(args)), ",")+")", args...); a.Err != nil {
				return nil, a.Err
			}
		}
		for _, p := range def.Paths {
			var on []string
			for _, pc := range p.Columns {
				col := quoted(def.Columns[pc.Column].Name)
				if pc.Desc {
					col += " desc"
				}
				on = append(on, col)
			}
			if err := s.Exec("create index " + quoted(name+p.Name) + " on " + name + "(" + strings.Join(on, ", ") + ")"); err != nil {
				return nil, err
			}
		}
	}
	return s, s.Exec("analyze")
}

// The answers to the queries that are made up do not depend on indexes: what differs elsewhere
// is a mistake there.
func TestAnswersAreOne(t *testing.T) {
	seen, err := Queries(t.Context(), *seed, *queries, indexed)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", seen)
}

// sqlstored opens the tables by package sqlstore, and sees at the end that no state of the store
// is left open.
func sqlstored(ctx context.Context, w *World) (*Side, error) {
	db, err := sqlstore.Open(w.DB)
	if err != nil {
		return nil, err
	}
	w.close = append(w.close, func() error {
		if n := sqlstore.OpenStates(db); n != 0 {
			return fmt.Errorf("%d states of the store are left open", n)
		}
		return db.Close()
	})
	return NewSide(ctx, db)
}

// least is the share of queries, in thousandths, that have to be answered in a way at least:
// a proof of what no query does would be none.
var least = map[string]int{"scan": 300, "index": 150, "key": 100, "point": 20, "covering": 30, "order": 100, "reverse": 30, "in": 30, "or": 10, "range": 100, "prefix": 5, "folded": 5}

// Random queries give the same rows as on SQLite's own tables.
func TestQueries(t *testing.T) {
	seen, err := Queries(t.Context(), *seed, *queries, sqlstored)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", seen)
	for _, w := range ways {
		if share := seen.Plans[w.name] * 1000 / seen.Planned; share < least[w.name] && seen.Planned > 500 || least[w.name] == 0 {
			t.Errorf("%d of 1000 queries have the way %q, want %d at least", share, w.name, least[w.name])
		}
	}
	if seen.Ranged*4 < seen.Queries {
		t.Errorf("%d of %d queries have a range, want a quarter", seen.Ranged, seen.Queries)
	}
	if seen.Prepared*10 < seen.Queries || seen.Empty*2 > seen.Queries || seen.Failed*20 > seen.Queries {
		t.Errorf("too few are prepared, or too many are empty or wrong: %+v", seen)
	}
}

// Package sql shows what SQLite itself does, for queries with literals and with arguments, and
// leaves no state open.
func TestQueriesOfPackageSQL(t *testing.T) {
	for n := range uint64(8) {
		w, err := NewWorld(t.Context(), *seed+n, sqlstored)
		if err != nil {
			t.Fatal(err)
		}
		g := &gen{Rand: rand.New(rand.NewPCG(n, 8)), tables: w.Tables}
		for range 40 {
			q := g.query()
			sql, args := q.SQL(), []Value(nil)
			if !spoken(q) || chance(g.Rand, 2) {
				sql, args = bound(q)
			}
			var values []any
			for _, v := range args {
				values = append(values, v)
			}
			a, b := w.Ours.Run(sql, args...), w.Ours.rows(t.Context(), sql, values...)
			if (a.Err != nil) != (b.Err != nil) {
				t.Errorf("%s: %v, by package sql %v", sql, a.Err, b.Err)
			} else if x, y := listed(a), listed(b); x != y {
				t.Errorf("%s\nshows\n%sby package sql\n%s", sql, x, y)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

func listed(a Answer) string {
	var b strings.Builder
	for _, r := range a.Rows {
		b.WriteString(rowText(r, false) + "\n")
	}
	return b.String()
}
