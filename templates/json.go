package templates

import (
	"slices"
	"strconv"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// emptyLists emits how a struct with lists or maps becomes JSON, in which an empty list
// is [] and an empty map {}. It emits nothing for one that has none, or that has a field,
// also among those beside, of the name of the method. Reading needs no method: it would
// keep the options of a json.Decoder, as DisallowUnknownFields, from the struct.
func (g *generator) emptyLists(typ string, fields []*schema.Field, beside ...*schema.Field) string {
	if slices.ContainsFunc(slices.Concat(fields, beside), func(f *schema.Field) bool {
		return f.GoName == "MarshalJSON"
	}) {
		return ""
	}
	var empty []string
	for _, f := range fields {
		if f.Type.Kind == kind.List && f.Type.Array == nil || f.Type.Kind == kind.Map {
			x := "v." + f.GoName
			empty = append(empty, ifThen(x+" == nil", x+" = "+g.goType(f.Type)+"{}"))
		}
	}
	if len(empty) == 0 {
		return ""
	}
	return fill(`

// MarshalJSON implements json.Marshaler: an empty list is [], an empty map {}, neither is null.
func (v $T) MarshalJSON() ([]byte, error) {
	type bare $T // without this method
	$empty
	return json.Marshal(bare(v))
}

`, "$T", typ, "$empty", lines(empty...))
}

// field is a field of a struct.
func (g *generator) field(f *schema.Field, tag string) string {
	return lines(doc(f.Doc), f.GoName+" "+g.fieldType(f)+jsonName(tag))
}

// jsonName is the tag of a field that has a name in JSON.
func jsonName(name string) string { return " `json:" + strconv.Quote(name) + "`" }

func jsonTag(f *schema.Field) string {
	if f.Optional {
		return f.Name + ",omitempty"
	}
	return f.Name
}

// rowTag is the name of a field of a row in JSON; what providers do not show is left
// out.
func rowTag(f *schema.Field) string {
	if f.Hidden {
		return "-"
	}
	return jsonTag(f)
}
