package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/store"
	"pgregory.net/rapid"
)

var engineWrite = engine.WriteOptions{}

// times holds the ends of the range of time.Time, where seconds since 1970 wrap.
var times = []time.Time{
	{}, time.Unix(0, 0), time.Unix(-1, 999999999), time.Unix(math.MaxInt64-62135596800, 999999999),
	time.Unix(math.MinInt64, 0), time.Unix(math.MaxInt64, 5), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
}

// anyValue draws a value with its encoding as a key.
func anyValue(t *rapid.T, k catalog.Kind) (provider.Value, []byte) {
	switch k {
	case kind.Bool:
		v := rapid.Bool().Draw(t, "bool")
		return provider.Bool(v), keys.AppendBool(nil, v)
	case kind.Int32:
		v := rapid.Int32().Draw(t, "int32")
		return provider.Int32(v), keys.AppendInt32(nil, v)
	case kind.Int64:
		v := rapid.Int64().Draw(t, "int64")
		return provider.Int64(v), keys.AppendInt64(nil, v)
	case kind.Uint32:
		v := rapid.Uint32().Draw(t, "uint32")
		return provider.Uint32(v), keys.AppendUint32(nil, v)
	case kind.Uint64:
		v := rapid.Uint64().Draw(t, "uint64")
		return provider.Uint64(v), keys.AppendUint64(nil, v)
	case kind.Float64:
		v := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), 0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1)})).Draw(t, "float64")
		return provider.Float64(v), keys.AppendFloat64(nil, v)
	case kind.Timestamp:
		v := rapid.SampledFrom(times).Draw(t, "time")
		return provider.Time(v), keys.AppendTime(nil, v)
	case kind.Duration:
		v := time.Duration(rapid.Int64().Draw(t, "duration"))
		return provider.Duration(v), keys.AppendDuration(nil, v)
	case kind.UUID:
		v := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
		return provider.UUID(v), keys.AppendUUID(nil, v)
	case kind.Enum:
		v := rapid.Int32Range(-2, 4).Draw(t, "enum")
		return provider.Enum(nil, v), keys.AppendEnum(nil, v)
	case kind.Bytes:
		v := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 0xFF}), 0, 3).Draw(t, "bytes")
		return provider.Bytes(v), keys.AppendBytes(nil, v)
	case kind.String:
		v := string(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 0xFF}), 0, 3).Draw(t, "string"))
		return provider.String(v), keys.AppendString(nil, v)
	}
	row := kind.Of(k)
	v := row.Random(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, row.Name), 0)), &row.FormExample)
	return v, row.AppendKey(nil, v)
}

// Values compare as their keys do.
func TestCompareIsKeyOrder(t *testing.T) {
	inKeys := slices.DeleteFunc(kind.Scalars(), func(s *kind.Scalar) bool { return !s.Kind.InKeys() })
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(inKeys).Draw(t, "kind").Kind
		v, kv := anyValue(t, k)
		w, kw := anyValue(t, k)
		if v.Kind() != k {
			t.Fatalf("%s has the kind %s", v, v.Kind())
		}
		if got, want := v.Compare(w), bytes.Compare(kv, kw); got != want {
			t.Fatalf("%s against %s: %d, the keys %d", v, w, got, want)
		}
		if (provider.Value{}).Compare(v) != -1 || v.Compare(provider.Value{}) != 1 {
			t.Fatal("null comes first")
		}
		if v.Clone().Compare(v) != 0 {
			t.Fatal("a clone differs")
		}
	})
}

