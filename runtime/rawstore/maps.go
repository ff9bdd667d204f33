package rawstore

import (
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// mergesKeys reports whether a row has fewer entries in its maps than the value in
// the wire format that it was decoded from: two of the keys are one for its types,
// as they may be for those that read themselves from text.
func mergesKeys(c layout.RowCodec, value []byte, row any) bool {
	n := mapEntries(c.Desc().Fields, value)
	return n > 1 && n != mapEntries(c.Desc().Fields, c.AppendValue(nil, row))
}

// mapEntries counts the entries of all maps in a value.
func mapEntries(fields []catalog.Field, value []byte) int {
	n := 0
	r := record.NewReader(value)
	for r.Next() {
		for i := range fields {
			if f := &fields[i]; f.Number == r.Num() && holdsMaps(&f.Type) {
				n += mapEntriesOf(&f.Type, r.Bytes())
			}
		}
	}
	return n
}

func mapEntriesOf(t *catalog.Type, value []byte) int {
	switch t.Kind {
	case kind.List:
		return mapEntriesOf(t.Elem, value) // a field for each element
	case kind.Map:
		return 1 + mapEntries([]catalog.Field{{Number: 2, Type: *t.Elem}}, value)
	case kind.Struct:
		return mapEntries(t.Fields, value)
	}
	return 0 // a scalar has none
}

func holdsMaps(t *catalog.Type) bool {
	if t.Kind == kind.Map || t.Elem != nil && holdsMaps(t.Elem) {
		return true
	}
	for i := range t.Fields {
		if holdsMaps(&t.Fields[i].Type) {
			return true
		}
	}
	return false
}
