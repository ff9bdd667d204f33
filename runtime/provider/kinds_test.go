package provider

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

var level = &catalog.Type{Kind: kind.Enum, Name: "Level", Params: kind.Params{Values: []kind.EnumValue{{Name: "low", Number: 5}, {Name: "high", Number: 2}}}}

// ends are values of kinds that have to be among those which are tried.
var ends = map[catalog.Kind][]Value{
	kind.Int32:     {Int32(math.MinInt32), Int32(-1), Int32(math.MaxInt32)},
	kind.Int64:     {Int64(math.MinInt64), Int64(-1), Int64(math.MaxInt64)},
	kind.Uint32:    {Uint32(1), Uint32(math.MaxUint32)},
	kind.Uint64:    {Uint64(1), Uint64(math.MaxUint64)},
	kind.Float64:   {Float64(math.NaN()), Float64(math.Inf(-1)), Float64(-0.5), Float64(1e300), Float64(math.Inf(1))},
	kind.String:    {String("\x00"), String("a"), String("a\x00"), String("ab")},
	kind.Bytes:     {Bytes([]byte{0}), Bytes([]byte{0, 0xFF}), Bytes([]byte{0xFF})},
	kind.Timestamp: {Time(time.Unix(-1, 5)), Time(time.Unix(0, 0)), Time(time.Unix(0, 1))},
	kind.Duration:  {Duration(-1), Duration(math.MaxInt64)},
	kind.UUID:      {UUID([16]byte{1}), UUID([16]byte{0xFF})},
	kind.Enum:      {Enum(level, 2), Enum(level, 5), Enum(level, 17), Enum(level, -1)},
}

// ofKind has different values of every kind that keys can have, in ascending order.
var ofKind = map[catalog.Kind][]Value{}

func init() {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range kind.Scalars() {
		if !s.Kind.InKeys() {
			continue
		}
		p := &typeOf(s.Kind).Params
		values := append([]Value{s.Zero(p), s.Example(p)}, ends[s.Kind]...)
		for range 5 {
			values = append(values, s.Random(rng, p))
		}
		slices.SortFunc(values, Value.Compare)
		ofKind[s.Kind] = slices.CompactFunc(values, Value.Equal)
	}
}

// zeroText is the zero value of a kind, as Go has it, in a document.
func zeroText(k catalog.Kind) string {
	if text, ok := map[catalog.Kind]string{
		kind.Bool: "false", kind.Int32: "0", kind.Int64: "0", kind.Uint32: "0", kind.Uint64: "0", kind.Float64: "0",
		kind.String: `""`, kind.Bytes: `""`, kind.Timestamp: `"0001-01-01T00:00:00Z"`, kind.Duration: `"0s"`,
		kind.UUID: `"00000000-0000-0000-0000-000000000000"`, kind.Enum: "0",
	}[k]; ok {
		return text
	}
	return kind.Of(k).Zero(&typeOf(k).Params).JSON()
}

// typeOf is the type of a kind.
func typeOf(k catalog.Kind) *catalog.Type {
	if k == kind.Enum {
		return level
	}
	return &catalog.Type{Kind: k, Params: kind.Of(k).FormExample}
}

// Every kind comes back from a key as it went in, in its order, in both directions.
func TestComponents(t *testing.T) {
	for k, values := range ofKind {
		for _, desc := range []bool{false, true} {
			c := newComponent(0, typeOf(k), catalog.Options{Desc: desc})
			var last []byte
			for _, v := range values {
				b := c.appendTo(nil, v)
				r := keys.NewReader(append(bytes.Clone(b), "more"...))
				got := c.read(&r)
				if r.Err() != nil || got.Compare(v) != 0 || got.String() != v.String() || string(r.Rest()) != "more" {
					t.Errorf("%s desc=%t: %s comes back as %s, %v", k, desc, v, got, r.Err())
				}
				if order := bytes.Compare(last, b); last != nil && (order < 0) == desc {
					t.Errorf("%s desc=%t: %s is out of order", k, desc, v)
				}
				if end := c.behind(b); end != nil && (bytes.Compare(b, end) >= 0 || bytes.Compare(append(bytes.Clone(b), 0xFF), end) >= 0) {
					t.Errorf("%s desc=%t: what is behind %s begins with it", k, desc, v)
				}
				last = b
				r = keys.NewReader(b[:len(b)-1])
				if c.read(&r); r.Err() == nil {
					t.Errorf("%s desc=%t: %s cut short is no error", k, desc, v)
				}
			}
		}
	}
}

