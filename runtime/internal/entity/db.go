package entity

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/internal/rowguard"
	"github.com/storegen/storegen/runtime/internal/seal"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// DB is a database: tables over one engine. Its methods may be called from
// several goroutines.
type DB struct {
	txn.Runner
	Outer  any  // the DB of package store
	Change bool // Migrate

	Root   *txn.Session
	Closed atomic.Bool

	Mu       sync.Mutex
	Tables   map[uint64]*Table          // opened, by space
	Families map[string]MemberOpener    // opened, by name: makes a member's table
	Caches   map[string]*rowguard.Guard // by name, a family's for all members

	Forsaken map[uint64]bool // spaces that were or are being dropped

	Loading map[uint64]bool // spaces that this program is filling

	Unswept unswept // what sweeps need not look at

	Cursors seal.Sealer // seals cursors
}

// Close closes the database and its engine, after the hooks of OnCommit have seen
// all that was committed. Closing twice is no error.
func (db *DB) Close() error {
	db.Closed.Store(true)
	// Once while hooks can still read, and once for commits that were under way.
	_ = db.Hooks.Wait(context.Background()) // which never ends
	err := db.Eng.Close()
	db.Hooks.Close()
	return err
}
