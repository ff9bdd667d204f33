package store

import (
	"context"
	"iter"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/internal/entity"
)

// Table is any table as one type, by type parameters: for tools and tests that
// take every table there is, and for tables whose codec is written by hand. A
// generated store does the same, has the table's indexes besides, and costs less
// to compile: use that where the table is known. TableOf makes a Table of one.
//
// It may be used from several goroutines unless it is tied to a transaction.
type Table[K comparable, V any] struct {
	table entity.Handle
	key   func(v *V) K
	set   func(v *V, k K)
}

var _ CrossUserTableStore[string, struct{}] = (*Table[string, struct{}])(nil)

// TableOf puts types on a table: V is the struct of its rows, key and set are the
// KeyOf and SetKey of its package.
//
//	t := store.TableOf(db.Users.Handle(), users.KeyOf, users.SetKey)
func TableOf[K comparable, V any](h *Handle, key func(v *V) K, set func(v *V, k K)) *Table[K, V] {
	return &Table[K, V]{table: *h, key: key, set: set}
}

func (t *Table[K, V]) with(tx *Tx, p *access.Principal) *Table[K, V] {
	return &Table[K, V]{table: t.table.With(tx, p), key: t.key, set: t.set}
}

// In is the table inside a transaction or view. A table that As returned stays
// guarded.
func (t *Table[K, V]) In(tx *Tx) *Table[K, V] { return t.with(tx, nil) }

// As is the table as a principal may use it: what the principal may not do is
// ErrDenied, and rows of other users are not seen where rows have owners. A
// table that is guarded already stays so for the principal that it has.
func (t *Table[K, V]) As(p access.Principal) *Table[K, V] { return t.with(nil, &p) }

// Handle is the table without its types: its name, its description, its database,
// and what tools work with.
func (t *Table[K, V]) Handle() *Handle { return &t.table }

// TableAccess is the access level of the table.
func (t *Table[K, V]) TableAccess() access.Level { return t.table.TableAccess() }

// CanRead reports whether a role may read the table.
func (t *Table[K, V]) CanRead(r access.Role) bool { return t.table.CanRead(r) }

// Check returns an InvalidError for a row that breaks a rule of its schema; Insert,
// Put and Update do this by themselves. Defaults are not filled in for it.
func (t *Table[K, V]) Check(v *V) error { return t.table.Check(v) }

func (t *Table[K, V]) slot(k K) *entity.Slot {
	m := t.table.Slot()
	t.set(m.Row.(*V), k)
	return m
}

// Get returns the row of a key. The error is ErrNotFound where there is none or
// it has expired.
func (t *Table[K, V]) Get(ctx context.Context, k K) (v V, err error) {
	m, err := t.slot(k).Get(ctx)
	if err == nil {
		v = *m.Row.(*V)
		m.Release()
	}
	return v, err
}

// GetMany returns the rows of keys in the same order, nil for those that are
// not there. All are of one state of the database.
func (t *Table[K, V]) GetMany(ctx context.Context, ks []K) ([]*V, error) {
	block, out := make([]V, len(ks)), make([]*V, len(ks))
	err := t.table.GetMany(ctx, len(ks), func(i int, found bool) any {
		v := &block[i]
		if found {
			out[i] = v
		} else {
			t.set(v, ks[i])
		}
		return v
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Has reports whether the row of a key is there.
func (t *Table[K, V]) Has(ctx context.Context, k K) (bool, error) { return t.slot(k).Has(ctx) }

// Insert writes a row that must be new: ErrExists where its key is there, a
// UniqueError where another row holds one of its unique values, an InvalidError
// where it breaks a rule. Fields that have a default and no value get theirs,
// in v too.
func (t *Table[K, V]) Insert(ctx context.Context, v *V) error { return t.table.Insert(ctx, v) }

// InsertMany inserts rows in one commit: all or none, outside of a transaction.
func (t *Table[K, V]) InsertMany(ctx context.Context, vs []*V) error {
	return t.table.WriteMany(ctx, true, len(vs), func(i int) any { return vs[i] })
}

// Put writes a row, new or not. Otherwise it is as Insert. Fields of the stored
// row that this program's schema does not know are kept.
func (t *Table[K, V]) Put(ctx context.Context, v *V) error { return t.table.Put(ctx, v) }

// PutMany puts rows in one commit: all or none, outside of a transaction.
func (t *Table[K, V]) PutMany(ctx context.Context, vs []*V) error {
	return t.table.WriteMany(ctx, false, len(vs), func(i int) any { return vs[i] })
}

// Update reads the row of a key, lets fn change it, and writes it, as one
// transaction. ErrNotFound says that there is none. An error of fn changes
// nothing and comes back. fn may run more than once, and cannot change the key. It
// may write other rows by the same transaction; if it writes this one, the update is
// ErrInvalid.
// The row is valid until fn returns: a copy may be kept, the pointer may not.
func (t *Table[K, V]) Update(ctx context.Context, k K, fn func(v *V) error) error {
	return t.slot(k).Update(ctx, func(row any) error {
		v := row.(*V)
		t.set(v, k)
		return fn(v)
	})
}

// Delete removes the row of a key with all its index entries, and tells whether there
// was one. It is no error if there was none.
func (t *Table[K, V]) Delete(ctx context.Context, k K) (bool, error) { return t.slot(k).Delete(ctx) }

// DeleteRange removes the rows from one key up to but not including another, and
// returns how many there were. Outside of a transaction many are removed in several
// commits, of up to 5,000 rows each: the number that comes with an error is of those
// that are gone.
func (t *Table[K, V]) DeleteRange(ctx context.Context, from, to K) (int, error) {
	return t.table.DeleteRange(ctx, t.slot(from), t.slot(to))
}

// Count returns the number of rows, by a scan over all of them.
func (t *Table[K, V]) Count(ctx context.Context) (int, error) { return t.Scan().Count(ctx) }

// Scan is the whole table, in the order of its keys.
func (t *Table[K, V]) Scan() Query[K, V] { return t.query(t.table.All()) }

// ScanAll returns all rows, in the order of their keys.
func (t *Table[K, V]) ScanAll(ctx context.Context) iter.Seq2[V, error] { return t.Scan().All(ctx) }

// Index is the rows in the order of the index at a position in the description.
func (t *Table[K, V]) Index(i int) Query[K, V] { return t.query(t.table.Index(i)) }

func (t *Table[K, V]) query(r *entity.Query) Query[K, V] { return QueryOf(r, t.key) }
