// Package pebble is an embedded persistent engine on pebble: one directory, one process,
// no server. It makes the same promises as the leveldb engine, takes less processor time
// for most operations, and brings more with it: a program gets larger by about 18 MB.
//
// # Promises
//
// A commit made with WriteOptions.Sync is on stable storage when it returns, and
// so is every commit it could have read: also those made without Sync before it.
// Concurrent synced commits share one flush. A commit made without Sync survives the end
// of the process, not a power cut. (Pebble by itself keeps such commits in the process for
// a while: here each is copied to TAIL as well, a small file that is mapped into memory where
// the system can do that.)
//
// A commit is in the database as a whole or not at all, after a crash too. It is seen by
// reads a moment before it is on stable storage.
//
// When a write or flush of the journal, the manifest or the directory fails, the commits
// concerned return engine.ErrUnknown, and the engine takes no further writes:
// they return engine.ErrReadOnly with the cause, until the database is opened
// again. Nothing of the files that counts is changed any more. Reads go on, and may show
// commits whose outcome is unknown, which may be gone when the database is opened again. A
// table that could not be written is written again. (Pebble by itself ends the process
// over the former, and tries the latter without a pause.)
//
// # Ranges
//
// DeleteRange makes one record of a range that is deleted, whatever is in it. It keeps the
// promises above as a put does. Clearing and dropping tables uses it.
//
// # Corruption
//
// Bytes that are not what was written are engine.ErrCorrupt, and never other or
// missing pairs. What guards which:
//
//   - Blocks of tables, and their footers, have a checksum each, which is checked whenever
//     one is read from the file.
//   - Chunks of journals and of the manifest have a checksum each, and those of journals
//     tell how far the journal was flushed.
//   - The name of the current manifest is in the name of a file, marker.manifest. A
//     database without it, or without the manifest, is refused, where pebble would begin a
//     new one.
//   - The tables that the manifest names are there, each as long as it says, which is
//     looked at when the database is opened.
//   - A clean Close notes down the lengths and checksums of journals and manifest, in
//     CLOSED, so that any change of them shows at the next opening, before anything is
//     changed. The note may be missing.
//
// The end of the last journal may be torn by a crash, which is no corruption: the commit
// that was being written then is not in the database. So after a crash, and not after a
// clean Close, some losses go unnoticed: damage of the last journal and of the manifest is
// taken for a torn end where pebble cannot tell, and so is an end that is cut away, and a
// last journal that is gone. Other damage is refused. So may be a hole in a journal with
// commits behind it, which a power cut can leave of commits made without Sync, if the file
// system wrote later pages first.
//
// A background flush or compaction that comes upon corrupt bytes ends writing, as a failed
// write does.
//
// # Caveats
//
// A directory is open in one process at a time. One that was not closed may have to be
// opened for writing before it can be opened for reading. Blocks in the cache and write buffers are
// not memory of Go's, where the program is built with cgo.
//
// The package knows nothing of tables, rows or indexes.
package pebble
