package store

import (
	"context"
	"sync"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
)

// EntityStore is what every table does: rows of type V under keys of type K.
// Table implements it over an engine, and generated stores through it. The
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
	// Delete removes a row; none being there is no error.
	Delete(ctx context.Context, k K) error
	// DeleteRange removes the rows from one key up to but not including another
	// in one commit, and returns how many there were.
	DeleteRange(ctx context.Context, from, to K) (int, error)
	// Count returns the number of rows, by a scan over all of them.
	Count(ctx context.Context) (int, error)
	// Scan is the whole table, in the order of its keys.
	Scan() Query[K, V]
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

// Table is a table of a database: the one implementation of EntityStore. It is
// a small value, to be copied freely, and may be used from several goroutines
// unless it is tied to a transaction.
type Table[K comparable, V any] struct {
	c Codec[K]
	t *table
	s *session
}

var _ CrossUserTableStore[string, struct{}] = Table[string, struct{}]{}

// In is the table inside a transaction or view. A table that As returned stays
// guarded.
//
//go:noinline
func (t Table[K, V]) In(tx *Tx) Table[K, V] {
	s := tx.s
	if t.s.who != nil {
		s = s.as(*t.s.who)
	}
	return Table[K, V]{c: t.c, t: t.t, s: s}
}

// As is the table as a principal may use it: what the principal may not do is
// ErrDenied, and rows of other users are not seen where rows have owners. A
// table that is guarded already stays so for the principal that it has.
//
//go:noinline
func (t Table[K, V]) As(p access.Principal) Table[K, V] {
	if t.s.who != nil {
		return t
	}
	return Table[K, V]{c: t.c, t: t.t, s: t.s.as(p)}
}

// Name is the table's name, with its member where it belongs to a family.
//
//go:noinline
func (t Table[K, V]) Name() string { return t.t.name }

// Check returns an InvalidError for a row that breaks a rule of its schema; Insert,
// Put and Update do this by themselves. Defaults are not filled in for it.
//
//go:noinline
func (t Table[K, V]) Check(v *V) error { return t.t.codec.Check(v) }

// Desc describes the table; it must not be changed.
//
//go:noinline
func (t Table[K, V]) Desc() *catalog.Table { return t.t.desc }

// DB is the database that the table is in.
//
//go:noinline
func (t Table[K, V]) DB() *DB { return t.t.db }

// TableAccess is the access level of the table.
//
//go:noinline
func (t Table[K, V]) TableAccess() access.Level { return t.t.access }

// CanRead reports whether a role may read the table.
//
//go:noinline
func (t Table[K, V]) CanRead(r access.Role) bool { return t.t.access.CanRead(r) }

// buffers holds memory for keys.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 128); return &b }}

// key appends the stored key of k to a buffer from the pool, which is to be put
// back.
//
//go:noinline
func (t Table[K, V]) key(k K) *[]byte {
	buf := buffers.Get().(*[]byte)
	*buf = t.c.AppendKey(append((*buf)[:0], t.t.rows...), k)
	return buf
}

// Get returns the row of a key. The error is ErrNotFound where there is none or
// it has expired.
//
//go:noinline
func (t Table[K, V]) Get(ctx context.Context, k K) (v V, err error) {
	mem := t.t.scratch()
	mem.key = t.c.AppendKey(append(mem.key[:0], t.t.rows...), k)
	if err = t.t.getRow(ctx, t.s, mem); err == nil {
		t.c.SetKey(mem.row, k)
		v = *mem.row.(*V)
	}
	t.t.release(mem)
	return v, err
}

// Has reports whether the row of a key is there.
//
//go:noinline
func (t Table[K, V]) Has(ctx context.Context, k K) (bool, error) {
	buf := t.key(k)
	defer buffers.Put(buf)
	has, err := t.t.has(ctx, t.s, *buf)
	return has, t.t.fail("has", *buf, err)
}

