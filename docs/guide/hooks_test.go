package guide_test

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/store"
)

func Example_hooks() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		stop := store.OnCommit(&sys.Users, func(c store.TableCommit[models.UserID, users.User]) {
			for _, ch := range c.Changes {
				switch {
				case ch.Old == nil:
					fmt.Println("new:", ch.New.Username)
				case ch.New == nil:
					fmt.Println("gone:", ch.Old.Username)
				default:
					fmt.Println("changed:", ch.New.Username)
				}
			}
		})
		defer stop()
		if err := sys.Users.Insert(ctx, &users.User{UserID: "u4", Username: "dora"}); err != nil {
			return err
		}
		if _, err := sys.Users.Delete(ctx, "u4"); err != nil {
			return err
		}
		return wait(ctx, d)
	})
	// Output:
	// new: dora
	// gone: dora
}

func wait(ctx context.Context, d *fixture) error {
	sys := d.sys
	err := sys.WaitHooks(ctx)
	return err
}

func Example_hooksOnExpired() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		store.OnExpired(&sys.Users, func(u users.User) { fmt.Println("expired:", u.Username) })
		if err := expire(ctx, d); err != nil {
			return err
		}
		_, err := admin.Sweep(ctx, sys.DB, 0)
		return err
	})
	// Output:
	// get system.users/u2: not found
	// expired: bob
}
