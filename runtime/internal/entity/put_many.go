package entity

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// manyAhead is how many rows of those that are written together are read at once.
const manyAhead = 1000

// putMany writes n rows in one transaction.
func (t *Table) putMany(ctx context.Context, s *txn.Session, n int, row func(i int) any, m mode) error {
	if t.putsAlone(s, m) {
		return t.Fail(m.String(), nil, txn.Veil(s.Who, t.putManyAlone(ctx, s, n, row)))
	}
	return t.Fail(m.String(), nil, t.write(ctx, s, m, func(w *txn.Writer) error {
		for from := 0; from < n; from += manyAhead {
			if err := t.putSome(ctx, w, s.Who, from, min(from+manyAhead, n), row, m); err != nil {
				return err
			}
		}
		return nil
	}))
}

// putSome writes the rows from one to before another. What has to be read for them is
// read together. Where one is refused that needs no reading, those before it are written,
// as they are where another one is.
func (t *Table) putSome(ctx context.Context, w *txn.Writer, who *access.Principal, from, to int, row func(i int) any, m mode) error {
	defer w.EndAhead()
	sc := t.Scratch()
	defer t.Release(sc)
	refused := error(nil)
	together := (to-from > 1 || t.claims(m)) && !t.blind(w, m)
	if together {
		n := 1
		if t.claims(m) {
			n += t.unique
		}
		w.RoomAhead(n * (to - from))
	}
	for i := from; i < to && refused == nil; i++ {
		if r := row(i); isNil(r) {
			refused = t.nilRow(m.String(), i)
		} else {
			refused = t.readyFor(w, who, sc, r, m, together)
		}
		if refused != nil {
			to = i
		}
	}
	if together {
		if err := t.readAhead(ctx, w, m.String()); err != nil {
			return err
		}
	}
	for i := from; i < to; i++ {
		if err := t.putReady(ctx, w, sc, row(i), m); err != nil {
			return err
		}
	}
	return refused
}

// readyFor makes a row ready to be written, with what has to be read for it among what
// is read together, if that is so.
func (t *Table) readyFor(w *txn.Writer, who *access.Principal, sc *Scratch, row any, m mode, together bool) error {
	t.empty(sc)
	sc.unread = true
	if err := t.ready(w.Clock, who, sc, row, m); err != nil {
		return err
	}
	if together {
		t.ahead(w, sc, row, m)
	}
	return nil
}

// ahead adds the row at sc.Key to what is read together, and the unique entries that it
// will have where they are.
func (t *Table) ahead(w *txn.Writer, sc *Scratch, row any, m mode) {
	w.Ahead(sc.Key)
	if !t.claims(m) {
		return
	}
	t.entries(sc, row)
	for i := range sc.next.entries.List {
		if t.Indexes[sc.next.entries.List[i].Index].Desc.Unique {
			w.Ahead(sc.next.entries.Key(i))
		}
	}
}

// putReady writes a row that is ready.
func (t *Table) putReady(ctx context.Context, w *txn.Writer, sc *Scratch, row any, m mode) error {
	t.empty(sc)
	sc.unread = true
	sc.Key = t.Codec.AppendRowKey(append(sc.Key[:0], t.Rows...), row)
	return t.putAt(ctx, w, sc, row, m)
}

// readAhead reads what was added to be read together. An error names the row.
func (t *Table) readAhead(ctx context.Context, w *txn.Writer, op string) error {
	err := w.ReadAhead(ctx)
	if err == nil || errors.Is(err, errs.ErrConflict) || ctx.Err() != nil {
		return err
	}
	if key, alone := w.FailedAhead(ctx); alone != nil && bytes.HasPrefix(key, t.Rows) {
		return t.Fail(op, key, alone)
	}
	return err
}

// claims reports whether the unique entries that rows will have are read together with
// the rows. For an insert they are needed, unless it fails. A put needs them only where
// they change, and mostly they do not: to read them all the same costs more than it saves,
// unless the engine is far away.
func (t *Table) claims(m mode) bool {
	return t.unique > 0 && (m == ModeInsert || t.DB.Shared)
}
