// Package kindtest tests that a scalar kind keeps its laws, as everything that works
// with values of any kind relies on them. It is for those who add a scalar to package
// kind, and knows nothing else of it.
package kindtest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// Run tests one scalar with the parameters of a type of that kind, which may be nil
// for a kind that has none. values are some of the kind that have to be among those
// which are tried, as the ends of its range; Random of the kind gives the others.
//
// The laws: what is written is read back, in keys and records, alone and in lists; keys
// have the order of the values, up and down, and none begins with another; text and JSON
// are read back; bytes that are no value are an error, and never a panic.
func Run(t *testing.T, s *kind.Scalar, p *kind.Params, values ...kind.Value) {
	rng := rand.New(rand.NewPCG(1, uint64(s.Kind)))
	values = append([]kind.Value{s.Zero(p), s.Example(p)}, values...)
	for range 300 {
		values = append(values, s.Random(rng, p))
	}
	for _, v := range values {
		if v.Kind() != s.Kind {
			t.Fatalf("%s is of kind %s", v, v.Kind())
		}
		if s.Valid != nil && !s.Valid(p, v) {
			t.Fatalf("%s is no value of %s", v, kind.TypeText(s.Kind, p))
		}
	}
	t.Run("row", func(t *testing.T) { names(t, s) })
	if s.Keys != "" {
		t.Run("keys", func(t *testing.T) { inKeys(t, s, p, values) })
		t.Run("order", func(t *testing.T) { order(t, s, values) })
		t.Run("garbage in keys", func(t *testing.T) { garbageInKeys(t, s, p, rng) })
	}
	t.Run("wire", func(t *testing.T) { onTheWire(t, s, p, values) })
	t.Run("unsent", func(t *testing.T) { unsent(t, s, p) })
	t.Run("garbage on the wire", func(t *testing.T) { garbageOnTheWire(t, s, p, rng) })
	t.Run("text", func(t *testing.T) { text(t, s, p, values) })
	t.Run("Go", func(t *testing.T) {
		for _, v := range values {
			if got := s.FromGo(s.ToGo(v)); !same(got, v) {
				t.Errorf("%s comes back from Go as %s", v, got)
			}
		}
	})
	t.Run("JSON", func(t *testing.T) { documents(t, s, p, values) })
}

// names tests what has to be there in a row.
func names(t *testing.T, s *kind.Scalar) {
	if kind.Of(s.Kind) != s || kind.Named(s.Name) != s || s.Kind.String() != s.Name || s.Kind.Ident() != s.Ident {
		t.Errorf("%s is not found by its number and its name", s.Name)
	}
	if s.Name == "" || s.Ident == "" || s.Gen.Type == "" || s.Gen.Unset == "" || s.Proto == "" || s.Record == "" {
		t.Errorf("%s: a name is missing: %+v", s.Name, s)
	}
	if s.FormStored && s.Valid == nil {
		t.Errorf("%s: it is not told which values have the form of a type", s.Name)
	}
	if keyed := s.Keys != ""; keyed != (s.AppendKey != nil) || keyed != s.Kind.InKeys() {
		t.Errorf("%s: it is not clear whether it is in keys", s.Name)
	}
	if s.KeySize > 0 && s.KeyLen != nil {
		t.Errorf("%s: it is not clear what tells how long it is in keys", s.Name)
	}
	if (s.Literal == kind.NoLiteral) == (s.Gen.Lit != nil) && s.Kind != kind.Enum {
		t.Errorf("%s: it is not clear whether there are literals", s.Name)
	}
	if (s.Packed == "") != (s.ReadPacked == nil) {
		t.Errorf("%s: it is not clear whether lists are packed", s.Name)
	}
}

func same(v, w kind.Value) bool { return v.Kind() == w.Kind() && v.Compare(w) == 0 }

// directions are those in which values are in keys.
func directions(s *kind.Scalar) map[string]struct {
	add  func([]byte, kind.Value) []byte
	read func(*keys.Reader, *kind.Params) kind.Value
} {
	return map[string]struct {
		add  func([]byte, kind.Value) []byte
		read func(*keys.Reader, *kind.Params) kind.Value
	}{"up": {s.AppendKey, s.ReadKey}, "down": {s.AppendKeyDesc, s.ReadKeyDesc}}
}

