// Package plan picks the way to the rows of a table that a query wants: the path,
// the ranges on it, and what of the query they serve. It is the one chooser for
// all query engines.
//
// # How it chooses
//
// On each path the longest run of leading columns that constraints fix by equality
// is taken, then one range on the next column; IN makes several ranges. A path
// with an entry only for some rows, because of its condition or because a column
// may be absent, is taken only if the constraints leave no other rows. What a path
// costs is estimated from the number of rows that are left, whether rows must be
// read beside the entries, and whether the result must be sorted; the cheapest
// wins, and of equals the first.
//
// Each constraint is exact, when the ranges admit no row that breaks it, or
// residual, to be checked on every row. The limit is handed to the scan only if
// nothing is residual and the path has the order asked for.
//
// A query that names columns which are not there, or compares them with values of
// another kind, has no plan but an error: Plan.Err.
//
// # Values that come later
//
// A constraint whose value is Unknown takes part in what a path can serve, and all that
// is concluded from it is that the column is not null. Such a plan can be kept, and be
// given values by Bind as often as need be: a prepared statement. A value that no range
// can serve leaves its constraint to the caller, and the rows are more than match.
//
// Such a plan is run at the least cost on what provider.Prepare returns.
//
// Columns whose values have another order in the query language are in Query.EqualOnly.
//
// Choosing reads nothing. The package knows no query language; Select runs a query
// whole, for tests and tools.
package plan
