package keys_test

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
	"pgregory.net/rapid"
)

// checkOrder fails unless the bytes of a and b compare as a and b do, and neither is cut short by the other.
func checkOrder(t rapid.TB, k kind, a, b any) {
	t.Helper()
	ea, eb := k.append(nil, a), k.append(nil, b)
	if got, want := bytes.Compare(ea, eb), sign(k.compare(a, b)); got != want {
		t.Fatalf("%s: bytes.Compare(%x, %x) = %d, but %s and %s compare as %d", k.name, ea, eb, got, k.format(a), k.format(b), want)
	}
	if !k.last && !bytes.Equal(ea, eb) && (bytes.HasPrefix(ea, eb) || bytes.HasPrefix(eb, ea)) {
		t.Fatalf("%s: of %x (%s) and %x (%s) one is a prefix of the other", k.name, ea, k.format(a), eb, k.format(b))
	}
}

func sign(v int) int { return cmp.Compare(v, 0) }

// checkRoundTrip fails unless v comes back from its bytes, from between others, and the same bytes come back from it.
func checkRoundTrip(t rapid.TB, k kind, v any, tail []byte) {
	t.Helper()
	enc := k.append([]byte("head"), v)
	if !bytes.HasPrefix(enc, []byte("head")) {
		t.Fatalf("%s: append of %s changed what was in dst: %q", k.name, k.format(v), enc)
	}
	enc = enc[len("head"):]
	if k.last {
		tail = nil
	}
	r := keys.NewReader(append(bytes.Clone(enc), tail...))
	got := k.read(&r)
	if err := r.Err(); err != nil {
		t.Fatalf("%s: read of %x (%s): %v", k.name, enc, k.format(v), err)
	}
	if k.compare(got, v) != 0 {
		t.Fatalf("%s: wrote %s, read %s from %x", k.name, k.format(v), k.format(got), enc)
	}
	if again := k.append(nil, got); !bytes.Equal(again, enc) {
		t.Fatalf("%s: %s encodes to %x first and to %x after a round trip", k.name, k.format(v), enc, again)
	}
	if !bytes.Equal(r.Rest(), tail) {
		t.Fatalf("%s: rest after %s is %x, want %x", k.name, k.format(v), r.Rest(), tail)
	}
}

func TestExamplesInOrder(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			examples := k.inOrder()
			for i, a := range examples {
				if i > 0 && k.compare(examples[i-1], a) > 0 {
					t.Fatalf("examples %s and %s are not in order", k.format(examples[i-1]), k.format(a))
				}
				for _, b := range examples {
					checkOrder(t, k, a, b)
				}
				checkRoundTrip(t, k, a, []byte{0xFF, 0x00})
			}
		})
	}
}

func TestDescendingIsInverted(t *testing.T) {
	for i, k := range kinds {
		if !k.desc {
			continue
		}
		for _, v := range k.examples {
			want := kinds[i-1].append(nil, v)
			for j := range want {
				want[j] = ^want[j]
			}
			if got := k.append(nil, v); !bytes.Equal(got, want) {
				t.Errorf("%s of %s is %x, want the ascending bytes inverted: %x", k.name, k.format(v), got, want)
			}
		}
	}
}

func TestKindProperties(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, rapid.MakeCheck(func(t *rapid.T) {
			a, b := k.gen.Draw(t, "a"), k.gen.Draw(t, "b")
			checkOrder(t, k, a, b)
			checkRoundTrip(t, k, a, rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "tail"))
		}))
	}
}

// tuple is the shape of a composite key.
type tuple []kind

func (s tuple) append(dst []byte, values []any) []byte {
	for i, v := range values {
		dst = s[i].append(dst, v)
	}
	return dst
}

func (s tuple) compare(a, b []any) int {
	for i := range min(len(a), len(b)) {
		if c := s[i].compare(a[i], b[i]); c != 0 {
			return sign(c)
		}
	}
	return cmp.Compare(len(a), len(b))
}

