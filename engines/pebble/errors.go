package pebble

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

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
		return fmt.Errorf("pebble: %w: %w", engine.ErrCorrupt, withoutCarrier{err})
	}
	return fmt.Errorf("pebble: %w", err)
}

// withoutCarrier is an error of pebble without the line that tells of details in it, and has none.
type withoutCarrier struct{ error }

func (e withoutCarrier) Error() string {
	return strings.ReplaceAll(e.error.Error(), "\n<corruption detail carrier>", "")
}

func (e withoutCarrier) Unwrap() error { return e.error }

// corrupt reports whether an error says that stored bytes are not what was written. A
// file that is missing is one that was taken away.
func corrupt(err error) bool {
	return pebble.IsCorruptionError(err) || errors.Is(err, fs.ErrNotExist)
}
