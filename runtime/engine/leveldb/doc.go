// Package leveldb is the embedded persistent engine, on goleveldb: one directory,
// one process, no server.
//
// # Promises
//
// A commit made with WriteOptions.Sync is on stable storage when it returns, and
// so is every commit it could have read: also those made without Sync before it.
// (The journal file is flushed when it is rotated, which goleveldb by itself
// leaves out.) Concurrent synced commits share one flush. A commit made without
// Sync survives the end of the process, not a power cut.
//
// A commit is in the database as a whole or not at all, after a crash too.
//
// When a write or flush of the journal or the manifest fails, the commits
// concerned return engine.ErrUnknown, and the engine takes no further writes:
// they return engine.ErrReadOnly with the cause, until the database is opened
// again. After a failed flush the operating system may have dropped the data and
// report success the next time, so that nothing written to that file later can
// be trusted. Reads go on.
//
// Checksums of journal and table blocks are checked whenever they are read; a
// mismatch is engine.ErrCorrupt.
//
// # Caveats
//
// A directory is open in one process at a time. A batch takes about three times
// its size in memory while it is committed.
//
// The package knows nothing of tables, rows or indexes.
package leveldb
