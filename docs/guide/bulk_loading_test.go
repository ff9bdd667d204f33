package guide_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
)

// load writes rows, a thousand in one commit; all are on stable storage when it returns nil.
func load(ctx context.Context, sys *system.DB, rows iter.Seq2[users.User, error]) error {
	var batch []*users.User
	write := func(sync store.TxOption) error {
		err := sys.Update(ctx, func(tx *system.Tx) error { return tx.Users.PutMany(ctx, batch) }, sync)
		batch = batch[:0]
		return err
	}
	for u, err := range rows {
		if err != nil {
			return err
		}
		if len(batch) == 1000 {
			if err := write(store.NoSync()); err != nil {
				return err
			}
		}
		batch = append(batch, &u)
	}
	return write(store.Sync())
}

func rowsOf(us ...users.User) iter.Seq2[users.User, error] {
	return func(yield func(users.User, error) bool) {
		for _, u := range us {
			if !yield(u, nil) {
				return
			}
		}
	}
}

// All rows are loaded, whatever the number of batches, and the last batch is not empty:
// it is the one that is synced.
func TestLoad(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 1001, 2500} {
		sys, _ := storetest.New(t, system.Open)
		rows := make([]users.User, n)
		for i := range rows {
			rows[i] = users.User{UserID: models.UserID(fmt.Sprint("u", i)), Username: models.UserName(fmt.Sprint("name", i))}
		}
		if err := load(t.Context(), sys, rowsOf(rows...)); err != nil {
			t.Fatal(err)
		}
		if got, err := sys.Users.Count(t.Context()); err != nil || got != n {
			t.Errorf("%d of %d rows are there: %v", got, n, err)
		}
	}
}

func Example_load() {
	ctx := context.Background()
	incoming := func(yield func(*users.User, error) bool) {
		_ = yield(&users.User{UserID: "u2", Username: "bob"}, nil) && yield(&users.User{UserID: "u1", Username: "alice"}, nil)
	}
	fill := func(db *store.DB) error {
		n, err := users.Load(ctx, db, incoming)
		if err != nil {
			return err // the table is as before
		}
		sys, err := system.Open(ctx, db)
		if err != nil {
			return err
		}
		bob, err := sys.Users.ByUsername.Get(ctx, "bob")
		fmt.Println(n, bob.UserID)
		return err
	}
	db, err := store.Open(ctx, memory.New())
	if err == nil {
		err = errors.Join(fill(db), db.Close())
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2 u2
}

func Example_bulkLoading() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		err := load(ctx, sys, rowsOf(
			users.User{UserID: "u8", Username: "eve"},
			users.User{UserID: "u9", Username: "Bob"},
		))
		fmt.Println(err)
		return nil
	})
	// Output:
	// put system.users/u9: unique violation: username of system.users already has "bob", held by u2
}

func Example_bulkDelete() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys, two := d.sys, time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
		n, err := sys.Jobs.ByStatus.Status(models.JobStatusRunning).CreatedBefore(two).Delete(ctx)
		fmt.Println(n, err)
		return nil
	})
	// Output:
	// 2 <nil>
}
