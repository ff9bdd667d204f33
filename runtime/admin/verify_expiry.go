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

// expiry compares the order of expiry with the rows.
func (v *verifier) expiry(ctx context.Context, spaces map[uint64]*entity.Table) error {
	err := v.eachExpiry(ctx, spaces, func(t *entity.Table, d layout.DueRow, f Finding) error {
		v.done.Entries++
		switch {
		case f.Err != nil:
			v.found(f)
		case t != nil:
			v.expiries.found(d.Entry, nil)
		}
		return nil
	})
	if err != nil || !v.expiries.differ() {
		return err
	}
	for _, space := range sortedSpaces(spaces) {
		if err := v.noExpiry(ctx, spaces[space]); err != nil {
			return err
		}
	}
	return v.eachExpiry(ctx, spaces, func(t *entity.Table, d layout.DueRow, f Finding) error {
		if t == nil || !v.expiries.suspect(d.Entry, len(d.Entry)) {
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

// eachExpiry calls visit with each entry in the order of expiry, its table if that is
// opened, and a finding that has an error where the entry cannot be read.
func (v *verifier) eachExpiry(ctx context.Context, spaces map[uint64]*entity.Table, visit func(t *entity.Table, d layout.DueRow, f Finding) error) error {
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

// noExpiry finds rows that are not in the order of expiry.
func (v *verifier) noExpiry(ctx context.Context, t *entity.Table) error {
	if t == nil {
		return nil
	}
	return v.rowsOf(ctx, t, func(sc *entity.Scratch, about func() Finding) error {
		if sc.Stored.Entries.Expiry == nil {
			return nil
		}
		entry := t.ExpiryKey(nil, sc.Stored.Entries.Expiry, sc.Stored.Entries.Pk)
		if !v.expiries.suspect(entry, len(entry)) {
			return nil
		}
		has, err := v.r.Has(ctx, entry)
		if errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: t.Name, Key: entry, Err: err})
			return nil
		}
		if err == nil && !has {
			f := about()
			f.Fault, f.Key = FaultNoExpiry, entry
			v.found(f)
		}
		return err
	})
}
