package catalog

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
)

// fill gives a value, with all that is in it, random contents.
func fill(rng *rand.Rand, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "a", "users", "x<y & \"z\"\n", "Größe\u2028", "\xff", "a\\b", "a<b", "a>b", "a&b", `a"b`, "a\tb", "a\x7fb", "~ !"}[rng.IntN(14)])
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt([]int64{0, 0, 1, -1, 7, 12345678}[rng.IntN(6)])
	case reflect.Pointer:
		if depth > 0 && rng.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(rng, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if n := rng.IntN(4); n < 3 && depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(rng, v.Index(i), depth-1)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(rng, v.Field(i), depth)
		}
	default:
		panic("a description with a " + v.Kind().String() + ": teach HasText about it too")
	}
}

// change changes one thing in a value, and tells whether it found one.
func change(rng *rand.Rand, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "+")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
			return true
		}
		return change(rng, v.Elem())
	case reflect.Slice:
		if v.Len() == 0 || rng.IntN(4) == 0 {
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
			return true
		}
		return change(rng, v.Index(rng.IntN(v.Len())))
	case reflect.Struct:
		return change(rng, v.Field(rng.IntN(v.NumField())))
	}
	return true
}

func TestHasText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var d Table
		fill(rng, reflect.ValueOf(&d).Elem(), 4)
		text, err := json.Marshal(&d)
		if err != nil {
			t.Fatal(err)
		}
		if !d.HasText(text) {
			t.Fatalf("it is not taken for itself: %s", text)
		}
		if at := rng.IntN(len(text)); d.HasText(text[:at]) || d.HasText(append(text[:len(text):len(text)], ' ')) {
			t.Fatalf("it is taken for itself when cut short at %d, or when longer: %s", at, text)
		}
		change(rng, reflect.ValueOf(&d).Elem())
		other, err := json.Marshal(&d)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := d.HasText(text), string(other) == string(text); got != want {
			t.Fatalf("%s is taken for %s: %t", text, other, got)
		}
	}
}
