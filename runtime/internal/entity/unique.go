package entity

import (
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// One returns a slot that holds the row that a complete value of a unique index
// stands for, which is to be copied, and then released. It is ErrNotFound where
// there is none. entry is what At returned with all columns behind it.
//
//go:noinline
func (r *Query) One(ctx context.Context, entry []byte) (*Slot, error) {
	if err := r.t.Allow(r.s.Who, access.Read, nil); err != nil {
		return nil, err
	}
	mem := r.t.Scratch()
	err := r.find(ctx, entry, mem)
	if err != nil {
		err = r.oneError(entry, err)
	}
	return mem.filled(err)
}

// KeyOf is One without reading the row: only the key fields are to be used.
//
//go:noinline
func (r *Query) KeyOf(ctx context.Context, entry []byte) (*Slot, error) {
	pk, err := r.keyOf(ctx, entry)
	if err != nil {
		return nil, err
	}
	mem := r.t.Scratch()
	if err = r.t.Codec.DecodeRowKey(pk, mem.Stored.Row); err != nil {
		err = r.oneError(entry, errs.Corrupt(entry, err))
	}
	return mem.filled(err)
}

// looks is how often a unique value is looked up without a snapshot.
const looks = 3

// find reads the row of a unique entry into mem.
func (r *Query) find(ctx context.Context, entry []byte, mem *Scratch) error {
	if r.s.W == nil && r.s.View == nil {
		// The entry and the row are read one after the other. If the row still has
		// the value, it had it at the moment when it was read, and that will do;
		// otherwise something came in between.
		for range looks {
			ok, err := r.look(ctx, entry, mem)
			if err != nil || ok {
				return err
			}
		}
	}
	reader, done, err := r.s.Steady(ctx)
	if err != nil {
		return err
	}
	s, now := *r.s, r.s.Time()
	s.R, s.View = reader, &now
	at := Query{t: r.t, s: &s, ix: r.ix}
	err = at.byEntry(ctx, entry, mem)
	return errors.Join(err, done())
}

// look reads the row that a unique entry names, and tells whether the row has
// the entry's value.
func (r *Query) look(ctx context.Context, entry []byte, mem *Scratch) (bool, error) {
	pk, err := r.t.held(ctx, r.s, entry)
	if err != nil {
		return false, err
	}
	err = r.t.read(ctx, r.s, pk, mem)
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return false, nil
	case errors.Is(err, access.ErrDenied):
		return false, errs.ErrNotFound // another user's row is not seen
	case err != nil:
		return false, err
	}
	mem.next.entries.ResetOne(r.t.Indexes, r.ix, pk)
	r.t.Codec.Entries(&mem.next.entries, mem.Stored.Row)
	return mem.next.entries.Has(entry), nil
}

// byEntry reads the row that a unique entry names.
func (r *Query) byEntry(ctx context.Context, entry []byte, mem *Scratch) error {
	pk, err := r.t.held(ctx, r.s, entry)
	if err != nil {
		return err
	}
	err = r.t.read(ctx, r.s, pk, mem)
	switch {
	case errors.Is(err, errs.ErrNotFound):
		err = fmt.Errorf("%w: the entry names row %s, which is not there", errs.ErrCorrupt, layout.FormatKey(r.t.Codec, pk))
	case errors.Is(err, access.ErrDenied):
		err = errs.ErrNotFound // another user's row is not seen
	}
	return err
}

// read reads the row that has an encoded key, which the row points into, into
// mem.
func (t *Table) read(ctx context.Context, s *txn.Session, pk []byte, mem *Scratch) error {
	if err := t.Allow(s.Who, access.Read, pk); err != nil {
		return err
	}
	mem.Key = append(append(mem.Key[:0], t.Rows...), pk...)
	body, err := t.Get(ctx, s, mem.Key)
	if err != nil {
		return err
	}
	_, err = layout.DecodeRow(t.Codec, pk, body, mem.Stored.Row, nil)
	return errs.Corrupt(mem.Key, err)
}

// held is the key of the row that has a unique entry.
func (t *Table) held(ctx context.Context, s *txn.Session, entry []byte) ([]byte, error) {
	v, err := s.R.Get(ctx, entry)
	if err != nil {
		return nil, err
	}
	expiry, body, err := layout.SplitValue(v)
	if err != nil {
		return nil, errs.Corrupt(entry, err)
	}
	if expiry != nil {
		if now := layout.InstantOf(s.Time()); now.Expired(expiry) {
			return nil, errs.ErrNotFound
		}
	}
	pk, _, err := layout.Holder(body)
	return pk, errs.Corrupt(entry, err)
}

func (r *Query) oneError(entry []byte, err error) error {
	var e *errs.Error
	if errors.As(err, &e) || errors.Is(err, access.ErrDenied) {
		return txn.Veil(r.s.Who, err)
	}
	ix := &r.t.Indexes[r.ix]
	return txn.Veil(r.s.Who, &errs.Error{Op: "get", Table: r.t.Name, Key: ix.Desc.Name + "=" + r.t.FormatColumns(ix, entry), Err: err})
}

func (r *Query) keyOf(ctx context.Context, entry []byte) ([]byte, error) {
	if err := r.t.Allow(r.s.Who, access.Read, nil); err != nil {
		return nil, r.oneError(entry, err)
	}
	pk, err := r.t.held(ctx, r.s, entry)
	if err == nil && r.s.Who != nil && r.t.Access == access.Owned && !r.t.owns(*r.s.Who, pk) {
		err = errs.ErrNotFound
	}
	if err != nil {
		return nil, r.oneError(entry, err)
	}
	return pk, nil
}
