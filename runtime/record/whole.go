package record

import (
	"bytes"
	"fmt"
)

// SameKey returns an error for a value that holds another key than the one that it is
// stored under; both are encoded.
//
//go:noinline
func SameKey(stored, held []byte) error {
	if bytes.Equal(stored, held) {
		return nil
	}
	return fmt.Errorf("%w: it holds the key %x, and is stored under %x", ErrMalformed, held, stored)
}
