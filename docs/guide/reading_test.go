package guide_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
)

func Example_readOne() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		u, err := sys.Users.Get(ctx, "u1") // by its key
		if err != nil {
			return err // store.ErrNotFound: there is no such row, or it has expired
		}
		same, err := sys.Users.ByUsername.Get(ctx, "ALICE") // by a unique index, here in any letter case
		if err != nil {
			return err
		}
		fmt.Println(u.Username, u.Role, same.UserID)
		return nil
	})
	// Output:
	// Alice dba u1
}

func Example_readMany() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		running := sys.Jobs.ByStatus.Status(models.JobStatusRunning) // newest first: the schema says desc
		two := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
		for j, err := range running.CreatedFrom(two).Scan().All(ctx) {
			if err != nil {
				return err
			}
			fmt.Println(j.JobID, j.CreatedAt.Format(time.TimeOnly))
		}
		return nil
	})
	// Output:
	// job-4 04:00:00
	// job-3 03:00:00
	// job-2 02:00:00
}

func Example_readQuery() {
	withTables(func(ctx context.Context, d *fixture) error {
		running := d.sys.Jobs.ByStatus.Status(models.JobStatusRunning)
		q := running.Scan().Filter(func(j *jobs.Job) bool { return j.JobID != "job-3" })
		oldest, err := q.Reverse().First(ctx)
		if err != nil {
			return err
		}
		n, err := q.Count(ctx)
		rows, err2 := q.Limit(2).Rows(ctx)
		fmt.Println(oldest.JobID, n, len(rows), errors.Join(err, err2))
		return nil
	})
	// Output:
	// job-0 4 2 <nil>
}
