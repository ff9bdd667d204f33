package entity

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/record"
)

// putRow writes a row in the session's transaction, or in one of its own.
func (t *Table) putRow(ctx context.Context, s *txn.Session, row any, m mode) error {
	if isNil(row) {
		return &errs.Error{Op: m.String(), Table: t.Name, Err: errNilRow}
	}
	var err error
	if t.putsAlone(s, m) {
		err = txn.Veil(s.Who, t.putAlone(ctx, s, row))
	} else {
		err = t.write(ctx, s, m, func(w *txn.Writer) error { return t.Put(ctx, w, s.Who, row, m) })
	}
	if err == nil {
		return nil
	}
	return t.Fail(m.String(), t.Codec.AppendRowKey(bytes.Clone(t.Rows), row), err)
}

var errNilRow = record.Invalid("", "the row is nil")

// nilRow is the error of a row that is nil among others, where no key says which it is.
func (t *Table) nilRow(op string, at int) error {
	return &errs.Error{Op: op, Table: t.Name, Err: record.Invalid("", fmt.Sprintf("the row at index %d is nil", at))}
}

// isNil reports whether a row is a nil pointer.
func isNil(row any) bool { return row == nil || reflect.ValueOf(row).IsNil() }

// mode says what a write expects to find.
type mode int

const (
	ModeInsert mode = iota // nothing
	modePut                // either
)

// String is the operation's name in errors.
func (m mode) String() string {
	if m == ModeInsert {
		return "insert"
	}
	return "put"
}

// Put writes a row under its key.
func (t *Table) Put(ctx context.Context, w *txn.Writer, who *access.Principal, row any, m mode) error {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.unread = true
	if err := t.ready(w.Clock, who, sc, row, m); err != nil {
		return err
	}
	if t.claims(m) {
		defer w.EndAhead()
		t.ahead(w, sc, row, m)
		if err := w.ReadAhead(ctx); err != nil {
			return t.Fail(m.String(), sc.Key, err)
		}
	}
	return t.putAt(ctx, w, sc, row, m)
}

// ready makes a row ready to be written, and sc.Key its key. now is the time in UTC.
func (t *Table) ready(now func() time.Time, who *access.Principal, sc *Scratch, row any, m mode) error {
	t.Codec.Default(row, now)
	sc.Key = t.Codec.AppendRowKey(append(sc.Key[:0], t.Rows...), row)
	if err := t.Allow(who, access.Write, t.Pk(sc.Key)); err != nil {
		return err
	}
	return t.Fail(m.String(), sc.Key, t.Codec.Check(row))
}

// putAt writes a row that is ready, at sc.Key.
func (t *Table) putAt(ctx context.Context, w *txn.Writer, sc *Scratch, row any, m mode) error {
	op := m.String()
	if t.blind(w, m) {
		return t.Fail(op, sc.Key, t.replace(ctx, w, sc, row, nil))
	}
	stored, found, err := w.Find(ctx, sc.Key)
	if err != nil {
		return t.Fail(op, sc.Key, err)
	}
	if !found {
		return t.Fail(op, sc.Key, t.replace(ctx, w, sc, row, nil))
	}
	if err := t.find(w, sc, stored); err != nil {
		return t.Fail(op, sc.Key, err)
	}
	if !sc.Stored.Live {
		// The expired row is gone once another one is in its place, and not before.
		err = t.replace(ctx, w, sc, row, nil)
		if err == nil {
			err = t.NoteGone(w, sc.Key, stored)
		}
		return t.Fail(op, sc.Key, err)
	}
	if m == ModeInsert {
		return t.Fail(op, sc.Key, errs.ErrExists)
	}
	unknown, err := t.unknownOf(sc)
	if err == nil {
		err = t.replace(ctx, w, sc, row, unknown)
	}
	return t.Fail(op, sc.Key, err)
}

// unknownOf is the fields of the stored row in sc that the table does not know, and that
// stay when another row takes its place.
func (t *Table) unknownOf(sc *Scratch) ([]byte, error) {
	if t.whole || t.Desc.Blind {
		return nil, nil
	}
	sc.unread = false
	unknown, err := t.Codec.DecodeValue(sc.Stored.Body, sc.Stored.Row, t.unknown, nil)
	return unknown, errs.Corrupt(sc.Key, err)
}

// write runs a write of one or several rows in the session's transaction, or in one of its
// own.
func (t *Table) write(ctx context.Context, s *txn.Session, m mode, fn func(w *txn.Writer) error) error {
	if t.putsBlind(m) {
		return s.WriteBlind(ctx, fn)
	}
	return s.Write(ctx, true, fn)
}
