package templates

import (
	"testing"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// A literal that looks like a hole of an expression stays what it is.
func TestGenKeepsValues(t *testing.T) {
	g := &generator{}
	bytes := schema.Scalar("bytes")
	for _, literal := range []string{"$scale", "$size", "$x", "$y", "$T", "$text"} {
		y := "[]byte(\"" + literal + "\")"
		if got, want := g.gen(bytes, kind.Of(kind.Bytes).Gen.Compare, "v.Raw", y), "bytes.Compare(v.Raw, "+y+")"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, want := g.gen(schema.Scalar("bytes[4]"), kind.Of(kind.FixedBytes).Gen.Parse, "parts[0]"), "keys.ParseFixed(parts[0], 4)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
