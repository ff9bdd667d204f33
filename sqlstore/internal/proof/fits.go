package proof

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

var (
	uuidText    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	decimalText = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,2})?$`)
	farYear     = regexp.MustCompile(`^(-|~)[0-9]{12}-`)
)

// fits tells whether a column may hold a value, as SQL shows it: what the table of a store
// takes, and what a CHECK has to say of a native one.
func fits(c *provider.Column, v Value) bool {
	if v == nil {
		return true // NOT NULL knows
	}
	if c.Type.Kind == kind.List {
		s, ok := v.(string)
		var elems []any
		if !ok || json.Unmarshal([]byte(s), &elems) != nil {
			return false
		}
		return c.Type.Elem.Kind != kind.Enum || !slices.ContainsFunc(elems, func(e any) bool { n, ok := e.(float64); return ok && n < 1 })
	}
	text, isText := v.(string)
	n, isInt := v.(int64)
	bits := kind.Of(c.Kind).Bits
	switch c.Kind {
	case kind.Bool:
		return isInt && (n == 0 || n == 1)
	case kind.Int8, kind.Int16, kind.Int32:
		return isInt && n >= -1<<(bits-1) && n < 1<<(bits-1)
	case kind.Int64, kind.Varint, kind.Duration:
		return isInt
	case kind.Uint8, kind.Uint16, kind.Uint32:
		return isInt && n >= 0 && n < 1<<bits
	case kind.Uint64, kind.Uvarint:
		return isInt && n >= 0 || isText && len(text) == 20 && text >= "09223372036854775808" && text <= "18446744073709551615"
	case kind.Float32, kind.Float64:
		_, ok := v.(float64)
		return ok
	case kind.String:
		return isText
	case kind.JSON:
		return isText && json.Valid([]byte(text))
	case kind.Bytes:
		_, ok := v.([]byte)
		return ok
	case kind.FixedBytes:
		b, ok := v.([]byte)
		return ok && len(b) == c.Type.Size
	case kind.UUID:
		return isText && uuidText.MatchString(text)
	case kind.Timestamp, kind.Date, kind.TimeOfDay:
		layout := map[kind.Kind]string{kind.Timestamp: "2006-01-02T15:04:05.000000000Z", kind.Date: "2006-01-02", kind.TimeOfDay: "15:04:05.000000000"}[c.Kind]
		if farYear.MatchString(text) {
			text = "2000" + text[13:]
		}
		_, err := time.Parse(layout, text)
		return isText && err == nil
	case kind.Enum:
		n, err := strconv.ParseInt(text, 10, 32) // a number without a name is kept, from 1 on
		return isText && (text == "low" || text == "mid" || text == "high" || err == nil && n > 0)
	case kind.Decimal:
		if !isText || !decimalText.MatchString(text) {
			return false
		}
		r, ok := new(big.Rat).SetString(text)
		return ok && r.Abs(r).Cmp(big.NewRat(10_000_000_000, 1)) < 0
	}
	panic("nothing is said of what fits the kind " + c.Kind.String())
}

// checked makes the function fits_N of a native database, for CHECKs of a column.
func (s *Side) checked(n int, c *provider.Column) (name string, err error) {
	name = fmt.Sprintf("fits_%d", n)
	err = s.conn.CreateFunction(name, 1, sqlite3.DETERMINISTIC|sqlite3.INNOCUOUS, func(ctx sqlite3.Context, arg ...sqlite3.Value) {
		var v Value
		switch t := arg[0].Type(); t {
		case sqlite3.NULL:
		case sqlite3.INTEGER:
			v = arg[0].Int64()
		case sqlite3.FLOAT:
			v = arg[0].Float()
		case sqlite3.TEXT:
			v = arg[0].Text()
		case sqlite3.BLOB:
			v = arg[0].Blob([]byte{})
		default:
			panic(fmt.Sprintf("a value of the unknown type %d", t))
		}
		ctx.ResultBool(fits(c, v))
	})
	return name, err
}

// constraints are those of a native table that does what the table of a store does.
func (s *Side) constraints(def *provider.TableDef) (out []string, err error) {
	var key []string
	for _, k := range def.Key {
		key = append(key, quoted(def.Columns[k].Name))
	}
	out = append(out, "primary key ("+strings.Join(key, ", ")+")")
	for i := range def.Columns {
		c := &def.Columns[i]
		check, err := s.checked(s.checks, c)
		if err != nil {
			return nil, err
		}
		s.checks++
		rule := check + "(" + quoted(c.Name) + ")"
		out = append(out, "check ("+rule+")")
	}
	for _, p := range def.Paths {
		if p.Index < 0 || !p.Unique {
			continue
		}
		var on []string
		for _, pc := range p.Columns {
			on = append(on, quoted(def.Columns[pc.Column].Name))
		}
		out = append(out, "unique ("+strings.Join(on, ", ")+")")
	}
	return out, nil
}
