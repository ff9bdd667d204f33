package store

import (
	"context"
	"fmt"
	"time"

	"github.com/storegen/storegen/runtime/internal/entity"
)

// TypedStore is a table with the types of its rows and keys, as functions take it
// that work on any table and need no more of it: each generated store is one, by its
// pointer, and so is a Table.
type TypedStore[K comparable, V any] interface {
	// Handle is the table without its types.
	Handle() *Handle
	// Put and Delete are as in EntityStore; the types are inferred from them.
	Put(ctx context.Context, v *V) error
	Delete(ctx context.Context, k K) (bool, error)
}

// TableCommit is what one commit did to the rows of a table.
type TableCommit[K comparable, V any] struct {
	Number  uint64 // as in Commit; 0 for a principal, whom it would tell of others
	Time    time.Time
	Changes []Change[K, V]
}

// Change is what a commit did to one row. The rows belong to who got them.
type Change[K comparable, V any] struct {
	Key     K
	Old     *V   // nil: there was no row
	New     *V   // nil: there is none any more
	Expired bool // Old had expired, so that nobody saw it any more
}

// OnCommit has fn called for each commit that changed a row of a table, with all
// such changes, as DB.OnCommit does. The table is a generated store, by its pointer,
// or a Table. Through one that As returned, fn gets the rows that the principal may
// read, and none if it may not read the table.
//
//	stop := store.OnCommit(&db.Users, func(c store.TableCommit[models.UserID, users.User]) { ... })
//
// It is a function, and OnExpired another, since methods of stores would be compiled
// for each table.
func OnCommit[K comparable, V any](s TypedStore[K, V], fn func(c TableCommit[K, V])) (stop func()) {
	h := s.Handle()
	key := keyOf(s)
	return h.OnCommit(func(c *Commit, rows []entity.ChangedRow) {
		changes := make([]Change[K, V], len(rows))
		for i, r := range rows {
			ch := &changes[i]
			ch.Old, _ = r.Old.(*V)
			ch.New, _ = r.New.(*V)
			ch.Key = key(r.Row().(*V))
			ch.Expired = r.Expired
		}
		fn(TableCommit[K, V]{Number: c.Number, Time: c.Time, Changes: changes})
	})
}

// OnExpired has fn called with each row that was removed because it had expired,
// after the commit that removed it and before the call that made it returns, in its
// goroutine. So fn must not take long, may run in several goroutines at once, and
// may see commits in another order than they were made: OnCommit is the way to
// follow them. Rows that Delete removes before their time are not among them. The
// table is as in OnCommit.
func OnExpired[K comparable, V any](s TypedStore[K, V], fn func(v V)) {
	h := s.Handle()
	keyOf(s)
	h.OnExpired(func(row any) { fn(*row.(*V)) })
}

// keyOf is what takes the key out of a row of a store. Where the methods of a store
// have other types than its table, which no generated store has, it panics, as the
// hook would at each row.
func keyOf[K comparable, V any](s TypedStore[K, V]) func(v *V) K {
	if t, ok := s.(*Table[K, V]); ok {
		return t.key // TableOf takes another than the codec's
	}
	of, _ := entity.PartsOf(s.Handle())
	codec := of.Codec
	row := codec.NewRow()
	key := codec.Key(row)
	_, isRow := row.(*V)
	if _, isKey := key.(K); !isRow || !isKey {
		panic(fmt.Sprintf("store: %s has rows %T under keys %T, and a hook is for %T under %T", codec.Desc().Name, row, key, (*V)(nil), *new(K)))
	}
	return func(v *V) K { return codec.Key(v).(K) }
}
