package guide_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/store"
)

func Example_write() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		u := users.User{UserID: "u4", Username: "dora", Email: new("dora@example.com")}
		if err := sys.Users.Insert(ctx, &u); err != nil {
			return err
		}
		fmt.Println(u.Role, u.CreatedAt.Format(time.DateTime)) // defaults are filled in, in u too
		err := sys.Users.Update(ctx, "u4", func(u *users.User) error {
			u.Role = models.RoleService
			return nil
		})
		return err
	})
	// Output:
	// user 2026-03-01 09:00:00
}

func Example_writeUnique() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		err := sys.Users.Insert(ctx, &users.User{UserID: "u5", Username: "BOB"})
		var taken *store.UniqueError
		if errors.As(err, &taken) {
			fmt.Println(taken.Index, taken.Value, "is held by", taken.Holder)
		}
		return nil
	})
	// Output:
	// username "bob" is held by u2
}

func Example_writeRules() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		err := sys.Jobs.Update(ctx, "job-1", func(j *jobs.Job) error {
			j.Status = models.JobStatusCompleted
			return nil
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// update system.jobs/job-1: invalid: breaks the check "status != completed or has started_at": What is completed was started
}