// GetMany returns the rows of keys in the same order, nil for those that are
// not there. All are of one state of the database.
//
//go:noinline
func (t Table[K, V]) GetMany(ctx context.Context, ks []K) ([]*V, error) {
	stored := make([][]byte, len(ks))
	buf := make([]byte, 0, (len(t.t.rows)+24)*len(ks))
	for i, k := range ks {
		start := len(buf)
		buf = t.c.AppendKey(append(buf, t.t.rows...), k)
		stored[i] = buf[start:len(buf):len(buf)]
	}
	block := make([]V, len(ks))
	out := make([]*V, len(ks))
	err := t.t.getMany(ctx, t.s, stored, func(i int) any {
		out[i] = &block[i]
		t.c.SetKey(out[i], ks[i])
		return out[i]
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Insert writes a row that must be new: ErrExists where its key is there, a
// UniqueError where another row holds one of its unique values, an InvalidError
// where it breaks a rule. Fields that have a default and no value get theirs,
// in v too.
//
//go:noinline
func (t Table[K, V]) Insert(ctx context.Context, v *V) error {
	return t.t.putRow(ctx, t.s, v, modeInsert)
}

// Put writes a row, new or not. Otherwise it is as Insert. Fields of the stored
// row that this program's schema does not know are kept.
//
//go:noinline
func (t Table[K, V]) Put(ctx context.Context, v *V) error {
	return t.t.putRow(ctx, t.s, v, modePut)
}

// InsertMany inserts rows in one commit: all or none, outside of a transaction.
//
//go:noinline
func (t Table[K, V]) InsertMany(ctx context.Context, vs []*V) error {
	return t.t.putMany(ctx, t.s, len(vs), func(i int) any { return vs[i] }, modeInsert)
}

// PutMany puts rows in one commit: all or none, outside of a transaction.
//
//go:noinline
func (t Table[K, V]) PutMany(ctx context.Context, vs []*V) error {
	return t.t.putMany(ctx, t.s, len(vs), func(i int) any { return vs[i] }, modePut)
}

// Update reads the row of a key, lets fn change it, and writes it, as one
// transaction. ErrNotFound says that there is none. An error of fn changes
// nothing and comes back. fn may run more than once, and cannot change the key.
// The row is valid until fn returns: a copy may be kept, the pointer may not.
//
//go:noinline
func (t Table[K, V]) Update(ctx context.Context, k K, fn func(v *V) error) error {
	buf := t.key(k)
	defer buffers.Put(buf)
	return t.t.updateRow(ctx, t.s, *buf, func(row any) error {
		t.c.SetKey(row, k) // the row's own points into memory that is used again
		return fn(row.(*V))
	})
}

// Delete removes the row of a key with all its index entries. It is no error if
// there is none.
//
//go:noinline
func (t Table[K, V]) Delete(ctx context.Context, k K) error {
	buf := t.key(k)
	defer buffers.Put(buf)
	return t.t.deleteRow(ctx, t.s, *buf)
}

// DeleteRange removes the rows from one key up to but not including another in
// one commit, and returns how many there were.
//
//go:noinline
func (t Table[K, V]) DeleteRange(ctx context.Context, from, to K) (int, error) {
	r := t.All()
	r = r.From(t.c.AppendKey(r.At(), from), Whole).Before(t.c.AppendKey(r.At(), to), Asc)
	return r.delete(ctx)
}

// Count returns the number of rows, by a scan over all of them.
//
//go:noinline
func (t Table[K, V]) Count(ctx context.Context) (int, error) { return t.All().count(ctx) }

// Scan is the whole table, in the order of its keys.
//
//go:noinline
func (t Table[K, V]) Scan() Query[K, V] { return Query[K, V]{t.All()} }

// All is the whole table, in the order of its keys, for generated code.
//
//go:noinline
func (t Table[K, V]) All() Range { return Range{t: t.t, s: t.s, ix: byKey} }

// Index is the entries of the index at a position in the description, in their
// order, for generated code.
//
//go:noinline
func (t Table[K, V]) Index(i int) Range { return Range{t: t.t, s: t.s, ix: i} }

// OnExpired has fn called with each row that was removed because it had
// expired, after the commit that removed it and before the call that made it
// returns, in its goroutine. So fn must not take long, may run in several
// goroutines at once, and may see commits in another order than they were made:
// OnCommit is the way to follow them. Rows that Delete removes before their time
// are not among them.
//
//go:noinline
func (t Table[K, V]) OnExpired(fn func(v V)) {
	db, name := t.t.db, t.t.name
	db.mu.Lock()
	defer db.mu.Unlock()
	db.watchers[name] = append(db.watchers[name], func(row any) { fn(*row.(*V)) })
}
