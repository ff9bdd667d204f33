package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
)

// byKey is the place of an index in a Query over the rows themselves.
const byKey = -1

// Query is a run of rows in the order of the key or of an index. It is a value:
// each method returns a new one, and it may be run any number of times. What it
// reads is of one state of the database.
type Query[K comparable, V any] struct {
	t       Table[K, V]
	ix      int    // an index, or byKey
	start   []byte // engine keys, not changed once set
	end     []byte
	eq      int // how many bytes of start are fixed by equality
	limit   int
	reverse bool
	filter  func(v *V) bool
	err     error
}

// Limit ends the query after n rows that match; 0 is no limit.
func (q Query[K, V]) Limit(n int) Query[K, V] {
	q.limit = max(0, n)
	return q
}

// Reverse turns the order around.
func (q Query[K, V]) Reverse() Query[K, V] {
	q.reverse = !q.reverse
	return q
}

// Filter keeps only rows for which keep returns true; all rows of the run are
// read for it. It comes before a limit, and several add up.
func (q Query[K, V]) Filter(keep func(v *V) bool) Query[K, V] {
	if before := q.filter; before != nil {
		q.filter = func(v *V) bool { return before(v) && keep(v) }
		return q
	}
	q.filter = keep
	return q
}

// All returns the rows. An error ends them: it comes with a zero row, as the
// last pair.
//
//	for job, err := range jobs.ByStatus.Status(models.JobStatusFailed).All(ctx) {
//		if err != nil {
//			return err
//		}
//		...
//	}
func (q Query[K, V]) All(ctx context.Context) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		var zero V
		err := q.run(ctx, nil, func(v *V, _ []byte) (bool, error) { return yield(*v, nil), nil })
		if err != nil {
			yield(zero, err)
		}
	}
}

// Rows returns the rows as a slice.
func (q Query[K, V]) Rows(ctx context.Context) ([]V, error) {
	var out []V
	err := q.run(ctx, nil, func(v *V, _ []byte) (bool, error) {
		out = append(out, *v)
		return true, nil
	})
	return out, err
}

// Keys returns the keys of the rows. An index is not left for it: rows are read
// only for a filter.
func (q Query[K, V]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return func(yield func(K, error) bool) {
		var zero K
		err := q.scanKeys(ctx, func(pk []byte) (bool, error) {
			k, err := q.t.c.DecodeKey(bytes.Clone(pk))
			if err != nil {
				return false, err
			}
			return yield(k, nil), nil
		})
		if err != nil {
			yield(zero, err)
		}
	}
}

