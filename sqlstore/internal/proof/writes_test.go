package proof

import (
	"flag"
	"testing"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

var programs = flag.Int("programs", cases(60), "how many random programs of writes are run")

// Random programs of statements that write do the same to a store's tables and to SQLite's.
func TestPrograms(t *testing.T) {
	seen, err := Programs(t.Context(), *seed, *programs, sqlstored)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", seen)
	if seen.Changed*4 < seen.Statements || seen.Refused*20 < seen.Statements || seen.Transactions*2 < *programs || seen.Partings*3 < *programs || seen.Half == 0 {
		t.Errorf("too little happens: %+v", seen)
	}
}

// What random programs have found, each a case of its own: statements that do the same to a
// native table.
func TestFoundWrites(t *testing.T) {
	for _, c := range []struct {
		name       string
		table      *catalog.Table
		statements []string
	}{
		{"a row with an empty key is in the way", on(named(kind.String, kind.Int64, kind.String), catalog.Index{Unique: true}, 1), []string{
			"insert into t values ('', 1, 'a'), ('b', 2, 'b')",
			"insert or replace into t values ('', 3, 'c')",
			"insert or replace into t values ('d', 3, 'd')",
			"insert into t values ('', 5, 'e')",
			"update or replace t set f1 = 2 where f0 = ''",
			"update or replace t set f0 = '' where f0 = 'd'",
		}},
		{"a value that widens the scan of one row", named(kind.Int32, kind.Int64, kind.String), []string{
			"insert into t values (-5, 1, 'a'), (-1, 2, 'b'), (3, 3, 'c')",
			"delete from t where f0 = '-1.0'",
			"update t set f1 = 7 where f0 in ('3.0')",
			"delete from t where f0 = (select '3.0')",
			"delete from t where f0 = -5.0",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := build(t.Context(), sqlstored, func(w *World) error {
				w.Writable = true
				w.rows = append(w.rows, nil)
				_, err := w.table(t.Context(), c.table)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			p := &writes{gen: &gen{tables: w.Tables}, w: w, seen: &Written{Verbs: map[string]int{}}}
			for _, s := range c.statements {
				if err := p.run(t.Context(), s); err != nil {
					t.Errorf("%s: %v", s, err)
				}
			}
		})
	}
}