func inKeys(t *testing.T, s *kind.Scalar, p *kind.Params, values []kind.Value) {
	behind := []byte{0xFF, 0, 1}
	for name, d := range directions(s) {
		for _, v := range values {
			b := d.add([]byte("before"), v)[len("before"):]
			if size := s.KeySizeOf(p); size == 0 {
				keyLen(t, s, b, name == "down")
			} else if len(b) != size {
				t.Fatalf("%s: %s takes %d bytes, not %d", name, v, len(b), size)
			}
			r := keys.NewReader(append(bytes.Clone(b), behind...))
			if got := d.read(&r, p); r.Err() != nil || !same(got, v) || !bytes.Equal(r.Rest(), behind) {
				t.Fatalf("%s: %s is read as %s, %v, with % x behind it", name, v, got, r.Err(), r.Rest())
			}
			for n := range b {
				r := keys.NewReader(b[:n])
				if d.read(&r, p); r.Err() == nil {
					t.Fatalf("%s: %d of the %d bytes of %s are no error", name, n, len(b), v)
				}
			}
		}
	}
}

// keyLen tests that the length of an encoding is told, and that one which is cut short
// is not told to be whole.
func keyLen(t *testing.T, s *kind.Scalar, b []byte, desc bool) {
	t.Helper()
	for _, behind := range [][]byte{nil, {0}, {0xFF}} {
		if n := s.KeyLen(append(bytes.Clone(b), behind...), desc); n != len(b) {
			t.Fatalf("desc=%t: the %d bytes % x end after %d", desc, len(b), b, n)
		}
	}
	for n := range b {
		if end := s.KeyLen(b[:n], desc); end >= 0 && end <= n {
			t.Fatalf("desc=%t: of % x the first %d bytes end after %d", desc, b, n, end)
		}
	}
}

func order(t *testing.T, s *kind.Scalar, values []kind.Value) {
	for i, v := range values {
		for _, w := range values[:i] {
			up, down := bytes.Compare(s.AppendKey(nil, v), s.AppendKey(nil, w)), bytes.Compare(s.AppendKeyDesc(nil, v), s.AppendKeyDesc(nil, w))
			if want := v.Compare(w); up != want || down != -want || w.Compare(v) != -want {
				t.Fatalf("%s and %s compare as %d, their keys as %d and %d", v, w, want, up, down)
			}
			if up != 0 && bytes.HasPrefix(s.AppendKey(nil, v), s.AppendKey(nil, w)) {
				t.Fatalf("the key of %s begins with that of %s", v, w)
			}
		}
	}
}

// garbageInKeys reads random bytes: an error, or a value whose key is these bytes.
func garbageInKeys(t *testing.T, s *kind.Scalar, p *kind.Params, rng *rand.Rand) {
	for name, d := range directions(s) {
		for range 3000 {
			b := garbage(rng)
			r := keys.NewReader(b)
			v := d.read(&r, p)
			if r.Err() != nil {
				continue
			}
			if again := d.add(nil, v); !bytes.Equal(again, b[:len(b)-len(r.Rest())]) {
				t.Fatalf("%s: % x is read as %s, whose key is % x", name, b, v, again)
			}
		}
	}
}

func garbage(rng *rand.Rand) []byte {
	b := make([]byte, rng.IntN(24))
	for i := range b {
		switch rng.IntN(3) {
		case 0:
			b[i] = byte(rng.IntN(256))
		case 1:
			b[i] = []byte{0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF}[rng.IntN(6)]
		}
	}
	return b
}

func onTheWire(t *testing.T, s *kind.Scalar, p *kind.Params, values []kind.Value) {
	var list []byte
	for _, v := range values {
		r := record.NewReader(s.AppendWire(nil, 3, v))
		if !r.Next() || r.Num() != 3 {
			t.Fatalf("%s is no field 3", v)
		}
		if got := s.ReadWire(&r, p); r.Err() != nil || !same(got, v) {
			t.Fatalf("%s is read as %s, %v", v, got, r.Err())
		}
		if r.Next() || r.Err() != nil {
			t.Fatalf("there is something behind %s: %v", v, r.Err())
		}
		list = s.AppendWire(list, 3, v)
	}
	if s.ReadPacked == nil {
		return
	}
	// A list is read whether it is packed or not.
	var got []kind.Value
	r := record.NewReader(list)
	for r.Next() {
		got = s.ReadPacked(&r, p, got)
	}
	if r.Err() != nil || len(got) != len(values) {
		t.Fatalf("a list of %d elements is read as %d, %v", len(values), len(got), r.Err())
	}
	for i, v := range values {
		if !same(got[i], v) {
			t.Fatalf("element %s of a list is read as %s", v, got[i])
		}
	}
}

