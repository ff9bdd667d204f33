package guide_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
)

func Example_transaction() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		err := sys.Update(ctx, func(tx *system.Tx) error {
			u, err := tx.Users.ByUsername.Get(ctx, "bob")
			if err != nil {
				return err // nothing is written
			}
			if _, err := tx.Users.Delete(ctx, u.UserID); err != nil {
				return err
			}
			return tx.Jobs.Insert(ctx, &jobs.Job{JobID: "clean-bob", JobType: models.JobTypeCleanup})
		})
		if err != nil {
			return err
		}
		return views(ctx, sys)
	})
	// Output:
	// 2 users, 6 jobs
}

func views(ctx context.Context, sys *system.DB) error {
	err := sys.View(ctx, func(tx *system.Tx) error {
		users, err := tx.Users.Count(ctx)
		if err != nil {
			return err
		}
		jobs, err := tx.Jobs.Count(ctx)
		fmt.Println(users, "users,", jobs, "jobs")
		return err
	})
	return err
}

func Example_transactionOfGroups() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		counters, err := shared.Open(ctx, sys.DB, "app", "counters")
		if err != nil {
			return err
		}
		err = sys.Jobs.Insert(ctx, &jobs.Job{JobID: "clean-bob", JobType: models.JobTypeCleanup})
		if err != nil {
			return err
		}
		if err := both(ctx, sys, counters); err != nil {
			return err
		}
		row, err := counters.Get(ctx, "c1")
		if err != nil {
			return err
		}
		left, err := sys.Jobs.Has(ctx, "clean-bob")
		fmt.Println(string(row.Fields), left)
		return err
	})
	// Output:
	// {"n": 1} false
}

func both(ctx context.Context, sys *system.DB, counters *shared.Store) error {
	err := sys.Update(ctx, func(tx *system.Tx) error {
		row := shared.Row{RowID: "c1", Fields: json.RawMessage(`{"n": 1}`)}
		if err := counters.In(tx.Tx).Put(ctx, &row); err != nil {
			return err
		}
		_, err := tx.Jobs.Delete(ctx, "clean-bob")
		return err
	})
	return err
}
