package provider

import "math/bits"

// ColSet is a set of columns by their positions in TableDef.Columns. The zero
// value is empty. Add may change the set in place; Clone comes before it where
// the set is shared.
type ColSet []uint64

// Cols returns the set of some columns.
func Cols(columns ...int) ColSet {
	var s ColSet
	for _, c := range columns {
		s.Add(c)
	}
	return s
}

// nowhere stands in a set for a column that no table has.
const nowhere = 1<<16 - 1

// Add puts a column into the set. A position that no table can have, as the -1 of
// a name that is not there, makes the set one that no scan and no query takes.
func (s *ColSet) Add(column int) {
	if column < 0 || column > nowhere {
		column = nowhere
	}
	for len(*s) <= column/64 {
		*s = append(*s, 0)
	}
	(*s)[column/64] |= 1 << (column % 64)
}

// Has reports whether a column is in the set.
func (s ColSet) Has(column int) bool {
	return column >= 0 && column/64 < len(s) && s[column/64]&(1<<(column%64)) != 0
}

// Len is the number of columns in the set.
func (s ColSet) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// List returns the columns in ascending order.
func (s ColSet) List() []int {
	var out []int
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			out = append(out, i*64+bits.TrailingZeros64(w))
		}
	}
	return out
}

// Within reports whether all columns of s are in other.
func (s ColSet) Within(other ColSet) bool {
	for i, w := range s {
		var o uint64
		if i < len(other) {
			o = other[i]
		}
		if w&^o != 0 {
			return false
		}
	}
	return true
}

// Clone returns a copy.
func (s ColSet) Clone() ColSet { return append(ColSet(nil), s...) }
