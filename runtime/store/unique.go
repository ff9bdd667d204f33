package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
)

// One returns a slot that holds the row that a complete value of a unique index
// stands for, which is to be copied, and then released. It is ErrNotFound where
// there is none. entry is what At returned with all columns behind it.
//
//go:noinline
func (r *Run) One(ctx context.Context, entry []byte) (*Slot, error) {
	if err := r.t.allow(r.s.who, access.Read, nil); err != nil {
		return nil, err
	}
	mem := r.t.scratch()
	err := r.find(ctx, entry, mem)
	if err != nil {
		err = r.oneError(entry, err)
	}
	return mem.filled(err)
}

// KeyOf is One without reading the row: only the key fields are to be used.
//
//go:noinline
func (r *Run) KeyOf(ctx context.Context, entry []byte) (*Slot, error) {
	pk, err := r.keyOf(ctx, entry)
	if err != nil {
		return nil, err
	}
	mem := r.t.scratch()
	if err = r.t.codec.DecodeRowKey(pk, mem.row); err != nil {
		err = r.oneError(entry, corrupt(entry, err))
	}
	return mem.filled(err)
}

// looks is how often a unique value is looked up without a snapshot.
const looks = 3

// find reads the row of a unique entry into mem.
func (r *Run) find(ctx context.Context, entry []byte, mem *scratch) error {
	if r.s.w == nil && r.s.view == nil {
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
	reader, done, err := r.s.steady(ctx)
	if err != nil {
		return err
	}
	s, now := *r.s, r.s.time()
	s.r, s.view = reader, &now
	at := Run{t: r.t, s: &s, ix: r.ix}
	err = at.byEntry(ctx, entry, mem)
	return errors.Join(err, done())
}

// look reads the row that a unique entry names, and tells whether the row has
// the entry's value.
func (r *Run) look(ctx context.Context, entry []byte, mem *scratch) (bool, error) {
	pk, err := r.t.held(ctx, r.s, entry)
	if err != nil {
		return false, err
	}
	err = r.t.read(ctx, r.s, pk, mem)
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case errors.Is(err, access.ErrDenied):
		return false, ErrNotFound // another user's row is not seen
	case err != nil:
		return false, err
	}
	mem.new.reset(r.t.indexes, pk, nil)
	r.t.codec.Entries(&mem.new, mem.row)
	return mem.new.has(entry), nil
}

// byEntry reads the row that a unique entry names.
func (r *Run) byEntry(ctx context.Context, entry []byte, mem *scratch) error {
	pk, err := r.t.held(ctx, r.s, entry)
	if err != nil {
		return err
	}
	err = r.t.read(ctx, r.s, pk, mem)
	switch {
	case errors.Is(err, ErrNotFound):
		err = fmt.Errorf("%w: the entry names row %s, which is not there", ErrCorrupt, formatKey(r.t.codec, pk))
	case errors.Is(err, access.ErrDenied):
		err = ErrNotFound // another user's row is not seen
	}
	return err
}

// read reads the row that has an encoded key, which the row points into, into
// mem.
func (t *table) read(ctx context.Context, s *session, pk []byte, mem *scratch) error {
	if err := t.allow(s.who, access.Read, pk); err != nil {
		return err
	}
	mem.key = append(append(mem.key[:0], t.rows...), pk...)
	body, err := t.get(ctx, s, mem.key)
	if err != nil {
		return err
	}
	_, err = decodeRow(t.codec, pk, body, mem.row)
	return corrupt(mem.key, err)
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
	if expiry != nil {
		if now := instantOf(s.time()); now.expired(expiry) {
			return nil, ErrNotFound
		}
	}
	pk, _, err := holder(body)
	return pk, corrupt(entry, err)
}

func (r *Run) oneError(entry []byte, err error) error {
	var e *Error
	if errors.As(err, &e) || errors.Is(err, access.ErrDenied) {
		return veil(r.s.who, err)
	}
	ix := &r.t.indexes[r.ix]
	return veil(r.s.who, &Error{Op: "get", Table: r.t.name, Key: ix.desc.Name + "=" + r.t.formatColumns(ix, entry), Err: err})
}

func (r *Run) keyOf(ctx context.Context, entry []byte) ([]byte, error) {
	if err := r.t.allow(r.s.who, access.Read, nil); err != nil {
		return nil, r.oneError(entry, err)
	}
	pk, err := r.t.held(ctx, r.s, entry)
	if err == nil && r.s.who != nil && r.t.access == access.Owned && !r.t.owns(*r.s.who, pk) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, r.oneError(entry, err)
	}
	return pk, nil
}
