package records

import (
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// Parts says which part of a table's space holds the entries of an index, by the
// index's number, where that is not the part of this number. An index that gets another
// form is built in another part, beside its entries of before, so that these are there
// as long as a program needs them.
type Parts map[int]uint64

// Of is the part of an index.
func (p Parts) Of(number int) uint64 {
	if part, ok := p[number]; ok {
		return part
	}
	return uint64(number)
}

// With is the parts with that of one index set.
func (p Parts) With(number int, part uint64) Parts {
	if part == uint64(number) {
		return p
	}
	if p == nil {
		p = Parts{}
	}
	p[number] = part
	return p
}

// partStep is between the parts that an index may have. There are two of an index
// at most at any time, and the second has keys that are three bytes longer.
const partStep = 1 << 16

// Free is the first part for an index that is not taken.
func Free(number int, taken []uint64) uint64 {
	part := uint64(number)
	for slices.Contains(taken, part) {
		part += partStep
	}
	return part
}

// check says what is wrong with parts that were read.
func (p Parts) check(t *catalog.Table) error {
	for number, part := range p {
		if t.IndexNumbered(number) == nil || part == layout.SpaceRows {
			return fmt.Errorf("index %d cannot be at %d", number, part)
		}
	}
	seen := map[uint64]bool{}
	for _, ix := range t.Indexes {
		part := p.Of(ix.Number)
		if seen[part] {
			return fmt.Errorf("two indexes are at %d", part)
		}
		seen[part] = true
	}
	return nil
}
