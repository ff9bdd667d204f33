package templates

import "github.com/storegen/storegen/schema"

// What a table costs by hand, in lines that are neither blank nor comment. The
// numbers come from a table that was written by hand, with the same promises, and
// is kept in the tests of package store; a test there compares the two.
const (
	linesBase     = 320 // opening, reading, writing, scans, cursors, errors: what does not depend on the row
	linesField    = 9   // declared, encoded, decoded, filled in, checked
	linesIndex    = 32  // its keys, kept in step, looked up, walked
	linesLifetime = 40  // hidden once expired, swept
)

// HandLines estimates how many lines of hand-written Go a table stands for: own
// are those about its fields, indexes and expiry, shared those that a careful
// program would write once for all its tables and a hasty one copies for each.
func HandLines(t *schema.Table) (own, shared int) {
	own = linesField*len(t.Fields) + linesIndex*len(t.Indexes)
	shared = linesBase
	if t.TTL != nil {
		shared += linesLifetime
	}
	return own, shared
}
