package kitchen

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key1"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key2"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/local_key3"
)

// testText takes values at random through their text, as a key and, where they
// have it, through JSON.
func testText[T comparable](t *testing.T, name string, parse func(string) (T, error), decode func([]byte) (T, error), bad ...string) {
	t.Run(name, func(t *testing.T) {
		typ := must(kitchen()).Type(name)
		random := newMaker(8, false)
		for range 300 {
			var v T
			random.value(typ, reflect.ValueOf(&v).Elem(), 0, 0)
			text := fmt.Sprint(v)
			if got, err := parse(text); err != nil || got != v {
				t.Fatalf("%#v is %q as text, which reads as %#v, %v", v, text, got, err)
			}
			key := any(v).(interface{ AppendKey([]byte) []byte }).AppendKey([]byte("x"))
			if got, err := decode(key[1:]); err != nil || got != v {
				t.Fatalf("%#v is % x as a key, which reads as %#v, %v", v, key[1:], got, err)
			}
			if open := typ.Kind == kind.String || typ.Kind == kind.Bytes; !open {
				if _, err := decode(append(key[1:len(key):len(key)], 0)); err == nil {
					t.Fatal("a key with a byte too many is taken")
				}
			}
			if m, ok := any(v).(encoding.TextMarshaler); ok {
				b := must(m.MarshalText())
				var got T
				if err := any(&got).(encoding.TextUnmarshaler).UnmarshalText(b); err != nil || got != v || string(b) != text {
					t.Fatalf("%#v: %q, %#v, %v", v, b, got, err)
				}
			}
		}
		for _, text := range bad {
			if v, err := parse(text); err == nil {
				t.Errorf("%q reads as %#v", text, v)
			}
		}
	})
}

func TestTexts(t *testing.T) {
	testText(t, "MyBool", models.ParseMyBool, models.DecodeMyBool, "", "maybe")
	testText(t, "MyInt8", models.ParseMyInt8, models.DecodeMyInt8, "", "128", "1.5")
	testText(t, "MyInt16", models.ParseMyInt16, models.DecodeMyInt16, "", "32768", "x")
	testText(t, "MyUint8", models.ParseMyUint8, models.DecodeMyUint8, "-1", "256")
	testText(t, "MyUint16", models.ParseMyUint16, models.DecodeMyUint16, "-1", "65536")
	testText(t, "MyVarint", models.ParseMyVarint, models.DecodeMyVarint, "", "9223372036854775808")
	testText(t, "MyUvarint", models.ParseMyUvarint, models.DecodeMyUvarint, "-1", "x")
	testText(t, "MyFloat32", models.ParseMyFloat32, models.DecodeMyFloat32, "", "1e99")
	testText(t, "MyFixedBytes", models.ParseMyFixedBytes, models.DecodeMyFixedBytes, "", "0x00", "0xzz")
	testText(t, "MyInt32", models.ParseMyInt32, models.DecodeMyInt32, "", "2147483648", "1.5")
	testText(t, "MyInt64", models.ParseMyInt64, models.DecodeMyInt64, "", "9223372036854775808")
	testText(t, "MyUint32", models.ParseMyUint32, models.DecodeMyUint32, "-1", "4294967296")
	testText(t, "MyUint64", models.ParseMyUint64, models.DecodeMyUint64, "-1", "x")
	testText(t, "MyFloat64", models.ParseMyFloat64, models.DecodeMyFloat64, "", "1e999")
	testText(t, "MyString", models.ParseMyString, models.DecodeMyString, "", string(make([]byte, 65)))
	testText(t, "MyBytes", models.ParseMyBytes, models.DecodeMyBytes, "", "0x1", "a\nb")
	testText(t, "Colour", models.ParseColour, models.DecodeColour, "", "Red", "Colour(x)", "Colour(1", "Color(1)")
	testText(t, "Place", models.ParsePlace, models.DecodePlace, "", "ch/1", "ch/1/red/x", "ch/x/red", "ch/1/pink")
	testText(t, "RoomID", models.ParseRoomID, models.DecodeRoomID, "ch/1/red/raw", "ch/1/red/raw/-1", "ch/1/red/raw/4294967296")
	testText(t, "Stay", models.ParseStay, models.DecodeStay, "g")
}

func TestEnumText(t *testing.T) {
	for v, want := range map[models.Colour]string{0: "Colour(0)", models.ColourGreen: "green", 9: "Colour(9)", -1: "Colour(-1)"} {
		if got := v.String(); got != want {
			t.Errorf("%d is %s, want %s", int32(v), got, want)
		}
		b := must(json.Marshal(map[models.Colour]models.Colour{v: v}))
		var back map[models.Colour]models.Colour
		if err := json.Unmarshal(b, &back); err != nil || back[v] != v {
			t.Errorf("%s: %v, %v", b, back, err)
		}
	}
}

// Constructors keep the limits of their types.
func TestNew(t *testing.T) {
	for n, good := range map[int]bool{0: false, 1: true, 64: true, 65: false} {
		b := make([]byte, n)
		if s, err := models.NewMyString(string(b)); good != (err == nil) || good && len(s) != n {
			t.Errorf("NewMyString of %d bytes: %q, %v", n, s, err)
		}
		v, err := models.NewMyBytes(b)
		if good != (err == nil) || good && len(v.Bytes()) != n {
			t.Errorf("NewMyBytes of %d bytes: %q, %v", n, v, err)
		}
		if good {
			b[0] = 1
			v.Bytes()[0] = 2
			if v[0] != 0 {
				t.Error("the value shares its bytes")
			}
		}
	}
}

// The text of a key is the texts of its parts, which are escaped.
func TestLocalKeyText(t *testing.T) {
	testKeyText(t, "sink.local_key1", local_key1.KeyOf)
	testKeyText(t, "sink.local_key2", local_key2.KeyOf)
	testKeyText(t, "sink.local_key3", local_key3.KeyOf)
}

func testKeyText[K fmt.Stringer, V any](t *testing.T, name string, keyOf func(*V) K) {
	def := table(t, name)
	random := newMaker(9, false)
	for range 100 {
		var row V
		v := reflect.ValueOf(&row).Elem()
		random.fill(def.Fields, v)
		var want []string
		for _, f := range def.Key.Fields {
			want = append(want, textOf(f.Type, v.FieldByName(f.GoName))...)
		}
		if got, want := keyOf(&row).String(), keys.JoinText(want...); got != want {
			t.Fatalf("got  %s, want\n     %s", got, want)
		}
	}
}

// textOf is a value as the text of a key has it, the parts of a struct one by one.
func textOf(typ *schema.Type, x reflect.Value) []string {
	var s string
	switch {
	case typ.Kind == kind.Struct:
		var out []string
		for _, f := range typ.Fields {
			out = append(out, textOf(f.Type, x.FieldByName(f.GoName))...)
		}
		return out
	case typ.Kind == kind.FixedBytes:
		s = fmt.Sprintf("0x%x", text(x))
	case typ.Kind == kind.Timestamp:
		s = x.Interface().(time.Time).UTC().Format(time.RFC3339Nano)
	case typ.Kind.Text():
		s = string(text(x))
	default:
		s = fmt.Sprint(x.Interface())
	}
	return []string{s}
}
