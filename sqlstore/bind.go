package sqlstore

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// What a column is compared with comes as SQL wrote it, and not as SQLite compares it: '5'
// where the column has numbers, 3.5 where they are integers. The functions below make a
// value of the column's kind of it where that finds the same rows or more. SQLite checks
// all rows again, so more rows are only slow, and fewer would be wrong.

// never is a value that no row has.
var never = provider.Value{}

// unfit is a value that plan.Plan.Bind leaves to the caller: the constraint is dropped.
func (c *column) unfit() provider.Value {
	if c.kind == kind.Bool {
		return provider.String("")
	}
	return provider.Bool(false)
}

// bound is the value for a constraint of an operator.
func (c *column) bound(op plan.Op, v sqlite3.Value) provider.Value {
	t := v.Type()
	blob, equal := t == sqlite3.BLOB, op == plan.Eq || op == plan.In
	if t == sqlite3.NULL || equal && blob != (c.form == formBlob) {
		return never // bytes are equal to bytes alone
	}
	switch c.form {
	case formInt, formDuration, formBool, formUint:
		return c.boundInt(op, t, v)
	case formFloat:
		return c.boundFloat(op, t, v)
	case formBlob:
		if !blob {
			return c.unfit()
		}
		b := string(v.RawBlob())
		if equal && c.kind == kind.FixedBytes && len(b) != c.params.Size {
			return never
		}
		return kind.TextOf(c.kind, b)
	}
	// The rest is text. What it is compared with is text too, or a number that SQLite
	// makes a text of, or it makes a number of the column's, as if the other side is a
	// column of integers: nobody says which.
	if t != sqlite3.TEXT {
		return c.unfit()
	}
	return c.boundText(op, v.Text())
}

// boundBy is bound for an argument. NOCASE does not look behind a NUL, so that more texts than
// those in another case are equal to one that has it.
func (c *column) boundBy(arg *argument, op plan.Op, v sqlite3.Value) provider.Value {
	if arg.fold && v.Type() == sqlite3.TEXT && bytes.IndexByte(v.RawText(), 0) >= 0 {
		return c.unfit()
	}
	return c.bound(op, v)
}

// boundInt is bound where the column has integers.
func (c *column) boundInt(op plan.Op, t sqlite3.Datatype, v sqlite3.Value) provider.Value {
	switch t {
	case sqlite3.INTEGER:
		return c.ofInt(op, v.Int64())
	case sqlite3.FLOAT:
		return c.ofReal(op, v.Float())
	case sqlite3.TEXT:
		return c.ofDigits(op, v.Text())
	}
	return c.unfit()
}

// ofDigits is for text beside integers. SQLite makes a number of it where it looks like
// one, but not beside a column of uint64, whose large values are text.
func (c *column) ofDigits(op plan.Op, text string) provider.Value {
	if c.form == formUint {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || len(text) != uintWidth || n <= math.MaxInt64 {
			return c.unfit()
		}
		return c.ofUint(n)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return c.unfit()
	}
	return c.ofInt(op, n)
}

func (c *column) ofUint(n uint64) provider.Value {
	if c.kind == kind.Uvarint {
		return provider.Uvarint(n)
	}
	return provider.Uint64(n)
}

// ofInt is for an integer. Bind makes one of the column's kind of it, or knows that none
// is equal.
func (c *column) ofInt(op plan.Op, n int64) provider.Value {
	switch {
	case c.form == formDuration:
		return provider.Duration(time.Duration(n))
	case c.form != formBool:
		return provider.Int64(n)
	case n == 0 || n == 1:
		return provider.Bool(n == 1)
	case op == plan.Eq || op == plan.In:
		return never
	}
	return c.unfit()
}

// ofReal is for a number beside integers: the next one that bounds the same.
func (c *column) ofReal(op plan.Op, f float64) provider.Value {
	whole := f
	switch op {
	case plan.Lt, plan.Ge:
		whole = math.Ceil(f)
	case plan.Le, plan.Gt:
		whole = math.Floor(f)
	}
	switch {
	case whole != math.Trunc(whole):
		return never // no integer equals it
	case whole < -1<<62 || whole > 1<<62:
		return c.unfit()
	}
	return c.ofInt(op, int64(whole))
}

// boundFloat is bound where the column has numbers that need not be whole.
func (c *column) boundFloat(op plan.Op, t sqlite3.Datatype, v sqlite3.Value) provider.Value {
	var f float64
	switch t {
	case sqlite3.INTEGER:
		n := v.Int64()
		if f = float64(n); n < -1<<53 || n > 1<<53 {
			return c.unfit()
		}
	case sqlite3.FLOAT:
		f = v.Float()
	default:
		return c.unfit()
	}
	switch {
	case c.kind == kind.Float64:
		return provider.Float64(f)
	case float64(float32(f)) == f:
		return provider.Float32(float32(f))
	case op == plan.Eq || op == plan.In:
		return never
	}
	return c.unfit()
}

