package templates

import (
	"cmp"
	"fmt"
	"path"
	"strconv"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
)

// modelsDoc emits the package comment of the named types.
func (g *generator) modelsDoc() ([]File, error) {
	if g.one {
		s := g.newSource("storegen_doc.go", g.base)
		s.PackageComment("// Package " + path.Base(g.base) + " holds the tables of the schema, each with its rows, store, indexes and provider, and the named types.")
		return renderAll(s)
	}
	s := g.newSource("models/models_doc.go", g.models)
	s.PackageComment("// Package models holds the named types of the schema: identifiers, enums and structs.")
	return renderAll(s)
}

// typeFile emits a named type in a file of its own.
func (g *generator) typeFile(t *schema.Type) ([]File, error) {
	s := g.newSource(path.Join(g.modelsDir(), typeFileName(t.Name)), g.models, t.File)
	switch {
	case t.Go != nil && t.Kind != kind.Struct:
		return nil, nil // it is in Go already
	case t.Go != nil:
		if g.one || t.InModels {
			g.goStruct(s, t, true)
		}
		g.typeVar(s, t)
	case t.Kind == kind.Enum:
		g.enum(s, t)
	case t.Kind == kind.Struct:
		g.structType(s, t)
	case hasMethods(t.Kind):
		s.add(doc(t.Name+" is "+diag.Article(kind.TypeText(t.Kind, &t.Args))+".", t.Doc), "type "+t.Name+" = "+g.plainType(t))
	default:
		g.scalar(s, t)
	}
	return renderAll(s)
}

// scalar emits a defined type over a scalar.
func (g *generator) scalar(s *source, t *schema.Type) {
	what := diag.Article(kind.TypeText(t.Kind, &t.Args))
	if t.Kind == kind.Bytes {
		what = "bytes, held in a string so that it can be compared"
	}
	s.add(doc(t.Name+" is "+what+"."+limitsDoc(t.Min, t.Max), t.Doc), "type "+t.Name+" "+g.plainType(t))
	parse, text := "return New$T(text)", "string(v)"
	switch t.Kind {
	case kind.String:
		newString(s, t, "string")
	case kind.Bytes:
		newString(s, t, "[]byte")
		s.add(fill(`
// Bytes returns a copy of the bytes.
func (v $T) Bytes() []byte { return []byte(v) }
`, "$T", t.Name))
		parse, text = `
	b, err := keys.ParseBytes(text)
	if err != nil {
		return "", fmt.Errorf("parsing $T: %w", err)
	}
	return New$T([]byte(b))`, "keys.FormatBytes(string(v))"
	default:
		at := g.plainType(t) + "(v)"
		if rowOf(t).Gen.Array {
			at = "v" // a variable, which can be sliced
		}
		parse, text = "n, err := "+g.gen(t, rowOf(t).Gen.Parse, "text")+"\nreturn $T(n), err", g.leafText(leaf{at: at, typ: &schema.Type{Kind: t.Kind, Args: t.Args}})
	}
	s.add(fill(`
// Parse$T is the inverse of String. It returns an error for text that stands for no value.
func Parse$T(text string) ($T, error) $parse

// String returns the value as text.
func (v $T) String() string { return $text }
`, "$parse", body(fill(parse, "$T", t.Name)), "$text", text, "$T", t.Name))
	if t.Kind.Text() || rowOf(t).Gen.Array {
		s.add(fill(marshalText, "$T", t.Name))
	}
	g.keyMethods(s, t)
}

// newString emits the constructor of a type over strings or bytes.
func newString(s *source, t *schema.Type, from string) {
	if t.Min == 0 && t.Max == 0 {
		s.add(fill(`
// New$T makes one of its value. The error is always nil, since each value will do.
func New$T(v $from) ($T, error) { return $T(v), nil }
`, "$T", t.Name, "$from", from))
		return
	}
	s.add(fill(`
// New$T makes one of its value, and returns an error for a value beyond the limits.
func New$T(v $from) ($T, error) {
	if err := record.Length("$T", len(v), $min, $max); err != nil {
		return "", err
	}
	return $T(v), nil
}
`, "$T", t.Name, "$from", from, "$min", strconv.Itoa(t.Min), "$max", strconv.Itoa(t.Max)))
}

