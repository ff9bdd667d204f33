package store

import (
	"context"
	"iter"

	"github.com/storegen/storegen/runtime/access"
)

// EntityStore is what every table does: rows of type V under keys of type K. The
// generated store of each table is one, by its pointer, and so is a Table. The
// engine in memory is the way to test code that uses one; an implementation of
// one's own is possible all the same.
type EntityStore[K comparable, V any] interface {
	// Get returns a row, or ErrNotFound.
	Get(ctx context.Context, k K) (V, error)
	// GetMany returns the rows of keys in the same order, nil for absent ones.
	GetMany(ctx context.Context, ks []K) ([]*V, error)
	// Has reports whether a row is there.
	Has(ctx context.Context, k K) (bool, error)
	// Insert writes a row that is new, or returns ErrExists.
	Insert(ctx context.Context, v *V) error
	// InsertMany inserts rows in one commit.
	InsertMany(ctx context.Context, vs []*V) error
	// Put writes a row, new or not.
	Put(ctx context.Context, v *V) error
	// PutMany puts rows in one commit.
	PutMany(ctx context.Context, vs []*V) error
	// Update changes a row by a function, or returns ErrNotFound.
	Update(ctx context.Context, k K, fn func(v *V) error) error
	// Delete removes a row, and tells whether there was one; none being there is no
	// error.
	Delete(ctx context.Context, k K) (bool, error)
	// DeleteRange removes the rows from one key up to but not including another,
	// and returns how many there were. Outside of a transaction many are removed in
	// several commits.
	DeleteRange(ctx context.Context, from, to K) (int, error)
	// Count returns the number of rows, by a scan over all of them.
	Count(ctx context.Context) (int, error)
	// ScanAll returns all rows, in the order of their keys. An error ends them: it
	// comes with a zero row, as the last pair.
	ScanAll(ctx context.Context) iter.Seq2[V, error]
}

// CrossUserTableStore is an EntityStore whose rows belong to no one user, so
// that a role decides who may read them.
type CrossUserTableStore[K comparable, V any] interface {
	EntityStore[K, V]
	// TableAccess is the access level of the table.
	TableAccess() access.Level
	// CanRead reports whether a role may read the table.
	CanRead(r access.Role) bool
}
