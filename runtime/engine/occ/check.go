package occ

import (
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
)

var (
	errEmptyKey   = fmt.Errorf("%w: a key must have at least one byte", engine.ErrInvalid)
	errEmptyValue = fmt.Errorf("%w: a value must have at least one byte", engine.ErrInvalid)
)

func checkKey(key []byte) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	return nil
}

// checkPut returns the error of a put that the engine cannot hold.
func checkPut(l *engine.Limits, key, value []byte) error {
	if err := checkDelete(l, key); err != nil {
		return err
	}
	if len(value) == 0 {
		return errEmptyValue
	}
	if l.MaxValue > 0 && len(value) > l.MaxValue {
		return fmt.Errorf("%w: value of %d bytes, the limit is %d", engine.ErrTooLarge, len(value), l.MaxValue)
	}
	return nil
}

// checkDelete returns the error of a delete whose key the engine cannot hold.
func checkDelete(l *engine.Limits, key []byte) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	if l.MaxKey > 0 && len(key) > l.MaxKey {
		return fmt.Errorf("%w: key of %d bytes, the limit is %d", engine.ErrTooLarge, len(key), l.MaxKey)
	}
	return nil
}

// checkCommit returns the error of a commit of that many writes and bytes.
func checkCommit(l *engine.Limits, ops, size int) error {
	if l.MaxTxOps > 0 && ops > l.MaxTxOps {
		return fmt.Errorf("%w: commit of %d writes, the limit is %d", engine.ErrTooLarge, ops, l.MaxTxOps)
	}
	if l.MaxTxBytes > 0 && size > l.MaxTxBytes {
		return fmt.Errorf("%w: commit of %d bytes, the limit is %d", engine.ErrTooLarge, size, l.MaxTxBytes)
	}
	return nil
}

// checkMany returns the error of a GetMany whose arguments do not fit.
func checkMany(keys, vals [][]byte) error {
	if len(keys) != len(vals) {
		return fmt.Errorf("%w: %d keys but room for %d values", engine.ErrInvalid, len(keys), len(vals))
	}
	for _, key := range keys {
		if len(key) == 0 {
			return errEmptyKey
		}
	}
	return nil
}