// marshalText is what makes a type work with JSON and other texts.
const marshalText = `
// MarshalText implements encoding.TextMarshaler.
func (v $T) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *$T) UnmarshalText(text []byte) (err error) {
	*v, err = Parse$T(string(text))
	return err
}
`

func limitsDoc(min, max int) string {
	switch {
	case min > 0 && max > 0:
		return fmt.Sprintf(" It has %d to %s.", min, diag.Count(max, "byte"))
	case max > 0:
		return fmt.Sprintf(" It has at most %s.", diag.Count(max, "byte"))
	case min > 0:
		return fmt.Sprintf(" It has at least %s.", diag.Count(min, "byte"))
	}
	return ""
}

// keyMethods emits the encoding of a type as a whole key.
func (g *generator) keyMethods(s *source, t *schema.Type) {
	s.add(fill(`
// AppendKey appends the value as a key, whose bytes compare as values do. Nothing may follow it in
// the key.
func (v $T) AppendKey(dst []byte) []byte $append

// Decode$T is the inverse of AppendKey. It returns an error for bytes that AppendKey does not
// write. Text and bytes of the value point into b, which must not change any more.
func Decode$T(b []byte) (v $T, err error) {
	$read
	return v, r.Done()
}
`, "$T", t.Name, "$append", body(g.appendKey("v", t)...), "$read", g.readKey("v", t)))
}

// enum emits an enum.
func (g *generator) enum(s *source, t *schema.Type) {
	var values, names, parsed []string
	for _, v := range t.Values {
		quoted := strconv.Quote(v.Name)
		values = append(values, doc(cmp.Or(v.Doc, v.GoName+" is the value "+v.Name+".")), v.GoName+" "+t.Name+" = "+strconv.Itoa(int(v.Number)))
		names = append(names, "case "+v.GoName+":", "return "+quoted)
		parsed = append(parsed, "case "+quoted+":", "return "+v.GoName+", nil")
	}
	s.add(doc(t.Name+" is an enum. Its values are ordered by their numbers; the zero value stands for none.",
		"A number that has no name here, which a newer program wrote, is kept as it is.", t.Doc))
	s.add(fill(`
type $T int32

// The values of $T.
const (
	$values
)

// String returns the value's name, or $T(n) for one that has none.
func (v $T) String() string {
	switch v {
	$names
	}
	return "$T(" + strconv.Itoa(int(v)) + ")"
}

// Parse$T is the inverse of String. Text that names no value is an error.
func Parse$T(text string) ($T, error) {
	switch text {
	$parsed
	}
	n, err := record.ParseEnum("$T", text)
	return $T(n), err
}

`+marshalText, "$T", t.Name, "$values", lines(values...), "$names", lines(names...), "$parsed", lines(parsed...)))
	g.keyMethods(s, t)
	g.typeVar(s, t)
}

// structType emits a struct.
func (g *generator) structType(s *source, t *schema.Type) {
	var fields []string
	for _, f := range t.Fields {
		fields = append(fields, g.field(f, jsonTag(f)))
	}
	unknown, kept := "", "// a key never gets more fields"
	result := "dst"
	if !t.UsedInKey {
		unknown = "\n// fields that a newer program wrote\nunknown string"
		kept, result = "v.unknown += string(r.AppendRaw(nil))", "append(dst, v.unknown...)"
	}
	s.add(doc(t.Name+" is a struct.", t.Doc))
	s.add(fill(`
type $T struct {
	$fields
	$unknown
}
$json
`, "$T", t.Name, "$fields", lines(fields...), "$unknown", unknown, "$json", g.emptyLists(t.Name, t.Fields)))
	if t.UsedInKey {
		g.structText(s, t)
		g.keyMethods(s, t)
	} else {
		s.add(fill(`
// Equal reports whether two values are stored as the same bytes.
func (v $T) Equal(o $T) bool {
	return string(v.AppendRecord(nil)) == string(o.AppendRecord(nil))
}
`, "$T", t.Name))
	}
	s.add(fill(`
// AppendRecord appends the value in the protobuf wire format.
func (v $T) AppendRecord(dst []byte) []byte {
	$append
	return $result
}

// DecodeRecord is the inverse of AppendRecord. It returns an error for bytes that are not of the
// wire format. Text and bytes of the value point into b, which must not change any more.
func (v *$T) DecodeRecord(b []byte) error {
	$arrays
	r := record.NewReader(b)
	for r.Next() {
		switch r.Num() {
		$cases
		default:
			$kept
		}
	}
	return r.Err()
}
`, "$T", t.Name, "$append", g.appendFields("v", t.Fields), "$result", result, "$arrays", g.arrays("v", t.Fields), "$cases", g.readFields("v", t.Fields), "$kept", kept))
	if checks := g.checks("v", t.Fields); checks != "" {
		s.add(fill(`
// Check returns a store.InvalidError for a value that breaks a rule of the schema.
func (v $T) Check() error {
	var broken record.Broken
	$checks
	return broken.Err()
}
`, "$T", t.Name, "$checks", checks))
	}
	g.typeVar(s, t)
	s.add(g.guards(nil, t.Fields))
}

