package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"

	"github.com/storegen/storegen/runtime/record"
)

// Cursor is a place in a query over rows of type V, from which another page
// goes on: also in another process, and after a restart. Its text may be given
// to clients; it holds key bytes, which are not secret. "" is the beginning.
type Cursor[V any] string

// Page is some rows of a query, and where it goes on.
type Page[V any] struct {
	Rows []V
	Next Cursor[V] // "" where there are no more
}

// cursorVersion is the form of a cursor's bytes: the version, the order (0
// forward, 1 reverse), 8 bytes of fingerprint, how many rows the pages had so
// far, as an unsigned varint, and the place.
const cursorVersion = 1

const cursorHead = 2 + 8

// Page returns up to n rows from a cursor on. Rows that are written meanwhile
// show or not as they lie ahead of the place or behind it; none that stays put
// comes twice or is missed. The query's limit is one for all its pages. A cursor
// of another index, order, schema or value of a fixed component is
// ErrStaleCursor.
func (q Query[K, V]) Page(ctx context.Context, n int, from Cursor[V]) (Page[V], error) {
	var page Page[V]
	place, before, err := q.place(from)
	if err != nil {
		return page, q.t.t.fail(q.op(), nil, err)
	}
	if n <= 0 {
		return page, q.t.t.fail(q.op(), nil, record.Invalid("", fmt.Sprintf("a page has at least one row, not %d", n)))
	}
	limit := q.limit
	q.limit = n + 1 // one more, to know whether there are more
	if limit > 0 {
		if before >= limit {
			return page, nil
		}
		q.limit = min(q.limit, limit-before)
	}
	var last []byte
	err = q.run(ctx, place, func(v *V, where []byte) (bool, error) {
		if len(page.Rows) == n {
			page.Next = q.cursor(last, before+n)
			return false, nil
		}
		page.Rows = append(page.Rows, *v)
		last = append(last[:0], where...)
		return true, nil
	})
	if err != nil {
		return Page[V]{}, err
	}
	return page, nil
}

func (q *Query[K, V]) head() []byte {
	b := []byte{cursorVersion, 0}
	if q.reverse {
		b[1] = 1
	}
	return binary.BigEndian.AppendUint64(b, q.fingerprint())
}

// fingerprint tells the table, the index and its form apart. The place does not
// hold the space, which a restored database may have changed.
func (q *Query[K, V]) fingerprint() uint64 {
	h := fnv.New64a()
	t := q.t.t
	fmt.Fprintf(h, "%s\x00%s\x00", t.name, t.desc.KeyShape())
	if q.ix != byKey {
		ix := t.indexes[q.ix].desc
		fmt.Fprintf(h, "%d %s", ix.Number, t.desc.IndexShape(ix))
	}
	return h.Sum64()
}

func (q *Query[K, V]) prefix() []byte {
	if q.ix == byKey {
		return q.t.t.rows
	}
	return q.t.t.indexes[q.ix].prefix
}

func (q *Query[K, V]) cursor(where []byte, before int) Cursor[V] {
	b := binary.AppendUvarint(q.head(), uint64(before))
	b = append(b, where[len(q.prefix()):]...)
	return Cursor[V](base64.RawURLEncoding.EncodeToString(b))
}

// place is the engine key that a cursor stands for, nil at the beginning, and
// how many rows came before.
func (q *Query[K, V]) place(c Cursor[V]) (place []byte, before int, err error) {
	if c == "" {
		return nil, 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || len(b) < cursorHead {
		return nil, 0, fmt.Errorf("%w: it is not a cursor, or cut short", ErrStaleCursor)
	}
	count, size := binary.Uvarint(b[cursorHead:])
	switch {
	case size <= 0 || count > math.MaxInt32:
		return nil, 0, fmt.Errorf("%w: it is not a cursor, or cut short", ErrStaleCursor)
	case !bytes.Equal(b[:cursorHead], q.head()):
		return nil, 0, fmt.Errorf("%w: it was made by a query over another table, index, order or schema; begin again without one", ErrStaleCursor)
	}
	place = append(bytes.Clone(q.prefix()), b[cursorHead+size:]...)
	if !bytes.HasPrefix(place, q.start[:q.eq]) {
		return nil, 0, fmt.Errorf("%w: it was made by a query for another value; begin again without one", ErrStaleCursor)
	}
	return place, int(count), nil
}
