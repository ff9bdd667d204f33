package keys_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
	"pgregory.net/rapid"
)

// sizes tell the length of the kinds that need it.
var sizes = map[string]func(b []byte, desc bool) int{
	"varint":  keys.VarintSize,
	"decimal": keys.DecimalSize,
}

// A component is as long as its encoding, whatever follows, and is never said to end in
// what is left of it when it is cut short.
func TestSizes(t *testing.T) {
	for _, k := range kinds {
		size, ok := sizes[strings.TrimSuffix(k.name, "_desc")]
		if !ok {
			continue
		}
		t.Run(k.name, rapid.MakeCheck(func(t *rapid.T) {
			enc := k.append(nil, k.gen.Draw(t, "v"))
			tail := rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "tail")
			if got := size(append(bytes.Clone(enc), tail...), k.desc); got != len(enc) {
				t.Fatalf("% x takes %d bytes, not %d", enc, got, len(enc))
			}
			for n := range enc {
				if got := size(enc[:n], k.desc); got >= 0 && got <= n {
					t.Fatalf("% x, cut from % x, is said to end at byte %d", enc[:n], enc, got)
				}
			}
		}))
	}
}

// FuzzSizes asks for the length of garbage: what can be read is as long as it was said.
func FuzzSizes(tf *testing.F) {
	f := inputs.New(tf)
	f.Add([]byte{0xC1, 0x19, 0x44})
	f.Add([]byte{0x07, 0x87})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, k := range kinds {
			size, ok := sizes[strings.TrimSuffix(k.name, "_desc")]
			if !ok {
				continue
			}
			r := keys.NewReader(b)
			k.read(&r)
			if got := size(b, k.desc); r.Err() == nil && got != len(b)-len(r.Rest()) {
				t.Fatalf("%s: % x takes %d bytes, not %d", k.name, b, got, len(b)-len(r.Rest()))
			}
		}
	})
}
