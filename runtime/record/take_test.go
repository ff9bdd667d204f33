package record_test

import (
	"bytes"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/record"
)

// take is a Take function beside what a Reader makes of the same field.
type take struct {
	name string
	// take and read return the value; take also what is left of b.
	take func(b []byte, num int) (v any, rest []byte)
	read func(r *record.Reader) any
	add  func(dst []byte, num int) []byte // a field to begin with
}

func taker[T any](name string, fn func(b []byte, num int, v *T) []byte, read func(r *record.Reader) T, add func(dst []byte, num int) []byte) take {
	return take{name, func(b []byte, num int) (any, []byte) {
		var v T
		rest := fn(b, num, &v)
		return v, rest
	}, func(r *record.Reader) any { return read(r) }, add}
}

var takes = []take{
	taker("String", record.TakeString, (*record.Reader).String, func(dst []byte, num int) []byte { return record.AppendString(dst, num, "some text") }),
	taker("Bytes", record.TakeBytes, (*record.Reader).Bytes, func(dst []byte, num int) []byte { return record.AppendBytes(dst, num, make([]byte, 300)) }),
	taker("UUID", record.TakeUUID, (*record.Reader).UUID, func(dst []byte, num int) []byte { return record.AppendUUID(dst, num, [16]byte{1, 15: 2}) }),
	taker("Time", record.TakeTime, (*record.Reader).Time, func(dst []byte, num int) []byte { return record.AppendTime(dst, num, time.Unix(1772355600, 123)) }),
	taker("Time of a second", record.TakeTime, (*record.Reader).Time, func(dst []byte, num int) []byte { return record.AppendTime(dst, num, time.Unix(-1, 0)) }),
	taker("OptString", record.TakeOptString, (*record.Reader).OptString, func(dst []byte, num int) []byte { return record.AppendString(dst, num, "") }),
	taker("OptTime", record.TakeOptTime, (*record.Reader).OptTime, func(dst []byte, num int) []byte { return record.AppendTime(dst, num, time.Time{}) }),
	taker("Bool", record.TakeBool, (*record.Reader).Bool, func(dst []byte, num int) []byte { return record.AppendBool(dst, num, true) }),
	taker("Int8", record.TakeInt8, (*record.Reader).Int8, func(dst []byte, num int) []byte { return record.AppendInt8(dst, num, math.MinInt8) }),
	taker("Int16", record.TakeInt16, (*record.Reader).Int16, func(dst []byte, num int) []byte { return record.AppendInt16(dst, num, math.MinInt16) }),
	taker("Int32", record.TakeInt32, (*record.Reader).Int32, func(dst []byte, num int) []byte { return record.AppendInt32(dst, num, math.MinInt32) }),
	taker("Int64", record.TakeInt64, (*record.Reader).Int64, func(dst []byte, num int) []byte { return record.AppendInt64(dst, num, math.MinInt64) }),
	taker("Int", record.TakeInt, (*record.Reader).Int, func(dst []byte, num int) []byte { return record.AppendInt64(dst, num, 1<<40) }),
	taker("Duration", record.TakeDuration, (*record.Reader).Duration, func(dst []byte, num int) []byte { return record.AppendDuration(dst, num, -time.Hour) }),
	taker("Uint8", record.TakeUint8, (*record.Reader).Uint8, func(dst []byte, num int) []byte { return record.AppendUint8(dst, num, math.MaxUint8) }),
	taker("Uint16", record.TakeUint16, (*record.Reader).Uint16, func(dst []byte, num int) []byte { return record.AppendUint16(dst, num, math.MaxUint16) }),
	taker("Uint32", record.TakeUint32, (*record.Reader).Uint32, func(dst []byte, num int) []byte { return record.AppendUint32(dst, num, math.MaxUint32) }),
	taker("Uint64", record.TakeUint64, (*record.Reader).Uint64, func(dst []byte, num int) []byte { return record.AppendUint64(dst, num, math.MaxUint64) }),
	taker("Uint", record.TakeUint, (*record.Reader).Uint, func(dst []byte, num int) []byte { return record.AppendUint64(dst, num, 1<<40) }),
	taker("Enum", record.TakeEnum, (*record.Reader).Enum, func(dst []byte, num int) []byte { return record.AppendEnum(dst, num, -7) }),
	taker("Float64", record.TakeFloat64, (*record.Reader).Float64, func(dst []byte, num int) []byte { return record.AppendFloat64(dst, num, 1.5) }),
	taker("Float32", record.TakeFloat32, (*record.Reader).Float32, func(dst []byte, num int) []byte { return record.AppendFloat32(dst, num, 1.5) }),
}

