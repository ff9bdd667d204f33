package store

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
)

// places says which part of a table's space holds the entries of an index, by the
// index's number, where that is not the part of this number. An index that gets another
// form is built in another place, beside its entries of before, so that these are there
// as long as a program needs them.
type places map[int]uint64

// of is the part of an index.
func (p places) of(number int) uint64 {
	if part, ok := p[number]; ok {
		return part
	}
	return uint64(number)
}

// with is the places with that of one index set.
func (p places) with(number int, part uint64) places {
	if part == uint64(number) {
		return p
	}
	if p == nil {
		p = places{}
	}
	p[number] = part
	return p
}

// placeStep is between the places that an index may have. There are two of an index
// at most at any time, and the second has keys that are three bytes longer.
const placeStep = 1 << 16

// free is the first place for an index that is not taken.
func free(number int, taken []uint64) uint64 {
	part := uint64(number)
	for slices.Contains(taken, part) {
		part += placeStep
	}
	return part
}

// check says what is wrong with places that were read.
func (p places) check(t *catalog.Table) error {
	for number, part := range p {
		if t.IndexNumbered(number) == nil || part == spaceRows {
			return fmt.Errorf("index %d cannot be at %d", number, part)
		}
	}
	seen := map[uint64]bool{}
	for _, ix := range t.Indexes {
		part := p.of(ix.Number)
		if seen[part] {
			return fmt.Errorf("two indexes are at %d", part)
		}
		seen[part] = true
	}
	return nil
}

// place sets where the table's indexes are.
func (t *table) place(p places) {
	for i := range t.indexes {
		ix := &t.indexes[i]
		if part, ok := p[ix.desc.Number]; ok {
			ix.prefix, ix.end, _ = partKeys(nil, t.space, part)
		}
	}
}

// part is the range of a part of the table's space.
func (t *table) part(part uint64) (start, end []byte) {
	start = keys.AppendUvarint(keys.AppendUvarint(nil, t.space), part)
	return start, keys.Successor(start)
}

// hasPart reports whether a key is of one of the table's indexes.
func (t *table) hasPart(key []byte) bool {
	for i := range t.indexes {
		if bytes.HasPrefix(key, t.indexes[i].prefix) {
			return true
		}
	}
	return false
}
