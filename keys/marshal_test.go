package keys_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/storegen/storegen/keys"
)

// refused is a value without a text.
type refused struct{ text string }

func (r refused) MarshalText() ([]byte, error) {
	if r.text == "" {
		return nil, errors.New("no text")
	}
	return []byte(r.text), nil
}

// Texts lie in a key in their order and come back; what has none lies behind all.
func TestText(t *testing.T) {
	var all [][]byte
	for _, text := range []string{"10.0.0.10", "10.0.0.9", "::1", "fe80::1%eth0"} {
		addr := netip.MustParseAddr(text)
		key := keys.AppendString(nil, keys.Text(&addr))
		all = append(all, key)
		r := keys.NewReader(key)
		var got netip.Addr
		r.Text(r.String(), &got)
		if err := r.Done(); err != nil || got != addr {
			t.Errorf("%s comes back as %s, %v", addr, got, err)
		}
	}
	last := all[len(all)-1]
	for _, none := range []refused{{}, {"\xff"}, {"a\xc0"}} {
		all = append(all[:4:4], keys.AppendString(nil, keys.Text(none)))
		if !slices.IsSortedFunc(all, slices.Compare) || slices.Equal(last, all[4]) {
			t.Errorf("%q does not lie behind all texts", none.text)
		}
		if keys.Text(none) != keys.Fold(keys.Text(none)) {
			t.Errorf("%q folds to what may be a text", none.text)
		}
	}
}

// A text that is not taken is an error of the reader, which stays the first one.
func TestReaderText(t *testing.T) {
	r := keys.NewReader(keys.AppendString(nil, "nowhere"))
	var addr netip.Addr
	r.Text(r.String(), &addr)
	if err := r.Done(); !errors.Is(err, keys.ErrMalformed) {
		t.Errorf("got %v", err)
	}
	first := r.Err()
	if r.Text("::1", &addr); addr.IsValid() || r.Err() != first {
		t.Errorf("after an error: %v, %v", addr, r.Err())
	}
}