func TestValueText(t *testing.T) {
	status := testtable.ItemDesc.Fields[3].Type
	tests := []struct {
		v          provider.Value
		text, json string
	}{
		{provider.Value{}, "NULL", "null"},
		{provider.Bool(true), "true", "true"},
		{provider.Int32(-5), "-5", "-5"},
		{provider.Int64(math.MinInt64), "-9223372036854775808", "-9223372036854775808"},
		{provider.Uint32(math.MaxUint32), "4294967295", "4294967295"},
		{provider.Uint64(math.MaxUint64), "18446744073709551615", "18446744073709551615"},
		{provider.Float64(math.Copysign(0, -1)), "0", "0"},
		{provider.Float64(1e300), "1e+300", "1e+300"},
		{provider.Float64(math.NaN()), "NaN", `"NaN"`},
		{provider.Float64(math.Inf(-1)), "-Inf", `"-Infinity"`},
		{provider.String("a\"\\\n\t\x01\xff\u00e9"), "a\"\\\n\t\x01\xff\u00e9", `"a\"\\\n\t\u0001` + "\ufffd\u00e9\""},
		{provider.Bytes([]byte{0, 0xAB}), "0x00ab", `"AKs="`},
		{provider.JSON(`{"a":1}`), `{"a":1}`, `{"a":1}`},
		{provider.Time(time.Date(2020, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600))), "2020-01-02T02:04:05.0000006Z", `"2020-01-02T02:04:05.0000006Z"`},
		{provider.Duration(time.Hour + time.Nanosecond), "1h0m0.000000001s", `"1h0m0.000000001s"`},
		{provider.UUID(ref("0123456789abcdef")), "30313233-3435-3637-3839-616263646566", `"30313233-3435-3637-3839-616263646566"`},
		{provider.Enum(&status, 2), "active", `"active"`},
		{provider.Enum(&status, 17), "17", "17"},
		{provider.Enum(&status, -1), "-1", "-1"},
	}
	for _, tt := range tests {
		if got := tt.v.String(); got != tt.text {
			t.Errorf("String of %q: %q", tt.text, got)
		}
		got := tt.v.JSON()
		if got != tt.json {
			t.Errorf("JSON of %q: %s, want %s", tt.text, got, tt.json)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s is not JSON", got)
		}
	}
}

func TestEnumText(t *testing.T) {
	status := &testtable.ItemDesc.Fields[3].Type
	for _, n := range []int32{-3, 0, 1, 2, 3, 17, math.MaxInt32} {
		v, ok := provider.EnumText(status, provider.Enum(status, n).String())
		if !ok || v.Int64() != int64(n) {
			t.Errorf("%d comes back as %s, %t", n, v, ok)
		}
	}
	for _, text := range []string{"", "Active", "017", "+1", "1.0", "99999999999", "Status(17)"} {
		if v, ok := provider.EnumText(status, text); ok {
			t.Errorf("%q is %s", text, v)
		}
	}
}

func TestColSet(t *testing.T) {
	var s provider.ColSet
	for _, c := range []int{3, 64, 200, 3} {
		s.Add(c)
	}
	for _, c := range []int{-1, math.MaxInt32} {
		if none := provider.Cols(3, c); none.Within(provider.Cols(3)) || none.Len() != 2 || none.Has(c) {
			t.Errorf("column %d is in the set as if it were there: %v", c, none.List())
		}
	}
	if diff := cmp.Diff([]int{3, 64, 200}, s.List()); diff != "" {
		t.Error(diff)
	}
	if s.Len() != 3 || !s.Has(64) || s.Has(65) || s.Has(-1) || s.Has(9999) {
		t.Error("wrong members")
	}
	if !provider.Cols(3).Within(s) || s.Within(provider.Cols(3)) || !provider.ColSet(nil).Within(nil) {
		t.Error("wrong subsets")
	}
	c := s.Clone()
	c.Add(1)
	if s.Has(1) {
		t.Error("a clone shares memory")
	}
}

// What follows the value of a row on the disk may be anything: errors, never
// panics, and what decodes has the kinds of the columns.
func FuzzGarbageRows(tf *testing.F) {
	f := inputs.New(tf)
	e := testtable.Open(f)
	p := provider.New(e.Items)
	item := full("t", "a")
	f.Add(testtable.Items{}.AppendValue(nil, &item))
	f.Add([]byte{0xB2, 0x01, 0x02, 0x08, 0x80})
	f.Add([]byte("\x8a\x01\x03\x0a\x05x"))
	stored, err := e.DB.Tables(ctx)
	if err != nil {
		f.Fatal(err)
	}
	space := stored[0].Space
	if stored[0].Table.Name != "test.items" {
		f.Fatal(stored[0].Table.Name)
	}
	key := keyOf(f, p, "t", "a")
	f.Fuzz(func(t *testing.T, value []byte) {
		for part, at := range map[uint64][]byte{
			0: append(keys.AppendUvarint(keys.AppendUvarint(nil, space), 0), key...),
			6: append(keys.AppendUint32(keys.AppendUvarint(keys.AppendUvarint(nil, space), 6), 7), key...),
		} {
			b := e.Engine.NewBatch()
			b.Put(at, append([]byte{1}, value...))
			if err := e.Engine.Write(ctx, b, engineWrite); err != nil {
				t.Fatal(err)
			}
			req := provider.ScanRequest{Columns: p.Def().All()}
			if part == 6 {
				req.Path = p.Def().PathNamed("cover")
				req.Columns = p.Def().Paths[req.Path].Covering
			}
			scanGarbage(t, p, &req)
		}
	})
}

