package resolve

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
)

// warningSparse is the id of the warning about indexes that do not serve queries on their
// first columns alone.
const warningSparse = "sparse-index"

// sparse warns of an index that rows are missing from for the sake of a later column: who
// asks for the columns before it gets only some of the rows by a typed query, and another
// way to the rows in SQL. Where the index is unique, that is what it is for, and where its
// condition names the field, it is meant. An index over the elements of a list says by itself
// that rows without any have no entry.
func (rs *resolver) sparse(ix *schema.Index) {
	if ix.Unique || len(ix.Columns) < 2 {
		return
	}
	first := ix.Columns[0]
	if first.Each || first.Field.Optional {
		return // not even the first column is in each row
	}
	at := slices.IndexFunc(ix.Columns, func(c *schema.Column) bool { return c.Field.Optional })
	if at < 0 {
		return
	}
	c := ix.Columns[at]
	if slices.Contains(schema.ExprFields(ix.Where), c.Field) {
		return
	}
	var before []string
	for _, c := range ix.Columns[:at] {
		before = append(before, c.Field.Name)
	}
	what, asks := c.Field.Name, strings.Join(before, " and ")
	rs.Warn(warningSparse, c.Pos, "the index %s has only rows with %s: a query for %s alone does not find the others by it", ix.Name, what, asks).
		Help("add an index on %s if you ask for that; where only rows with %s are meant, say so: where: has %s", asks, what, c.Field.Name).
		Related(c.Field.Pos, "declared here")
}
