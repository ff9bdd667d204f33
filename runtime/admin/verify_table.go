package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// table verifies a table, but for its entries in the order of expiry.
func (v *verifier) table(ctx context.Context, t *entity.Table) error {
	v.entries.reset()
	if err := v.expect(ctx, t); err != nil {
		return err
	}
	for i := range t.Indexes {
		err := v.walk(ctx, t.Name, t.Indexes[i].Prefix, t.Indexes[i].End, func(key, value []byte) error {
			v.done.Entries++
			v.entries.found(key, value)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !v.entries.differ() {
		return nil
	}
	if err := v.rowsOf(ctx, t, func(sc *entity.Scratch, f func() Finding) error { return v.missing(ctx, t, sc, f) }); err != nil {
		return err
	}
	for i := range t.Indexes {
		if err := v.surplus(ctx, t, i); err != nil {
			return err
		}
	}
	return nil
}

// expect reads the rows of a table for what should be there for them.
func (v *verifier) expect(ctx context.Context, t *entity.Table) error {
	return v.eachRow(ctx, t, func(sc *entity.Scratch, f func() Finding, err error) error {
		v.done.Rows++
		if err != nil {
			g := f()
			g.Fault, g.Err = FaultRow, err
			v.found(g)
			return nil
		}
		e := &sc.Stored.Entries
		e.Sort()
		for _, at := range e.List {
			v.entries.expect(e.Buf[at.Start:at.End], at.Mid-at.Start)
		}
		if e.Expiry != nil {
			sc.Value = t.ExpiryKey(sc.Value[:0], e.Expiry, e.Pk)
			v.expiries.expect(sc.Value, len(sc.Value))
		}
		return nil
	})
}

// eachRow calls visit with each row of a table, or with what is wrong with it, and with
// what makes a finding about it.
func (v *verifier) eachRow(ctx context.Context, t *entity.Table, visit func(sc *entity.Scratch, f func() Finding, err error) error) error {
	sc := t.Scratch()
	defer t.Release(sc)
	w := &txn.Writer{Db: &v.db.Runner, At: v.now, Set: true}
	about := func() Finding {
		return Finding{Table: t.Name, Row: layout.FormatKey(t.Codec, bytes.Clone(t.Pk(sc.Key))), Key: sc.Key, table: t, row: bytes.Clone(sc.Key)}
	}
	return v.walk(ctx, t.Name, t.Rows, t.End, func(key, value []byte) error {
		sc.Key = append(sc.Key[:0], key...)
		sc.Value = append(sc.Value[:0], value...) // which the row points into
		_, _, err := t.Load(w, sc, sc.Value)
		return visit(sc, about, err)
	})
}

// rowsOf is eachRow for those that can be read.
func (v *verifier) rowsOf(ctx context.Context, t *entity.Table, visit func(sc *entity.Scratch, f func() Finding) error) error {
	return v.eachRow(ctx, t, func(sc *entity.Scratch, f func() Finding, err error) error {
		if err != nil {
			return nil // it was found before
		}
		sc.Stored.Entries.Sort()
		return visit(sc, f)
	})
}

// missing looks for the entries of a row that may not be there.
func (v *verifier) missing(ctx context.Context, t *entity.Table, sc *entity.Scratch, about func() Finding) error {
	e := &sc.Stored.Entries
	for i, at := range e.List {
		if !v.entries.suspect(e.Buf[at.Start:at.End], at.Mid-at.Start) {
			continue
		}
		got, err := v.r.Get(ctx, e.Key(i))
		fault := FaultWrongEntry
		switch {
		case errors.Is(err, errs.ErrNotFound):
			fault = FaultMissingEntry
		case errors.Is(err, errs.ErrCorrupt):
			v.cannotRead(Finding{Table: t.Name, Index: t.Indexes[at.Index].Desc.Name, Key: e.Key(i), Err: err})
			continue
		case err != nil:
			return err
		case bytes.Equal(got, e.Value(i)):
			continue
		}
		f := about()
		f.Fault, f.Key, f.Index = fault, e.Key(i), t.Indexes[at.Index].Desc.Name
		v.found(f)
	}
	return nil
}

// surplus compares with their rows those entries of an index that may not belong there.
func (v *verifier) surplus(ctx context.Context, t *entity.Table, i int) error {
	ix := &t.Indexes[i]
	sc := t.Scratch()
	defer t.Release(sc)
	w := &txn.Writer{Db: &v.db.Runner, At: v.now, Set: true}
	return v.walk(ctx, t.Name, ix.Prefix, ix.End, func(key, value []byte) error {
		if !v.entries.suspect(v.entries.pair(key, value), len(key)) {
			return nil
		}
		f := Finding{Table: t.Name, Index: ix.Desc.Name, Key: key, table: t}
		e, err := ix.SplitEntry(key, value, nil)
		if err != nil {
			f.Fault, f.Err = FaultEntry, err
			v.found(f)
			return nil
		}
		sc.Key = append(append(sc.Key[:0], t.Rows...), e.Key...)
		f.row, f.Row = bytes.Clone(sc.Key), layout.FormatKey(t.Codec, bytes.Clone(e.Key))
		row, err := v.r.Get(ctx, sc.Key)
		if errors.Is(err, errs.ErrNotFound) {
			f.Fault = FaultDangling
			v.found(f)
			return nil
		}
		if errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: t.Name, Row: f.Row, Key: f.row, Err: err})
			return nil
		}
		if err != nil {
			return err
		}
		if _, _, err := t.Load(w, sc, row); err != nil {
			f.Fault, f.Err = FaultDangling, fmt.Errorf("its row cannot be read: %w", err)
			v.found(f)
			return nil
		}
		if !sc.Stored.Entries.Has(key) {
			f.Fault = FaultStaleEntry
			v.found(f)
		}
		return nil
	})
}
