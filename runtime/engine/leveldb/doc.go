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
// # Corruption
//
// Bytes that are not what was written are engine.ErrCorrupt, and never other or
// missing pairs. What guards which:
//
//   - Blocks of tables, the index among them, have a checksum each, which is
//     checked whenever one is read from the file. A filter that does not match
//     its checksum is not used.
//   - The footer of a table has no checksum. It is checked to fit the table, and
//     no footer but the one written does.
//   - Chunks of journals and of the manifest have a checksum each, and the
//     commits in the journals are numbered without gaps.
//   - CURRENT holds nothing but the name of the manifest. One that names no
//     manifest is an error.
//   - The files fit together: the tables that the manifest names are there, each
//     as long as it says; the journals go on where the tables end; and no table
//     that the manifest does not name has later commits than all of them. A
//     manifest or a journal that is gone, empty, of another time or without its
//     end shows so. It is looked at before anything is changed: a database that is
//     refused is as it was.
//   - A clean Close notes down how long journals and manifest are, in 000000.tmp,
//     so that an end of the last journal that goes missing later is noticed. The
//     note may be missing.
//
// The end of a journal may be torn by a crash, which is no corruption: the commit
// that was being written then is not in the database. It is taken for torn where
// the file ends in it, or where it has a sector, or its part of one, that is all
// zeros. (So after a crash, two losses go unnoticed: of a last commit that holds such
// zeros and was changed later, and of an end of the last journal that is cut away.)
// All other damage is refused. So is a hole in a journal with commits behind it, which
// a power cut can leave of commits made without Sync, if the file system wrote later
// pages first: Options.TruncateDamagedJournal opens it.
//
// A creation that was ended in its middle leaves a directory with the beginning of
// the first manifest and nothing else, in which the next opening makes the
// database. One opened with MustExist or ReadOnly is not there.
//
// # Caveats
//
// A directory is open in one process at a time. A batch takes about three times
// its size in memory while it is committed.
//
// The package knows nothing of tables, rows or indexes.
package leveldb
