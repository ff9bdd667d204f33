package view_test

import (
	"bytes"
	"testing"
	"unsafe"

	"github.com/storegen/storegen/internal/view"
)

func TestView(t *testing.T) {
	for _, s := range []string{"", "a", "\x00\xff", "a longer text"} {
		b := []byte(s)
		if got := view.String(b); got != s || len(s) > 0 && unsafe.StringData(got) != unsafe.SliceData(b) {
			t.Errorf("%q is seen as %q, or copied", b, got)
		}
		if got := view.Bytes(s); !bytes.Equal(got, b) || len(s) > 0 && unsafe.SliceData(got) != unsafe.StringData(s) {
			t.Errorf("%q is seen as %q, or copied", s, got)
		}
	}
	if got := view.String(nil); got != "" {
		t.Errorf("nil is seen as %q", got)
	}
	if allocs := testing.AllocsPerRun(10, func() { view.String(view.Bytes("text")) }); allocs != 0 {
		t.Errorf("a view allocates %v times", allocs)
	}
}
