package store

import (
	"time"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/rowguard"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Option sets how a database is opened.
type Option func(*entity.DB)

// TxOption changes how one transaction runs.
type TxOption = txn.Option

// TableOption changes how one table is opened.
type TableOption = entity.TableOption

// WithAccess sets the access level of a table, in place of the one in its
// schema: the members of a family each have their own.
func WithAccess(l access.Level) TableOption {
	return func(o *entity.TableOptions) { o.Access = l }
}

// WithTTL sets how long rows are kept that do not say it themselves. It counts
// when a row is written.
func WithTTL(d time.Duration) TableOption { return func(o *entity.TableOptions) { o.Keep = d } }

// WithLoadMemory sets how much memory, in bytes, the Load of a table takes for rows that it
// sorts; the rest is in temporary files. It is 64 MiB otherwise.
func WithLoadMemory(n int) TableOption { return func(o *entity.TableOptions) { o.Memory = n } }

// WithClock sets the clock; the default is SystemClock.
func WithClock(c Clock) Option { return func(db *entity.DB) { db.Clock = c } }

// WithoutSync makes commits return before they are on stable storage: they
// survive the end of the process, but a power cut may take the last ones. The
// default is to sync each commit; concurrent ones share the cost.
func WithoutSync() Option { return func(db *entity.DB) { db.Sync = false } }

// WithMigrate lets opening a table bring it to the schema of the program: new
// and changed indexes are built, removed ones dropped. Without it a difference
// is a SchemaError. Nothing else may use the table meanwhile. A unique index over rows
// that have the same value is a DuplicatesError. Where it fails, is cancelled or killed,
// the program that the table was of opens it as before.
func WithMigrate() Option { return func(db *entity.DB) { db.Change = true } }

// NoSync makes this commit return before it is on stable storage.
func NoSync() TxOption { return func(o *txn.Options) { o.Sync = false } }

// Sync makes this commit return after it is on stable storage, also in a
// database that was opened WithoutSync.
func Sync() TxOption { return func(o *txn.Options) { o.Sync = true } }

// NoRetry makes a conflict an ErrConflict at once.
func NoRetry() TxOption { return func(o *txn.Options) { o.Tries = 1 } }

// Tries bounds how often the function is run; the default is 64.
func Tries(n int) TxOption { return func(o *txn.Options) { o.Tries = max(1, n) } }

// WithHookErrors sets what gets the errors of hooks, each a *HookError; the
// default writes them to slog.Default. It is called from several goroutines.
func WithHookErrors(fn func(err error)) Option {
	return func(db *entity.DB) { db.Hooks.Errors = fn }
}

// WithRowCache lets reads of the latest rows of a table use a cache: Get, Has,
// GetMany and look-ups by a unique value, outside of views and transactions,
// which always read the engine. Nobody sees a row that is older than without the
// cache. The name is a table's, a family's for all of its members, or a member's.
//
// The cache must be empty, and belongs to this database while that is open: what
// is written to the engine by any other way than through the DB is not noticed.
// Open refuses it, as engine.ErrShared, on an engine that other processes write to.
func WithRowCache(table string, c RowCache) Option {
	return func(db *entity.DB) {
		if db.Caches == nil {
			db.Caches = map[string]*rowguard.Guard{}
		}
		db.Caches[table] = rowguard.New(c)
	}
}
