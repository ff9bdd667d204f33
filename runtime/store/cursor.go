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

// Unpaged stands for the number of rows of a page: there are no pages.
const Unpaged = math.MinInt

// Page gives up to n rows from a cursor on to take, and returns where it goes on.
// A row is valid during the call only.
//
//go:noinline
func (r *Run) Page(ctx context.Context, n int, from string, take func(row any)) (next string, err error) {
	if n == Unpaged {
		return "", r.rows(ctx, nil, func(row any, _ []byte) (bool, error) {
			take(row)
			return true, nil
		})
	}
	place, before, err := r.place(from)
	if err != nil {
		return "", r.t.fail(r.op(), nil, err)
	}
	if n <= 0 {
		return "", r.t.fail(r.op(), nil, record.Invalid("", fmt.Sprintf("a page has at least one row, not %d", n)))
	}
	n = min(n, math.MaxInt-1)
	within := *r
	within.limit = n + 1 // one more, to know whether there are more
	if r.limit > 0 {
		if before >= r.limit {
			return "", nil
		}
		within.limit = min(n+1, r.limit-before)
	}
	within.peek = within.limit > n
	var last []byte
	got := 0
	err = within.rows(ctx, place, func(row any, where []byte) (bool, error) {
		if got == n {
			next = r.cursor(last, before+n)
			return false, nil
		}
		take(row)
		if got++; got == n {
			last = bytes.Clone(where)
		}
		return true, nil
	})
	return next, err
}

func (r *Run) head() []byte {
	b := make([]byte, 2, 64)
	b[0] = cursorVersion
	if r.reverse {
		b[1] = 1
	}
	return binary.BigEndian.AppendUint64(b, r.fingerprint())
}

// fingerprint is the print of the index or of the rows, made when it is first
// wanted.
func (r *Run) fingerprint() uint64 {
	at := &r.t.print
	if r.ix != byKey {
		at = &r.t.indexes[r.ix].print
	}
	p := at.Load()
	if p == 0 {
		p = r.makePrint()
		at.Store(p)
	}
	return p
}

// makePrint tells the table, the index and its form apart. The place does not
// hold the space, which a restored database may have changed.
func (r *Run) makePrint() uint64 {
	h := fnv.New64a()
	t := r.t
	fmt.Fprintf(h, "%s\x00%s\x00", t.name, t.desc.KeyShape())
	if r.ix != byKey {
		ix := t.indexes[r.ix].desc
		fmt.Fprintf(h, "%d %s", ix.Number, t.desc.IndexShape(ix))
	}
	return h.Sum64()
}

// prefix is what the keys of the whole index begin with.
func (r *Run) prefix() []byte {
	if r.ix == byKey {
		return r.t.rows
	}
	return r.t.indexes[r.ix].prefix
}

func (r *Run) cursor(where []byte, before int) string {
	b := binary.AppendUvarint(r.head(), uint64(before))
	b = append(b, where[len(r.prefix()):]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// place is the engine key that a cursor stands for, nil at the beginning, and
// how many rows came before.
func (r *Run) place(cursor string) (place []byte, before int, err error) {
	if cursor == "" {
		return nil, 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < cursorHead {
		return nil, 0, fmt.Errorf("%w: it is not a cursor, or cut short", ErrStaleCursor)
	}
	count, size := binary.Uvarint(b[cursorHead:])
	switch {
	case size <= 0 || count > math.MaxInt32:
		return nil, 0, fmt.Errorf("%w: it is not a cursor, or cut short", ErrStaleCursor)
	case !bytes.Equal(b[:cursorHead], r.head()):
		return nil, 0, fmt.Errorf("%w: it was made by a query over another table, index, order or schema; begin again without one", ErrStaleCursor)
	}
	place = append(bytes.Clone(r.prefix()), b[cursorHead+size:]...)
	if !bytes.HasPrefix(place, r.fixed()) {
		return nil, 0, fmt.Errorf("%w: it was made by a query for another value; begin again without one", ErrStaleCursor)
	}
	return place, int(count), nil
}
