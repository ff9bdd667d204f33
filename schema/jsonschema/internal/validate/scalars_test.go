package validate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	storegenschema "github.com/storegen/storegen/schema/jsonschema"
	"github.com/storegen/storegen/schema/load"
)

// judged tells what the loader and the JSON Schema say of a file.
func judged(t *testing.T, validate func(any) error, text string) (byLoader, bySchema error) {
	t.Helper()
	v, err := asJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	_, byLoader = load.Parse([]schema.Source{{Name: "t.yaml", Data: []byte(text)}}, nil)
	return byLoader, validate(v)
}

// table is a file with one field of a type.
func tableOf(field string) string {
	return "table: t\naccess: public\nkey: id\nfields:\n  id: string\n  f: " + field + "\n"
}

// The types that may be written are the same for the loader and the JSON Schema: those of
// each scalar, with the least numbers, the greatest and those beside them.
func TestScalarTypes(t *testing.T) {
	validate := compileSchema(t, storegenschema.SchemaFile()).Validate
	var types []string
	for _, s := range kind.Scalars() {
		if s.Kind == kind.Enum {
			continue
		}
		types = append(types, kind.TypeText(s.Kind, &s.FormExample), s.Usage(), s.Name+"[3]", s.Name+"(3)", s.Name+"(3,2)")
	}
	for _, n := range []int{0, 1, 2, 9, 10, 37, 38, 39, 99, 100, 199, 200, 254, 255, 256, 300, 1000, 99999} {
		types = append(types, fmt.Sprintf("bytes[%d]", n), fmt.Sprintf("bytes[ 00%d ]", n))
		for _, scale := range []int{0, 1, 2, 3, 9, 10, 37, 38, 39, 100} {
			types = append(types, fmt.Sprintf("decimal(%d,%d)", n, scale), fmt.Sprintf("decimal( 0%d , 0%d )", n, scale))
		}
	}
	agreed := 0
	for _, typ := range types {
		for _, text := range []string{
			tableOf(`"` + typ + `"`), tableOf(`"` + typ + `?"`), tableOf(`"[]` + typ + `"`), tableOf(`"map[string]` + typ + `"`), tableOf(`"map[` + typ + `]string"`),
			tableOf(`{type: "` + typ + `"}`), tableOf(`{type: "[]` + typ + `", doc: a}`),
			"types: {A: {is: \"" + typ + "\"}}\n", "types: {A: \"" + typ + "\"}\n", "types: {A: {struct: {f: \"" + typ + "\"}}}\n",
			strings.Replace(tableOf("string"), "key:", "per: {p: \""+typ+"\"}\nkey:", 1),
		} {
			byLoader, bySchema := judged(t, validate, text)
			if strings.Contains(text, "per:") && byLoader != nil && strings.Contains(byLoader.Error(), "key-part") {
				continue // which is beyond a form
			}
			if (byLoader == nil) != (bySchema == nil) {
				t.Errorf("%s\nthe loader: %v\nthe JSON Schema: %v", text, byLoader, bySchema)
			}
			agreed++
		}
	}
	if agreed < 1000 {
		t.Errorf("only %d types were tried", agreed)
	}
}

// beyondForm tells why the JSON Schema takes a default that the loader refuses, "" where
// it should not.
func beyondForm(s *kind.Scalar, value string) string {
	bare := strings.Trim(value, "'\"")
	switch {
	case s.Literal == kind.QuotedLiteral && s.LitPattern == "":
		return "which texts are values"
	case s.Kind == kind.Decimal && bare == value:
		return "how many digits a number has"
	case s.Kind == kind.FixedBytes && (strings.HasPrefix(bare, "0x") || strings.HasPrefix(value, "{hex")):
		return "how many bytes there are"
	case s.Kind == kind.FixedBytes && bare == value && strings.Trim(value, "0123456789+-.e") == "":
		return "whether a number is written as 0x00ff"
	case s.Kind == kind.Date && strings.Contains(bare, "-02-29"):
		return "leap years"
	case s.Kind == kind.Date && strings.HasPrefix(bare, "-0000"):
		return "the sign of the year 0"
	case s.Kind == kind.Duration && len(bare) > 12:
		return "the longest duration"
	case s.Float && strings.Contains(value, "e-"):
		return "which number is too near to 0"
	case s.Kind.Integer() && (value == "-0" || strings.ContainsAny(value, ".eE")):
		return "how a whole number is written"
	case s.Kind == kind.JSON && value != "":
		return "JSON"
	}
	return ""
}

