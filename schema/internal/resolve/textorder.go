package resolve

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
)

// warningTextOrder is the id of the warning about keys and indexes of values that are
// stored as text and have another order in Go.
const warningTextOrder = "text-order"

// textOrder warns of a field that is in a key or an index by its text, at pos, where its
// type is t, or where a part of that is stored so.
func (rs *resolver) textOrder(f *schema.Field, t *schema.Type, pos diag.Pos) {
	switch {
	case t.Marshalled() && t.Go.Form == schema.GoText:
		if t.Go.Order == "" || rs.textOrdered[t.Name] {
			return
		}
		d := rs.Warn(warningTextOrder, pos, "%s is in the order of the text of %s, and not of %s: texts compare byte by byte, so that 10 comes before 9", f.Name, t.Go, t.Go.Order)
		d.Help("ask for equal values only, or keep what has the order in a field of its own; where the order of the text is meant, say so at the type: order: text")
		if f.Pos != pos {
			d.Related(f.Pos, "declared here")
		}
	case t.Kind == kind.Struct:
		for _, part := range t.Fields {
			rs.textOrder(part, part.Type, pos)
		}
	}
}
