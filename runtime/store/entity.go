package store

import (
	"bytes"
	"context"
	"errors"
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
	c Codec[K, V]
	t *table
	s *session
}

var _ CrossUserTableStore[string, struct{}] = Table[string, struct{}]{}

// In is the table inside a transaction or view. A table that As returned stays
// guarded.
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
func (t Table[K, V]) As(p access.Principal) Table[K, V] {
	if t.s.who != nil {
		return t
	}
	return Table[K, V]{c: t.c, t: t.t, s: t.s.as(p)}
}

// Name is the table's name, with its member where it belongs to a family.
func (t Table[K, V]) Name() string { return t.t.name }

// Check returns an InvalidError for a row that breaks a rule of its schema; Insert,
// Put and Update do this by themselves. Defaults are not filled in for it.
func (t Table[K, V]) Check(v *V) error { return t.c.Check(v) }

// Desc describes the table; it must not be changed.
func (t Table[K, V]) Desc() *catalog.Table { return t.t.desc }

// DB is the database that the table is in.
func (t Table[K, V]) DB() *DB { return t.t.db }

// TableAccess is the access level of the table.
func (t Table[K, V]) TableAccess() access.Level { return t.t.access }

// CanRead reports whether a role may read the table.
func (t Table[K, V]) CanRead(r access.Role) bool { return t.t.access.CanRead(r) }

// buffers holds memory for keys.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 128); return &b }}

// key appends the stored key of k to a buffer from the pool, which is to be put
// back.
func (t Table[K, V]) key(k K) *[]byte {
	buf := buffers.Get().(*[]byte)
	*buf = t.c.AppendKey(append((*buf)[:0], t.t.rows...), k)
	return buf
}

// Get returns the row of a key. The error is ErrNotFound where there is none or
// it has expired.
func (t Table[K, V]) Get(ctx context.Context, k K) (V, error) {
	buf := t.key(k)
	defer buffers.Put(buf)
	v, err := t.get(ctx, *buf, k)
	return v, t.t.fail("get", *buf, err)
}

func (t Table[K, V]) get(ctx context.Context, key []byte, k K) (V, error) {
	var v V
	if err := t.t.allow(t.s.who, "read", t.t.pk(key)); err != nil {
		return v, err
	}
	err := t.t.get(ctx, t.s, key, func(body []byte) error {
		t.c.SetKey(&v, k)
		_, err := t.c.DecodeValue(body, &v)
		return err
	})
	if err != nil {
		var zero V
		return zero, err
	}
	return v, nil
}

// Has reports whether the row of a key is there.
func (t Table[K, V]) Has(ctx context.Context, k K) (bool, error) {
	buf := t.key(k)
	defer buffers.Put(buf)
	if err := t.t.allow(t.s.who, "read", t.t.pk(*buf)); err != nil {
		return false, t.t.fail("has", *buf, err)
	}
	if t.t.desc.TTL == nil {
		has, err := t.s.r.Has(ctx, *buf)
		return has, t.t.fail("has", *buf, err)
	}
	err := t.t.get(ctx, t.s, *buf, func([]byte) error { return nil })
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, t.t.fail("has", *buf, err)
}

// GetMany returns the rows of keys in the same order, nil for those that are
// not there. All are of one state of the database.
func (t Table[K, V]) GetMany(ctx context.Context, ks []K) ([]*V, error) {
	stored := make([][]byte, len(ks))
	var buf []byte
	ends := make([]int, len(ks))
	for i, k := range ks {
		buf = t.c.AppendKey(append(buf, t.t.rows...), k)
		ends[i] = len(buf)
	}
	start := 0
	for i, end := range ends {
		stored[i] = buf[start:end:end]
		start = end
		if err := t.t.allow(t.s.who, "read", t.t.pk(stored[i])); err != nil {
			return nil, t.t.fail("get", stored[i], err)
		}
	}
	r, done, err := t.s.steady(ctx)
	if err != nil {
		return nil, t.t.fail("get", nil, err)
	}
	vals := make([][]byte, len(ks))
	err = r.GetMany(ctx, stored, vals)
	if err := errors.Join(err, done()); err != nil {
		return nil, t.t.fail("get", nil, err)
	}
	now := instantOf(t.s.time())
	block := make([]V, len(ks))
	out := make([]*V, len(ks))
	for i, val := range vals {
		if val == nil {
			continue
		}
		expiry, body, err := splitValue(val)
		if err == nil && now.expired(expiry) {
			continue
		}
		if err == nil {
			t.c.SetKey(&block[i], ks[i])
			_, err = t.c.DecodeValue(body, &block[i])
		}
		if err != nil {
			return nil, t.t.fail("get", stored[i], corrupt(stored[i], err))
		}
		out[i] = &block[i]
	}
	return out, nil
}