func drawTuple(t *rapid.T) tuple {
	var inner, end []kind
	for _, k := range kinds {
		end = append(end, k)
		if !k.last {
			inner = append(inner, k)
		}
	}
	byName := func(k []kind) *rapid.Generator[kind] {
		names := make([]int, len(k))
		for i := range k {
			names[i] = i
		}
		return rapid.Map(rapid.SampledFrom(names), func(i int) kind { return k[i] })
	}
	var s tuple
	for range rapid.IntRange(0, 3).Draw(t, "components before the last") {
		s = append(s, byName(inner).Draw(t, "kind"))
	}
	return append(s, byName(end).Draw(t, "last kind"))
}

// checkComposite checks two keys of one shape: order, round trip, and that a prefix of whole components matches exactly
// the keys that have these components.
func checkComposite(t *rapid.T) {
	s := drawTuple(t)
	a, b := make([]any, len(s)), make([]any, len(s))
	for i, k := range s {
		a[i], b[i] = k.gen.Draw(t, "a"), k.gen.Draw(t, "b")
		if rapid.Bool().Draw(t, "same") {
			b[i] = a[i]
		}
	}
	ea, eb := s.append(nil, a), s.append(nil, b)
	if got, want := bytes.Compare(ea, eb), s.compare(a, b); got != want {
		t.Fatalf("bytes.Compare(%x, %x) = %d, want %d", ea, eb, got, want)
	}
	r := keys.NewReader(ea)
	decoded := make([]any, len(s))
	for i, k := range s {
		decoded[i] = k.read(&r)
	}
	if err := r.Done(); err != nil {
		t.Fatalf("read of %x: %v", ea, err)
	}
	if again := s.append(nil, decoded); s.compare(decoded, a) != 0 || !bytes.Equal(again, ea) {
		t.Fatalf("%x comes back as %x", ea, again)
	}
	for n := range s { // the last component may have no end, so the whole key is no prefix
		prefix := s.append(nil, a[:n])
		if got, want := bytes.HasPrefix(eb, prefix), s.compare(a[:n], b[:n]) == 0; got != want {
			t.Fatalf("%x begins with the %d components %x: %v, want %v", eb, n, prefix, got, want)
		}
		if end := keys.Successor(prefix); end != nil {
			inRange := bytes.Compare(prefix, eb) <= 0 && bytes.Compare(eb, end) < 0
			if inRange != bytes.HasPrefix(eb, prefix) {
				t.Fatalf("%x in [%x, %x): %v", eb, prefix, end, inRange)
			}
		}
	}
}

func TestCompositeProperties(t *testing.T) { rapid.Check(t, checkComposite) }

func FuzzComposite(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkComposite)) }

// TestReferenceOrder holds the orders that users rely on, each list from first to last.
func TestReferenceOrder(t *testing.T) {
	userRow := func(user string, row int64) []byte { return keys.AppendInt64(keys.AppendString(nil, user), row) }
	version := func(v uint32) []byte {
		return keys.AppendUint32(keys.AppendString(keys.AppendString(nil, "ns"), "t"), v)
	}
	pair := func(a, b string) []byte { return keys.AppendStringLast(keys.AppendString(nil, a), b) }
	id := func(s string) []byte { return keys.AppendInt32(keys.AppendString(nil, s), -1) }
	newest := func(status int32, at int64) []byte {
		return keys.AppendTimeDesc(keys.AppendEnum(nil, status), time.Unix(at, 0))
	}
	tests := map[string][][]byte{
		"rows of users":           {userRow("alice", 100), userRow("bob", 50), userRow("bob", 100)},
		"versions":                {version(1), version(2), version(10), version(100)},
		"negative numbers":        {userRow("bob", -100), userRow("bob", -50), userRow("bob", 0), userRow("bob", 50)},
		"boundaries":              {pair("a", "bc"), pair("ab", "c"), pair("abc", "")},
		"boundaries, no escape":   {pair("a", "\x00b"), pair("a\x00", "b"), pair("a\x00b", "")},
		"boundaries, like escape": {pair("a", ""), pair("a", "\x01"), pair("a", "\xff\x00\x01"), pair("a\x00", ""), pair("a\x00\x01", "")},
		"every byte in ids":       {id(""), id("\x00"), id("a"), id("a\x00"), id("a-"), id("a/"), id("a:"), id("a\xff"), id("b"), id("\xff")},
		"newest within a status":  {newest(1, 30), newest(1, 20), newest(1, -10), newest(2, 99)},
	}
	for name, list := range tests {
		t.Run(name, func(t *testing.T) {
			for i := 1; i < len(list); i++ {
				if bytes.Compare(list[i-1], list[i]) >= 0 {
					t.Errorf("key %d, %x, does not sort before key %d, %x", i, list[i-1], i+1, list[i])
				}
			}
		})
	}
}

