package keys_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
)

// fuzzValues makes two values of the kind's type out of the fuzzer's.
func fuzzValues(k kind, s1, s2 string, n1, n2 int64) (a, b any, ok bool) {
	pick := func(s string, n int64) any {
		switch k.examples[0].(type) {
		case bool:
			return n < 0
		case int8:
			return int8(n)
		case int16:
			return int16(n)
		case int32:
			return int32(n)
		case uint8:
			return uint8(n)
		case uint16:
			return uint16(n)
		case float32:
			return math.Float32frombits(uint32(n))
		case address:
			return address{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		case decimal.Decimal:
			return decimal.MustNew(n, len(s)%(decimal.MaxScale+1))
		case civil.Date:
			return dateAt(n % int64(civil.MaxDate.UnixDays()))
		case civil.TimeOfDay:
			return timeOfDayAt(int64(uint64(n) % uint64(24*time.Hour)))
		case int64:
			return n
		case uint32:
			return uint32(n)
		case uint64:
			return uint64(n)
		case float64:
			return math.Float64frombits(uint64(n))
		case string:
			return s
		case userID:
			return userID(s)
		case []byte:
			return []byte(s)
		case time.Time:
			return sinceYearOne(n, int64(len(s))*1001%1e9)
		case time.Duration:
			return time.Duration(n)
		case [16]byte:
			var v [16]byte
			copy(v[:], s)
			return v
		case color:
			return color(n)
		}
		return nil
	}
	a, b = pick(s1, n1), pick(s2, n2)
	return a, b, a != nil
}

func TestFuzzValuesCoverEveryKind(t *testing.T) {
	for _, k := range kinds {
		if _, _, ok := fuzzValues(k, "", "", 0, 0); !ok {
			t.Errorf("the fuzz tests make no value for kind %s", k.name)
		}
	}
}

// TestTruncated cuts every example short at every length: each cut is an error, which sticks.
func TestTruncated(t *testing.T) {
	for _, k := range kinds {
		if k.last {
			continue
		}
		for _, v := range k.examples {
			enc := k.append(nil, v)
			for n := range enc {
				r := keys.NewReader(enc[:n])
				got := k.read(&r)
				if !errors.Is(r.Err(), keys.ErrMalformed) {
					t.Fatalf("%s: %x, cut from %x, reads as %s with error %v", k.name, enc[:n], enc, k.format(got), r.Err())
				}
				if !reflect.ValueOf(got).IsZero() {
					t.Fatalf("%s: result beside an error is %s", k.name, k.format(got))
				}
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	tests := []struct {
		name, kind, key, want string
	}{
		{"empty", "bool", "", "malformed key: bool at byte 0: 0 bytes left of 1"},
		{"neither false nor true", "bool", "02", "malformed key: bool at byte 0: byte 0x02 is neither false nor true"},
		{"neither, descending", "bool_desc", "00", "malformed key: descending bool at byte 0: byte 0x00 is neither false nor true"},
		{"short", "int32", "800000", "malformed key: int32 at byte 0: 3 bytes left of 4"},
		{"short", "int64_desc", "80", "malformed key: descending int64 at byte 0: 1 bytes left of 8"},
		{"short", "uint32", "", "malformed key: uint32 at byte 0: 0 bytes left of 4"},
		{"short", "uint64", "00000000000000", "malformed key: uint64 at byte 0: 7 bytes left of 8"},
		{"short", "duration", "00", "malformed key: duration at byte 0: 1 bytes left of 8"},
		{"short", "uuid", "00", "malformed key: uuid at byte 0: 1 bytes left of 16"},
		{"-0", "float64", "7fffffffffffffff", "malformed key: float64 at byte 0: 0x7fffffffffffffff is not the canonical form of -0"},
		{"-0", "float64_desc", "8000000000000000", "malformed key: descending float64 at byte 0: 0x8000000000000000 is not the canonical form of -0"},
		{"low NaN", "float64", "0000000000000001", "malformed key: float64 at byte 0: 0x0000000000000001 is not the canonical form of NaN"},
		{"highest low NaN", "float64", "000ffffffffffffe", "malformed key: float64 at byte 0: 0x000ffffffffffffe is not the canonical form of NaN"},
		{"high NaN", "float64", "fff0000000000001", "malformed key: float64 at byte 0: 0xfff0000000000001 is not the canonical form of NaN"},
		{"a second of nanoseconds", "time", "80000000000000003b9aca00", "malformed key: time at byte 0: 1000000000 nanoseconds make a second or more"},
		{"no nanoseconds", "time", "8000000000000000", "malformed key: time at byte 0: 8 bytes left of 12"},
		{"no end", "string", "6161", "malformed key: string at byte 0: no terminator in the 2 bytes left"},
		{"half an end", "string", "6100", "malformed key: string at byte 0: no terminator in the 2 bytes left"},
		{"end is escaped", "string", "6100ff", "malformed key: string at byte 0: no terminator in the 3 bytes left"},
		{"bad escape", "string", "61620002", "malformed key: string at byte 0: bad escape 0x00 0x02 at byte 2"},
		{"zero byte as escape", "bytes", "0000", "malformed key: bytes at byte 0: bad escape 0x00 0x00 at byte 0"},
		{"bad escape", "string_desc", "9eff01", "malformed key: descending string at byte 0: bad escape 0xff 0x01 at byte 1"},
		{"ascending end", "bytes_desc", "9e0001", "malformed key: descending bytes at byte 0: no terminator in the 3 bytes left"},
		{"one byte too many", "uvarint", "f8f7", "malformed key: uvarint at byte 0: 247 is written in 2 bytes, more than it needs"},
		{"leading zero", "uvarint", "f900ff", "malformed key: uvarint at byte 0: 255 is written in 3 bytes, more than it needs"},
		{"leading zero", "uvarint_desc", "06ff00", "malformed key: descending uvarint at byte 0: 255 is written in 3 bytes, more than it needs"},
		{"all zero", "uvarint", "ff0000000000000000", "malformed key: uvarint at byte 0: 0 is written in 9 bytes, more than it needs"},
		{"short", "uvarint", "fa0101", "malformed key: uvarint at byte 0: 3 bytes left of 4"},
		{"no 32 bits", "enum", "fc0100000000", "malformed key: enum at byte 0: 4294967296 is above the limit of 4294967295"},
		{"short", "int8", "", "malformed key: int8 at byte 0: 0 bytes left of 1"},
		{"short", "uint16_desc", "80", "malformed key: descending uint16 at byte 0: 1 bytes left of 2"},
		{"-0", "float32", "7fffffff", "malformed key: float32 at byte 0: 0x7fffffff is not the canonical form of -0"},
		{"low NaN", "float32", "00000001", "malformed key: float32 at byte 0: 0x00000001 is not the canonical form of NaN"},
		{"high NaN", "float32_desc", "007ffffe", "malformed key: descending float32 at byte 0: 0x007ffffe is not the canonical form of NaN"},
		{"short", "fixed4", "010203", "malformed key: fixed bytes at byte 0: 3 bytes left of 4"},
		{"short", "fixed4_desc", "010203", "malformed key: descending fixed bytes at byte 0: 3 bytes left of 4"},
		{"one byte too many", "varint", "f877", "malformed key: varint at byte 0: 119 is written in 2 bytes, more than it needs"},
		{"one byte too many, negative", "varint", "0788", "malformed key: varint at byte 0: -120 is written in 2 bytes, more than it needs"},
		{"leading zero", "varint", "f90078", "malformed key: varint at byte 0: 120 is written in 3 bytes, more than it needs"},
		{"leading ones", "varint", "06ff87", "malformed key: varint at byte 0: -121 is written in 3 bytes, more than it needs"},
		{"leading zero", "varint_desc", "06ff87", "malformed key: descending varint at byte 0: 120 is written in 3 bytes, more than it needs"},
		{"the sign bit", "varint", "ff8000000000000000", "malformed key: varint at byte 0: 0xff8000000000000000 is no number of 64 bits with a sign"},
		{"the sign bit, negative", "varint", "007fffffffffffffff", "malformed key: varint at byte 0: 0x007fffffffffffffff is no number of 64 bits with a sign"},
		{"short", "varint", "f9ff", "malformed key: varint at byte 0: 2 bytes left of 3"},
		{"no 32 bits", "varint32", "fb80000000", "malformed key: varint at byte 0: 2147483648 is out of the range from -2147483648 to 2147483647"},
		{"no 32 bits, negative", "varint32", "047fffffff", "malformed key: varint at byte 0: -2147483649 is out of the range from -2147483648 to 2147483647"},
		{"short", "date", "80", "malformed key: date at byte 0: 1 bytes left of 4"},
		{"the year 10000", "date", "802cc0a1", "malformed key: date at byte 0: civil: 2932897 days after 1970-01-01 is out of range: dates are of the years -9999 to 9999"},
		{"the year -10000", "date_desc", "8042b483", "malformed key: descending date at byte 0: civil: -4371588 days after 1970-01-01 is out of range: dates are of the years -9999 to 9999"},
		{"24 hours", "time_of_day", "00004e94914f0000", "malformed key: time of day at byte 0: civil: 24h0m0s after midnight is out of range: times of day are 0s to 24h, exclusive"},
		{"below midnight", "time_of_day_desc", "0000000000000000", "malformed key: descending time of day at byte 0: civil: -1ns after midnight is out of range: times of day are 0s to 24h, exclusive"},
		{"empty", "decimal", "", "malformed key: decimal at byte 0: 0 bytes left of 1"},
		{"no end", "decimal", "c119", "malformed key: decimal at byte 0: no end in the 2 bytes left"},
		{"no digits", "decimal_desc", "3e", "malformed key: descending decimal at byte 0: no end in the 1 bytes left"},
		{"too large", "decimal", "d402", "malformed key: decimal at byte 0: byte 0xd4 is no size of a decimal"},
		{"too small", "decimal", "ad02", "malformed key: decimal at byte 0: byte 0xad is no size of a decimal"},
		{"too large, negative", "decimal", "2bfd", "malformed key: decimal at byte 0: byte 0x2b is no size of a decimal"},
		{"small zero", "decimal", "8102", "malformed key: decimal at byte 0: byte 0x81 is no size of a decimal"},
		{"100 in two digits", "decimal", "c1c8", "malformed key: decimal at byte 0: byte 0xc8 is no pair of digits"},
		{"zeros before the digits", "decimal", "c10102", "malformed key: decimal at byte 0: zeros at an end of the digits"},
		{"zeros behind the digits", "decimal", "c11900", "malformed key: decimal at byte 0: zeros at an end of the digits"},
		{"zeros behind the digits, negative", "decimal", "3ee6ff", "malformed key: decimal at byte 0: zeros at an end of the digits"},
		{"no digits but zeros", "decimal", "c100", "malformed key: decimal at byte 0: zeros at an end of the digits"},
		{"39 digits behind the point", "decimal", "ae0302", "malformed key: decimal at byte 0: decimal: a number is out of range: decimals have at most 38 digits, and at most 38 behind the point"},
		{"39 digits", "decimal", "c0" + strings.Repeat("c7", 19) + "14", "malformed key: decimal at byte 0: decimal: a number is out of range: decimals have at most 38 digits, and at most 38 behind the point"},
		{"42 digits", "decimal", "c0" + strings.Repeat("c7", 20) + "c6", "malformed key: decimal at byte 0: more than 38 digits"},
		{"no 16 bits", "uvarint16", "fa010000", "malformed key: uvarint at byte 0: 65536 is above the limit of 65535"},
		{"no 32 bits", "enum_desc", "03feffffffff", "malformed key: descending enum at byte 0: 4294967296 is above the limit of 4294967295"},
	}
	for _, test := range tests {
		t.Run(test.kind+"/"+test.name, func(t *testing.T) {
			k := kinds[kindIndex(test.kind)]
			key, err := hex.DecodeString(test.key)
			if err != nil {
				t.Fatal(err)
			}
			r := keys.NewReader(key)
			v := k.read(&r)
			if r.Err() == nil {
				t.Fatalf("%s reads as %s", test.key, k.format(v))
			}
			if diff := gocmp.Diff(test.want, r.Err().Error()); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
			if !errors.Is(r.Err(), keys.ErrMalformed) {
				t.Errorf("error %v does not wrap ErrMalformed", r.Err())
			}
		})
	}
}

func TestReaderErrorSticks(t *testing.T) {
	key := keys.AppendString(keys.AppendUint32(nil, 7), "left")
	r := keys.NewReader(key)
	if got := r.Uint32(); got != 7 {
		t.Fatalf("Uint32() = %d, want 7", got)
	}
	r.UUID()
	first := r.Err()
	if want := "malformed key: uuid at byte 4: 6 bytes left of 16"; first == nil || first.Error() != want {
		t.Fatalf("Err() = %v, want %s", first, want)
	}
	for _, k := range kinds {
		if v := k.read(&r); !reflect.ValueOf(v).IsZero() {
			t.Errorf("%s after an error gives %s, want the zero value", k.name, k.format(v))
		}
	}
	if r.Err() != first || r.Done() != first {
		t.Errorf("Err() = %v and Done() = %v, want the first error %v", r.Err(), r.Done(), first)
	}
	if r.Rest() != nil {
		t.Errorf("Rest() after an error = %x, want nil", r.Rest())
	}
}

func TestZeroReader(t *testing.T) {
	var r keys.Reader
	if got := r.StringLast(); got != "" || r.Done() != nil || len(r.Rest()) != 0 {
		t.Errorf("the zero Reader reads %q, rest %x, error %v", got, r.Rest(), r.Done())
	}
}

func TestReaderDone(t *testing.T) {
	key := keys.AppendBool(keys.AppendUvarint(nil, 300), true)
	r := keys.NewReader(key)
	if got := r.Uvarint(); got != 300 {
		t.Fatalf("Uvarint() = %d, want 300", got)
	}
	err := r.Done()
	if want := "malformed key: 1 bytes left over at byte 3"; err == nil || err.Error() != want || !errors.Is(err, keys.ErrMalformed) {
		t.Errorf("Done() with bytes left = %v, want %s", err, want)
	}
	if r.Err() != nil {
		t.Errorf("Err() = %v after Done, want nil", r.Err())
	}
	if !bytes.Equal(r.Rest(), []byte{1}) || !r.Bool() {
		t.Errorf("the last component is not there after Done and Rest")
	}
	if err := r.Done(); err != nil {
		t.Errorf("Done() = %v, want nil", err)
	}
	if rest := r.Rest(); len(rest) != 0 {
		t.Errorf("Rest() = %x, want nothing", rest)
	}
}

// TestReaderSharesMemory pins which results are parts of the key, and that appending to one cannot write into the key.
func TestReaderSharesMemory(t *testing.T) {
	within := func(key []byte, p *byte) bool {
		at := uintptr(unsafe.Pointer(p))
		begin := uintptr(unsafe.Pointer(unsafe.SliceData(key)))
		return begin <= at && at < begin+uintptr(len(key))
	}
	plain, escaped := "plain", "with\x00zero"
	tests := []struct {
		name string
		key  []byte
		read func(r *keys.Reader) *byte
		want bool
	}{
		{"string", keys.AppendString(nil, plain), func(r *keys.Reader) *byte { return unsafe.StringData(r.String()) }, true},
		{"escaped string", keys.AppendString(nil, escaped), func(r *keys.Reader) *byte { return unsafe.StringData(r.String()) }, false},
		{"descending string", keys.AppendStringDesc(nil, plain), func(r *keys.Reader) *byte { return unsafe.StringData(r.StringDesc()) }, false},
		{"last string", keys.AppendStringLast(nil, escaped), func(r *keys.Reader) *byte { return unsafe.StringData(r.StringLast()) }, true},
		{"bytes", keys.AppendString(nil, plain), func(r *keys.Reader) *byte { return unsafe.SliceData(r.Bytes()) }, true},
		{"escaped bytes", keys.AppendString(nil, escaped), func(r *keys.Reader) *byte { return unsafe.SliceData(r.Bytes()) }, false},
		{"descending bytes", keys.AppendStringDesc(nil, plain), func(r *keys.Reader) *byte { return unsafe.SliceData(r.BytesDesc()) }, false},
		{"last bytes", keys.AppendStringLast(nil, escaped), func(r *keys.Reader) *byte { return unsafe.SliceData(r.BytesLast()) }, true},
		{"fixed", keys.AppendFixed(nil, []byte(plain)), func(r *keys.Reader) *byte { return unsafe.SliceData(r.Fixed(len(plain))) }, true},
		{"descending fixed", keys.AppendFixedDesc(nil, []byte(plain)), func(r *keys.Reader) *byte { return unsafe.SliceData(r.FixedDesc(len(plain))) }, false},
		{"rest", keys.AppendStringLast(nil, escaped), func(r *keys.Reader) *byte { return unsafe.SliceData(r.Rest()) }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := keys.NewReader(test.key)
			if got := within(test.key, test.read(&r)); got != test.want || r.Err() != nil {
				t.Errorf("shares memory: %v, want %v (error %v)", got, test.want, r.Err())
			}
		})
	}
	key := keys.AppendInt32(keys.AppendBytes(nil, []byte(plain)), 1)
	before := bytes.Clone(key)
	r := keys.NewReader(key)
	_ = append(r.Bytes(), "overwritten"...)
	if !bytes.Equal(key, before) {
		t.Errorf("appending to what Bytes gave changed the key from %x to %x", before, key)
	}
	r = keys.NewReader(key)
	if _ = append(r.Fixed(3), "overwritten"...); !bytes.Equal(key, before) {
		t.Errorf("appending to what Fixed gave changed the key from %x to %x", before, key)
	}
	buffer := append(bytes.Clone(key), "beyond"...)
	r = keys.NewReader(buffer[:len(key)])
	_ = append(r.Rest(), "behind"...)
	if want := append(before, "beyond"...); !bytes.Equal(buffer, want) {
		t.Errorf("appending to what Rest gave changed the bytes behind the key from %x to %x", want, buffer)
	}
}

func TestTimeIsCanonical(t *testing.T) {
	now := time.Now() // has a monotonic reading and a location
	for _, v := range []time.Time{{}, now, time.Date(2024, 1, 2, 3, 4, 5, 6, time.FixedZone("east", 3600)), sinceYearOne(math.MinInt64, 0)} {
		r := keys.NewReader(keys.AppendTimeDesc(keys.AppendTime(nil, v), v))
		want := time.Unix(v.Unix(), int64(v.Nanosecond())).UTC()
		if got, gotDesc := r.Time(), r.TimeDesc(); got != want || gotDesc != want || r.Done() != nil {
			t.Errorf("%v reads back as %v and %v (error %v), want %v so that == holds", v, got, gotDesc, r.Done(), want)
		}
	}
	r := keys.NewReader(keys.AppendTime(nil, time.Time{}))
	if got := r.Time(); got != (time.Time{}) {
		t.Errorf("the zero time reads back as %#v", got)
	}
}

// FuzzReader reads garbage with every accessor in an order that the fuzzer chooses: nothing panics, and what is read
// without an error encodes to the same bytes.
func FuzzReader(tf *testing.F) {
	f := inputs.New(tf)
	for i, k := range kinds {
		for _, v := range k.examples[:2] {
			f.Add([]byte{byte(i)}, k.append(nil, v))
			f.Add([]byte{byte(i), 0}, keys.AppendBool(k.append(nil, v), true))
		}
	}
	f.Add([]byte{byte(kindIndex("uvarint"))}, []byte{0xF8, 0xF7})
	f.Add([]byte{byte(kindIndex("string"))}, []byte{'a', 0x00, 0x02})
	f.Fuzz(func(t *testing.T, plan, key []byte) {
		r := keys.NewReader(key)
		var again []byte
		for _, p := range plan {
			k := kinds[int(p)%len(kinds)]
			left := bytes.Clone(r.Rest())
			v := k.read(&r)
			if r.Err() != nil {
				if !errors.Is(r.Err(), keys.ErrMalformed) || !strings.Contains(r.Err().Error(), " at byte ") {
					t.Fatalf("%s: error %q", k.name, r.Err())
				}
				return
			}
			again = k.append(again, v)
			if !bytes.Equal(again, key[:len(key)-len(r.Rest())]) {
				t.Fatalf("%s: %x reads as %s, and back as %x", k.name, left, k.format(v), again)
			}
		}
	})
}

// What an int of the machine does not hold is refused, on any machine.
func TestReaderInt(t *testing.T) {
	for _, v := range []int64{0, 1, -1, math.MaxInt32, math.MinInt32, math.MaxInt32 + 1, math.MinInt32 - 1, math.MaxInt64, math.MinInt64} {
		for _, desc := range []bool{false, true} {
			r := keys.NewReader(keys.AppendInt64(nil, v))
			read := r.Int
			if desc {
				r = keys.NewReader(keys.AppendInt64Desc(nil, v))
				read = r.IntDesc
			}
			got := read()
			if fits := int64(int(v)) == v; (r.Err() == nil) != fits || fits && got != int(v) || !fits && got != 0 {
				t.Errorf("%d, descending %v: %d, %v", v, desc, got, r.Err())
			}
		}
	}
	for _, v := range []uint64{0, 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64} {
		for _, desc := range []bool{false, true} {
			r := keys.NewReader(keys.AppendUint64(nil, v))
			read := r.Uint
			if desc {
				r = keys.NewReader(keys.AppendUint64Desc(nil, v))
				read = r.UintDesc
			}
			got := read()
			if fits := uint64(uint(v)) == v; (r.Err() == nil) != fits || fits && got != uint(v) || !fits && got != 0 {
				t.Errorf("%d, descending %v: %d, %v", v, desc, got, r.Err())
			}
		}
	}
}