// boundText is bound where the column and the value are text.
func (c *column) boundText(op plan.Op, text string) provider.Value {
	switch c.form {
	case formText:
		return provider.String(text)
	case formJSON:
		return provider.JSON(text)
	case formEnum:
		if v, ok := kind.EnumText(c.params, text); ok {
			return v
		}
		return never // no row shows it; ranges on enums are not asked for
	case formUUID:
		return c.boundUUID(op, text)
	case formTime:
		m, ok := readMoment([]byte(text))
		t, has := m.time()
		switch {
		case ok && has:
			return provider.Time(t)
		case op == plan.Eq || op == plan.In:
			return never // no time is another text
		}
	case formDate, formClock:
		return c.boundTime(op, text)
	case formDecimal:
		if d, err := decimal.Parse(text); err == nil {
			return provider.Decimal(d)
		}
	}
	return c.unfit()
}

func (c *column) boundUUID(op plan.Op, text string) provider.Value {
	id, ok := parseUUID(text)
	switch {
	case ok:
		return provider.UUID(id)
	case op == plan.Eq || op == plan.In:
		return never
	}
	return c.unfit()
}

// parseUUID reads a UUID in the one form that SQL shows.
func parseUUID(s string) (id [16]byte, ok bool) {
	if len(s) != 36 {
		return id, false
	}
	for i, at := range [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		b, err := strconv.ParseUint(s[at:at+2], 16, 8)
		if err != nil {
			return id, false
		}
		id[i] = byte(b)
	}
	return id, string(appendUUID(nil, id)) == s
}

// boundTime is for the texts of fixed width. The beginning of one bounds as the least text
// that begins with it does: no value is equal to it, or between.
func (c *column) boundTime(op plan.Op, text string) provider.Value {
	if v, ok := c.parseTime(text); ok {
		return v
	}
	if op == plan.Eq || op == plan.In {
		return never
	}
	full, ok := filled(text, c.zero())
	if !ok {
		return c.unfit()
	}
	v, ok := c.parseTime(full)
	switch {
	case !ok:
		return c.unfit()
	case op == plan.Gt:
		return c.before(v) // v itself is greater than its beginning
	}
	return v
}

// zero is what completes the beginnings of the column's texts.
func (c *column) zero() string {
	switch c.form {
	case formDate:
		return zeroTime[:dateWidth]
	case formClock:
		return zeroTime[len("0000-01-01T") : len(zeroTime)-1]
	}
	return zeroTime
}

func (c *column) parseTime(text string) (provider.Value, bool) {
	switch c.form {
	case formDate:
		d, ok := parseDay(text)
		return provider.Date(d), ok
	case formClock:
		d, ok := parseClock(text)
		if !ok {
			return never, false
		}
		t, err := civil.SinceMidnight(d)
		return provider.TimeOfDay(t), err == nil
	}
	t, ok := ParseTime(text)
	return provider.Time(t), ok
}

// before is the value before another; unfit where there is none.
func (c *column) before(v provider.Value) provider.Value {
	switch c.form {
	case formDate:
		if d, err := civil.FromUnixDays(v.Int64() - 1); err == nil {
			return provider.Date(d)
		}
		return c.unfit()
	case formClock:
		if t, err := civil.SinceMidnight(time.Duration(v.Int64()) - 1); err == nil {
			return provider.TimeOfDay(t)
		}
		return c.unfit()
	}
	return provider.Time(v.Time().Add(-1))
}

// likePrefix is what all texts that a pattern matches begin with, without what stands for
// itself in either case, and globPrefix the same for GLOB. A program may have given SQLite a
// LIKE that knows the letters of all languages.
func likePrefix(pattern string) string {
	if i := strings.IndexFunc(pattern, func(r rune) bool {
		return r == '%' || r == '_' || 'a' <= r|0x20 && r|0x20 <= 'z' || r == 0 || r >= utf8.RuneSelf
	}); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// foldPrefix is what all texts that a pattern of LIKE matches begin with in some case. NOCASE
// and LIKE take A to Z for a to z; what they find equal, an index whose case is folded does too.
func foldPrefix(pattern string) string {
	if i := strings.IndexFunc(pattern, func(r rune) bool { return r == '%' || r == '_' || r == 0 || r == 0xFFFD }); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

func globPrefix(pattern string) string {
	if i := strings.IndexFunc(pattern, func(r rune) bool {
		return strings.ContainsRune("*?[", r) || r == 0 || r == 0xFFFD
	}); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// matching are the values for the constraints that a pattern becomes: what a text begins
// with, or the times that a text with such a beginning lies between.
func (c *column) matching(arg *argument, v sqlite3.Value) [][]provider.Value {
	times := c.form != formText
	var values []provider.Value
	switch text := arg.prefix(v.Text()); {
	case v.Type() == sqlite3.NULL:
		values = []provider.Value{never, never}
	case arg.fold:
		if arg.plain {
			values = append(values, provider.String(text))
		}
		values = append(values, provider.String(foldPrefix(v.Text())))
	case !times:
		values = []provider.Value{provider.String(text)}
	case text == "":
		values = []provider.Value{c.unfit(), c.unfit()}
	default:
		// Behind all that begin with it is what begins with the next text.
		next := text[:len(text)-1] + string(text[len(text)-1]+1)
		values = []provider.Value{c.boundTime(plan.Ge, text), c.boundTime(plan.Lt, next)}
	}
	if !times && !arg.plain {
		values = values[:1]
	}
	var out [][]provider.Value
	for _, v := range values {
		out = append(out, []provider.Value{v})
	}
	return out
}
