package templates

import (
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// This file emits the code for values of the user's own Go types: those that are text
// or bytes by methods of theirs, and structs. The methods may have pointer receivers, so
// all of it works on pointers.

// byPointer reports whether a type is one of these.
func byPointer(t *schema.Type) bool {
	return t.Marshalled() || t.Go != nil && t.Kind == kind.Struct
}

// pointer points to a field's value, which is there.
func pointer(x string, f *schema.Field) string {
	if isPointer(f) {
		return x
	}
	return "&" + x
}

// appendAt appends the value that ptr points to.
func (g *generator) appendAt(num int, t *schema.Type, ptr string) string {
	switch {
	case t.Kind == kind.Struct:
		return fill("b, at := record.Begin(dst, $num)\ndst = record.End(append$T(b, $ptr), at)",
			"$num", strconv.Itoa(num), "$T", t.Name, "$ptr", ptr)
	case t.Go.Form == schema.GoBinary:
		return appendBy("AppendBinary", num, ptr)
	}
	return appendBy("AppendText", num, ptr)
}

// appendPointed appends a field whose value is there.
func (g *generator) appendPointed(x string, f *schema.Field) string {
	add := g.appendAt(f.Number, f.Type, pointer(x, f))
	switch {
	case f.Optional:
		return ifThen(x+" != nil", add)
	case f.Type.Kind == kind.Struct:
		return block(add)
	case f.Type.Go.Zero == "":
		return add
	}
	return ifThen(g.zero(x, f.Type, false), add)
}

// zero is the condition that a value is the zero one of its type, or that it is
// another: v.Addr == (netip.Addr{}).
func (g *generator) zero(x string, t *schema.Type, is bool) string {
	op, not := " != ", "!"
	if is {
		op, not = " == ", ""
	}
	switch t.Go.Zero {
	case "IsZero":
		return not + x + ".IsZero()"
	case "false":
		if is {
			return "!" + x
		}
		return x
	case "{}":
		return x + op + "(" + g.goType(t) + "{})"
	case `""`, "nil":
		return x + op + t.Go.Zero
	}
	return x + op + "0"
}

// readAt reads a value to where ptr points.
func (g *generator) readAt(r string, t *schema.Type, ptr string) string {
	switch {
	case t.Kind == kind.Struct:
		return call(r+".Nested", call("decode"+t.Name, ptr, r+".Bytes()"))
	case t.Go.Form == schema.GoBinary:
		return call(r+".Binary", ptr)
	}
	return call(r+".Text", ptr)
}

// checkAt emits the rules of one value, or returns "" if it has none.
func (g *generator) checkAt(name string, t *schema.Type, ptr string, least, most int) string {
	least, most = tighter(t, least, most)
	name = strconv.Quote(name)
	switch {
	case t.Kind == kind.Struct && !g.checksAnything(t):
		return ""
	case t.Kind == kind.Struct:
		return addBroken("In", name, call("check"+t.Name, ptr))
	case t.Go.Form == schema.GoBinary:
		return addBroken("ValidBinary", name, ptr, strconv.Itoa(least), strconv.Itoa(most))
	}
	return addBroken("ValidText", name, ptr, strconv.Itoa(least), strconv.Itoa(most))
}

// checkField emits the rules of a field that is not optional. The zero value is stored
// in keys and indexes only, and need not be valid elsewhere; a lower limit holds for it.
func (g *generator) checkField(x string, f *schema.Field) string {
	check := g.checkAt(f.Name, f.Type, pointer(x, f), f.Min, f.Max)
	least, _ := tighter(f.Type, f.Min, f.Max)
	if check == "" || f.Type.Kind == kind.Struct || f.Type.Go.Zero == "" || f.Keyed || least > 0 {
		return check
	}
	return ifThen(g.zero(x, f.Type, false), check)
}

// checkDefault emits a check that the default can be read, for a field that has the
// zero value; "" where the default is no text of the type's own.
func (g *generator) checkDefault(x string, f *schema.Field) string {
	if !f.Type.Marshalled() || f.Default == nil || f.Default.Value.Text() == "" {
		return ""
	}
	var when []string
	at := x
	if f.Optional {
		when = append(when, x+" != nil")
		if f.Type.Go.Zero != "IsZero" { // which is called on a pointer as well
			at = "*" + x
		}
	}
	if f.Type.Go.Zero != "" {
		when = append(when, g.zero(at, f.Type, true))
	}
	check := addBroken("ValidDefault", strconv.Quote(f.Name), call("new", g.goType(f.Type)), strconv.Quote(f.Default.Value.Text()))
	return ifThen(strings.Join(when, " && "), check)
}

// goStructs are the structs of the user's that fields hold, directly or not, in the
// order in which they are met.
func goStructs(fields []*schema.Field) []*schema.Type {
	var out []*schema.Type
	var visit func(fields []*schema.Field)
	visit = func(fields []*schema.Field) {
		for _, f := range fields {
			t := f.Type
			if t.Elem != nil {
				t = t.Elem
			}
			if t.Kind == kind.Struct && t.Go != nil && !slices.Contains(out, t) {
				out = append(out, t)
				visit(t.Fields)
			}
		}
	}
	visit(fields)
	return out
}

// goStruct emits the encoding of a struct of the user's as a field of a value. It
// cannot have methods of its own here, and the package of the named types cannot
// hold it where the struct's package imports that one: each package has it that
// needs it. Of one that is in keys alone only the rules are needed, unless inValue
// is set.
func (g *generator) goStruct(s *source, t *schema.Type, inValue bool) {
	add := func(text string, pairs ...string) {
		s.add(fill(text, append(pairs, "$T", t.Name, "$v", "v *"+g.goType(t))...))
	}
	s.add("")
	s.add(g.guards(t.Go, t.Fields))
	if inValue {
		add(`
// append$T appends the value in the protobuf wire format.
func append$T(dst []byte, $v) []byte {
	$append
	return dst
}

// decode$T is the inverse of append$T. The value points into b, which must not change any more.
func decode$T($v, b []byte) error {
	$arrays
	r := record.NewReader(b)
	for r.Next() {
		switch r.Num() {
		$cases
		default:
			// a struct of the program's own cannot keep fields that it does not have
		}
	}
	return r.Err()
}
`, "$append", g.appendFields("v", t.Fields), "$arrays", g.arrays("v", t.Fields), "$cases", g.readFields("v", t.Fields))
	}
	if checks := g.checks("v", t.Fields); checks != "" {
		add(`
// check$T returns a store.InvalidError for a value that breaks a rule of the schema.
func check$T($v) error {
	var broken record.Broken
	$checks
	return broken.Err()
}
`, "$checks", checks)
	}
}
