package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/store"
)

func Example_expiry() {
	withTables(func(ctx context.Context, d *fixture) error {
		if err := expire(ctx, d); err != nil {
			return err
		}
		sys := d.sys
		swept, err := admin.Sweep(ctx, sys.DB, 0) // 0: no limit
		fmt.Println(swept.Removed, err)
		return nil
	})
	// Output:
	// get system.users/u2: not found
	// 1 <nil>
}

func expire(ctx context.Context, d *fixture) error {
	sys, clock := d.sys, d.clock
	err := sys.Users.Update(ctx, "u2", func(u *users.User) error {
		u.DeletedAt = new(sys.Now())
		return nil
	})
	if err != nil {
		return err
	}
	clock.Advance(30 * 24 * time.Hour)
	_, err = sys.Users.Get(ctx, "u2")
	fmt.Println(err)
	return nil
}

// The sweeper of the page, once the clock was moved by a minute.
func Example_expirySweeper() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		if err := expire(ctx, d); err != nil {
			return err
		}
		removed := make(chan users.User, 1)
		store.OnExpired(&sys.Users, func(u users.User) { removed <- u })
		stop := admin.StartSweeper(ctx, sys.DB, admin.SweepOptions{
			Every: time.Minute,
			Rate:  10_000, // at most so many rows in a minute
			Report: func(s admin.Swept, err error) {
				if err != nil {
					slog.Error("sweep", "error", err)
				}
			},
		})
		defer stop()
		for d.clock.Waiting() == 0 { // until the sweeper waits for its minute
			time.Sleep(time.Millisecond)
		}
		d.clock.Advance(time.Minute)
		u := <-removed
		fmt.Println(u.Username, "is gone")
		return nil
	})
	// Output:
	// get system.users/u2: not found
	// bob is gone
}

func Example_expiryOfRows() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		clicks, err := stream.Open(ctx, sys.DB, "shop", "clicks", store.WithTTL(time.Hour))
		if err != nil {
			return err
		}
		err = clicks.Insert(ctx, &stream.Row{RowID: "default"})
		err = errors.Join(err, clicks.Insert(ctx, &stream.Row{RowID: "long", TTLSeconds: new(uint32(7200))}))
		if err != nil {
			return err
		}
		for range 2 {
			d.clock.Advance(time.Hour)
			n, err := clicks.Count(ctx)
			fmt.Println(n, err)
		}
		return nil
	})
	// Output:
	// 1 <nil>
	// 0 <nil>
}
