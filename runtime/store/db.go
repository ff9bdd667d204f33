package store

import (
	"context"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/commits"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/internal/define"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// DB is a database: tables over one engine. Its methods may be called from
// several goroutines. Package admin verifies, repairs, sweeps and backs it up.
type DB struct {
	core *entity.DB
}

// Open opens the database in an engine, which is empty or holds a database. The
// DB owns the engine from then on.
func Open(ctx context.Context, eng engine.Engine, opts ...Option) (*DB, error) {
	core, err := define.Open(ctx, eng, func(core *entity.DB) {
		for _, o := range opts {
			o(core)
		}
	})
	if err != nil {
		return nil, err
	}
	db := &DB{core: core}
	core.Outer = db
	return db, nil
}

// Internal is the database as the packages of this module work with it. It is of no
// use to others, and may change with any version.
func (db *DB) Internal() *entity.DB { return db.core }

// DBOf is the database that a table is in.
func DBOf(h *Handle) *DB {
	t, _ := entity.PartsOf(h)
	return t.DB.Outer.(*DB)
}

// Close closes the database and its engine, after the hooks of OnCommit have seen
// all that was committed. Closing twice is no error.
func (db *DB) Close() error { return db.core.Close() }

// Engine returns the engine below.
func (db *DB) Engine() engine.Engine { return db.core.Eng }

// Clock returns the clock of the database.
func (db *DB) Clock() Clock { return db.core.Clock }

// Now is the time by the clock of the database.
func (db *DB) Now() time.Time { return db.core.Now() }

// Update runs fn in a transaction over all tables and commits, unless fn returns
// an error. A transaction that lost against another is run again, after a pause
// that grows; ErrConflict comes back when the tries are used up. A read in fn may
// be what finds out, and fail with it: whatever fn returns then, it is run again.
// All that fn reads is of one state of the database. Nothing is
// committed, and ErrLeftOpen comes back, where fn leaves an iterator open.
func (db *DB) Update(ctx context.Context, fn func(tx *Tx) error, opts ...TxOption) error {
	return db.core.Update(ctx, fn, opts...)
}

// View runs fn with a view of one snapshot. Writes in it are ErrReadOnly.
func (db *DB) View(ctx context.Context, fn func(tx *Tx) error) error {
	return db.core.View(ctx, fn)
}

// Define gives the tables that the database does not have yet their place in
// it, in one commit. Opening a table does this too; for many at once this is
// faster, and so is the opening of each afterwards.
func (db *DB) Define(ctx context.Context, descs ...*catalog.Table) error {
	return define.Define(ctx, db.core, descs...)
}

// Stored is what the catalog says of a table.
type Stored struct {
	Space uint64 // the first component of the keys of its rows
	Table *catalog.Table
}

// Tables returns what the catalog says of all tables and families, by name.
func (db *DB) Tables(ctx context.Context) ([]Stored, error) {
	found, err := define.Tables(ctx, db.core)
	var out []Stored
	for _, t := range found {
		out = append(out, Stored(t))
	}
	return out, err
}

// Members lists the members of a family as the encoded parts that tell them
// apart, in order. Generated code makes typed ones of them. A family that the
// database has under a former name has its members already, before it is opened
// under its new one; a family that does not fit the code's is a SchemaError.
func (db *DB) Members(ctx context.Context, family *catalog.Table) ([][]byte, error) {
	return define.Members(ctx, db.core, family)
}

// DropTable removes a table with all its rows, or a family with all its members, for
// good: one that the schemas have no more. Nothing of it needs to be known to the program.
// It is refused while this program has the table, or a member, open; no other program may
// have it open either. The rows go in batches that follow the engine's limits. Where it is
// broken off the table is gone all the same, and the next DropTable of this name removes
// the rest. ErrNotFound says that there is nothing of that name.
func (db *DB) DropTable(ctx context.Context, name string) error {
	return define.DropTable(ctx, db.core, name)
}

// DropMember removes one member of a family with all its rows, as DropTable does. member
// is the encoded parts that tell it apart, as Members lists them.
func (db *DB) DropMember(ctx context.Context, family string, member []byte) error {
	return define.DropMember(ctx, db.core, family, member)
}

// OnCommit has fn called for each commit that changed a row of any table, in the
// order of the commits, until stop is called or the database is closed.
//
// A hook runs in a goroutine of its own, for one commit at a time, after the
// commit: it may read and write the database, and finds later commits in it.
// Commits never wait for hooks, nor hooks for each other. What a slow hook has
// still to see waits in memory, without a bound; that is reported at 10,000
// commits, and again at each doubling. A hook that panics is reported, and gets
// the next commit.
//
// A hook sees the transactions that began after OnCommit returned, all of each.
// Once stop has returned, no call begins; one may be under way.
//
// Close has the hooks see every commit that was made before it, and waits for
// that, so a hook must not call it.
func (db *DB) OnCommit(fn func(c Commit)) (stop func()) {
	return db.core.Hooks.AddGeneral(func(c *commits.Commit) { fn(*c) })
}

// WaitHooks returns once the hooks have seen every commit that had returned
// before the call, or ctx ends. A hook must not call it.
func (db *DB) WaitHooks(ctx context.Context) error { return db.core.Hooks.Wait(ctx) }

// Snapshot is one state of the database, for readers that cannot do their work
// inside of a function as View wants it: query engines.
type Snapshot txn.Snapshot

// Snapshot returns the state of the database as it is now, which must be
// closed. One time decides in it what has expired.
func (db *DB) Snapshot(ctx context.Context) (*Snapshot, error) {
	snap, err := db.core.Snapshot(ctx)
	return (*Snapshot)(snap), err
}

// Tx is the view of the snapshot, for the methods that take one.
func (s *Snapshot) Tx() *Tx { return (*txn.Snapshot)(s).Tx() }

// Close releases the snapshot. It is an ErrLeftOpen if an iterator of it was
// still open, which is closed then. Closing twice is no error.
func (s *Snapshot) Close() error { return (*txn.Snapshot)(s).Close() }

// Transaction is a transaction that is held open between calls, for programs
// that cannot do their work inside of a function as Update wants it: engines
// with BEGIN and COMMIT. Nobody can run it again, so a conflict comes back from
// Commit as ErrConflict, and nothing was committed.
//
// It and its Tx are for one goroutine at a time. It must be ended by Commit or
// Rollback: an open one keeps a snapshot.
type Transaction txn.Transaction

// Begin opens a transaction over all tables. If ctx ends before the commit, the
// commit fails.
func (db *DB) Begin(ctx context.Context, opts ...TxOption) (*Transaction, error) {
	t, err := db.core.Begin(ctx, opts...)
	return (*Transaction)(t), err
}

// Tx is the transaction, for the methods that take one.
func (t *Transaction) Tx() *Tx { return (*txn.Transaction)(t).Tx() }

// Commit makes the writes of the transaction take effect, all or none. A
// transaction that has ended is ErrTxDone.
func (t *Transaction) Commit() error { return (*txn.Transaction)(t).Commit() }

// Rollback drops the writes of the transaction. It is no error if that has
// ended, so that it can be deferred.
func (t *Transaction) Rollback() error { return (*txn.Transaction)(t).Rollback() }

// Savepoint is a place in a Transaction to which its writes can be taken back.
type Savepoint = txn.Savepoint

// Savepoint marks the place that the transaction is at. From then on it keeps what it
// writes over, until the savepoint is released.
func (t *Transaction) Savepoint() (Savepoint, error) { return (*txn.Transaction)(t).Savepoint() }

// RollbackTo takes back what the transaction has written since a savepoint. That stays, and
// may be rolled back to again; those behind it are no more. What was read meanwhile stays
// read, and may be what the transaction conflicts on.
func (t *Transaction) RollbackTo(s Savepoint) error { return (*txn.Transaction)(t).RollbackTo(s) }

// Release forgets a savepoint and those behind it. What was written stays written.
func (t *Transaction) Release(s Savepoint) error { return (*txn.Transaction)(t).Release(s) }

// Tx is a transaction, or a view of one snapshot. It belongs to the function
// that was given it.
type Tx = txn.Tx

// Handle is a table without its Go types, for tools: see package storeimpl.
type Handle = entity.Handle
