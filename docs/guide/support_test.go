package guide_test

import (
	"context"
	"fmt"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// morning is when the examples take place.
var morning = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// A fixture is what the examples work with.
type fixture struct {
	sys   *system.DB
	clock *store.ManualClock
}

// withTables runs an example on the reference tables, in memory and by a clock that stands at
// nine in the morning. There are three users, and five jobs that run, one made each hour
// from midnight on. It prints the example's error, so that one which is not expected is
// not what the example says it prints.
func withTables(example func(ctx context.Context, d *fixture) error) {
	ctx, clock := context.Background(), store.NewManualClock(morning)
	db, err := store.Open(ctx, memory.New(), store.WithClock(clock))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	sys, err := system.Open(ctx, db)
	if err == nil {
		err = fill(ctx, sys)
	}
	if err == nil {
		err = example(ctx, &fixture{sys, clock})
	}
	if err != nil {
		fmt.Println("error:", err)
	}
}

func fill(ctx context.Context, sys *system.DB) error {
	err := sys.Users.InsertMany(ctx, []*users.User{
		{UserID: "u1", Username: "Alice", Role: models.RoleDBA},
		{UserID: "u2", Username: "bob"},
		{UserID: "u3", Username: "carol"},
	})
	if err != nil {
		return err
	}
	for i := range 5 {
		err := sys.Jobs.Insert(ctx, &jobs.Job{
			JobID: models.JobID(fmt.Sprint("job-", i)), JobType: models.JobTypeFlush, Status: models.JobStatusRunning,
			CreatedAt: time.Date(2026, 3, 1, i, 0, 0, 0, time.UTC),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
