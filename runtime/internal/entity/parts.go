package entity

import (
	"bytes"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
)

// UseParts sets where the table's indexes are.
func (t *Table) UseParts(p records.Parts) {
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if part, ok := p[ix.Desc.Number]; ok {
			ix.Prefix, ix.End, _ = layout.PartKeys(nil, t.Space, part)
		}
	}
}

// Part is the range of a part of the table's space.
func (t *Table) Part(part uint64) (start, end []byte) {
	start = keys.AppendUvarint(keys.AppendUvarint(nil, t.Space), part)
	return start, keys.Successor(start)
}

// HasPart reports whether a key is of one of the table's indexes.
func (t *Table) HasPart(key []byte) bool {
	for i := range t.Indexes {
		if bytes.HasPrefix(key, t.Indexes[i].Prefix) {
			return true
		}
	}
	return false
}
