package sqlstore

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/record"
)

// What is written must become a value of the column's kind without loss: '5' is a number
// for a column of numbers, as in SQLite, and 'five' is an error, as in its STRICT tables.

// assigned makes a value for a column of what SQL writes into it.
func (c *column) assigned(name string, v sqlite3.Value) (provider.Value, error) {
	t := v.Type()
	if t == sqlite3.NULL {
		return never, nil // a field that is not given
	}
	out, want := c.assign(t, v)
	if want != "" {
		return out, record.Invalid(name, fmt.Sprintf("%s is no %s: want %s", literal(t, v), kind.TypeText(c.kind, c.params), want))
	}
	return out, nil
}

// assign makes the value, or says what is wanted.
func (c *column) assign(t sqlite3.Datatype, v sqlite3.Value) (_ provider.Value, want string) {
	switch c.form {
	case formInt:
		return c.assignInt(t, v)
	case formUint:
		return c.assignUint(t, v)
	case formBool:
		if n, ok := whole(t, v); ok && (n == 0 || n == 1) {
			return provider.Bool(n == 1), ""
		}
		return never, "true or false, which are 1 and 0"
	case formFloat:
		return c.assignFloat(t, v)
	case formDuration:
		return assignDuration(t, v)
	case formBlob:
		if t != sqlite3.BLOB {
			return never, "a blob, as x'00ff' or CAST(… AS BLOB)"
		}
		return kind.TextOf(c.kind, string(v.RawBlob())), ""
	case formUUID:
		return assignUUID(t, v)
	}
	if t == sqlite3.BLOB {
		return never, "text"
	}
	return c.assignText(v.Text()) // of a number its text, as SQLite has it
}

func (c *column) assignText(text string) (_ provider.Value, want string) {
	switch c.form {
	case formText, formEnum:
		return provider.String(text), "" // the provider knows the names
	case formJSON:
		return provider.JSON(text), ""
	case formTime:
		if m, ok := readMoment([]byte(strings.TrimSpace(text))); ok {
			if t, ok := m.time(); ok {
				return provider.Time(t), ""
			}
		}
		return never, "text as 2026-01-31T15:04:05Z, 2026-01-31 15:04:05 (UTC) or 2026-01-31"
	case formDate:
		if d, ok := parseDay(text); ok {
			return provider.Date(d), ""
		}
		if d, err := civil.ParseDate(text); err == nil {
			return provider.Date(d), ""
		}
		return never, "text as 2026-01-31"
	case formClock:
		if t, err := civil.ParseTimeOfDay(text); err == nil {
			return provider.TimeOfDay(t), ""
		}
		return never, "text as 15:04:05 or 15:04:05.123456789"
	case formDecimal:
		if d, err := decimal.Parse(strings.TrimSpace(text)); err == nil && d.Fits(c.params.Precision, c.params.Scale) {
			return provider.Decimal(d), ""
		}
		return never, "a number of so many digits, which text as '12.50' holds exactly"
	}
	return never, "a value of another kind than this version knows: " + c.kind.String()
}

// whole is an integer, also where it is written as another number or as text.
func whole(t sqlite3.Datatype, v sqlite3.Value) (int64, bool) {
	switch t {
	case sqlite3.INTEGER:
		return v.Int64(), true
	case sqlite3.FLOAT:
		f := v.Float()
		return int64(f), f == math.Trunc(f) && -1<<62 <= f && f <= 1<<62
	case sqlite3.TEXT:
		n, err := strconv.ParseInt(strings.TrimSpace(v.Text()), 10, 64)
		return n, err == nil
	}
	return 0, false
}

func (c *column) assignInt(t sqlite3.Datatype, v sqlite3.Value) (_ provider.Value, want string) {
	bits, signed := kind.Of(c.kind).Bits, kind.Of(c.kind).Signed
	low, high := int64(0), int64(1)<<bits-1
	if signed {
		low, high = -1<<(bits-1), 1<<(bits-1)-1
	}
	n, ok := whole(t, v)
	if !ok || n < low || n > high {
		return never, fmt.Sprintf("an integer from %d to %d", low, high)
	}
	switch c.kind {
	case kind.Int8:
		return provider.Int8(int8(n)), ""
	case kind.Int16:
		return provider.Int16(int16(n)), ""
	case kind.Int32:
		return provider.Int32(int32(n)), ""
	case kind.Varint:
		return provider.Varint(n), ""
	case kind.Uint8:
		return provider.Uint8(uint8(n)), ""
	case kind.Uint16:
		return provider.Uint16(uint16(n)), ""
	case kind.Uint32:
		return provider.Uint32(uint32(n)), ""
	}
	return provider.Int64(n), ""
}

func (c *column) assignUint(t sqlite3.Datatype, v sqlite3.Value) (_ provider.Value, want string) {
	if n, ok := whole(t, v); ok && n >= 0 {
		return c.ofUint(uint64(n)), ""
	}
	if t == sqlite3.TEXT {
		if n, err := strconv.ParseUint(strings.TrimSpace(v.Text()), 10, 64); err == nil {
			return c.ofUint(n), ""
		}
	}
	return never, "an integer from 0 to 18446744073709551615, from 9223372036854775808 on as text"
}

func (c *column) assignFloat(t sqlite3.Datatype, v sqlite3.Value) (_ provider.Value, want string) {
	var f float64
	switch t {
	case sqlite3.INTEGER, sqlite3.FLOAT:
		f = v.Float()
	case sqlite3.TEXT:
		var err error
		if f, err = strconv.ParseFloat(strings.TrimSpace(v.Text()), 64); err != nil || f != f {
			return never, "a number"
		}
	default:
		return never, "a number"
	}
	if c.kind == kind.Float32 {
		return provider.Float32(float32(f)), ""
	}
	return provider.Float64(f), ""
}

func assignDuration(t sqlite3.Datatype, v sqlite3.Value) (_ provider.Value, want string) {
	if n, ok := whole(t, v); ok {
		return provider.Duration(time.Duration(n)), ""
	}
	if t == sqlite3.TEXT {
		if d, err := time.ParseDuration(v.Text()); err == nil {
			return provider.Duration(d), ""
		}
	}
	return never, "nanoseconds, or text as 1h2m3s"
}

func assignUUID(t sqlite3.Datatype, v sqlite3.Value) (_ provider.Value, want string) {
	switch t {
	case sqlite3.BLOB:
		if b := v.RawBlob(); len(b) == 16 {
			return provider.UUID([16]byte(b)), ""
		}
	case sqlite3.TEXT:
		if id, err := uuid.Parse(v.Text()); err == nil {
			return provider.UUID(id), ""
		}
	}
	return never, "text as 018f3a5e-7c1d-7000-8000-0123456789ab, or a blob of 16 bytes"
}

// mostLiteral bounds what is printed of a value.
const mostLiteral = 40

// literal is a value for people.
func literal(t sqlite3.Datatype, v sqlite3.Value) string {
	switch t {
	case sqlite3.BLOB:
		return "a blob"
	case sqlite3.TEXT:
		text := v.Text()
		if len(text) > mostLiteral {
			text = text[:mostLiteral] + "…"
		}
		return strconv.Quote(text)
	}
	return v.Text()
}
