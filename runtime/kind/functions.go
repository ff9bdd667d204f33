package kind

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/record"
)

// Functions that several rows share.

func zero(k Kind) func(*Params) Value { return func(*Params) Value { return Value{kind: uint8(k)} } }

func want(text string) func(*Params) string { return func(*Params) string { return text } }

var wantInt = want("a whole number in its range")

// EnumNames are the names of an enum's values, in words.
func (p *Params) EnumNames() string {
	names := make([]string, len(p.Values))
	for i, v := range p.Values {
		names[i] = v.Name
	}
	return strings.Join(names, ", ")
}

// each appends a value for each element.
func each[T any](dst []Value, elems []T, value func(T) Value) []Value {
	dst = slices.Grow(dst, len(elems))
	for _, e := range elems {
		dst = append(dst, value(e))
	}
	return dst
}

// In keys.

func appendText(dst []byte, v Value) []byte     { return keys.AppendString(dst, v.str) }
func appendTextDesc(dst []byte, v Value) []byte { return keys.AppendStringDesc(dst, v.str) }

// On the wire.

func appendInt(dst []byte, num int, v Value) []byte { return record.AppendInt64(dst, num, v.Int64()) }

func appendUint(dst []byte, num int, v Value) []byte { return record.AppendUint64(dst, num, v.num) }

func appendString(dst []byte, num int, v Value) []byte { return record.AppendString(dst, num, v.str) }

// As text.

func isBool(text string) bool { return text == "true" || text == "false" }

func formatInt(v Value) string   { return strconv.FormatInt(v.Int64(), 10) }
func formatUint(v Value) string  { return strconv.FormatUint(v.num, 10) }
func formatFloat(v Value) string { return strconv.FormatFloat(v.Float64(), 'g', -1, 64) }
func formatTime(v Value) string  { return v.Time().Format(time.RFC3339Nano) }

func formatEnum(v Value) string {
	if v.str == "" {
		return strconv.FormatInt(v.Int64(), 10)
	}
	return v.str
}

// errText is that of a text which stands for no value.
var errText = errors.New("no such value")

func parsed(v Value, ok bool) (Value, error) {
	if !ok {
		return Value{}, errText
	}
	return v, nil
}

// parseInt and the others return strconv.ErrRange for a number that does not fit.

func parseInt(k Kind, bits int) func(*Params, string) (Value, error) {
	return func(_ *Params, text string) (Value, error) {
		n, err := strconv.ParseInt(text, 10, bits)
		return intOf(k, n), err
	}
}

func parseUint(k Kind, bits int) func(*Params, string) (Value, error) {
	return func(_ *Params, text string) (Value, error) {
		n, err := strconv.ParseUint(text, 10, bits)
		if strings.HasPrefix(text, "-") {
			err = strconv.ErrRange
		}
		return uintOf(k, n), err
	}
}

func parseFloat(_ *Params, text string) (Value, error) {
	f, err := strconv.ParseFloat(text, 64)
	return Float64Of(f), err
}

func parseFloat32(_ *Params, text string) (Value, error) {
	f, err := strconv.ParseFloat(text, 32)
	return Float32Of(float32(f)), err
}

func formatFloat32(v Value) string { return strconv.FormatFloat(v.Float64(), 'g', -1, 32) }

// Decimals are held as their shortest text, which is what rows have.

func compareDecimals(v, w Value) int { return v.Decimal().Cmp(w.Decimal()) }

// readDecimal keeps the text as it is where it is the shortest one.
func readDecimal(r *record.Reader, _ *Params) Value {
	d := r.Decimal()
	if r.Err() != nil {
		return Value{}
	}
	var mem [64]byte
	short, err := d.AppendText(mem[:0])
	if text := r.String(); err == nil && text == string(short) {
		return textOf(Decimal, text)
	}
	return DecimalOf(d)
}

func (p *Params) scale() int {
	if p == nil {
		return 0
	}
	return p.Scale
}

// In Go source.

func goFloat32(v Value) string {
	text := formatFloat32(v)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

func formatFixed(v Value) string { return keys.FormatFixed(v.Bytes()) }

// goArray is bytes as an array.
func goArray(v Value) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%d]byte{", len(v.str))
	for i := range len(v.str) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "0x%02X", v.str[i])
	}
	return b.String() + "}"
}

func goQuoted(v Value) string { return strconv.Quote(v.str) }

func goFloat(v Value) string {
	text := fmt.Sprintf("%#v", v.Float64())
	if !strings.ContainsAny(text, ".e") {
		text += ".0" // which Go takes for a float
	}
	return text
}

// goDuration is a duration in the largest unit that divides it.
func goDuration(v Value) string {
	d := v.Duration()
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d != 0 && d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + " * time." + u.name
		}
	}
	return "time.Duration(" + strconv.FormatInt(int64(d), 10) + ")"
}

// For tests.

func oneOf[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// randomInt gives small numbers mostly, so that values meet each other, and sometimes
// one at an end of the range.
func randomInt(k Kind, least, most int64) func(*rand.Rand, *Params) Value {
	return func(rng *rand.Rand, _ *Params) Value {
		switch rng.IntN(12) {
		case 0:
			return intOf(k, least)
		case 1:
			return intOf(k, most)
		case 2:
			return intOf(k, rng.Int64N(most))
		}
		return intOf(k, int64(rng.IntN(20)))
	}
}

func randomUint(k Kind, most uint64) func(*rand.Rand, *Params) Value {
	return func(rng *rand.Rand, _ *Params) Value {
		switch rng.IntN(12) {
		case 0:
			return uintOf(k, most)
		case 1:
			return uintOf(k, rng.Uint64N(most))
		}
		return uintOf(k, uint64(rng.IntN(20)))
	}
}

// randomStart is what random times lie around.
var randomStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func randomTime(rng *rand.Rand, _ *Params) Value {
	return TimestampOf(randomStart.Add(time.Duration(rng.IntN(200)-100) * time.Minute))
}

var words = []string{"a", "b", "ab", "A", "alice", "Alice", "bob", "x-1", "x:2", "ns/t", "\x00", "a\x00b", "\xff", "ä", "Ä", "0"}

// randomWord is a string of a small stock, so that values meet each other, with what
// naive key encodings get wrong.
func randomWord(rng *rand.Rand) string {
	s := oneOf(rng, words...)
	if rng.IntN(3) == 0 {
		s += oneOf(rng, words...)
	}
	return s
}

func timestamp(text string) (Value, bool) {
	at, ok := parseTime(text)
	return TimestampOf(at), ok
}

// randomDecimal gives small numbers that keep the digits of the type.
func randomDecimal(rng *rand.Rand, p *Params) Value {
	most := int64(1)
	for range min(p.Precision, 4) {
		most *= 10
	}
	return DecimalOf(decimal.MustNew(rng.Int64N(2*most-1)-most+1, p.Scale))
}
