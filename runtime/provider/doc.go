// Package provider shows a table to a query engine: columns with types, the
// paths by which rows can be reached, and scans over ranges of them that decode
// only the columns asked for.
//
// # Basics
//
// New makes the provider of any table; its Def says what there is. A scan takes
// a path, ranges on the path's leading columns, and the columns wanted, and
// returns a Cursor over plain Values. Package plan picks path and ranges for a
// set of constraints; Select puts a predicate over a scan. Rows are written
// through the store, so all that holds for typed code holds here.
//
//	t := users.Provider()
//	def := t.Def()
//	cur, err := t.Scan(ctx, &provider.ScanRequest{Columns: def.Set("user_id", "email")})
//	if err != nil {
//		return err
//	}
//	defer cur.Close()
//	for cur.Next() {
//		fmt.Println(cur.Value(0), cur.Value(1))
//	}
//	return cur.Err()
//
// # What is shown
//
// Every field that is not hidden is a column, except that a key field which is a
// struct shows as its scalar parts, named field.part. Lists, maps and structs
// show as JSON documents, in the form that Column.Kind tells. What tells
// the members of a family apart is no column.
//
// # Caveats
//
//   - Values of a cursor that are text, bytes or documents point into memory that
//     the next call of Next writes over; Value.Clone keeps one.
//   - Without Scope.Tx, each scan reads a state of the database of its own.
//   - A cursor and all that it returned are for one goroutine.
//
// The package is generic over the description of a table and knows no Go types
// of rows, no query language and no engine; it imports the store and nothing
// above it.
package provider
