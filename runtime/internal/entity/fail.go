package entity

import (
	"bytes"
	"errors"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Fail makes err an error of this table. key is a row's stored key, or nil.
func (t *Table) Fail(op string, key []byte, err error) error {
	if err == nil {
		return nil
	}
	var e *errs.Error
	if errors.As(err, &e) {
		return err
	}
	text := ""
	if key != nil {
		text = layout.FormatKey(t.Codec, bytes.Clone(t.Pk(key)))
		if errs.IsDecodeError(err) {
			err = errs.Corrupt(key, err)
		}
	}
	return &errs.Error{Op: op, Table: t.Name, Key: text, Err: err}
}

// FailFor is fail for an operation of a principal, if who is not nil.
func (t *Table) FailFor(who *access.Principal, op string, key []byte, err error) error {
	if err == nil {
		return nil
	}
	return txn.Veil(who, t.Fail(op, key, err))
}
