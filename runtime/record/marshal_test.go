package record

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"testing"
)

var errNone = errors.New("none")

// form has a text and bytes, but for "bad", and keeps what it reads.
type form string

func (f form) MarshalText() ([]byte, error) {
	if f == "bad" {
		return []byte("half"), errNone
	}
	return []byte(f), nil
}

func (f form) MarshalBinary() ([]byte, error) { return f.MarshalText() }

type reader struct{ kept []byte }

func (r *reader) UnmarshalText(b []byte) error {
	r.kept = b
	if string(b) == "bad" {
		return errNone
	}
	return nil
}

func (r *reader) UnmarshalBinary(b []byte) error { return r.UnmarshalText(b) }

func TestForms(t *testing.T) {
	for _, f := range []form{"", "a", form(bytes.Repeat([]byte("x"), 300))} {
		for _, b := range [][]byte{AppendText([]byte("before"), 7, f), AppendBinary([]byte("before"), 7, f)} {
			if want := AppendString([]byte("before"), 7, string(f)); !bytes.Equal(b, want) {
				t.Errorf("%q is\n% x\nwant\n% x", f, b, want)
			}
		}
	}
	// What has no form is refused before; here it is empty.
	if b := AppendText(nil, 7, form("bad")); !bytes.Equal(b, AppendString(nil, 7, "")) {
		t.Errorf("% x", b)
	}
	addr := netip.MustParseAddr("192.0.2.1") // which appends its text
	if b := AppendText(nil, 7, addr); !bytes.Equal(b, AppendString(nil, 7, "192.0.2.1")) {
		t.Errorf("% x", b)
	}
}

func TestValidForms(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{ValidText("f", form("abc"), 1, 3), ""},
		{ValidText("f", form("abc"), 4, 0), "invalid f: has 3 bytes, the least is 4"},
		{ValidText("f", form("bad"), 0, 0), "invalid f: has no text: none"},
		{ValidText("f", form("\xff"), 0, 0), "invalid f: has a text that is not UTF-8"},
		{ValidBinary("f", form("\xff"), 0, 0), ""},
		{ValidBinary("f", form("abc"), 0, 2), "invalid f: has 3 bytes, the most is 2"},
		{In("g", ValidBinary("f", form("bad"), 0, 0)), "invalid g.f: has no form as bytes: none"},
		{ValidTextKeys("f", map[netip.Addr]int{netip.IPv6Loopback(): 1, {}: 2}, 0, 0), ""},
		{ValidTextKeys("f", map[folded]int{"a": 1, "A": 2}, 0, 0), `invalid f: has two keys with the text "a"`},
		{ValidTextKeys("f", map[folded]int{"abc": 1}, 0, 2), "invalid f: has 3 bytes, the most is 2"},
		{ValidDefault("f", new(reader), "good"), ""},
		{ValidDefault("f", new(reader), "bad"), `invalid f: has the default "bad" in the schema, which cannot be read: none`},
	} {
		got := ""
		if test.err != nil {
			got = test.err.Error()
		}
		if got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if err := In("g", ValidText("f", form("bad"), 0, 0)); !errors.Is(err, errNone) || !errors.Is(err, ErrInvalid) {
		t.Errorf("%v is not what the method said", err)
	}
}

// folded has the same text for letters of both cases.
type folded string

func (f *folded) MarshalText() ([]byte, error) { return bytes.ToLower([]byte(*f)), nil }

func TestSortedTexts(t *testing.T) {
	if got := SortedTexts(map[folded]int{"b": 1, "A": 2, "C": 3}); !slices.Equal(got, []folded{"A", "b", "C"}) {
		t.Errorf("got %q", got)
	}
	if got := SortedTexts(map[folded]int{}); got != nil {
		t.Errorf("got %q", got)
	}
}

// What is read is a copy, never nil, and an error of the method is one of the
// reader.
func TestReadForms(t *testing.T) {
	b := AppendString(AppendString(AppendString(nil, 1, "abc"), 2, ""), 3, "bad")
	r := NewReader(b)
	var got []reader
	for r.Next() {
		var x reader
		if r.Num() == 2 {
			r.Binary(&x)
		} else {
			r.Text(&x)
		}
		got = append(got, x)
	}
	if err := r.Err(); !errors.Is(err, ErrMalformed) || !errors.Is(err, errNone) {
		t.Errorf("got the error %v", err)
	}
	clear(b)
	if len(got) != 3 || string(got[0].kept) != "abc" || got[1].kept == nil {
		t.Errorf("read %q", got)
	}
	for _, read := range []func(r *Reader){func(r *Reader) { r.Text(new(reader)) }, func(r *Reader) { r.Binary(new(reader)) }} {
		r := NewReader(AppendInt64(nil, 1, 5))
		r.Next()
		if read(&r); !errors.Is(r.Err(), ErrMalformed) {
			t.Errorf("a number is read: %v", r.Err())
		}
	}
}