// Count returns the number of rows; in an index over the elements of a list,
// the number of entries.
func (q Query[K, V]) Count(ctx context.Context) (int, error) {
	n := 0
	err := q.scanKeys(ctx, func([]byte) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}

// First returns the first row, or ErrNotFound.
func (q Query[K, V]) First(ctx context.Context) (V, error) {
	var out V
	found := false
	q.limit = 1
	err := q.run(ctx, nil, func(v *V, _ []byte) (bool, error) {
		out, found = *v, true
		return false, nil
	})
	if err == nil && !found {
		err = q.t.t.fail(q.op(), nil, ErrNotFound)
	}
	return out, err
}

// Last returns the last row, or ErrNotFound.
func (q Query[K, V]) Last(ctx context.Context) (V, error) { return q.Reverse().First(ctx) }

// Delete removes the rows in one commit and returns how many there were.
func (q Query[K, V]) Delete(ctx context.Context) (int, error) {
	n := 0
	err := q.t.s.write(ctx, false, func(w *writer) error {
		n = 0
		in := q
		in.t.s = &session{db: w.db, r: w.tx, w: w, now: w.now, who: q.t.s.who}
		if err := in.t.t.allow(in.t.s.who, "write", nil); err != nil {
			return err
		}
		var found [][]byte
		err := in.scanKeys(ctx, func(pk []byte) (bool, error) {
			found = append(found, append(bytes.Clone(in.t.t.rows), pk...))
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, key := range found {
			there, err := in.t.t.delete(ctx, w, key)
			if err != nil {
				return in.t.t.fail("delete", key, err)
			}
			if there {
				n++
			}
		}
		return nil
	})
	return n, q.t.t.fail("delete", nil, err)
}

// op names the query in errors.
func (q *Query[K, V]) op() string {
	if q.ix == byKey {
		return "scan"
	}
	return "scan " + q.t.t.indexes[q.ix].desc.Name + " of"
}

// run calls visit with each row that matches, until it returns false. from is a
// position to go on behind, or nil. The row and where are valid during the call
// only; what the row points to stays.
func (q *Query[K, V]) run(ctx context.Context, from []byte, visit func(v *V, where []byte) (bool, error)) error {
	var v V
	n := 0
	return q.each(ctx, from, false, func(key, pk, body []byte) (bool, error) {
		var zero V
		v = zero
		k, err := q.t.c.DecodeKey(pk)
		if err == nil {
			q.t.c.SetKey(&v, k)
			_, err = q.t.c.DecodeValue(body, &v)
		}
		if err != nil {
			return false, corrupt(append(bytes.Clone(q.t.t.rows), pk...), err)
		}
		if q.filter != nil && !q.filter(&v) {
			return true, nil
		}
		n++
		more, err := visit(&v, key)
		return more && err == nil && (q.limit == 0 || n < q.limit), err
	})
}

// scanKeys calls visit with the encoded key of each row that matches.
func (q *Query[K, V]) scanKeys(ctx context.Context, visit func(pk []byte) (bool, error)) error {
	if q.filter != nil {
		var pk []byte
		return q.run(ctx, nil, func(v *V, _ []byte) (bool, error) {
			pk = q.t.c.AppendKey(pk[:0], q.t.c.Key(v))
			return visit(pk)
		})
	}
	n := 0
	return q.each(ctx, nil, true, func(_, pk, _ []byte) (bool, error) {
		n++
		more, err := visit(pk)
		return more && err == nil && (q.limit == 0 || n < q.limit), err
	})
}

// each walks the run: key is the entry's, pk the row's, body its value unless
// only keys are wanted. pk and body may be kept, key may not.
func (q *Query[K, V]) each(ctx context.Context, from []byte, keysOnly bool, visit func(key, pk, body []byte) (bool, error)) error {
	err := q.err
	if err == nil {
		err = q.t.t.allow(q.t.s.who, "read", nil)
	}
	if err == nil {
		sc := scan{t: q.t.t, s: q.t.s, ix: q.ix, start: q.start, end: q.end, reverse: q.reverse, limit: q.limit, keysOnly: keysOnly}
		sc.clip(from)
		err = sc.run(ctx, visit)
	}
	return q.t.t.fail(q.op(), nil, err)
}

// The functions below narrow a query; generated code calls them, with the
// encoded components that its typed methods take.

// Component says how a component of a key is encoded.
type Component uint8

const (
	// Asc is a self-delimiting component in ascending order.
	Asc Component = 0
	// Desc is one in descending order.
	Desc Component = 1
	// Whole is the last component of a table's key, where nothing follows.
	Whole Component = 2
)

// At returns a new buffer that holds what equality has fixed of the query, for
// the next component to be appended to.
func At[K comparable, V any](q Query[K, V]) []byte {
	return append(make([]byte, 0, q.eq+48), q.start[:q.eq]...)
}

// Eq fixes the next component: b is what At returned with the component behind
// it.
func Eq[K comparable, V any](q Query[K, V], b []byte) Query[K, V] {
	q.start, q.end, q.eq = b, keys.Successor(b), len(b)
	return q
}

// StartsWith keeps values that begin with a prefix: b is as for Eq, with the
// prefix form of the component.
func StartsWith[K comparable, V any](q Query[K, V], b []byte) Query[K, V] {
	q.start, q.end = b, keys.Successor(b)
	return q
}

// From keeps values at b and greater, After only greater ones, To those at b
// and smaller, Before only smaller ones.
func From[K comparable, V any](q Query[K, V], b []byte, c Component) Query[K, V] {
	if c == Desc {
		q.end = behind(b, c)
		return q
	}
	q.start = b
	return q
}

// After: see From.
func After[K comparable, V any](q Query[K, V], b []byte, c Component) Query[K, V] {
	if c == Desc {
		q.end = b
		return q
	}
	q.start = behind(b, c)
	return q
}

// To: see From.
func To[K comparable, V any](q Query[K, V], b []byte, c Component) Query[K, V] {
	if c == Desc {
		q.start = b
		return q
	}
	q.end = behind(b, c)
	return q
}

// Before: see From.
func Before[K comparable, V any](q Query[K, V], b []byte, c Component) Query[K, V] {
	if c == Desc {
		q.start = behind(b, c)
		return q
	}
	q.end = b
	return q
}

// behind is the first key after all that have the component b.
func behind(b []byte, c Component) []byte {
	if c == Whole {
		return append(bytes.Clone(b), 0)
	}
	return keys.Successor(b)
}

// One reads the one row that a complete value of a unique index stands for: b
// is what At returned with all columns behind it. It is ErrNotFound where there
// is none.
func One[K comparable, V any](ctx context.Context, q Query[K, V], b []byte) (V, error) {
	v, err := one(ctx, q, b)
	if err != nil {
		err = q.oneError(b, err)
	}
	return v, err
}

// looks is how often a unique value is looked up without a snapshot.
const looks = 3

func one[K comparable, V any](ctx context.Context, q Query[K, V], b []byte) (V, error) {
	var zero V
	if err := q.t.t.allow(q.t.s.who, "read", nil); err != nil {
		return zero, err
	}
	if q.t.s.w == nil && !q.t.s.view {
		// The entry and the row are read one after the other. If the row still has
		// the value, it had it at the moment when it was read, and that will do;
		// otherwise something came in between.
		for range looks {
			v, ok, err := q.t.look(ctx, b)
			if err != nil || ok {
				return v, err
			}
		}
	}
	r, done, err := q.t.s.steady(ctx)
	if err != nil {
		return zero, err
	}
	in := q.t
	s := *q.t.s
	s.r, s.view, s.now = r, true, q.t.s.time()
	in.s = &s
	v, err := in.byEntry(ctx, b)
	return v, errors.Join(err, done())
}

// look reads the row that a unique entry names, and tells whether the row has
// the entry's value.
func (t Table[K, V]) look(ctx context.Context, entry []byte) (v V, ok bool, err error) {
	pk, err := t.t.held(ctx, t.s, entry)
	if err != nil {
		return v, false, err
	}
	k, err := t.c.DecodeKey(pk)
	if err != nil {
		return v, false, corrupt(entry, err)
	}
	buf := t.key(k)
	defer buffers.Put(buf)
	v, err = t.get(ctx, *buf, k)
	switch {
	case errors.Is(err, ErrNotFound):
		return v, false, nil
	case errors.Is(err, access.ErrDenied):
		return v, false, ErrNotFound // another user's row is not seen
	case err != nil:
		return v, false, err
	}
	sc := t.t.scratch()
	defer t.t.release(sc)
	sc.new.reset(t.t, pk, nil)
	t.c.Entries(&sc.new, &v)
	return v, sc.new.has(entry), nil
}

// byEntry reads the row that a unique entry names.
func (t Table[K, V]) byEntry(ctx context.Context, entry []byte) (V, error) {
	var zero V
	pk, err := t.t.held(ctx, t.s, entry)
	if err != nil {
		return zero, err
	}
	k, err := t.c.DecodeKey(pk)
	if err != nil {
		return zero, corrupt(entry, err)
	}
	key := append(bytes.Clone(t.t.rows), pk...)
	v, err := t.get(ctx, key, k)
	switch {
	case errors.Is(err, ErrNotFound):
		err = fmt.Errorf("%w: the entry names row %s, which is not there", ErrCorrupt, t.t.codec.formatKey(pk))
	case errors.Is(err, access.ErrDenied):
		err = ErrNotFound // another user's row is not seen
	}
	return v, err
}

// held is the key of the row that has a unique entry.
func (t *table) held(ctx context.Context, s *session, entry []byte) ([]byte, error) {
	v, err := s.r.Get(ctx, entry)
	if err != nil {
		return nil, err
	}
	expiry, body, err := splitValue(v)
	if err != nil {
		return nil, corrupt(entry, err)
	}
	if now := instantOf(s.time()); now.expired(expiry) {
		return nil, ErrNotFound
	}
	pk, _, err := holder(body)
	return pk, corrupt(entry, err)
}

func (q *Query[K, V]) oneError(b []byte, err error) error {
	t := q.t.t
	ix := &t.indexes[q.ix]
	var e *Error
	if errors.As(err, &e) || errors.Is(err, access.ErrDenied) {
		return err
	}
	return &Error{Op: "get", Table: t.name, Key: ix.desc.Name + "=" + t.formatColumns(ix, b), Err: err}
}

// KeyOf returns the key of the one row that a complete value of a unique index
// stands for, without reading the row. It is as One otherwise.
func KeyOf[K comparable, V any](ctx context.Context, q Query[K, V], b []byte) (K, error) {
	var zero K
	if err := q.t.t.allow(q.t.s.who, "read", nil); err != nil {
		return zero, err
	}
	pk, err := q.t.t.held(ctx, q.t.s, b)
	if err == nil && q.t.s.who != nil && q.t.t.access == access.Owned && !q.t.t.owns(*q.t.s.who, pk) {
		err = ErrNotFound
	}
	if err != nil {
		return zero, q.oneError(b, err)
	}
	k, err := q.t.c.DecodeKey(pk)
	if err != nil {
		return zero, q.oneError(b, corrupt(b, err))
	}
	return k, nil
}

// Entry calls visit with the key of the row and the included fields of each
// entry of an index, in the wire format, without reading rows. Both slices may
// be kept.
func Entry[K comparable, V any](ctx context.Context, q Query[K, V], visit func(k K, columns, include []byte) (bool, error)) error {
	if q.filter != nil {
		return q.t.t.fail(q.op(), nil, fmt.Errorf("%w: a filter needs whole rows: use All", engine.ErrInvalid))
	}
	n := 0
	err := q.err
	if err == nil {
		err = q.t.t.allow(q.t.s.who, "read", nil)
	}
	if err == nil {
		prefix := len(q.t.t.indexes[q.ix].prefix)
		var mem arena
		sc := scan{t: q.t.t, s: q.t.s, ix: q.ix, start: q.start, end: q.end, reverse: q.reverse, limit: q.limit}
		sc.clip(nil)
		err = sc.entries(ctx, func(key, pk, include []byte) (bool, error) {
			k, err := q.t.c.DecodeKey(mem.copy(pk))
			if err != nil {
				return false, corrupt(key, err)
			}
			n++
			more, err := visit(k, mem.copy(key[prefix:]), mem.copy(include))
			return more && err == nil && (q.limit == 0 || n < q.limit), corrupt(key, err)
		})
	}
	return q.t.t.fail(q.op(), nil, err)
}
