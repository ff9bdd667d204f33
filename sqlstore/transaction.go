package sqlstore

import (
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/store"
)

// SQLite tells each table that is written of the transaction and its savepoints. They are one
// transaction of the store for all tables, which the first call of many acts on.

var _ sqlite3.VTabSavepointer = (*vtab)(nil)

// savepoint is a savepoint of SQLite, of a user or of a statement, by its depth.
type savepoint struct {
	depth int
	at    store.Savepoint
}

// outermost is the depth of a savepoint that has begun the transaction, in the place of BEGIN.
// SQLite tells of a rollback to it, and not of its beginning.
const outermost = -1

// Begin implements sqlite3.VTabTxn: SQLite is about to write the table.
func (t *vtab) Begin() error {
	if err := t.s.begin(); err != nil {
		return t.s.fail(err)
	}
	t.s.writing = true
	if t.s.outermost {
		return t.Savepoint(outermost)
	}
	return nil
}

// Sync implements sqlite3.VTabTxn: the commit, which may fail here alone.
func (t *vtab) Sync() error { return t.s.fail(t.s.commit()) }

// Commit implements sqlite3.VTabTxn.
func (t *vtab) Commit() error { return nil }

// Rollback implements sqlite3.VTabTxn.
func (t *vtab) Rollback() error { return t.s.fail(t.s.close(&t.s.tx)) }

// commit commits the transaction, if no other table has had it committed.
func (s *session) commit() error {
	if s.tx.tx == nil {
		return nil
	}
	if s.txn != nil {
		s.tx.end = s.txn.Commit
	}
	return s.close(&s.tx)
}

// Savepoint implements sqlite3.VTabSavepointer. A table that is written for the first time
// behind savepoints is told of the last.
func (t *vtab) Savepoint(depth int) error {
	s := t.s
	if s.txn == nil {
		return nil
	}
	next := 0
	if s.outermost {
		next = outermost
	}
	if n := len(s.marks); n > 0 {
		next = s.marks[n-1].depth + 1
	}
	// Those that nobody was told of began when nothing was written. Where there are none
	// left, another table was told.
	for ; next <= depth; next++ {
		at, err := s.txn.Savepoint()
		if err != nil {
			return s.fail(err)
		}
		s.marks = append(s.marks, savepoint{next, at})
	}
	return nil
}

// find is the place in marks of the savepoint of a depth, or -1.
func (s *session) find(depth int) int {
	return slices.IndexFunc(s.marks, func(m savepoint) bool { return m.depth == depth })
}

// Release implements sqlite3.VTabSavepointer.
func (t *vtab) Release(depth int) error {
	i := t.s.find(depth)
	if i < 0 || t.s.txn == nil {
		return nil
	}
	err := t.s.txn.Release(t.s.marks[i].at)
	t.s.marks = t.s.marks[:i]
	return t.s.fail(err)
}

// RollbackTo implements sqlite3.VTabSavepointer.
func (t *vtab) RollbackTo(depth int) error {
	i := t.s.find(depth)
	if i < 0 || t.s.txn == nil {
		return nil
	}
	t.s.marks = t.s.marks[:i+1]
	return t.s.fail(t.s.txn.RollbackTo(t.s.marks[i].at))
}
