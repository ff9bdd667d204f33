package bench

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCoders encodes and decodes rows with every coder.
func TestCoders(t *testing.T) {
	rows := []*User{Row(0), Row(1), Row(99_999), {}}
	rows[2].Tags = nil
	for _, e := range Coders {
		t.Run(e.Name, func(t *testing.T) {
			for _, u := range rows {
				c, err := e.New(u)
				if err != nil {
					t.Fatal(err)
				}
				b, err := c.Encode(nil)
				if err != nil {
					t.Fatal(err)
				}
				again, err := c.Encode([]byte("before "))
				if err != nil || !bytes.Equal(again, append([]byte("before "), b...)) {
					t.Errorf("behind other bytes it is %q, not %q, %v", again, b, err)
				}
				want := *u
				want.ID = ""
				for range 2 { // the second time in the memory of the first
					if err := c.Decode(b); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(&want, c.Row(), cmp.Transformer("list", func(s []string) int { return len(s) })); diff != "" {
						t.Errorf("decoded (-want +got):\n%s", diff)
					}
				}
			}
		})
	}
}

// TestCoderBytes makes sure that the generated codec writes what protocol buffers
// write, so that the sizes and costs are of the same bytes.
func TestCoderBytes(t *testing.T) {
	var first []byte
	for _, e := range Coders {
		if e.Name != GeneratedCoder && e.Name != FastProto && e.Name != "google protobuf" {
			continue
		}
		c, err := e.New(Row(12345))
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if diff := cmp.Diff(first, b); diff != "" {
			t.Errorf("%s (-generated +it):\n%s", e.Name, diff)
		}
	}
}

// TestCoderAllocations holds the generated codec to its goals.
func TestCoderAllocations(t *testing.T) {
	for name, most := range map[string]float64{GeneratedCoder: 3, BorrowedCoder: 0} {
		for _, e := range Coders {
			if e.Name != name {
				continue
			}
			c, err := e.New(Row(12345))
			if err != nil {
				t.Fatal(err)
			}
			b, err := c.Encode(make([]byte, 0, 512))
			if err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 0, 512)
			if got := testing.AllocsPerRun(100, func() { buf, _ = c.Encode(buf[:0]) }); got != 0 {
				t.Errorf("%s: encoding allocates %v times", name, got)
			}
			if got := testing.AllocsPerRun(100, func() {
				if err := c.Decode(b); err != nil {
					t.Fatal(err)
				}
			}); got > most {
				t.Errorf("%s: decoding allocates %v times, at most %v are allowed", name, got, most)
			}
		}
	}
}
