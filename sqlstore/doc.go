// Package sqlstore answers SQL over the tables of a database, in this process: it gives a
// *sql.DB of SQLite whose tables are those of the store.
//
// # Basics
//
//	db, err := sqlstore.Open(store)
//	…
//	rows, err := db.QueryContext(ctx, "SELECT job_id, status FROM system_jobs WHERE created_at > ?", since)
//
// The table system.jobs has the names system_jobs and system.jobs. All tables of the
// catalog are there, whether or not the program has them open, and of families the members
// that Members or Tables say. Columns are those of package provider: what is hidden is not
// among them.
//
// Keys and indexes serve comparisons, IN, BETWEEN, IS NULL, GLOB, LIKE, OR, joins and
// ORDER BY as package plan has it, and SQLite does the rest. EXPLAIN QUERY PLAN says which
// one a query takes, over which ranges, and whether rows are read.
//
// A statement reads one snapshot of the store. Between BEGIN and COMMIT, or in a sql.Tx,
// all statements read one, with what they have written. A statement ends with its context.
// TEMP tables and views can be made, and belong to their connection.
//
// # Writing
//
// INSERT, UPDATE, DELETE, OR IGNORE, OR REPLACE, BEGIN, COMMIT, ROLLBACK and SAVEPOINT are
// transactions of the store: defaults, checks, unique indexes, expiry and access hold as in
// Go, and a statement that is refused leaves nothing. NULL for a field that has a default
// is "not given". An error is SQLite's, with its code, and the store's:
//
//	errors.Is(err, sqlite3.CONSTRAINT_UNIQUE) && errors.Is(err, store.ErrUnique)
//
// A transaction that has lost against another is store.ErrConflict and sqlite3.CONSTRAINT,
// from COMMIT as a rule; nothing is tried again. LastInsertId is the key of the last row
// where that is one integer, and 0 otherwise.
//
// # Values
//
// Integers and durations (nanoseconds) are INTEGER, bools 0 and 1, floats REAL; strings,
// UUIDs, enums (their names), dates, times and decimals TEXT; bytes BLOB; json, lists, maps
// and structs are TEXT that SQLite's JSON functions read. Timestamps are TEXT of a fixed
// width, which SQLite's date functions read, and time.Time in Go.
//
// # Caveats
//
//   - A NaN is NULL. A uint64 from 2^63 on is text of 20 digits, behind all smaller ones.
//   - Timestamps are compared by time: with a time.Time, with what datetime('now') gives, and
//     with texts as '2026-03-01 02:00', which is UTC. Years before 0 and beyond 9999 are in
//     the right order, and SQLite's functions do not read them.
//   - Decimals are compared by number, with text as '12.50' most quickly.
//   - A string that is compared with a number is compared with its text, as SQLite does it,
//     and no index serves that.
//   - Each connection is an SQLite database in memory of its own, with nothing but the
//     names of tables: 1 MB or so, and some time for a thousand tables. It has no files.
//   - SQLite has no ON CONFLICT DO UPDATE for tables of others, and RETURNING for INSERT
//     alone, which shows what was written and not what the store has added, and with OR
//     IGNORE also rows that were not inserted.
//   - Tables that are made later are not seen: open again. Those that are shown are open
//     until the store.DB is closed, and so cannot be dropped: that is store.ErrInUse.
//
// It knows no Go types of rows, and no engine.
package sqlstore
