package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/record"
)

func invalid(where, format string, args ...any) error {
	return record.Invalid(where, fmt.Sprintf(format, args...))
}

func enumNames(t *catalog.Type) string {
	names := make([]string, len(t.Values))
	for i, v := range t.Values {
		names[i] = v.Name
	}
	return strings.Join(names, ", ") + " or a number"
}

// appendField appends a value of a column as the field num in the wire format.
// Null is the absence of the field, and appends nothing.
func (c *Column) appendField(dst []byte, num int, v Value) ([]byte, error) {
	v, err := c.convert(v)
	switch {
	case err != nil || v.IsNull():
		return dst, err
	case c.fixed:
		return dst, invalid(c.Name, "cannot be written as a document, since parts of it are hidden")
	case c.Document():
		if !json.Valid([]byte(v.str)) {
			return dst, invalid(c.Name, "is not JSON")
		}
		return parseField(dst, num, c.Type, json.RawMessage(v.str), c.Name)
	}
	return appendScalar(dst, num, v), nil
}

// appendScalar appends a value as the field num.
func appendScalar(dst []byte, num int, v Value) []byte {
	switch v.Kind() {
	case catalog.Bool:
		return record.AppendBool(dst, num, v.Bool())
	case catalog.Int32, catalog.Int64, catalog.Duration:
		return record.AppendInt64(dst, num, v.Int64())
	case catalog.Uint32, catalog.Uint64:
		return record.AppendUint64(dst, num, v.num)
	case catalog.Float64:
		return record.AppendFloat64(dst, num, v.Float64())
	case catalog.Timestamp:
		return record.AppendTime(dst, num, v.Time())
	case catalog.Enum:
		return record.AppendEnum(dst, num, int32(v.num))
	}
	return record.AppendString(dst, num, v.str)
}