// sameAsReader looks whether a function takes what a Reader reads, and leaves what a Reader
// refuses or finds to be another field. It may leave more than that.
func (c *take) sameAsReader(t *testing.T, b []byte, num int) (taken bool) {
	t.Helper()
	in := bytes.Clone(b)
	v, rest := c.take(in, num)
	if !bytes.Equal(in, b) || !bytes.HasSuffix(b, rest) {
		t.Fatalf("%s of field %d in %x leaves %x of %x", c.name, num, b, rest, in)
	}
	if taken = len(rest) < len(b); !taken {
		if !reflect.ValueOf(v).IsZero() {
			t.Fatalf("%s of field %d in %x takes nothing, and gives %v", c.name, num, b, v)
		}
		return false
	}
	r := record.NewReader(b)
	if !r.Next() || r.Num() != num {
		t.Fatalf("%s takes field %d from %x, where a Reader finds %d: %v", c.name, num, b, r.Num(), r.Err())
	}
	want := c.read(&r)
	if r.Err() != nil || !equal(v, want) {
		t.Fatalf("%s takes %v as field %d from %x, where a Reader finds %v: %v", c.name, v, num, b, want, r.Err())
	}
	if field := b[:len(b)-len(rest)]; !bytes.Equal(field, r.AppendRaw(nil)) {
		t.Fatalf("%s takes the bytes %x, and a Reader %x", c.name, field, r.AppendRaw(nil))
	}
	return true
}

// equal compares two values, of which both may be the same NaN.
func equal(a, b any) bool {
	switch a := a.(type) {
	case float64:
		return math.Float64bits(a) == math.Float64bits(b.(float64))
	case float32:
		return math.Float32bits(a) == math.Float32bits(b.(float32))
	}
	return reflect.DeepEqual(a, b)
}

func TestTake(t *testing.T) {
	for _, c := range takes {
		for _, num := range []int{1, 2, 15, 16, 17, 2047, 2048, 1<<29 - 1} {
			b := c.add(nil, num)
			behind := record.AppendString(bytes.Clone(b), 3, "behind")
			if fits := !(reflect.TypeFor[int]().Size() == 4 && (c.name == "Int" || c.name == "Uint")); fits {
				if !c.sameAsReader(t, b, num) || !c.sameAsReader(t, behind, num) {
					t.Errorf("%s does not take what is written as field %d", c.name, num)
				}
			}
			for i := range b {
				if c.sameAsReader(t, b[:i:i], num) {
					t.Errorf("%s takes %x, which is cut short", c.name, b[:i])
				}
			}
			for _, other := range []int{num - 1, num + 1, num + 32, num << 4} {
				if other > 0 && c.sameAsReader(t, behind, other) {
					t.Errorf("%s takes field %d as %d", c.name, num, other)
				}
			}
			for _, d := range takes {
				c.sameAsReader(t, d.add(nil, num), num)
			}
			// Numbers of each length, and longer than a number can be.
			tag := record.AddUint64(nil, num, 1)
			tag = tag[:len(tag)-1]
			for n := range 12 {
				for _, last := range []byte{0, 1, 2, 0x7f} {
					number := append(bytes.Repeat([]byte{0x80 | 0x55}, n), last)
					c.sameAsReader(t, append(append(bytes.Clone(tag), number...), "\x1a\x01x"...), num)
				}
			}
		}
	}
}