// checkPrefix checks that the prefix forms of p match the components whose value begins with p, and no others,
// whatever follows the component.
func checkPrefix(t rapid.TB, s, p string, tail []byte) {
	t.Helper()
	want := strings.HasPrefix(s, p)
	for name, got := range map[string]bool{
		"string":      bytes.HasPrefix(append(keys.AppendString(nil, s), tail...), keys.AppendStringPrefix(nil, p)),
		"bytes":       bytes.HasPrefix(append(keys.AppendBytes(nil, []byte(s)), tail...), keys.AppendBytesPrefix(nil, []byte(p))),
		"string desc": bytes.HasPrefix(append(keys.AppendStringDesc(nil, s), tail...), keys.AppendStringPrefixDesc(nil, p)),
		"bytes desc":  bytes.HasPrefix(append(keys.AppendBytesDesc(nil, []byte(s)), tail...), keys.AppendBytesPrefixDesc(nil, []byte(p))),
		"string last": bytes.HasPrefix(keys.AppendStringLast(nil, s), keys.AppendStringLast(nil, p)),
	} {
		if got != want {
			t.Fatalf("%s: %q matches the prefix %q: %v, want %v", name, s, p, got, want)
		}
	}
}

func TestPrefix(t *testing.T) {
	for _, s := range stringExamples {
		for _, p := range stringExamples {
			checkPrefix(t, s, p, []byte{0x01, 0xFF, 0x00})
		}
	}
}

func FuzzPrefix(tf *testing.F) {
	f := inputs.New(tf)
	f.Add("a\x00b", "a", []byte{0xFF})
	f.Add("a", "a\x00", []byte{0xFF, 0x01})
	f.Add("a\x00\x01", "a\x00", []byte{})
	f.Fuzz(func(t *testing.T, s, p string, tail []byte) {
		checkPrefix(t, s, p, tail)
		checkPrefix(t, p+s, p, tail)
	})
}

// FuzzOrder compares values of the scalar kinds, alone and behind a string.
func FuzzOrder(tf *testing.F) {
	f := inputs.New(tf)
	f.Add("a", "a\x00", int64(-1), int64(1))
	f.Add("", "\x00", int64(0), int64(-1<<63))
	f.Add("\xff", "\xff\xff", int64(247), int64(248))
	f.Fuzz(func(t *testing.T, s1, s2 string, n1, n2 int64) {
		for _, k := range kinds {
			a, b, ok := fuzzValues(k, s1, s2, n1, n2)
			if !ok {
				continue
			}
			checkOrder(t, k, a, b)
			shape := tuple{kinds[kindIndex("string_desc")], k}
			va, vb := []any{s1, a}, []any{s2, b}
			if got, want := bytes.Compare(shape.append(nil, va), shape.append(nil, vb)), shape.compare(va, vb); got != want {
				t.Fatalf("(%q, %s) and (%q, %s): bytes.Compare is %d, want %d", s1, k.format(a), s2, k.format(b), got, want)
			}
		}
	})
}

// FuzzRoundTrip encodes and decodes a value of every kind.
func FuzzRoundTrip(tf *testing.F) {
	f := inputs.New(tf)
	f.Add("a\x00\xff\x01", int64(-1), []byte{0x00})
	f.Add("", int64(1<<62), []byte{0xFF, 0x01})
	f.Fuzz(func(t *testing.T, s string, n int64, tail []byte) {
		for _, k := range kinds {
			if v, _, ok := fuzzValues(k, s, s, n, n); ok {
				checkRoundTrip(t, k, v, tail)
			}
		}
	})
}

func kindIndex(name string) int {
	for i, k := range kinds {
		if k.name == name {
			return i
		}
	}
	panic(fmt.Sprintf("no kind %q", name))
}