// parseField appends a document of a type as the field num.
func parseField(dst []byte, num int, t *catalog.Type, text json.RawMessage, where string) ([]byte, error) {
	switch t.Kind {
	case catalog.List:
		var elems []json.RawMessage
		if err := json.Unmarshal(text, &elems); err != nil {
			return dst, invalid(where, "want an array of %s: %v", typeName(t.Elem), err)
		}
		for i, e := range elems {
			var err error
			if dst, err = parseField(dst, num, t.Elem, e, where+"["+strconv.Itoa(i)+"]"); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case catalog.Map:
		entries, _, err := parseObject(text)
		if err != nil {
			return dst, invalid(where, "want an object of %s: %v", typeName(t.Elem), err)
		}
		for _, key := range record.SortedKeys(entries) {
			var at int
			dst, at = record.Begin(dst, num)
			dst = record.AppendString(dst, 1, key)
			if dst, err = parseField(dst, 2, t.Elem, entries[key], where+"."+key); err != nil {
				return dst, err
			}
			dst = record.End(dst, at)
		}
		return dst, nil
	case catalog.Struct:
		return parseStruct(dst, num, t, text, where)
	}
	v, err := parseScalar(t, text, where)
	if err != nil {
		return dst, err
	}
	return appendScalar(dst, num, v), nil
}

func parseStruct(dst []byte, num int, t *catalog.Type, text json.RawMessage, where string) ([]byte, error) {
	members, ok, err := parseObject(text)
	if err != nil {
		return dst, invalid(where, "want an object of the fields of %s: %v", typeName(t), err)
	}
	if !ok {
		return dst, invalid(where, "want an object of the fields of %s, and it is null", typeName(t))
	}
	dst, at := record.Begin(dst, num)
	known := 0
	for i := range t.Fields {
		f := &t.Fields[i]
		member, ok := members[f.Name]
		if !ok {
			continue
		}
		known++
		if f.Type.Kind != catalog.JSON && string(bytes.TrimSpace(member)) == "null" {
			if f.Optional {
				continue
			}
			return dst, invalid(where+"."+f.Name, "may not be null")
		}
		var err error
		if dst, err = parseField(dst, f.Number, &f.Type, member, where+"."+f.Name); err != nil {
			return dst, err
		}
	}
	if known < len(members) {
		for _, name := range record.SortedKeys(members) {
			if !slices.ContainsFunc(t.Fields, func(f catalog.Field) bool { return f.Name == name }) {
				return dst, invalid(where, "%s has no field %q", typeName(t), name)
			}
		}
	}
	return record.End(dst, at), nil
}

func typeName(t *catalog.Type) string {
	if t.Name != "" {
		return t.Name
	}
	return t.Kind.String()
}

// parseScalar reads a scalar in the form in which documents hold it.
func parseScalar(t *catalog.Type, text json.RawMessage, where string) (Value, error) {
	fail := func(want string) (Value, error) {
		return Value{}, invalid(where, "%s is no %s: want %s", text, typeName(t), want)
	}
	plain := string(bytes.TrimSpace(text))
	var s string
	isString := strings.HasPrefix(plain, `"`) && json.Unmarshal(text, &s) == nil
	switch t.Kind {
	case catalog.JSON:
		return JSON(plain), nil
	case catalog.Bool:
		if b, err := strconv.ParseBool(plain); err == nil && (plain == "true" || plain == "false") {
			return Bool(b), nil
		}
		return fail("true or false")
	case catalog.Int32, catalog.Int64:
		n, err := strconv.ParseInt(plain, 10, bitsOf(t.Kind))
		if err != nil {
			return fail("a whole number in its range")
		}
		return Value{kind: uint8(t.Kind), num: uint64(n)}, nil
	case catalog.Uint32, catalog.Uint64:
		n, err := strconv.ParseUint(plain, 10, bitsOf(t.Kind))
		if err != nil {
			return fail("a whole number in its range")
		}
		return Value{kind: uint8(t.Kind), num: n}, nil
	case catalog.Float64:
		switch s {
		case "NaN":
			return Float64(math.NaN()), nil
		case "Infinity":
			return Float64(math.Inf(1)), nil
		case "-Infinity":
			return Float64(math.Inf(-1)), nil
		}
		if f, err := strconv.ParseFloat(plain, 64); err == nil {
			return Float64(f), nil
		}
		return fail(`a number, "NaN", "Infinity" or "-Infinity"`)
	case catalog.Enum:
		if !isString {
			s = plain
		}
		if v, ok := EnumText(t, s); ok {
			return v, nil
		}
		return fail(enumNames(t))
	case catalog.Bytes:
		if b, err := base64.StdEncoding.DecodeString(s); isString && err == nil {
			return Bytes(b), nil
		}
		return fail("a string in base64")
	case catalog.Timestamp:
		if at, ok := parseTime(s); isString && ok {
			return Time(at), nil
		}
		return fail("a string by RFC 3339, to the nanosecond, in the years 0 to 9999 of UTC")
	case catalog.Duration:
		if d, ok := parseDuration(s); isString && ok {
			return Duration(d), nil
		}
		return fail(`a string as "1h2m3s", to the nanosecond`)
	case catalog.UUID:
		if v, ok := parseUUID(s); isString && ok {
			return v, nil
		}
		return fail("a string as 01234567-89ab-cdef-0123-456789abcdef")
	}
	if !isString || !isText8(plain) {
		return fail("a string in UTF-8")
	}
	return String(s), nil
}

func bitsOf(k catalog.Kind) int {
	if k == catalog.Int32 || k == catalog.Uint32 {
		return 32
	}
	return 64
}

// parseTime reads a timestamp that String prints so that it is read back as the
// same: package time cuts off what is shorter than a nanosecond, and prints years
// that it does not read.
func parseTime(s string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return at, false
	}
	if dot := strings.IndexAny(s, ".,"); dot >= 0 {
		digits := strings.TrimRight(s[dot+1:], "Zz")
		if zone := strings.IndexAny(digits, "+-"); zone >= 0 {
			digits = digits[:zone]
		}
		if len(strings.TrimRight(digits, "0")) > 9 {
			return at, false
		}
	}
	year := at.UTC().Year()
	return at, year >= 0 && year <= 9999
}

// parseDuration reads a duration, all of it: package time cuts off what is shorter
// than a nanosecond.
func parseDuration(s string) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	if err != nil || !strings.Contains(s, ".") {
		return d, err == nil
	}
	sum, rest := new(big.Rat), strings.TrimLeft(s, "+-")
	for rest != "" {
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		number := rest[:n]
		if strings.Contains(number, ".") {
			number = "0" + number + "0" // .5 and 1. are numbers there
		}
		rest = rest[n:]
		unit := rest
		if n = strings.IndexAny(rest, ".0123456789"); n >= 0 {
			unit = rest[:n]
		}
		rest = rest[len(unit):]
		one, err := time.ParseDuration("1" + unit)
		part, ok := new(big.Rat).SetString(number)
		if err != nil || !ok {
			return 0, false
		}
		sum.Add(sum, part.Mul(part, new(big.Rat).SetInt64(int64(one))))
	}
	if s[0] == '-' {
		sum.Neg(sum)
	}
	return d, sum.Cmp(new(big.Rat).SetInt64(int64(d))) == 0
}

// parseUUID reads the form that String prints, in either case.
func parseUUID(s string) (Value, bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return Value{}, false
	}
	raw, err := keys.ParseBytes("0x" + strings.ReplaceAll(s, "-", ""))
	if err != nil || len(raw) != 16 {
		return Value{}, false
	}
	return Value{kind: uint8(catalog.UUID), str: raw}, true
}
