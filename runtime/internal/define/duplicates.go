package define

import (
	"github.com/storegen/storegen/runtime/errs"
)

// mostDuplicates bounds how many pairs a DuplicatesError names.
const mostDuplicates = 100

// duplicates collects them.
type duplicates struct {
	pairs []errs.Duplicate
	more  int
}

func (d *duplicates) note(pair errs.Duplicate) {
	if len(d.pairs) < mostDuplicates {
		d.pairs = append(d.pairs, pair)
	} else {
		d.more++
	}
}

func (d *duplicates) err(table string) error {
	if len(d.pairs) == 0 {
		return nil
	}
	return &errs.DuplicatesError{Table: table, Pairs: d.pairs, More: d.more}
}
