package proof

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// Column is a column of a table, or of a query.
type Column struct {
	Name    string // as SQL writes it, in quotes
	Kind    catalog.Kind
	List    bool
	Samples []Value // what it holds
}

// Small reports whether sums of a column are exact, in whatever order they are made.
func (c *Column) Small() bool {
	switch c.Kind {
	case kind.Bool, kind.Int8, kind.Int16, kind.Int32, kind.Uint8, kind.Uint16, kind.Uint32:
		return true
	}
	return false
}

// Path is a key or an index.
type Path struct {
	Columns []PathColumn
}

// PathColumn is a column of a path.
type PathColumn struct {
	Column int
	Desc   bool
	Each   bool
	Fold   bool
}

// Table is what queries are made up from.
type Table struct {
	Name    string // as SQL writes it
	Columns []Column
	Key     []int
	Paths   []Path
	Rows    int
}

func lit(v Value) *Expr { return &Expr{Lit: &v} }

// ends are values of all types that comparisons get wrong.
var ends = []Value{
	nil, int64(0), int64(1), int64(-1), int64(math.MaxInt64), int64(math.MinInt64), int64(1 << 53), int64(1<<53 + 1),
	0.0, math.Copysign(0, -1), 0.5, -0.5, 1e308, math.Inf(1), math.Inf(-1), float64(1 << 63), -float64(1 << 63), float64(1 << 53), 1.5, 2.0,
	"", "a", "A", "0", "1", "1.0", "1.5", "true", "9223372036854775808", "18446744073709551615", "nan", "2026", "2026-01-02", "2026-01-02T03:04:05Z", "low", "\xff", "a\x00", "\x00",
	[]byte{}, []byte("a"), []byte{0}, []byte{0xFF}, []byte("5"),
}

// literal is a value to compare a column with: mostly one that it holds, or one near it.
func (g *gen) literal(c *Column) *Expr {
	v := g.sample(c)
	switch g.IntN(10) {
	case 0:
		return lit(pick(g.Rand, ends))
	case 1, 2, 3:
		return lit(g.near(v))
	}
	return lit(v)
}

func (g *gen) sample(c *Column) Value {
	if len(c.Samples) == 0 {
		return pick(g.Rand, ends)
	}
	return pick(g.Rand, c.Samples)
}

// near is a value beside another, or the same one as another type.
func (g *gen) near(v Value) Value {
	switch v := v.(type) {
	case int64:
		return pick(g.Rand, []Value{v + 1, v - 1, float64(v), float64(v) + 0.5, float64(v) - 0.5, strconv.FormatInt(v, 10), " " + strconv.FormatInt(v, 10) + " ", strconv.FormatInt(v, 10) + ".0", strconv.FormatInt(v, 10) + ".5", strconv.FormatInt(v, 10) + "x", []byte(strconv.FormatInt(v, 10))})
	case float64:
		out := []Value{v + 1, v / 2, math.Nextafter(v, math.Inf(1)), Literal(v), -v} // not "-Inf", which SQLite's GLOB finds without an index only
		if v > -1e18 && v < 1e18 {
			out = append(out, int64(v), int64(v)+1)
		}
		return pick(g.Rand, out)
	case string:
		out := []Value{strings.ToUpper(v), strings.ToLower(v), v + "x", v + "\x00", v + " ", []byte(v)}
		if len(v) > 0 {
			// Not within a character: there a native index and GLOB itself do not agree.
			r := []rune(v)
			if string(r) == v {
				out = append(out, string(r[:len(r)/2]), string(r[:len(r)-1]), string(r[:1]))
			}
		}
		if len(v) == len("2026-01-02T03:04:05.000000006Z") && v[10] == 'T' { // other texts of the time
			out = append(out, v[:10]+" "+v[11:29], v[:19], v[:19]+"Z", v[:16], v[:10], v[:7], v[:16]+"+01:00", v[:10]+" "+v[11:19], v[:4])
		}
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			out = append(out, n, float64(n), n+1)
		}
		if f, err := strconv.ParseFloat(v, 64); err == nil && f == f {
			out = append(out, f)
		}
		return pick(g.Rand, out)
	case []byte:
		return pick(g.Rand, []Value{append(append([]byte{}, v...), 0), string(v), v[:len(v)/2]})
	}
	return pick(g.Rand, ends)
}

// pattern is a text for LIKE or GLOB, made of what a column holds.
func (g *gen) pattern(c *Column, glob bool) string {
	s, ok := g.sample(c).(string)
	if !ok {
		s = Literal(g.sample(c))
	}
	if !plain(s) && g.IntN(4) > 0 {
		s = "a"
	}
	all, one := "%", "_"
	if glob {
		all, one = "*", "?"
	}
	cut := g.IntN(len(s) + 1)
	for cut > 0 && cut < len(s) && !utf8.RuneStart(s[cut]) {
		cut--
	}
	switch g.IntN(9) {
	case 0:
		return all + s[cut:]
	case 1:
		return s[:cut] + one + s[min(len(s), cut+1):]
	case 2:
		return s[:cut] + all + s[min(len(s), cut+1):]
	case 3:
		return s
	case 4:
		if glob {
			return s[:cut] + "[" + pick(g.Rand, []string{"a-z", "^a", "]", "0-9", "a*"}) + "]" + all
		}
		return strings.ToUpper(s[:cut]) + all
	}
	return s[:cut] + all
}
