package proof

import (
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// named is a table whose fields f0, f1 and so on are of some kinds. f0 is the key, and the
// others may be absent.
func named(kinds ...catalog.Kind) *catalog.Table {
	t := &catalog.Table{Name: "t", Access: access.Public, Row: "row", Key: []int{0}}
	for i, k := range kinds {
		t.Fields = append(t.Fields, catalog.Field{Name: "f" + string(rune('0'+i)), Number: i + 1, Type: madeup.TypeOf(k), Optional: i > 0})
	}
	return t
}

// on adds an index.
func on(t *catalog.Table, ix catalog.Index, fields ...int) *catalog.Table {
	ix.Number = len(t.Indexes) + 1
	ix.Name = "ix" + string(rune('0'+ix.Number))
	for _, f := range fields {
		ix.Columns = append(ix.Columns, catalog.Column{Field: f})
	}
	t.Indexes = append(t.Indexes, ix)
	return t
}

// inAnyCase adds an index in any letter case over f1.
func inAnyCase(t *catalog.Table) *catalog.Table {
	on(t, catalog.Index{}, 1)
	t.Indexes[0].Columns[0].Fold = true
	return t
}

// compared compares a field with a text of its kind.
func compared(op catalog.Op, field int, lit string) *catalog.Expr {
	return &catalog.Expr{Op: op, Args: []catalog.Expr{{Op: catalog.FieldOf, Field: field}, {Op: catalog.Lit, Lit: lit}}}
}

// What random queries have found, each a case of its own.
func TestFound(t *testing.T) {
	for _, c := range []struct {
		name    string
		table   *catalog.Table
		rows    [][]kind.Value
		queries []string
	}{
		{
			name:    "bytes of another length, where the choice of an index depends on values",
			table:   on(named(kind.Int64, kind.FixedBytes), catalog.Index{Where: compared(catalog.Ne, 1, "0x"+strings.Repeat("01", 32))}, 1),
			rows:    [][]kind.Value{{provider.Int64(1), provider.FixedBytes(make([]byte, 32))}},
			queries: []string{"select * from t where f1 = x'00'", "select * from t where f1 in (x'00', zeroblob(32))", "select * from t where f1 > x'00'"},
		},
		{
			name:    "an empty text is before the times before the year 0",
			table:   on(on(named(kind.Int64, kind.Date, kind.Timestamp), catalog.Index{}, 1), catalog.Index{}, 2),
			rows:    [][]kind.Value{{provider.Int64(1), provider.Date(civil.MustDate(-5, 1, 1)), provider.Time(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC))}},
			queries: []string{"select * from t where f1 >= ''", "select * from t where f1 > ''", "select * from t where f2 between '' and '1'", "select * from t where f2 < ''"},
		},
		{
			name:    "a number is equal to several texts of a key",
			table:   named(kind.String, kind.Int64),
			rows:    [][]kind.Value{{provider.String("5"), provider.Int64(5)}, {provider.String("5.0"), provider.Int64(7)}, {provider.String(" 5"), provider.Value{}}},
			queries: []string{"select a.f1 from t a left join t b on b.f0 = a.f1", "select a.f1, b.f0 from t a join t b on b.f0 = +a.f1", "select distinct a.f0, b.f1 from t a left join t b on b.f0 = a.f1 where b.f1 > 1"},
		},
		{
			name:  "a pattern of GLOB is not read as one of LIKE was, nor a text of a time as two bounds",
			table: on(on(named(kind.Int64, kind.String, kind.Date), catalog.Index{}, 1), catalog.Index{}, 2),
			rows:  [][]kind.Value{{provider.Int64(1), provider.String("*a"), provider.Date(civil.MustDate(2026, 1, 2))}, {provider.Int64(2), provider.String("%"), provider.Date(civil.MustDate(2025, 1, 2))}},
			queries: []string{"select f0 from t where f1 like (select '%')", "select f0 from t where f1 glob (select '*')", "select f0 from t where f1 like (select '*%')", "select f0 from t where f1 glob (select '%*')",
				"select f0 from t where f2 >= (select '2025') and f2 < (select '2026')", "select f0 from t where f2 like (select '2025%')", "select f0 from t where f2 glob (select '2026*')", "select f0 from t where f2 >= (select '2026') and f2 < (select '2027')"},
		},
		{
			name:    "an order that a value which does not fit takes away, behind an enum",
			table:   named(kind.Int64, kind.Float32, kind.Enum),
			rows:    [][]kind.Value{{provider.Int64(1), provider.Float32(0), provider.Enum(&madeup.Grade, 1)}, {provider.Int64(2), provider.Float32(0), provider.Enum(&madeup.Grade, 1)}},
			queries: []string{"select f0 from t where f1 = '0.0' and f2 = 'low' order by f1, f2 desc, f0 desc limit 1", "select f0 from t where f1 = '0.0' and f2 = 'low' order by f1, f2, f0 limit 1"},
		},
		{
			name:    "IS NULL in any letter case",
			table:   inAnyCase(named(kind.Int64, kind.String)),
			rows:    [][]kind.Value{{provider.Int64(1), {}}, {provider.Int64(2), provider.String("A")}},
			queries: []string{"select f0 from t where f1 collate nocase is (select null)", "select f0 from t where f1 collate nocase is (select 'a')", "select f0 from t where f1 collate nocase = 'a'", "select f0 from t where f1 collate nocase is not null"},
		},
		{
			name:    "a pattern that ends within a character",
			table:   named(kind.String, kind.Int64),
			rows:    [][]kind.Value{{provider.String("\xef\xbf"), {}}, {provider.String("\ufffd"), {}}, {provider.String("\xcf\xbf"), {}}, {provider.String("\xef"), {}}},
			queries: []string{"select f0 from t where f0 glob cast(x'efbf2a' as text)", "select f0 from t where f0 glob cast(x'ef2a' as text)", "select f0 from t where f0 like cast(x'efbf25' as text)", "select f0 from t where f0 glob cast(x'2a' as text)", "select f0 from t where f0 glob (select cast(x'efbf2a' as text))"},
		},
		{
			name:    "NOCASE does not look behind a NUL",
			table:   inAnyCase(named(kind.Int64, kind.String)),
			rows:    [][]kind.Value{{provider.Int64(1), provider.String("\x00a")}, {provider.Int64(2), provider.String("\x00\x00")}, {provider.Int64(3), provider.String("A\x00b")}, {provider.Int64(4), provider.String("ab")}},
			queries: []string{"select f0 from t where f1 = cast(x'0000' as text) collate nocase", "select f0 from t where f1 collate nocase in (cast(x'610062' as text), cast(x'6100ff' as text))", "select f0 from t where f1 collate nocase = cast(x'610063' as text)", "select f0 from t where f1 collate nocase = 'AB'"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldOf(t, c.table, c.rows)
			defer w.Close()
			for _, sql := range c.queries {
				if diff := Compare(&Query{}, w.Native.Run(sql), w.Ours.Run(sql), Answer{}); diff != "" {
					t.Errorf("%s\n%s", sql, diff)
				}
			}
		})
	}
}

// worldOf is a world of one table with some rows, on both sides.
func worldOf(t *testing.T, table *catalog.Table, rows [][]kind.Value) *World {
	t.Helper()
	w, err := build(t.Context(), sqlstored, func(w *World) error {
		p, err := w.table(t.Context(), table)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if _, err := p.Insert(t.Context(), provider.Scope{}, row); err != nil {
				return err
			}
		}
		w.rows = append(w.rows, rows)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
