package storetest

import (
	"encoding"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"

	"github.com/storegen/storegen/runtime/storeimpl"
)

// Table is what Fill wants to know of a table; the generated stores tell it.
type Table[V any] interface {
	Handle() *storeimpl.Handle
	Check(v *V) error
}

// Fill makes v a random row that the rules of its table allow, the same one for
// the same rng. Strings are short, times lie around Start, and about half of the
// optional fields are absent; now and then a value is at an end of its range. It
// panics where a thousand tries gave no row that the checks of the schema allow:
// set the fields that they are about by hand then.
//
// Values of a type whose own methods make the text or the bytes that are stored are
// taken from the examples of that type. Without one, they are made of texts that
// such types often have (numbers, times, addresses), where the type takes one, and
// are the zero value else.
func Fill[V any](rng *rand.Rand, table Table[V], v *V, examples ...any) {
	const tries = 1000
	var err error
	f := filler{rng: rng, examples: map[reflect.Type][]reflect.Value{}}
	for _, e := range examples {
		x := reflect.ValueOf(e)
		f.examples[x.Type()] = append(f.examples[x.Type()], x)
	}
	for range tries {
		var zero V
		*v = zero
		if desc := table.Handle().Desc(); desc.Form == catalog.Message {
			f.fillMessage(reflect.ValueOf(v).Elem(), desc.Fields)
		} else {
			f.fillStruct(reflect.ValueOf(v).Elem(), desc.Fields)
		}
		if err = table.Check(v); err == nil {
			return
		}
	}
	panic(fmt.Sprintf("storetest: no valid row of %s in %d tries; give examples of types that have a form of their own: %v", table.Handle().Name(), tries, err))
}

// A filler makes random values.
type filler struct {
	rng      *rand.Rand
	examples map[reflect.Type][]reflect.Value
}

// columns are the places of the fields of a struct that are columns, in the order of
// their descriptions. A struct that was not generated may have others too, and some of
// its columns may be fields of structs that are embedded in it.
func columns(t reflect.Type, n int) [][]int {
	var all, tagged [][]int
	for _, c := range visible(t) {
		all = append(all, c.Index)
		_, has := c.Tag.Lookup("storegen")
		if json, _, _ := strings.Cut(c.Tag.Get("json"), ","); json != "-" || has {
			tagged = append(tagged, c.Index)
		}
	}
	if len(all) == n {
		return all
	}
	return tagged
}

// visible are the fields of a struct and of those that are embedded in it, but for those
// that are hidden by one of the same name that is embedded less deep.
func visible(t reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	var visit func(t reflect.Type, at []int)
	visit = func(t reflect.Type, at []int) {
		for i := range t.NumField() {
			f := t.Field(i)
			f.Index = append(slices.Clone(at), i)
			own, _, _ := strings.Cut(f.Tag.Get("storegen"), ",")
			switch {
			case own == "-":
			case spreads(f):
				visit(f.Type, f.Index)
			case f.IsExported():
				all = append(all, f)
			}
		}
	}
	visit(t, nil)
	depths := map[string]int{}
	for _, f := range all {
		if d, seen := depths[columnOf(f)]; !seen || len(f.Index) < d {
			depths[columnOf(f)] = len(f.Index)
		}
	}
	return slices.DeleteFunc(all, func(f reflect.StructField) bool { return len(f.Index) > depths[columnOf(f)] })
}

// columnOf is the name of a field's column, if its tags say it, or else that in Go.
func columnOf(f reflect.StructField) string {
	for _, tag := range []string{"storegen", "json"} {
		if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" {
			return name
		}
	}
	return f.Name
}

// spreads reports whether the fields of an embedded struct are columns themselves.
func spreads(f reflect.StructField) bool {
	if !f.Anonymous || f.Type.Kind() != reflect.Struct || columnOf(f) != f.Name {
		return false
	}
	switch reflect.New(f.Type).Interface().(type) {
	case encoding.TextUnmarshaler, encoding.BinaryUnmarshaler:
		return false // time.Time too
	}
	return true
}

// fillStruct fills the columns of a struct.
func (r *filler) fillStruct(v reflect.Value, fields []catalog.Field) {
	rng := r.rng
	for i, at := range columns(v.Type(), len(fields)) {
		f, x := &fields[i], v.FieldByIndex(at)
		if f.Optional && rng.IntN(2) == 0 {
			x.SetZero()
			continue
		}
		r.fillValue(pointed(x), &f.Type)
	}
}

// pointed is what a pointer points to from now on, or the value itself where it is none.
func pointed(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	v.Set(reflect.New(v.Type().Elem()))
	return v.Elem()
}

func (r *filler) fillValue(v reflect.Value, t *catalog.Type) {
	rng := r.rng
	if t.Kind != kind.List && t.Kind != kind.Map && r.fillOwn(v, t) {
		return
	}
	if t.Kind.Scalar() {
		r.fillScalar(v, t)
		return
	}
	switch t.Kind {
	case kind.Struct:
		r.fillStruct(v, t.Fields)
	case kind.List:
		if v.Kind() == reflect.Array {
			for i := range v.Len() {
				r.fillValue(v.Index(i), t.Elem)
			}
			return
		}
		if n := rng.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				r.fillValue(pointed(v.Index(i)), t.Elem)
			}
		}
	case kind.Map:
		if n := rng.IntN(3); n > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				key := reflect.New(v.Type().Key()).Elem()
				r.fillValue(key, t.KeyOf())
				elem := reflect.New(v.Type().Elem()).Elem()
				r.fillValue(pointed(elem), t.Elem)
				v.SetMapIndex(key, elem)
			}
		}
	default:
		panic(fmt.Sprintf("storetest: the kind %d has no values", t.Kind))
	}
}

// fillScalar fills a value whose Go type is that of its kind, or one that is defined
// over it.
func (r *filler) fillScalar(v reflect.Value, t *catalog.Type) {
	row := kind.Of(t.Kind)
	x := reflect.ValueOf(row.ToGo(row.Random(r.rng, &t.Params)))
	if !x.CanConvert(v.Type()) {
		panic(fmt.Sprintf("storetest: a %s, which is %s in Go, cannot be %s", row.Name, x.Type(), v.Type()))
	}
	v.Set(x.Convert(v.Type()))
}

// texts are what types that are stored as text often have.
var texts = []string{"1", "7", "2026-01-02T03:04:05Z", "2026-01-02", "192.0.2.1", "2001:db8::1", "192.0.2.0/24", "192.0.2.1:80", "INFO", "a", "https://example.com/a", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "1.5", "true"}

// fillOwn fills a value that has an example, or a form of its own. It returns false
// for one that has neither.
func (r *filler) fillOwn(v reflect.Value, t *catalog.Type) bool {
	if of := r.examples[v.Type()]; len(of) > 0 {
		v.Set(of[r.rng.IntN(len(of))])
		return true
	}
	if _, generated := v.Interface().(interface{ AppendKey([]byte) []byte }); generated {
		return false
	}
	var read func(text string) error
	switch x := v.Addr().Interface().(type) {
	case encoding.TextUnmarshaler:
		if t.Kind != kind.String {
			return false
		}
		read = func(text string) error { return x.UnmarshalText([]byte(text)) }
	case encoding.BinaryUnmarshaler:
		if t.Kind != kind.Bytes {
			return false
		}
		read = func(text string) error { return x.UnmarshalBinary([]byte(text)) }
	default:
		return false
	}
	for range 2 * len(texts) {
		if read(texts[r.rng.IntN(len(texts))]) == nil {
			return true
		}
	}
	v.SetZero()
	return true
}
