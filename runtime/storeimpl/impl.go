// Package storeimpl is what generated code calls, and nobody else: tables and queries
// without their Go types, which generated code puts types on. It may change with any
// version; generated code is then generated again.
//
// OpenTyped opens a table by a codec that was written by hand in the place of a
// generated one. Whoever does that uses this package too.
//
// The package knows nothing of schemas, of the generator, or of query engines.
package storeimpl

import (
	"context"
	"iter"

	"github.com/storegen/storegen/runtime/internal/define"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/store"
)

type (
	// Handle is a table without its Go types.
	Handle = entity.Handle
	// Slot is what one operation on one row works in.
	Slot = entity.Slot
	// Query is a query without the type of its rows.
	Query = entity.Query
	// Entry is what an entry of an index holds, as it is encoded.
	Entry = entity.Entry
	// Narrowing is a run that is about to be narrowed.
	Narrowing = entity.Narrowing
	// Component says how a component of a key is encoded.
	Component = entity.Component
	// Bound is a way to narrow a run by a component.
	Bound = entity.Bound
	// RowCodec tells how rows become bytes, and what the schema says of them.
	RowCodec = layout.RowCodec
	// Entries collects the index entries of one row.
	Entries = layout.Entries
	// ChangedRow is what a commit did to one row, for hooks.
	ChangedRow = entity.ChangedRow
)

// The encodings of a component.
const (
	Asc   = entity.Asc   // self-delimiting, in ascending order
	Desc  = entity.Desc  // in descending order
	Whole = entity.Whole // the last component of a table's key, where nothing follows
)

// The bounds.
const (
	Eq         = entity.Eq         // the component has this value
	From       = entity.From       // it is this or greater
	After      = entity.After      // it is greater
	To         = entity.To         // it is this or smaller
	Before     = entity.Before     // it is smaller
	StartsWith = entity.StartsWith // it begins with this
)

// Unpaged stands for the number of rows of a page: there are no pages.
const Unpaged = entity.Unpaged

// MostAhead is how many rows of a page room is made for at first.
const MostAhead = entity.MostAhead

// OpenTable opens a table, and gives it a place in the database if it has none.
// It fails with a SchemaError where the stored table does not fit the codec.
func OpenTable(ctx context.Context, db *store.DB, c RowCodec, opts ...store.TableOption) (Handle, error) {
	return define.OpenTable(ctx, db.Internal(), c, opts...)
}

// OpenMember opens one member of a family, and gives it a place in the database
// if it has none. member is the encoded parts that tell it apart, text the same
// for people. invalid is what is wrong with the parts, if anything: a member that is
// there may be of before a limit came, and opens, and a new one does not.
func OpenMember(ctx context.Context, db *store.DB, c RowCodec, member []byte, text string, invalid error, opts ...store.TableOption) (Handle, error) {
	return define.OpenMember(ctx, db.Internal(), c, member, text, invalid, opts...)
}

// LoadTable adds rows to a table that this program must not have open, and returns how many
// there were: all of them or, on an error, none. rows may be nil, which is an error.
func LoadTable(ctx context.Context, db *store.DB, c RowCodec, rows iter.Seq2[any, error], opts ...store.TableOption) (int, error) {
	return define.LoadTable(ctx, db.Internal(), c, rows, opts...)
}

// LoadMember adds rows to a member of a family: see LoadTable and OpenMember.
func LoadMember(ctx context.Context, db *store.DB, c RowCodec, member []byte, text string, invalid error, rows iter.Seq2[any, error], opts ...store.TableOption) (int, error) {
	return define.LoadMember(ctx, db.Internal(), c, member, text, invalid, rows, opts...)
}
