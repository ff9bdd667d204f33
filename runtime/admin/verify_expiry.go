package admin

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// expiry holds the order of expiry against the rows.
func (v *verifier) expiry(ctx context.Context, spaces map[uint64]*entity.Table) error {
	err := v.walkPlaces(ctx, spaces, func(t *entity.Table, d layout.DueRow, f Finding) error {
		v.done.Entries++
		switch {
		case f.Err != nil:
			v.found(f)
		case t != nil:
			v.places.found(d.Entry, nil)
		}
		return nil
	})
	if err != nil || !v.places.differ() {
		return err
	}
	for _, space := range sortedSpaces(spaces) {
		if err := v.noPlace(ctx, spaces[space]); err != nil {
			return err
		}
	}
	return v.walkPlaces(ctx, spaces, func(t *entity.Table, d layout.DueRow, f Finding) error {
		if t == nil || !v.places.suspect(d.Entry, len(d.Entry)) {
			return nil
		}
		f.row = append(bytes.Clone(t.Rows), d.Pk...)
		f.Row = layout.FormatKey(t.Codec, bytes.Clone(d.Pk))
		row, err := v.r.Get(ctx, f.row)
		if errors.Is(err, errs.ErrNotFound) {
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
		if has, _, err := layout.SplitValue(row); err != nil || !bytes.Equal(has, d.Expiry) {
			f.Err = err
			v.found(f)
		}
		return nil
	})
}

// walkPlaces calls visit with each place in the order of expiry, its table if that is
// opened, and a finding that has an error where the place is none.
func (v *verifier) walkPlaces(ctx context.Context, spaces map[uint64]*entity.Table, visit func(t *entity.Table, d layout.DueRow, f Finding) error) error {
	prefix := keys.AppendUvarint(nil, layout.SpaceExpiry)
	return v.walk(ctx, "expiry", prefix, keys.Successor(prefix), func(key, _ []byte) error {
		f := Finding{Fault: FaultExpiry, Table: "expiry", Key: key}
		d, err := layout.ParseDue(key)
		t, known := spaces[d.Space]
		switch {
		case err != nil:
			f.Err = err
			t = nil
		case v.dropped[d.Space]:
			t = nil // it is going
		case !known:
			f.Err = errors.New("no table has this space")
		case t != nil:
			f.Table, f.table = t.Name, t
		}
		return visit(t, d, f)
	})
}

// noPlace finds rows that are not in the order of expiry.
func (v *verifier) noPlace(ctx context.Context, t *entity.Table) error {
	if t == nil {
		return nil
	}
	return v.rowsOf(ctx, t, func(sc *entity.Scratch, about func() Finding) error {
		if sc.Stored.Entries.Expiry == nil {
			return nil
		}
		place := t.ExpiryKey(nil, sc.Stored.Entries.Expiry, sc.Stored.Entries.Pk)
		if !v.places.suspect(place, len(place)) {
			return nil
		}
		has, err := v.r.Has(ctx, place)
		if errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: t.Name, Key: place, Err: err})
			return nil
		}
		if err == nil && !has {
			f := about()
			f.Fault, f.Key = FaultNoExpiry, place
			v.found(f)
		}
		return err
	})
}
