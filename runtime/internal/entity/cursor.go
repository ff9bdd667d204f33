package entity

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"

	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/seal"
	"github.com/storegen/storegen/runtime/record"
)

// cursorVersion is the form of a cursor's bytes: the version, and sealed how many
// rows the pages had so far, as an unsigned varint, and the place. What it is about is
// not in it, but in the seal.
const CursorVersion = 2

// Unpaged stands for the number of rows of a page: there are no pages.
const Unpaged = math.MinInt

// Page gives up to n rows from a cursor on to take, and returns where it goes on.
// A row is valid during the call only.
//
//go:noinline
func (r *Query) Page(ctx context.Context, n int, from string, take func(row any)) (next string, err error) {
	if n == Unpaged {
		return "", r.visitRows(ctx, nil, func(row any, _ *Walk) (bool, error) {
			take(row)
			return true, nil
		})
	}
	position, before, err := r.position(from)
	if err != nil {
		return "", r.t.FailFor(r.s.Who, r.op(), nil, err)
	}
	if n <= 0 {
		return "", r.t.FailFor(r.s.Who, r.op(), nil, record.Invalid("", fmt.Sprintf("a page has at least one row, not %d", n)))
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
	err = within.visitRows(ctx, position, func(row any, w *Walk) (bool, error) {
		if got == n {
			next = r.cursor(last, before+n)
			return false, nil
		}
		take(row)
		if got++; got == n {
			last = w.Where()
		}
		return true, nil
	})
	return next, err
}

// AboutOf is what a cursor of a run is about.
func AboutOf(r *Query) []byte { return r.about() }

// about is what a cursor is about: the order, the fingerprint, and who reads.
func (r *Query) about() []byte {
	b := make([]byte, 2, 128)
	if r.reverse {
		b[0] = 1
	}
	if r.s.Who != nil {
		b[1] = 1
	}
	b = binary.BigEndian.AppendUint64(b, r.fingerprint())
	if r.s.Who != nil {
		b = binary.BigEndian.AppendUint32(b, uint32(r.s.Who.Role))
		b = append(b, r.s.Who.User...)
	}
	return b
}

// fingerprint is the print of the index or of the rows, made when it is first
// wanted.
func (r *Query) fingerprint() uint64 {
	at := &r.t.print
	if r.ix != ByKey {
		at = &r.t.Indexes[r.ix].Print
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
func (r *Query) makePrint() uint64 {
	h := fnv.New64a()
	t := r.t
	fmt.Fprintf(h, "%s\x00%s\x00", t.Name, t.Desc.KeyShape())
	if r.ix != ByKey {
		ix := t.Indexes[r.ix].Desc
		fmt.Fprintf(h, "%d %s", ix.Number, t.Desc.IndexShape(ix))
	}
	return h.Sum64()
}

// prefix is what the keys of the whole index begin with.
func (r *Query) prefix() []byte {
	if r.ix == ByKey {
		return r.t.Rows
	}
	return r.t.Indexes[r.ix].Prefix
}

func (r *Query) cursor(where []byte, before int) string {
	about := r.about()
	text := binary.AppendUvarint(about, uint64(before)) // behind it, as a rule in its memory
	text = append(text, where[len(r.prefix()):]...)[len(about):]
	b := append(make([]byte, 0, 1+seal.Size+len(text)), CursorVersion)
	return base64.RawURLEncoding.EncodeToString(r.t.DB.Cursors.Seal(b, about, text))
}

// position is the engine key that a cursor stands for, nil at the beginning, and
// how many rows came before.
func (r *Query) position(cursor string) (position []byte, before int, err error) {
	if cursor == "" {
		return nil, 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) == 0 || b[0] != CursorVersion {
		return nil, 0, fmt.Errorf("%w: it is not a cursor, or one of another version; begin again without one", errs.ErrStaleCursor)
	}
	text, ok := r.t.DB.Cursors.Open(r.about(), b[1:])
	if !ok {
		return nil, 0, fmt.Errorf("%w: it was made by a query over another table, index, order or schema, of another database, or for somebody else, or it was altered; begin again without one", errs.ErrStaleCursor)
	}
	count, size := binary.Uvarint(text)
	if size <= 0 || count > math.MaxInt {
		return nil, 0, fmt.Errorf("%w: it has no place in it", errs.ErrStaleCursor) // which only this package could have made
	}
	position = append(bytes.Clone(r.prefix()), text[size:]...)
	if !bytes.HasPrefix(position, r.fixed()) {
		return nil, 0, fmt.Errorf("%w: it was made by a query for another value; begin again without one", errs.ErrStaleCursor)
	}
	return position, int(count), nil
}
