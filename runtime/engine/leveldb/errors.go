package leveldb

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb"
	lerrors "github.com/syndtr/goleveldb/leveldb/errors"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// readError returns the engine's form of an error of goleveldb.
func readError(err error) error {
	switch {
	case err == nil:
		return nil
	case err == leveldb.ErrNotFound:
		return engine.ErrNotFound
	case err == leveldb.ErrClosed, err == leveldb.ErrSnapshotReleased, err == leveldb.ErrIterReleased:
		return engine.ErrClosed
	case err == leveldb.ErrReadOnly:
		return fmt.Errorf("leveldb: %w", engine.ErrReadOnly)
	case lerrors.IsCorrupted(err):
		return fmt.Errorf("leveldb: %w: %w", engine.ErrCorrupt, err)
	}
	return fmt.Errorf("leveldb: %w", err)
}

// openError returns the engine's form of an error of opening a database.
func openError(err error) error {
	if err == storage.ErrLocked || errors.Is(err, syscall.EAGAIN) {
		return fmt.Errorf("%w: the database is already open, here or in another process: %w", engine.ErrUnavailable, err)
	}
	return readError(err)
}
