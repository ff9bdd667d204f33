package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
)

// An Update whose function writes the row that it is to change would write over that,
// and take the index entries of the row before for those to be removed. It is an
// error, what the function wrote stays in the transaction, and the indexes are right.
func TestUpdateOfARowWrittenWithin(t *testing.T) {
	other := func(name models.UserName) *users.User { return newUser("a", name, models.RoleDBA) }
	for _, c := range []struct {
		name   string
		within func(in *users.Store) error
		clash  bool
		want   string // the user name of a, "" for no row; the update itself makes it "outer"
	}{
		{"nothing", func(in *users.Store) error { return nil }, false, "outer"},
		{"a read", func(in *users.Store) error { _, err := in.Get(ctx, "a"); return err }, false, "outer"},
		{"a put of another row", func(in *users.Store) error { return in.Put(ctx, newUser("c", "cc", 0)) }, false, "outer"},
		{"an update of another row", func(in *users.Store) error {
			return in.Update(ctx, "b", func(u *users.User) error { u.Username = "bb"; return nil })
		}, false, "outer"},
		{"a refused insert", func(in *users.Store) error {
			if err := in.Insert(ctx, other("x")); err == nil {
				t.Error("inserted twice")
			}
			return nil
		}, false, "outer"},
		{"a put", func(in *users.Store) error { return in.Put(ctx, other("x")) }, true, "x"},
		{"puts", func(in *users.Store) error {
			return in.PutMany(ctx, []*users.User{newUser("c", "cc", 0), other("x")})
		}, true, "x"},
		{"an update", func(in *users.Store) error {
			return in.Update(ctx, "a", func(u *users.User) error { u.Username = "x"; return nil })
		}, true, "x"},
		{"a delete", func(in *users.Store) error {
			_, err := in.Delete(ctx, "a")
			return err
		}, true, ""},
		{"a delete of a range", func(in *users.Store) error { _, err := in.DeleteRange(ctx, "a", "b"); return err }, true, ""},
		{"a delete by a query", func(in *users.Store) error {
			_, err := in.ByRole.Role(models.RoleUser).Delete(ctx)
			return err
		}, true, ""},
		{"a delete and an insert", func(in *users.Store) error {
			if _, err := in.Delete(ctx, "a"); err != nil {
				return err
			}
			return in.Insert(ctx, other("x"))
		}, true, "x"},
		{"a put from an update of another row", func(in *users.Store) error {
			return in.Update(ctx, "b", func(*users.User) error { return in.Put(ctx, other("x")) })
		}, true, "x"},
		{"bytes", func(in *users.Store) error {
			_, err := rawstore.Of(in.Handle()).Delete(ctx, []byte("a"))
			return err
		}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e *env) {
				e.ok(e.sys.Users.Insert(ctx, newUser("a", "a", models.RoleUser)))
				e.ok(e.sys.Users.Insert(ctx, newUser("b", "b", models.RoleService)))
				e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
					in := e.sys.Users.In(tx)
					err := in.Update(ctx, "a", func(u *users.User) error {
						u.Username, u.Role = "outer", models.RoleSystem
						return c.within(in)
					})
					if !c.clash {
						return err
					}
					isErr(t, err, store.ErrInvalid)
					if err != nil && !strings.Contains(err.Error(), "system.users/a") {
						t.Errorf("the error does not say which row: %v", err)
					}
					return nil // and the transaction goes on
				}))
				got, err := e.sys.Users.Get(ctx, "a")
				if c.want == "" {
					isErr(t, err, store.ErrNotFound)
				} else {
					e.ok(err)
				}
				same(t, "name", string(got.Username), c.want)
			}) // and e finds the database whole at its end
		})
	}
}

// A transaction that is held open may be ended by the function of an update in it.
func TestUpdateWhoseTransactionEnds(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.ok(e.sys.Users.Insert(ctx, newUser("a", "a", 0)))
		for _, end := range []func(*store.Transaction) error{(*store.Transaction).Commit, (*store.Transaction).Rollback} {
			held := must(e.db.Begin(ctx))
			err := e.sys.Users.In(held.Tx()).Update(ctx, "a", func(u *users.User) error {
				u.Username = "b"
				e.ok(end(held))
				// The next one may get the memory of the one before.
				return e.sys.Users.Put(ctx, newUser("b", "c", 0))
			})
			isErr(t, err, store.ErrTxDone)
			same(t, "name", string(must(e.sys.Users.Get(ctx, "a")).Username), "a")
		}
	})
}

// A view that is kept after its function has returned has ended, and the database is not
// closed.
func TestViewThatWasKept(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.ok(e.sys.Users.Insert(ctx, newUser("a", "a", models.RoleUser)))
		var in *users.Store
		e.ok(e.db.View(ctx, func(tx *store.Tx) error {
			in = e.sys.Users.In(tx)
			return second(in.Get(ctx, "a"))
		}))
		for name, err := range map[string]error{
			"get":      second(in.Get(ctx, "a")),
			"has":      second(in.Has(ctx, "a")),
			"many":     second(in.GetMany(ctx, []models.UserID{"a"})),
			"unique":   second(in.ByUsername.Get(ctx, "a")),
			"count":    second(in.Count(ctx)),
			"index":    second(in.ByRole.Scan().Rows(ctx)),
			"page":     second(in.Scan().Page(ctx, 1, "")),
			"put":      in.Put(ctx, newUser("b", "b", models.RoleUser)),
			"delete":   second(in.Delete(ctx, "a")),
			"update":   in.Update(ctx, "a", func(*users.User) error { return nil }),
			"by query": second(in.Scan().Delete(ctx)),
		} {
			if !errors.Is(err, store.ErrTxDone) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