// A document may be any text: what is taken is shown in its usual form, and that
// form is taken as the same.
func FuzzDocuments(tf *testing.F) {
	f := inputs.New(tf)
	e := testtable.Open(f)
	insert(f, e, full("t", "a"))
	p := provider.New(e.Items)
	key := keyOf(f, p, "t", "a")
	for _, text := range []string{`["a", "\u0000\ud800"]`, `{"w": 1, "unit": null}`, `[{"h": -2}, {}]`, `{"k": 1, "\"": 2}`, `{"k": 1, "k": 2}`, `{"\ud800": 1, "\ud801": 2}`, "{\"\xff\": 1, \"\xfe\": 2}", `["new", 17, "17"]`, `[1e3, "NaN", -0.0]`, "null", "[null]", "\"", "{"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"tags", "attrs", "size", "parts", "levels", "ratios"} {
			col := p.Def().ColumnNamed(name)
			write := func(text string) (string, error) {
				if err := p.Update(ctx, provider.Scope{}, key, []provider.Assignment{{Column: col, Value: provider.JSON(text)}}); err != nil {
					return "", err
				}
				c, err := p.Scan(ctx, &provider.ScanRequest{Columns: provider.Cols(col)})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if !c.Next() {
					t.Fatal(c.Err())
				}
				return c.Value(col).String(), nil
			}
			shown, err := write(text)
			if err != nil {
				if !errors.Is(err, store.ErrInvalid) && !errors.Is(err, store.ErrTooLarge) {
					t.Fatalf("%s: %v", name, err)
				}
				continue
			}
			if name != "size" && name != "parts" && members(text) != members(shown) {
				t.Fatalf("%s: of the %d parts of %q are shown %q", name, members(text), text, shown)
			}
			again, err := write(shown)
			if err != nil || again != shown {
				t.Fatalf("%s: %q was shown as %q, and that as %q, %v", name, text, shown, again, err)
			}
		}
	})
}

// members counts the elements of an array or the keys of an object, with those that
// are there twice.
func members(text string) int {
	dec := json.NewDecoder(strings.NewReader(text))
	open, err := dec.Token()
	if err != nil || open == nil {
		return 0 // or null
	}
	n := 0
	for ; dec.More(); n++ {
		var x json.RawMessage
		if open == json.Delim('{') {
			_, err = dec.Token() // the key
		}
		if errors.Join(err, dec.Decode(&x)) != nil {
			break
		}
	}
	return n
}

// Keys on the disk may be anything too.
func FuzzGarbageEntries(tf *testing.F) {
	f := inputs.New(tf)
	e := testtable.Open(f)
	p := provider.New(e.Items)
	stored, err := e.DB.Tables(ctx)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint64(0), []byte("t\x00\x01name"), []byte{1})
	f.Add(uint64(2), []byte{1, 2, 3}, []byte{1})
	f.Add(uint64(9), []byte{0xFF, 0xFE, 1, 2, 3, 4, 5, 6, 7, 8}, []byte{2})
	f.Fuzz(func(t *testing.T, part uint64, key, value []byte) {
		part %= 10
		at := append(keys.AppendUvarint(keys.AppendUvarint(nil, stored[0].Space), part), key...)
		if len(value) == 0 {
			return
		}
		b := e.Engine.NewBatch()
		b.Put(at, value)
		if err := e.Engine.Write(ctx, b, engineWrite); err != nil {
			return // the engine takes no such key
		}
		for i, path := range p.Def().Paths {
			scanGarbage(t, p, &provider.ScanRequest{Path: i, Columns: path.Covering})
			scanGarbage(t, p, &provider.ScanRequest{Path: i, Columns: p.Def().All()})
		}
		b.Reset()
		b.Delete(at)
		if err := e.Engine.Write(ctx, b, engineWrite); err != nil {
			t.Fatal(err)
		}
	})
}

func scanGarbage(t *testing.T, p *provider.Provider, req *provider.ScanRequest) {
	c, err := p.Scan(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	for c.Next() {
		for _, col := range req.Columns.List() {
			column, v := p.Def().Columns[col], c.Value(col)
			if v.Kind() != column.Kind && !(v.IsNull() && column.Nullable) {
				t.Fatalf("%s is %s", column.Name, v.Kind())
			}
			if column.Document() && !v.IsNull() && !json.Valid([]byte(v.Text())) {
				t.Fatalf("%s is no document: %q", column.Name, v)
			}
		}
	}
	if err := c.Close(); err != nil && len(fmt.Sprint(err)) < 20 {
		t.Fatalf("an error that says nothing: %v", err)
	}
}
