package guide_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
)

// signUp is what the page tests.
func signUp(ctx context.Context, sys *system.DB, name models.UserName) error {
	n, err := sys.Users.Count(ctx)
	if err != nil {
		return err
	}
	return sys.Users.Insert(ctx, &users.User{UserID: models.UserID(fmt.Sprint("u", n)), Username: name})
}

func TestSignUp(t *testing.T) {
	ctx := t.Context()
	sys, _ := storetest.New(t, system.Open)
	if err := signUp(ctx, sys, "alice"); err != nil {
		t.Fatal(err)
	}
	if err := signUp(ctx, sys, "Alice"); !errors.Is(err, store.ErrUnique) {
		t.Errorf("a name was given twice: %v", err)
	}
}

func TestOneTable(t *testing.T) {
	table, clock := storetest.New(t, func(ctx context.Context, db *store.DB) (*users.Store, error) {
		return users.Open(ctx, db)
	})
	u := users.User{UserID: "u1", Username: "alice"}
	if err := table.Insert(t.Context(), &u); err != nil {
		t.Fatal(err)
	}
	if !u.CreatedAt.Equal(clock.Now()) {
		t.Errorf("created at %v, and the clock stands at %v", u.CreatedAt, clock.Now())
	}
}

func TestDeletedUsersAreKept(t *testing.T) {
	ctx := t.Context()
	sys, clock := storetest.New(t, system.Open)
	user := users.User{UserID: "u1", Username: "alice", DeletedAt: new(clock.Now())}
	if err := sys.Users.Insert(ctx, &user); err != nil {
		t.Fatal(err)
	}
	clock.Advance(30*24*time.Hour - time.Second)
	if _, err := sys.Users.Get(ctx, "u1"); err != nil {
		t.Error("gone too early:", err)
	}
	clock.Advance(time.Second)
	if _, err := sys.Users.Get(ctx, "u1"); !errors.Is(err, store.ErrNotFound) {
		t.Error("kept too long:", err)
	}
}

func TestManyJobs(t *testing.T) {
	ctx := t.Context()
	sys, _ := storetest.New(t, system.Open)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 100 {
		var j jobs.Job
		storetest.Fill(rng, &sys.Jobs, &j)
		j.JobID = models.JobID(fmt.Sprint("job-", i))
		j.IdempotencyKey, j.FinishedAt = nil, nil // unique, and does not expire
		if err := sys.Jobs.Insert(ctx, &j); err != nil {
			t.Fatal(err)
		}
	}
}
