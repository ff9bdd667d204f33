package templates

import (
	"strconv"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// takeTypes are the types that package record has Take functions for, by what it calls
// them: record.TakeString takes a *string.
var takeTypes = map[string]string{
	"Bool": "bool", "Int8": "int8", "Int16": "int16", "Int32": "int32", "Int64": "int64", "Int": "int",
	"Uint8": "uint8", "Uint16": "uint16", "Uint32": "uint32", "Uint64": "uint64", "Uint": "uint",
	"Float32": "float32", "Float64": "float64", "String": "string", "Bytes": "[]byte",
	"Enum": "int32", "UUID": "[16]byte", "Time": "time.Time", "Duration": "time.Duration",
}

// takeFields makes the reader of a value's fields, r. Where all are wanted, the fields that
// AppendValue has written are taken first, one behind the other, up to one that has no Take
// function: twice as fast as the reader, which reads what is left.
func (g *generator) takeFields(v string, fields []*schema.Field) string {
	takes := g.takes(v, fields, "lists")
	if len(takes) == 0 {
		return "r := record.NewReader(b)"
	}
	return lines(
		"// As AppendValue writes the fields, where all are wanted; the reader takes what is left.\nrest := b",
		ifThen("of == record.AllFields", append(takes, ifThen("len(rest) == 0", "return nil, nil"))...),
		"r := record.NewReaderAt(b, len(b)-len(rest))",
	)
}

// takes takes the fields that come first in a value, up to one that has no Take function.
// lists is where lists get memory from.
func (g *generator) takes(v string, fields []*schema.Field, lists string) (takes []string) {
	for _, f := range stored(fields) {
		take := g.takeField(v+"."+f.GoName, f, lists)
		if take == "" {
			break
		}
		takes = append(takes, take)
	}
	return takes
}

// takeField takes one field from rest; "" if there is no function for it.
func (g *generator) takeField(x string, f *schema.Field, lists string) string {
	t, num := f.Type, strconv.Itoa(f.Number)
	if t.Kind == kind.List {
		if e := t.Elem; byPointer(e) || t.Pointers || t.Array != nil || recordFunc(e) != "String" {
			return ""
		}
		return "rest = " + call("record.TakeStrings", "rest", num, "&"+x, lists)
	}
	name := readFunc(t, recordFunc(t))
	plain, ok := takeTypes[name]
	if byPointer(t) || !ok {
		return ""
	}
	at, made := "&"+x, ""
	switch {
	case isPointer(f) && !isConverted(t) && (name == "String" || name == "Time"):
		return "rest = " + call("record.TakeOpt"+name, "rest", num, at)
	case isPointer(f):
		at, made = x, x+" = "+call("new", g.goType(t))
	}
	if g.goType(t) != plain {
		at = "(*" + plain + ")(" + at + ")"
	}
	take := "rest = " + call("record.Take"+name, "rest", num, at)
	if made != "" {
		return ifThen(call("record.Next", "rest", num), made, take)
	}
	return take
}
