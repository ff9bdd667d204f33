package lock_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
)

// The order of a lock's lines does not matter, and neither do line ends, comments
// and blanks.
func TestLockText(t *testing.T) {
	want := "enum E.a 1\nfield T.a 1\nfield a.a 2\nfield a.b 10 []string\nfield g.a.x 1 retired\nindex a.i 1 on(b) where(a == \")  (\")\ntable a 1 owner ttl(b 30d) per(p int32)\ntable g.a 2 retired\n"
	shuffled := "# c\r\n\r\ntable g.a 2  retired\r\n field a.b 10  []string\r\nfield a.a 2\nindex a.i\t1\ton(b) where(a == \")  (\")\n\nfield g.a.x 1 retired\nfield T.a 1\nenum E.a 1\ntable a 1 owner ttl(b 30d) per(p int32) "
	l, err := lock.Parse("x.lock", []byte(shuffled))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, schematest.LockLines(l)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzLock: any text is a lock that round-trips, or is refused with places in it.
func FuzzLock(tf *testing.F) {
	f := inputs.New(tf)
	data, err := os.ReadFile("../tables/storegen.lock")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("field t.a 1\nfield t.a 2\n<<<<<<< x\n"))
	f.Add([]byte("field t.a 1 [3]float64\nfield t.b 2 [2]string as net/netip.Addr max 64\nfield t.c 3 [65536]E\nfield t.d 4 [0]bool\nfield t.e 5 [99999]bool\n"))
	f.Add([]byte("field t.a 1 []string?\nfield t.b 2 E? key 1\nindex t.a 1 unique on(each fold a, b desc) include(c, d) where(a == \"x\")\ntable t 1 system ttl(a b) per(c string, d E)\n"))
	f.Add([]byte("field t.a 1 map[string]string as net/netip.Addr keys example.com/app/model.Tag\nfield t.m 9 map[uint64]T\nfield t.n 8 map[float64]T\nfield t.b 2 []bytes as net/url.URL\nfield t.c 3 string? as X\nfield t.d 4 string key 1 as a.b\nfield t.e 5 string keys x\ntable t 1 public per(at string as net/netip.Addr)\n"))
	f.Add([]byte("table  t 1 retired\r\nenum E.a 2\rindex a.b.c 3 \u0085é"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := lock.Parse("x.lock", data)
		if err != nil {
			schematest.CheckPositions(t, err.(diag.Diagnostics))
			return
		}
		text := l.Format()
		again, err := lock.Parse("x.lock", text)
		if err != nil {
			t.Fatalf("%q is refused:\n%v", text, err)
		}
		if !bytes.Equal(again.Format(), text) {
			t.Fatalf("%q became %q", text, again.Format())
		}
	})
}
