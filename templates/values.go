package templates

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// optionalFuncs are the functions that package record has for optional fields too.
var optionalFuncs = map[string]bool{"String": true, "Bytes": true, "Time": true}

// isPacked reports whether a list of a type is one packed field.
func isPacked(elem *schema.Type) bool {
	return rowOf(elem).Packed != "" && !(rowOf(elem).PackedMethod && isConverted(elem))
}

// stored are the fields of a value, by number: those of the key are not in it.
func stored(fields []*schema.Field) []*schema.Field {
	out := slices.DeleteFunc(slices.Clone(fields), func(f *schema.Field) bool { return f.InKey })
	slices.SortFunc(out, func(a, b *schema.Field) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// appendOne appends a value that is there.
func (g *generator) appendOne(num int, t *schema.Type, x string) string {
	if t.Kind == kind.Struct {
		return appendBy("AppendMessage", num, x)
	}
	return appendBy("Append"+recordFunc(t), num, g.plain(t, x))
}

// appendBy calls a function of package record.
func appendBy(name string, num int, x string) string {
	return "dst = " + call("record."+name, "dst", strconv.Itoa(num), x)
}

// recordFunc is the name of a scalar type in package record.
func recordFunc(t *schema.Type) string {
	if heldInString(t) {
		return "String"
	}
	return rowOf(t).Record
}

// appendFields appends the fields that are in a value.
func (g *generator) appendFields(v string, fields []*schema.Field) string {
	var out []string
	for _, f := range stored(fields) {
		out = append(out, g.appendField(v+"."+f.GoName, f))
	}
	return lines(out...)
}

func (g *generator) appendField(x string, f *schema.Field) string {
	t := f.Type
	switch {
	case byPointer(t):
		return g.appendPointed(x, f)
	case t.Kind == kind.List && byPointer(t.Elem):
		return forEach("i", x, g.appendAt(f.Number, t.Elem, elemPointer(t, x+"[i]")))
	case f.Optional && optionalFuncs[recordFunc(t)]:
		if isPointer(f) && isConverted(t) {
			x = "(*" + g.plainType(t) + ")(" + x + ")"
		}
		return appendBy("AddOpt"+recordFunc(t), f.Number, x)
	case f.Optional:
		return ifThen(x+" != nil", g.appendOne(f.Number, t, value(x, f)))
	case t.Kind == kind.List && isPacked(t.Elem):
		return appendBy("Append"+rowOf(t.Elem).Packed, f.Number, elements(t, x))
	case t.Kind == kind.List:
		return forEach("_, x", elements(t, x), g.appendOne(f.Number, t.Elem, "x"))
	case t.Kind == kind.Map:
		return g.appendMap(x, f)
	case t.Kind == kind.Struct:
		return g.appendOne(f.Number, t, x)
	}
	return appendBy("Add"+recordFunc(t), f.Number, g.plain(t, x))
}

func (g *generator) appendMap(x string, f *schema.Field) string {
	sorted, key, elem := "SortedKeys", "", ""
	if f.Type.MapKey.Marshalled() {
		sorted, key = "SortedTexts", g.appendAt(1, f.Type.MapKey, "&k")
	} else {
		key = g.appendOne(1, f.Type.MapKey, "k")
	}
	switch {
	case f.Type.Pointers && byPointer(f.Type.Elem):
		elem = block(g.appendAt(2, f.Type.Elem, x+"[k]"))
	case rowOf(f.Type.Elem).Gen.Array && !f.Type.Elem.Marshalled(): // of which a variable can be sliced only
		elem = lines("x := "+x+"[k]", g.appendOne(2, f.Type.Elem, "x"))
	case !byPointer(f.Type.Elem):
		elem = g.appendOne(2, f.Type.Elem, x+"[k]")
	case f.Type.Elem.Kind == kind.Struct:
		elem = lines("x := "+x+"[k]", block(g.appendAt(2, f.Type.Elem, "&x")))
	default:
		elem = lines("x := "+x+"[k]", g.appendAt(2, f.Type.Elem, "&x"))
	}
	return fill(`
for _, k := range record.$sorted($x) {
	var at int
	dst, at = record.Begin(dst, $num)
	$key
	$elem
	dst = record.End(dst, at)
}`, "$sorted", sorted, "$x", x, "$num", strconv.Itoa(f.Number), "$key", key, "$elem", elem)
}

// readOne is a value as a reader gives it.
func (g *generator) readOne(r string, t *schema.Type) string {
	return g.convert(t, call(r+"."+readFunc(t, recordFunc(t)), sizeOf(t)...))
}

// readFunc is the method of a reader for a type: the usual one, or for Go's int and uint
// one that refuses what these cannot hold on the machine.
func readFunc(t *schema.Type, usual string) string {
	if t.Go != nil && !t.Marshalled() {
		switch t.Go.Under {
		case "int":
			return "Int"
		case "uint":
			return "Uint"
		}
	}
	return usual
}

// arrays are the declarations that readFields needs before its loop: a slice over each
// array, to which elements are added. One that has grown out of its array has too many.
func (g *generator) arrays(v string, fields []*schema.Field) string {
	var out []string
	for _, f := range stored(fields) {
		if f.Type.Array != nil {
			out = append(out, arrayVar(f)+" := "+v+"."+f.GoName+"[:0]")
		}
	}
	return lines(out...)
}

func arrayVar(f *schema.Field) string { return "list" + strconv.Itoa(f.Number) }

// readFields are the cases of a switch over the fields that are in a value.
func (g *generator) readFields(v string, fields []*schema.Field) string {
	var out []string
	for _, f := range stored(fields) {
		out = append(out, "case "+strconv.Itoa(f.Number)+":")
		if list := arrayVar(f); f.Type.Array != nil {
			out = append(out, g.readField(list, f), call("r.AtMost", call("len", list), strconv.Itoa(f.Type.Len())))
		} else {
			out = append(out, g.readField(v+"."+f.GoName, f))
		}
	}
	return lines(out...)
}

func (g *generator) readField(x string, f *schema.Field) string {
	t := f.Type
	set := x + " = "
	switch {
	case byPointer(t) && f.Optional:
		return lines(set+call("new", g.goType(t)), g.readAt("r", t, x))
	case byPointer(t):
		return g.readAt("r", t, "&"+x)
	case t.Kind == kind.List && byPointer(t.Elem):
		added := call("new", g.goType(t.Elem))
		if !t.Pointers {
			added = "*" + added
		}
		return lines(set+call("append", room(x), added), g.readAt("r", t.Elem, elemPointer(t, x+"[len("+x+")-1]")))
	case t.Kind == kind.Struct && f.Optional:
		return lines(set+call("new", g.goType(t)), "r.Nested("+x+".DecodeRecord(r.Bytes()))")
	case t.Kind == kind.Struct:
		return "r.Nested(" + x + ".DecodeRecord(r.Bytes()))"
	case t.Kind == kind.List && rowOf(t.Elem).PackedMethod && isPacked(t.Elem):
		return set + call("r."+rowOf(t.Elem).Packed, x)
	case t.Kind == kind.List && isPacked(t.Elem):
		return set + call("record."+rowOf(t.Elem).Packed, "&r", x)
	case t.Kind == kind.List && t.Elem.Kind == kind.Struct:
		held := "x"
		if t.Pointers {
			held = "&x"
		}
		return lines("var x "+g.goType(t.Elem), "r.Nested(x.DecodeRecord(r.Bytes()))", set+call("append", room(x), held))
	case t.Kind == kind.List:
		return set + call("append", room(x), g.readOne("r", t.Elem))
	case t.Kind == kind.Map:
		return g.readMap(x, t)
	case isPointer(f) && optionalFuncs[recordFunc(t)]:
		read := "r.Opt" + recordFunc(t) + "()"
		if isConverted(t) {
			read = "(*" + g.goType(t) + ")(" + read + ")"
		}
		return set + read
	case isPointer(f):
		return set + call("new", g.readOne("r", t))
	}
	return set + g.readOne("r", t)
}

// elemPointer points to an element of a list or map that is held in x.
func elemPointer(t *schema.Type, x string) string {
	if t.Pointers {
		return x
	}
	return "&" + x
}

// room is a list with capacity for all elements that follow.
func room(x string) string { return call("record.Room", "&r", x) }

func (g *generator) readMap(x string, t *schema.Type) string {
	key := "k = " + g.readOne("e", t.MapKey)
	if t.MapKey.Marshalled() {
		key = g.readAt("e", t.MapKey, "&k")
	}
	elem := "e.Nested(x.DecodeRecord(e.Bytes()))"
	switch {
	case byPointer(t.Elem):
		elem = g.readAt("e", t.Elem, "&x")
	case t.Elem.Kind != kind.Struct:
		elem = "x = " + g.readOne("e", t.Elem)
	}
	value := "x"
	if t.Pointers {
		value = "&x"
	}
	declared := "var x " + g.goType(t.Elem)
	if row := kind.Of(t.Elem.Kind); row != nil && row.Gen.Unsent != "" && !t.Elem.Marshalled() {
		declared = "x := " + row.Gen.Unsent
		if t.Elem.Go != nil {
			declared = "x := " + g.goType(t.Elem) + "(" + row.Gen.Unsent + ")"
		}
	}
	return fill(`
var k $MapKey
$declared
e := r.Message()
for e.Next() {
	switch e.Num() {
	case 1:
		$key
	case 2:
		$elem
	}
}
r.Nested(e.Err())
if $field == nil {
	$field = $Map{}
}
$field[k] = $value`, "$value", value, "$MapKey", g.goType(t.MapKey), "$declared", declared, "$key", key, "$elem", elem, "$field", x, "$Map", g.goType(t))
}