// The prefix of text finds what begins with it and nothing else, in every form.
func TestPrefixes(t *testing.T) {
	texts := []string{"", "\x00", "\x00a", "a", "a\x00", "a\xff", "ab", "b", "\xff", "\xff\xff"}
	for _, c := range []component{
		{typ: typeOf(kind.String)}, {typ: typeOf(kind.String), Options: catalog.Options{Desc: true}}, {typ: typeOf(kind.Bytes), last: true},
	} {
		for _, prefix := range texts {
			start := c.appendPrefix(nil, String(prefix))
			s := span{start: start, end: keys.Successor(start)}
			for _, text := range texts {
				b := c.appendTo(nil, String(text))
				in := bytes.Compare(b, s.start) >= 0 && (s.end == nil || bytes.Compare(b, s.end) < 0)
				if want := strings.HasPrefix(text, prefix); in != want {
					t.Errorf("desc=%t last=%t: %q with the prefix %q: %t, want %t", c.Desc, c.last, text, prefix, in, want)
				}
			}
		}
	}
}

func TestWholeRunes(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "é": "é", "a\xc3": "a", "a\xe2\x84": "a", "\xf0\x9f\x98": "", "a\xff": "a\xff", "\x80\x80\x80\x80": "\x80\x80\x80\x80"} {
		if got := wholeRunes(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A document of every type is read back as it was shown.
func TestDocumentsOfEveryKind(t *testing.T) {
	var s scratch
	show := func(body []byte, typ *catalog.Type) string {
		t.Helper()
		out, _, err := s.field(nil, body, 1, typ)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(out) {
			t.Fatalf("%s is no JSON", out)
		}
		return string(out)
	}
	for k, values := range ofKind {
		elem := typeOf(k)
		one := &catalog.Type{Kind: kind.Struct, Name: "One", Fields: []catalog.Field{
			{Name: "v", Number: 1, Type: *elem}, {Name: "o", Number: 2, Type: *elem, Optional: true}, {Name: "h", Number: 3, Type: *elem, Hidden: true}}}
		for _, typ := range []*catalog.Type{
			{Kind: kind.List, Elem: elem}, {Kind: kind.Map, Elem: elem}, one,
			{Kind: kind.List, Elem: one}, {Kind: kind.Map, Elem: one},
			{Kind: kind.Map, Elem: elem, MapKey: &catalog.Type{Kind: kind.Uint64}}, {Kind: kind.Map, Elem: one, MapKey: &catalog.Type{Kind: kind.Int32}},
		} {
			var parts []string
			for i, v := range values {
				text := v.JSON()
				if typ == one || typ.Elem == one {
					text = `{"v":` + text + `}`
					if i%2 == 0 {
						text = `{"v":` + v.JSON() + `,"o":` + v.JSON() + `}`
					}
				}
				if typ.Kind == kind.Map {
					key := string(rune('a' + i))
					if typ.MapKey != nil {
						key = strconv.Itoa(8 + i) // 9 before 10
					}
					text = `"` + key + `":` + text
				}
				parts = append(parts, text)
			}
			doc := parts[0]
			switch typ.Kind {
			case kind.List:
				doc = "[" + strings.Join(parts, ",") + "]"
			case kind.Map:
				doc = "{" + strings.Join(parts, ",") + "}"
			}
			body, err := parseField(nil, 1, typ, json.RawMessage(doc), "doc")
			if err != nil {
				t.Errorf("%s of %s: %v", typ.Kind, k, err)
				continue
			}
			if diff := cmp.Diff(doc, show(body, typ)); diff != "" {
				t.Errorf("%s of %s:\n%s", typ.Kind, k, diff)
			}
		}
		empty := show(nil, one)
		if want := `{"v":` + zeroText(k) + `}`; empty != want || zeroOf(elem).JSON() != zeroText(k) {
			t.Errorf("an absent struct of %s is %s, want %s", k, empty, want)
		}
	}
	// Of a field that is there several times, as any writer of the format may have it, the
	// last one counts, and all are elements of a list.
	for k, values := range ofKind {
		elem := typeOf(k)
		first, last := values[0], values[len(values)-1]
		body := appendScalar(appendScalar(nil, 1, first), 1, last)
		if got := show(body, elem); got != last.JSON() {
			t.Errorf("%s and %s: %s", first.JSON(), last.JSON(), got)
		}
		if got, want := show(body, &catalog.Type{Kind: kind.List, Elem: elem}), "["+first.JSON()+","+last.JSON()+"]"; got != want {
			t.Errorf("a list of them is %s, want %s", got, want)
		}
	}
	// So of the entries of a map with one key, which are shown in the order of the keys.
	for _, row := range kind.Scalars() {
		if !row.Kind.KeysMaps() {
			continue
		}
		typ := &catalog.Type{Kind: kind.Map, MapKey: &catalog.Type{Kind: row.Kind}, Elem: &catalog.Type{Kind: kind.Int32}}
		values := ofKind[row.Kind]
		least, most := values[0], values[len(values)-1]
		var body []byte
		for n, key := range []Value{most, least, most} {
			var at int
			body, at = record.Begin(body, 1)
			body = record.End(record.AppendInt32(appendScalar(body, 1, key), 2, int32(n)), at)
		}
		name := func(v Value) string { return string(kind.AppendJSONString(nil, keyText(v))) }
		if got, want := show(body, typ), "{"+name(least)+":1,"+name(most)+":2}"; got != want {
			t.Errorf("a map with a %s twice is %s, want %s", row.Name, got, want)
		}
	}
	if got := show(nil, &catalog.Type{Kind: kind.Struct, Fields: []catalog.Field{{Name: "j", Number: 1, Type: catalog.Type{Kind: kind.JSON}}}}); got != `{"j":null}` {
		t.Errorf("absent json: %s", got)
	}
}

func TestBadScalars(t *testing.T) {
	tests := map[catalog.Kind][]string{
		kind.Bool:      {"1", `"true"`, "T", "null"},
		kind.Int32:     {"2147483648", "1.0", `"1"`, "null"},
		kind.Int64:     {"9223372036854775808", "1e3"},
		kind.Uint32:    {"-1", "4294967296"},
		kind.Uint64:    {"-1", "18446744073709551616"},
		kind.Float64:   {`"1"`, "1e999", "null", `"inf"`},
		kind.String:    {"1", "null"},
		kind.Bytes:     {`"@"`, "1"},
		kind.Timestamp: {`"yesterday"`, "0", `"2020-01-01"`},
		kind.Duration:  {`"1"`, "1", `""`},
		kind.UUID:      {`"x"`, `"0123456789abcdef0123456789abcdef"`, `"01234567-89ab-cdef-0123-456789abcdeg"`, "1"},
		kind.Enum:      {`"medium"`, "1.5", `""`, "null"},
	}
	for _, row := range kind.Scalars() {
		k := row.Kind
		if k == kind.JSON {
			continue // which any document is
		}
		for _, text := range append(tests[k], "{}", "[]", "[1]") {
			if v, err := parseScalar(typeOf(k), json.RawMessage(text), "doc"); err == nil || !strings.Contains(err.Error(), "want") {
				t.Errorf("%s as %s: %s, %v", text, k, v, err)
			}
		}
	}
}

// A list contains what equals one of its elements, of their kind, and nothing else,
// whatever its text is.
func TestContainsByKind(t *testing.T) {
	documents := []Value{JSON("null"), JSON("1"), JSON(`"a"`), JSON("true"), JSON(`{"a":1}`)}
	lists := map[catalog.Kind][]Value{kind.JSON: documents}
	others := append([]Value{{}}, documents...)
	for k, values := range ofKind {
		lists[k] = values
		others = append(others, values...)
	}
	others = append(others, String("1"), String("null"), String(`{"a":1}`), Int64(1), Bool(true))
	var s scratch
	for k, values := range lists {
		elem := typeOf(k)
		for n := range len(values) + 1 {
			var body []byte
			for _, v := range values[:n] {
				body = appendScalar(body, 1, v)
			}
			for _, want := range others {
				has := false
				for _, v := range values[:n] {
					has = has || v.Kind() == want.Kind() && v.Compare(want) == 0
				}
				if got := s.contains(body, 1, &catalog.Type{Kind: kind.List, Elem: elem}, want); got != has {
					t.Errorf("%d of %s: contains %s, %s: %t", n, k, want.Kind(), want.JSON(), got)
				}
			}
		}
	}
}