// What a Reader refuses is left to it.
func TestTakeRefused(t *testing.T) {
	at := func(parts ...uint64) []byte { // a message of numbers
		b, from := record.Begin(nil, 1)
		for i, n := range parts {
			b = record.AppendUint64(b, i+1, n)
		}
		return record.End(b, from)
	}
	for name, b := range map[string][]byte{
		"a second that begins with its nanoseconds": at(0, 5)[:2],
		"nanoseconds that are a second":             at(1, 1_000_000_000),
		"a time of three parts":                     at(1, 2, 3),
		"an int8 that is too large":                 record.AppendInt64(nil, 1, 128),
		"a uint16 that is too large":                record.AppendUint64(nil, 1, 1<<16),
		"an enum that is too large":                 record.AppendUint64(nil, 1, 1<<31),
		"a uuid of 15 bytes":                        record.AppendString(nil, 1, "0123456789abcde"),
	} {
		for _, c := range takes {
			c.sameAsReader(t, b, 1)
		}
		if _, rest := takes[3].take(b, 1); takes[3].name != "Time" || len(rest) < len(b) {
			t.Errorf("%s is taken as a time", name)
		}
	}
}

func TestTakeStrings(t *testing.T) {
	type name string
	long := string(make([]byte, 200))
	for _, num := range []int{1, 15, 16, 3000} {
		for _, want := range [][]name{nil, {""}, {"a", "b"}, {"a", name(long), "", "c"}, make([]name, 40)} {
			var b []byte
			for _, s := range want {
				b = record.AppendString(b, num, string(s))
			}
			behind := record.AppendBool(bytes.Clone(b), num+1, true)
			for _, mem := range []*record.Lists{nil, new(record.Lists)} {
				for range 3 {
					var got []name
					rest := record.TakeStrings(behind, num, &got, mem)
					if !reflect.DeepEqual(got, want) || cap(got) != len(got) || len(rest) != len(behind)-len(b) {
						t.Errorf("%q as field %d is taken as %q with room for %d, and leaves %x", want, num, got, cap(got), rest)
					}
				}
			}
		}
		// What is malformed is left.
		var got []string
		cut := record.AppendString(record.AppendString(nil, num, "a"), num, "bc")
		if rest := record.TakeStrings(cut[:len(cut)-1], num, &got, nil); !reflect.DeepEqual(got, []string{"a"}) || len(rest) == 0 {
			t.Errorf("of a list whose second element is cut short %q is taken, and %x left", got, rest)
		}
	}
}

// Lists that were given out are their owners' own.
func TestListsAreApart(t *testing.T) {
	mem := new(record.Lists)
	b := record.AppendString(record.AppendString(nil, 1, "a"), 1, "b")
	var first, second []string
	record.TakeStrings(b, 1, &first, mem)
	record.TakeStrings(b, 1, &second, mem)
	_ = append(first, "more")
	first[0] = "changed"
	if second[0] != "a" || second[1] != "b" || first[1] != "b" {
		t.Errorf("lists are %q and %q after a change of one", first, second)
	}
}

// FuzzTake takes from garbage what a Reader reads there.
func FuzzTake(tf *testing.F) {
	f := inputs.New(tf)
	for _, c := range takes {
		f.Add(c.add(nil, 1))
		f.Add(c.add(nil, 16))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, num := range []int{1, 2, 15, 16, 300} {
			for _, c := range takes {
				c.sameAsReader(t, b, num)
			}
			var list []string
			rest := record.TakeStrings(b, num, &list, nil)
			r := record.NewReader(b)
			for _, s := range list {
				if !r.Next() || r.Num() != num || r.String() != s || r.Err() != nil {
					t.Fatalf("the list of field %d in %x is taken as %q", num, b, list)
				}
			}
			if raw := b[:len(b)-len(rest)]; len(list) == 0 && len(raw) > 0 {
				t.Fatalf("field %d in %x: %x is taken, and no elements", num, b, raw)
			}
			if record.Next(b, num) {
				if r := record.NewReader(b); r.Next() && r.Num() != num {
					t.Fatalf("field %d is said to begin %x", num, b)
				}
			}
		}
	})
}
