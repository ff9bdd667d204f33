package pebble

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/storegen/storegen/runtime/engine"
)

// readError returns the engine's form of an error of pebble.
func readError(err error) error {
	switch {
	case err == nil:
		return nil
	case err == pebble.ErrNotFound:
		return engine.ErrNotFound
	case errors.Is(err, pebble.ErrClosed):
		return engine.ErrClosed
	case errors.Is(err, pebble.ErrReadOnly):
		return fmt.Errorf("pebble: %w", engine.ErrReadOnly)
	case corrupt(err):
		return fmt.Errorf("pebble: %w: %w", engine.ErrCorrupt, err)
	}
	return fmt.Errorf("pebble: %w", err)
}

// corrupt reports whether an error says that stored bytes are not what was written. A
// file that is missing is one that was taken away.
func corrupt(err error) bool {
	return pebble.IsCorruptionError(err) || errors.Is(err, fs.ErrNotExist)
}