// structText emits the text form of a key struct: its parts, joined by slashes.
func (g *generator) structText(s *source, t *schema.Type) {
	var parsed []string
	parts := leaves("v", t)
	for i, l := range parts {
		parsed = append(parsed, g.parseLeaf(l, "parts["+strconv.Itoa(i)+"]"))
	}
	s.add(fill(`
// String returns the parts joined by slashes; a slash within a part is %2F.
func (v $T) String() string {
	return $text
}

// Parse$T is the inverse of String. It returns an error for text that stands for no value.
func Parse$T(text string) (v $T, err error) {
	parts, err := keys.SplitText(text, $n)
	if err != nil {
		return v, fmt.Errorf("parsing $T: %w", err)
	}
	$parsed
	return v, nil
}

`+marshalText, "$T", t.Name, "$text", g.joinedText(parts), "$n", strconv.Itoa(len(parts)), "$parsed", lines(parsed...)))
}

// leafText is a part of a key as text.
func (g *generator) leafText(l leaf) string {
	switch {
	case l.typ.Marshalled():
		return call("keys.Text", "&"+l.at)
	case needsPlain(l.typ):
		return g.leafText(leaf{at: g.bare(l.typ, l.at), typ: &schema.Type{Kind: l.typ.Kind, Args: l.typ.Args}})
	case heldInString(l.typ):
		return call("string", l.at)
	case l.typ.Go == nil && isConverted(l.typ) && l.typ.Kind != kind.String:
		return l.at + ".String()"
	case rowOf(l.typ).Gen.Format != "":
		return g.gen(l.typ, rowOf(l.typ).Gen.Format, l.at)
	}
	if l.typ.Go != nil {
		return call("fmt.Sprint", g.plain(l.typ, l.at)) // whatever text its type gives it
	}
	return call("fmt.Sprint", l.at)
}

// parseLeaf is the inverse of leafText.
func (g *generator) parseLeaf(l leaf, text string) string {
	var parsed string
	gen := rowOf(l.typ).Gen
	wide := gen.Wide
	switch {
	case l.typ.Marshalled():
		return ifThen("err = "+l.at+".UnmarshalText([]byte("+text+")); err != nil", "return v, err")
	case l.typ.Kind.Text():
		return l.at + " = " + g.convert(l.typ, text)
	case l.typ.Go == nil && isConverted(l.typ):
		parsed, wide = call("models.Parse"+l.typ.Name, text), false
	default:
		parsed = g.gen(l.typ, gen.Parse, text)
	}
	if wide || l.typ.Go != nil {
		return block("n, err := "+parsed, ifThen("err != nil", "return v, err"), l.at+" = "+call(g.goType(l.typ), "n"))
	}
	return ifThen(l.at+", err = "+parsed+"; err != nil", "return v, err")
}

// typeVar emits the description of an enum or struct, for the tables that use it.
func (g *generator) typeVar(s *source, t *schema.Type) {
	s.add(doc(descOf(t)+" describes "+t.Name+", as the catalog of a database does. It must not be changed."), "var "+descOf(t)+" = "+typeDesc(t))
}
