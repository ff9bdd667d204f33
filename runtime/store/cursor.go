package store

// Cursor is a place in a query over rows of type V, from which another page
// goes on: also in another process, and after a restart. Its text may be given
// to clients: it is sealed with a key of the database's own, so that it tells nothing
// and cannot be altered, and goes on only in the order that it is of, which is that of
// one index or key in one direction, and for the principal whom its page was for, in
// the same role. Bounds, filters and the limit are those of the query that it is given
// to; where that asks for other values, the cursor is stale. "" is the beginning.
type Cursor[V any] string

// Page is some rows of a query, and where it goes on. As JSON it is
// {"rows": [...], "next": "..."}; that of a query without rows has [] and "".
type Page[V any] struct {
	Rows []V       `json:"rows"` // never nil in a page that a query returned
	Next Cursor[V] `json:"next"` // "" where there are no more
}
