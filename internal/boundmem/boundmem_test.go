package boundmem

import "testing"

type plain struct{}

func (plain) Allocate(n int) []byte               { return make([]byte, n) }
func (plain) Reallocate(n int, old []byte) []byte { return append(make([]byte, 0, n), old...)[:n] }
func (plain) Free([]byte)                         {}

// No more is given out than the bound, whatever is asked for.
func TestBound(t *testing.T) {
	b := New(100, plain{})
	first := b.Allocate(40)
	second := b.Reallocate(60, b.Allocate(10))
	if b.Used() != 100 {
		t.Errorf("%d bytes are used", b.Used())
	}
	for name, ask := range map[string]func(){
		"allocate":            func() { b.Allocate(1) },
		"allocate most":       func() { b.Allocate(int(^uint(0) >> 1)) },
		"allocate below none": func() { b.Allocate(-1) },
		"grow":                func() { b.Reallocate(61, second) },
		"grow to below none":  func() { b.Reallocate(-1, second) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(TooMuch); !ok {
					t.Errorf("%s: it was given", name)
				}
			}()
			ask()
		}()
	}
	b.Free(first)
	b.Free(b.Reallocate(20, second))
	if b.Used() != 0 {
		t.Errorf("%d bytes are used in the end", b.Used())
	}
}
