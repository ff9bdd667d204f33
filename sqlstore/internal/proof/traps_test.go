package proof

import (
	"math"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// asked is a query with the values of its parameters, for several runs of one statement.
type asked struct {
	query string
	runs  [][]Value
}

func once(queries ...string) (out []asked) {
	for _, q := range queries {
		out = append(out, asked{q, [][]Value{nil}})
	}
	return out
}

// keyed has the values as rows of the field f1, with keys from 1 on.
func keyed(values ...kind.Value) (rows [][]kind.Value) {
	for i, v := range values {
		rows = append(rows, []kind.Value{provider.Int64(int64(i + 1)), v})
	}
	return rows
}

// wide is a table of more columns than the set of used ones has bits, with an index over the
// last but one.
func wide() (*catalog.Table, [][]kind.Value) {
	kinds := make([]catalog.Kind, 9)
	for i := range kinds {
		kinds[i] = kind.Int64
	}
	t := named(kinds...)
	for i := 9; i < 75; i++ {
		t.Fields = append(t.Fields, catalog.Field{Name: "c" + string(rune('0'+i/10)) + string(rune('0'+i%10)), Number: i + 1, Type: madeup.TypeOf(kind.Int64)})
	}
	on(t, catalog.Index{Include: []int{70}}, 73)
	var rows [][]kind.Value
	for n := range int64(4) {
		var row []kind.Value
		for i := range t.Fields {
			row = append(row, provider.Int64(int64(i)*10+n))
		}
		rows = append(rows, row)
	}
	return t, rows
}

// What virtual tables of SQLite get wrong where nobody takes care, and what a store has
// otherwise than SQLite: each a case, whose answers are those of a native table.
func TestTraps(t *testing.T) {
	in := func(k catalog.Kind) *catalog.Table { return on(named(kind.Int64, k), catalog.Index{}, 1) }
	down := func(k catalog.Kind) *catalog.Table {
		t := in(k)
		t.Indexes[0].Columns[0].Desc = true
		return t
	}
	bounds := []string{"<", "<=", ">", ">=", "=", "<>", "is", "is not"}
	all := func(values ...string) (out []asked) {
		for _, v := range values {
			for _, op := range bounds {
				out = append(out, once("select f0 from t where f1 "+op+" "+v, "select f0 from t where "+v+" "+op+" f1 order by f1, f0", "select f0 from t where f1 "+op+" "+v+" order by f1 desc limit 2")...)
			}
		}
		return append(out, once("select f0, f1 from t order by f1, f0", "select f0, f1 from t order by f1 desc, f0 desc", "select min(f1), max(f1), count(f1), count(*) from t", "select f1, count(*) from t group by f1 order by 1", "select distinct f1 from t order by f1 nulls last")...)
	}
	wideTable, wideRows := wide()
	times := keyed(provider.Time(time.Unix(0, 0)), provider.Time(time.Date(2026, 3, 1, 2, 0, 0, 5, time.UTC)), provider.Time(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)), provider.Time(time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)), provider.Time(time.Date(1969, 12, 31, 23, 59, 59, 999, time.UTC)), provider.Time(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
	ints := keyed(provider.Int64(5), provider.Int64(-1), provider.Int64(math.MaxInt64), provider.Int64(math.MinInt64), provider.Int64(1<<53+1), provider.Value{}, provider.Int64(0))
	for _, c := range []struct {
		name  string
		table *catalog.Table
		rows  [][]kind.Value
		asked []asked
	}{
		{"integers beside numbers and texts", in(kind.Int64), ints, append(all("'5'", "5.0", "'5.0'", "4.5", "'4.5'", "' 5 '", "'5x'", "''", "9223372036854775807", "9223372036854775807.0", "9223372036854775808", "-9223372036854775808.0", "9007199254740992.0", "9007199254740993", "1e300", "-1e300", "9e999", "x'35'"),
			once("select f0 from t where f1 between 1.5 and 5.5", "select f0 from t where f1 between '-1' and '5'", "select f0 from t where f1 in ('5', -1.0, 4.5, null)", "select f0 from t where f1 in (select '5')")...)},
		{"integers, descending", down(kind.Int64), ints, all("5", "'5'", "4.5", "0")},
		{"parameters of all types, by one statement", in(kind.Int64), ints, []asked{
			{"select f0 from t where f1 > ? and f1 < ?", [][]Value{{int64(-5), int64(6)}, {"-5", 5.5}, {nil, int64(9)}, {[]byte{}, int64(9)}, {math.Inf(-1), math.Inf(1)}, {"x", "y"}, {int64(9), int64(1)}}},
			{"select f0 from t where f0 = ?", [][]Value{{int64(1)}, {"1"}, {"1.0"}, {1.0}, {1.5}, {nil}, {[]byte("1")}, {" 1"}, {int64(99)}}},
			{"select f0 from t where f1 is ?", [][]Value{{nil}, {int64(5)}, {"5"}, {nil}}},
			{"select f0 from t where f1 in (?, ?, ?)", [][]Value{{int64(5), nil, int64(0)}, {"5", 0.0, "x"}, {nil, nil, nil}}},
			{"select f0 from t where f1 between ? and ? order by f1 desc limit ?", [][]Value{{int64(-1), int64(5), int64(1)}, {"-1", "5.0", int64(-1)}, {nil, int64(5), int64(2)}}},
		}},
		{"uint64 from 2^63 on", in(kind.Uint64), keyed(provider.Uint64(5), provider.Uint64(1<<63-1), provider.Uint64(1<<63), provider.Uint64(math.MaxUint64), provider.Value{}), all("5", "5.0", "'5'", "9223372036854775807", "9223372036854775808", "'09223372036854775808'", "'9223372036854775808'", "'18446744073709551615'", "''", "-1", "1e19")},
		{"NaN is NULL", in(kind.Float64), keyed(provider.Float64(math.NaN()), provider.Float64(1), provider.Float64(math.Inf(-1)), provider.Float64(math.Inf(1)), provider.Value{}, provider.Float64(0), provider.Float64(1<<53)), append(all("1", "'1'", "0", "-0.0", "9e999", "-9e999", "null", "9007199254740993", "'x'"), once("select f0 from t where f1 is null", "select f0 from t where f1 is not null order by f1", "select count(*) from t where f1 is null or f1 > 0")...)},
		{"enums are compared by name", in(kind.Enum), keyed(provider.Enum(&madeup.Grade, 1), provider.Enum(&madeup.Grade, 2), provider.Enum(&madeup.Grade, 3), provider.Enum(&madeup.Grade, 17), provider.Value{}), all("'low'", "'mid'", "'lo'", "'LOW'", "17", "'17'", "3", "''", "null")},
		{"times as texts", down(kind.Timestamp), times, append(all("'2026-03-01T02:00:00.000000005Z'", "'2026-03-01T02:00:00Z'", "'2026-03-01'", "'2026'", "'1970'", "'1969-12-31T23:59:59.000000999Z'", "''", "'~'", "'-'", "'x'", "2026"), once("select f0 from t where f1 like '2026-03%'", "select f0 from t where f1 glob '19*'", "select date(f1) from t where f1 between '1969' and '2027' order by f1")...)},
		{"dates", in(kind.Date), keyed(provider.Date(civil.MustDate(2026, 3, 1)), provider.Date(civil.MustDate(-5, 1, 1)), provider.Date(civil.MustDate(1969, 12, 31))), all("'2026-03-01'", "'2026-03'", "'2026-03-01T'", "''", "'1969-12-31 '")},
		{"decimals are compared by number", in(kind.Decimal), keyed(provider.Decimal(decimal.MustNew(1250, 2)), provider.Decimal(decimal.MustNew(-5, 2)), provider.Decimal(decimal.MustNew(100, 2)), provider.Value{}), all("'12.50'", "'12.5'", "12.5", "'1'", "1", "'1e0'", "-1", "'x'", "''", "1e300", "-1e-5")},
		{"text beside numbers", in(kind.String), keyed(provider.String("5"), provider.String("5.0"), provider.String(" 5"), provider.String("a"), provider.String("A"), provider.String(""), provider.Value{}), append(all("5", "5.0", "'5'", "'a'", "''", "f0"), once("select x.f0, y.f0 from t x join t y on x.f1 = y.f0", "select x.f0, y.f0 from t x join t y on y.f0 = x.f1 order by 1, 2", "select f0 from t where f1 in (5, 'a', 6.5)", "select f0 from t where f1 = 'A' collate nocase", "select f0 from t where f1 collate nocase in ('a', '5')", "select f0 from t where f1 like 'A%'", "select f0 from t where f1 glob 'a*' or f1 = 5", "select f0 from t order by f1 collate nocase, f0")...)},
		{"an index that misses rows", on(named(kind.Int64, kind.Int64, kind.String), catalog.Index{}, 1, 2), [][]kind.Value{{provider.Int64(1), provider.Int64(7), {}}, {provider.Int64(2), provider.Int64(7), provider.String("x")}, {provider.Int64(3), {}, provider.String("y")}},
			once("select f0 from t where f1 = 7", "select f0 from t where f1 >= 7 order by f1, f2", "select f0 from t order by f1, f2, f0", "select f0 from t where f1 = 7 and f2 is null", "select f0 from t where f1 = 7 and f2 > ''", "select count(*) from t where f1 = 7", "select f1, count(*) from t group by f1 order by 1", "select max(f1) from t")},
		{"an index with a condition", on(named(kind.Int64, kind.Int64, kind.Enum), catalog.Index{Where: compared(catalog.Eq, 2, "2")}, 1), [][]kind.Value{{provider.Int64(1), provider.Int64(7), provider.Enum(&madeup.Grade, 2)}, {provider.Int64(2), provider.Int64(7), provider.Enum(&madeup.Grade, 1)}, {provider.Int64(3), provider.Int64(8), {}}},
			append(once("select f0 from t where f1 = 7", "select f0 from t where f1 = 7 and f2 = 'mid'", "select f0 from t where f1 > 1 and f2 = 'low'", "select f0 from t where f1 = 7 and f2 is 'mid' order by f1"),
				asked{"select f0 from t where f1 = ? and f2 = ?", [][]Value{{int64(7), "mid"}, {int64(7), "low"}, {"7", "mid"}, {int64(7), nil}}})},
		{"more than 64 columns", wideTable, wideRows, once("select c70, c72, c74 from t where c73 = 731", "select c74 from t where c73 >= 731 order by c73 desc", "select f1, c63, c64, c65 from t where f0 = 2", "select count(*) from t where c74 > 741", "select * from t where c73 in (730, 733)", "select c70, c73 from t where c73 > 731")},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldOf(t, c.table, c.rows)
			for _, a := range c.asked {
				st, _, err := w.Ours.conn.Prepare(a.query)
				if err != nil {
					t.Fatalf("%s: %v", a.query, err)
				}
				for _, args := range a.runs {
					want, got := w.Native.Run(a.query, args...), w.Ours.step(st, args)
					if diff := Compare(&Query{}, want, got, Answer{}); diff != "" {
						t.Errorf("%s with %v\n%s", a.query, args, diff)
					}
				}
				if err := st.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