// Defaults are judged alike: values of each scalar, those at the ends of its range and
// beside them, and values of every other.
func TestScalarDefaults(t *testing.T) {
	validate := compileSchema(t, storegenschema.SchemaFile()).Validate
	values := []string{
		"true", "false", "now", "new", "x", "''", "'true'", "'5'", "12", "300", "-1", "1.5", "1e3", "3.0", "1e39", "-1e39", "1e-50", "2.5e308", "30d", "1h30m", "-5s", "'30'", "1m1h", "h", "'-'", "300000000000d",
		"12:30", "'12:30'", "24:00", "23:59:59.999999999", "23:59:60", "23:59:59.1234567890", "1:30", "12:60",
		"2030-01-31", "'2030-01-31'", "2030-02-30", "2030-02-29", "2028-02-29", "2030-04-31", "2030-13-01", "2030-00-01", "2030-01-32", "2030-01-00", "-0044-03-15", "-0000-01-01", "30-01-01",
		"'0x00ff'", "'0x00FF'", "'0x0'", "'00ff'", "{hex: 00ff}", "{hex: 0}", "{hex: zz}", "{a: b}", "[a]", `'{"a": 1}'`, "'{'",
	}
	for _, bits := range []int{0, 7, 8, 15, 16, 31, 32, 63} { // the ends of the integers, and their neighbours
		for _, n := range []uint64{1<<bits - 1, 1 << bits, 1<<bits + 1} {
			values = append(values, fmt.Sprint(n), "-"+fmt.Sprint(n))
		}
	}
	values = append(values, "18446744073709551615", "18446744073709551616", "3.4028234663852886e+38", "3.5e+38", "-3.5e+38", "1.7976931348623157e+308")
	rng := rand.New(rand.NewPCG(1, 2))
	compared, refused := 0, 0
	for _, s := range kind.Scalars() {
		if s.Kind == kind.Enum {
			continue
		}
		typ := kind.TypeText(s.Kind, &s.FormExample)
		own := slices.Clone(values)
		for range 10 {
			if s.Literal == kind.QuotedLiteral || s.Literal == kind.BareLiteral {
				own = append(own, s.Lit(s.Random(rng, &s.FormExample)))
			}
		}
		for _, v := range own {
			if looksLikeAnother.MatchString(" "+v) && s.Kind != kind.Bool {
				continue
			}
			text := tableOf(`{type: "` + typ + []string{"", "?"}[compared%2] + `", default: ` + v + `}`)
			byLoader, bySchema := judged(t, validate, text)
			compared++
			if byLoader != nil {
				refused++
			}
			if byLoader == nil && bySchema != nil || byLoader != nil && bySchema == nil && beyondForm(s, v) == "" {
				t.Errorf("%s\nthe loader: %v\nthe JSON Schema: %v", text, byLoader, bySchema)
			}
		}
	}
	if compared < 2000 || refused < 1000 {
		t.Errorf("only %d defaults were compared, %d of them wrong", compared, refused)
	}
	for _, field := range []string{"{type: int32, min: 1}", "{type: '[]string', default: a}", "{type: '[]string', max: 1}", "{type: 'map[string]string', default: a}"} {
		if _, bySchema := judged(t, validate, tableOf(field)); bySchema == nil {
			t.Errorf("the JSON Schema takes %s", field)
		}
	}
}
