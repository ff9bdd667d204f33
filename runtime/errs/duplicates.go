package errs

import (
	"fmt"
	"strings"
)

// DuplicatesError says that a unique index cannot be built, since rows have the same
// value. Nothing has changed: the program that the table was of opens it as before. It
// is an ErrUnique.
type DuplicatesError struct {
	Table string // or family
	Pairs []Duplicate
	More  int // how many there are that Pairs, which has a hundred at most, does not name
}

// Duplicate is a value that a row has although another one has it already.
type Duplicate struct {
	Table string // with its member where it belongs to a family
	Index string
	Value string    // as text
	Rows  [2]string // the keys of the rows as text, in order
	// HolderKey is the encoded key of the first of them.
	HolderKey []byte
}

// Error names all pairs.
func (e *DuplicatesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "unique violation: indexes of table %s cannot be built, as rows have the same value; the table is as before", e.Table)
	for i := range e.Pairs {
		d := &e.Pairs[i]
		fmt.Fprintf(&b, "; %s of %s: %s has %s, as %s has", d.Index, d.Table, d.Rows[1], d.Value, d.Rows[0])
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "; and %d more", e.More)
	}
	b.WriteString("; change or delete one row of each pair with the program that the table is of, or leave out unique")
	return b.String()
}

// Is makes errors.Is(err, ErrUnique) hold.
func (e *DuplicatesError) Is(target error) bool { return target == ErrUnique }

// As makes errors.As find the first pair as a UniqueError.
func (e *DuplicatesError) As(target any) bool {
	to, ok := target.(**UniqueError)
	if !ok || len(e.Pairs) == 0 {
		return false
	}
	d := &e.Pairs[0]
	*to = &UniqueError{Table: d.Table, Index: d.Index, Value: d.Value, Holder: d.Rows[0], HolderKey: d.HolderKey}
	return true
}
