package templates

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
)

// A printer takes fingerprints of parts of a schema. It uses reflection, so that a
// field that is added to package schema counts without a change here. Positions in
// files do not count, since nothing of them is emitted.
type printer struct {
	base string                    // and the configuration and layout: what all files depend on
	done map[any][sha256.Size]byte // of tables and named types, by pointer
}

func newPrinter(base, config string, one bool) *printer {
	base += " " + config
	if one {
		base = "one " + base
	}
	return &printer{base: base, done: map[any][sha256.Size]byte{}}
}

// of is the fingerprint of a value, and of the import path of the output.
func (p *printer) of(v any) [sha256.Size]byte {
	if sum, ok := p.done[v]; ok {
		return sum
	}
	w := &walker{printer: p, seen: map[any]int{}}
	w.text(p.base)
	if t, ok := v.(*schema.Type); ok {
		w.value(reflect.ValueOf(*t)) // itself, and not a mention of it
	} else {
		w.value(reflect.ValueOf(v))
	}
	sum := sha256.Sum256(w.buf)
	p.done[v] = sum
	return sum
}

// ofGroup is the fingerprint of a group: those of its tables.
func (p *printer) ofGroup(g *schema.Group) [sha256.Size]byte {
	w := &walker{printer: p}
	w.text(g.Name)
	for _, t := range g.Tables {
		sum := p.of(t)
		w.buf = append(w.buf, sum[:]...)
	}
	return sha256.Sum256(w.buf)
}

// A walker writes one value as bytes.
type walker struct {
	*printer
	buf  []byte
	seen map[any]int // pointers, in the order in which they were met
}

func (w *walker) number(n uint64) { w.buf = binary.AppendUvarint(w.buf, n) }

func (w *walker) text(s string) {
	w.number(uint64(len(s)))
	w.buf = append(w.buf, s...)
}

var typeOfPos = reflect.TypeFor[diag.Pos]()

func (w *walker) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			w.number(1)
		} else {
			w.number(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.buf = binary.AppendVarint(w.buf, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.number(v.Uint())
	case reflect.Float64:
		w.number(math.Float64bits(v.Float()))
	case reflect.String:
		w.text(v.String())
	case reflect.Slice:
		w.number(uint64(v.Len()))
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.Type() != typeOfPos {
				w.value(f)
			}
		}
	case reflect.Interface:
		if v.IsNil() {
			w.number(0)
			return
		}
		w.text(v.Elem().Type().Name())
		w.value(v.Elem())
	case reflect.Pointer:
		w.pointer(v)
	default:
		panic(fmt.Sprintf("templates: no fingerprint of a %s", v.Type()))
	}
}

// pointer writes what a pointer points to, the first time that it is met.
func (w *walker) pointer(v reflect.Value) {
	if v.IsNil() {
		w.number(0)
		return
	}
	at := v.Interface()
	if n, ok := w.seen[at]; ok {
		w.number(uint64(n) + 3)
		return
	}
	w.seen[at] = len(w.seen)
	if t, ok := at.(*schema.Type); ok && (t.Name != "" || t.Kind.Scalar()) { // these are shared by tables
		w.number(1)
		w.text(t.Name)
		sum := w.of(t) // no type holds itself, not even in a list
		w.buf = append(w.buf, sum[:]...)
		return
	}
	w.number(2)
	w.value(v.Elem())
}