// Insert writes a row that must be new: ErrExists where its key is there, a
// UniqueError where another row holds one of its unique values, an InvalidError
// where it breaks a rule. Fields that have a default and no value get theirs,
// in v too.
func (t Table[K, V]) Insert(ctx context.Context, v *V) error {
	return t.put(ctx, v, modeInsert)
}

// Put writes a row, new or not. Otherwise it is as Insert. Fields of the stored
// row that this program's schema does not know are kept.
func (t Table[K, V]) Put(ctx context.Context, v *V) error {
	return t.put(ctx, v, modePut)
}

func (t Table[K, V]) put(ctx context.Context, v *V, m mode) error {
	err := t.s.write(ctx, true, func(w *writer) error { return t.t.put(ctx, w, t.s.who, v, m) })
	if err == nil {
		return nil
	}
	buf := t.key(t.c.Key(v))
	defer buffers.Put(buf)
	return t.t.fail(m.String(), *buf, err)
}

// InsertMany inserts rows in one commit: all or none, outside of a transaction.
func (t Table[K, V]) InsertMany(ctx context.Context, vs []*V) error {
	return t.putMany(ctx, vs, modeInsert)
}

// PutMany puts rows in one commit: all or none, outside of a transaction.
func (t Table[K, V]) PutMany(ctx context.Context, vs []*V) error { return t.putMany(ctx, vs, modePut) }

func (t Table[K, V]) putMany(ctx context.Context, vs []*V, m mode) error {
	return t.t.fail(m.String(), nil, t.s.write(ctx, true, func(w *writer) error {
		for _, v := range vs {
			if err := t.t.put(ctx, w, t.s.who, v, m); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Update reads the row of a key, lets fn change it, and writes it, as one
// transaction. ErrNotFound says that there is none. An error of fn changes
// nothing and comes back. fn may run more than once, and cannot change the key.
func (t Table[K, V]) Update(ctx context.Context, k K, fn func(v *V) error) error {
	buf := t.key(k)
	defer buffers.Put(buf)
	if err := t.t.allow(t.s.who, "write", t.t.pk(*buf)); err != nil {
		return t.t.fail("update", *buf, err)
	}
	return t.t.fail("update", *buf, t.s.write(ctx, true, func(w *writer) error {
		v := new(V)
		return t.t.update(ctx, w, *buf, v, func() error { return fn(v) })
	}))
}

// Delete removes the row of a key with all its index entries. It is no error if
// there is none.
func (t Table[K, V]) Delete(ctx context.Context, k K) error {
	buf := t.key(k)
	defer buffers.Put(buf)
	if err := t.t.allow(t.s.who, "write", t.t.pk(*buf)); err != nil {
		return t.t.fail("delete", *buf, err)
	}
	return t.t.fail("delete", *buf, t.s.write(ctx, true, func(w *writer) error {
		_, err := t.t.delete(ctx, w, *buf)
		return err
	}))
}

// DeleteRange removes the rows from one key up to but not including another in
// one commit, and returns how many there were.
func (t Table[K, V]) DeleteRange(ctx context.Context, from, to K) (int, error) {
	q := t.Scan()
	q.start = t.c.AppendKey(bytes.Clone(t.t.rows), from)
	q.end = t.c.AppendKey(bytes.Clone(t.t.rows), to)
	return q.Delete(ctx)
}

// Count returns the number of rows, by a scan over all of them.
func (t Table[K, V]) Count(ctx context.Context) (int, error) { return t.Scan().Count(ctx) }

// Scan is the whole table, in the order of its keys.
func (t Table[K, V]) Scan() Query[K, V] {
	return Query[K, V]{t: t, ix: byKey, start: t.t.rows, end: t.t.end, eq: len(t.t.rows)}
}

// Index is the entries of the index at a position in the description, in their
// order; generated code narrows it.
func (t Table[K, V]) Index(i int) Query[K, V] {
	ix := &t.t.indexes[i]
	return Query[K, V]{t: t, ix: i, start: ix.prefix, end: ix.end, eq: len(ix.prefix)}
}

// OnExpired has fn called with each row that was removed because it had
// expired, after the commit that removed it and before the call that made it
// returns, in its goroutine. So fn must not take long, may run in several
// goroutines at once, and may see commits in another order than they were made:
// OnCommit is the way to follow them. Rows that Delete removes before their time
// are not among them.
func (t Table[K, V]) OnExpired(fn func(v V)) {
	db, name := t.t.db, t.t.name
	db.mu.Lock()
	defer db.mu.Unlock()
	db.watchers[name] = append(db.watchers[name], func(row any) { fn(*row.(*V)) })
}