// unsent tests that a value which a writer of the format leaves out is the one that
// protobuf's zero stands for, where that is a value.
func unsent(t *testing.T, s *kind.Scalar, p *kind.Params) {
	field := s.AppendWire(nil, 1, s.Example(p))[:1]
	field = append(field, map[byte][]byte{0: {0}, 1: make([]byte, 8), 2: {0}, 5: make([]byte, 4)}[field[0]&7]...)
	r := record.NewReader(field)
	if !r.Next() {
		t.Fatalf("% x is no field: %v", field, r.Err())
	}
	want := s.Zero(p)
	if s.Unsent != nil {
		want = s.Unsent()
	}
	if got := s.ReadWire(&r, p); r.Err() == nil && got.JSON() != want.JSON() {
		t.Errorf("protobuf's zero is read as %s, and what is left out as %s", got, want)
	}
	if s.Check == nil && s.Gen.Check != "" {
		t.Errorf("%s has a rule in generated code, and no Check", s.Name)
	}
	if (s.Unsent == nil) != (s.Gen.Unsent == "") {
		t.Error("generated code does not do the same")
	}
}

// garbageOnTheWire reads fields of any kind: an error, or a value that can be written.
func garbageOnTheWire(t *testing.T, s *kind.Scalar, p *kind.Params, rng *rand.Rand) {
	for range 3000 {
		b := garbage(rng)
		if len(b) > 0 && rng.IntN(2) == 0 {
			b[0] = 1<<3 | byte(rng.IntN(6)) // field 1, of any wire type
		}
		r := record.NewReader(b)
		for r.Next() {
			v := s.ReadWire(&r, p)
			if r.Err() == nil && !v.IsNull() {
				s.AppendWire(nil, 1, v)
				_, _ = v.String(), v.JSON()
			}
		}
		r = record.NewReader(b)
		for r.Next() && s.ReadPacked != nil {
			s.ReadPacked(&r, p, nil)
		}
	}
}

func text(t *testing.T, s *kind.Scalar, p *kind.Params, values []kind.Value) {
	pattern := regexp.MustCompile("^(?:" + s.LitPattern + ")$")
	if s.LitPattern == "" {
		pattern = regexp.MustCompile("")
	}
	for _, v := range values {
		if got, err := s.ParseLit(p, s.Lit(v)); err != nil || !same(got, v) {
			t.Errorf("%s: the literal %q is read as %s, %v", v, s.Lit(v), got, err)
		}
		if !pattern.MatchString(s.Lit(v)) {
			t.Errorf("%s: the literal %q does not match the pattern of literals, %s", v, s.Lit(v), s.LitPattern)
		}
		if v.String() != s.Format(v) {
			t.Errorf("%s prints as %q", v, s.Format(v))
		}
	}
}

func documents(t *testing.T, s *kind.Scalar, p *kind.Params, values []kind.Value) {
	for _, v := range values {
		b := s.AppendJSON(nil, v)
		if !json.Valid(b) {
			t.Errorf("%s: %s is not JSON", v, b)
		}
		if s.Text && !utf8.ValidString(v.Text()) && s.Kind == kind.String {
			continue // which JSON has no text for
		}
		if got, ok := kind.ParseJSON(s.Kind, p, b); !ok || !same(got, v) {
			t.Errorf("%s: %s is read as %s, %t", v, b, got, ok)
		}
	}
	if s.Kind == kind.JSON {
		return // each document is one
	}
	for _, no := range []string{`null`, `{}`, `[]`, `"\ud800"`, `"no such value"`, `1e999`} {
		v, ok := kind.ParseJSON(s.Kind, p, []byte(no))
		if ok && s.Kind != kind.String {
			t.Errorf("%s is read as %s", no, v)
		}
	}
	if s.WantJSON(p) == "" {
		t.Error("it is not said what JSON is wanted")
	}
}
