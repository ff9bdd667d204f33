package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

func Example() {
	ctx := context.Background()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	accounts, err := users.Open(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	if err := accounts.Insert(ctx, &users.User{UserID: "u1", Username: "Alice"}); err != nil {
		log.Fatal(err)
	}
	u, err := accounts.Get(ctx, "u1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.Username, u.Role) // a default was filled in

	// The index of usernames is unique, and letter case does not count.
	u, err = accounts.ByUsername.Get(ctx, "ALICE")
	fmt.Println(u.UserID, err)
	err = accounts.Insert(ctx, &users.User{UserID: "u2", Username: "alice"})
	fmt.Println(errors.Is(err, store.ErrUnique), err)
	// Output:
	// Alice user
	// u1 <nil>
	// true insert system.users/u2: unique violation: username of system.users already has "alice", held by u1
}

func ExampleDB_Update() {
	ctx := context.Background()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	sys, err := system.Open(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	// Both rows are written, or none.
	err = sys.Update(ctx, func(tx *system.Tx) error {
		if err := tx.Users.Insert(ctx, &users.User{UserID: "u1", Username: "alice"}); err != nil {
			return err
		}
		return tx.Jobs.Insert(ctx, &jobs.Job{JobID: "j1", JobType: models.JobTypeBackup, Status: models.JobStatusCompleted})
	})
	fmt.Println(err)
	n, err := sys.Users.Count(ctx)
	fmt.Println(n, err)
	// Output:
	// insert system.jobs/j1: invalid: breaks the check "status != completed or has started_at": What is completed was started
	// 0 <nil>
}

func ExampleQuery_Page() {
	ctx := context.Background()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	work, err := jobs.Open(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5 {
		j := &jobs.Job{JobID: models.JobID(fmt.Sprint("job-", i)), JobType: models.JobTypeFlush,
			Status: models.JobStatusRunning, CreatedAt: midnight.Add(time.Duration(i) * time.Hour)}
		if err := work.Insert(ctx, j); err != nil {
			log.Fatal(err)
		}
	}
	running := work.ByStatus.Status(models.JobStatusRunning) // newest first
	var cursor store.Cursor[jobs.Job]                        // may be kept, and used after a restart
	for {
		page, err := running.Scan().Page(ctx, 2, cursor)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print("page:")
		for _, j := range page.Rows {
			fmt.Print(" ", j.JobID)
		}
		fmt.Println()
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	// Output:
	// page: job-4 job-3
	// page: job-2 job-1
	// page: job-0
}

func ExampleQuery_All() {
	ctx := context.Background()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	accounts, err := users.Open(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []models.UserName{"alice", "bob", "anna"} {
		if err := accounts.Insert(ctx, &users.User{UserID: models.UserID("id-" + name), Username: name}); err != nil {
			log.Fatal(err)
		}
	}
	for u, err := range accounts.ByUsername.UsernamePrefix("a").Reverse().All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(u.UserID)
	}
	// Output:
	// id-anna
	// id-alice
}

func Example_sweep() {
	ctx := context.Background()
	clock := store.NewManualClock(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	db, err := store.Open(ctx, memory.New(), store.WithClock(clock))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	clicks, err := stream.Open(ctx, db, "shop", "clicks", store.WithTTL(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	if err := clicks.Insert(ctx, &stream.Row{RowID: "click-1"}); err != nil {
		log.Fatal(err)
	}
	clock.Advance(time.Hour)
	_, err = clicks.Get(ctx, "click-1")
	fmt.Println(err) // gone at once, and swept later
	swept, err := admin.Sweep(ctx, db, 0)
	fmt.Println(swept.Removed, err)
	// Output:
	// get stream[shop/clicks]/click-1: not found
	// 1 <nil>
}

func ExampleTable_As() {
	ctx := context.Background()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	notes, err := user.Open(ctx, db, "shop", "notes")
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []models.UserID{"alice", "bob"} {
		if err := notes.Insert(ctx, &user.Row{UserID: id, RowID: "note-1"}); err != nil {
			log.Fatal(err)
		}
	}
	own := notes.As(access.Principal{User: "bob", Role: access.User})
	n, err := own.Count(ctx)
	fmt.Println(n, err)
	_, err = own.Get(ctx, models.UserRowID{User: "alice", Row: "note-1"})
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// get user[shop/notes]/alice/note-1: access denied: bob (user) may read only rows of its own in table user[shop/notes]
}
