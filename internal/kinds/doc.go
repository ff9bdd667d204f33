// Package kinds tests every scalar of package kind in every place that a table has for
// one: as a field, an optional one, an element of a list, a value of a map, a part of a
// struct, a part of a key and a column of an index, up and down, a default and a literal
// of a condition. A new row of that package is tested here without a change.
package kinds
