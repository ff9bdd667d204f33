package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/enginetest"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// What operations cost in round trips, for engines behind a network. The table has a
// unique index and two others.
func TestRoundTrips(t *testing.T) {
	user := func(i int) *users.User {
		u := newUser(models.UserID(fmt.Sprintf("u%03d", i)), models.UserName(fmt.Sprintf("n%03d", i)), models.RoleUser)
		return u
	}
	many := func(from int) (us []*users.User) {
		for i := range 100 {
			us = append(us, user(from+i))
		}
		return us
	}
	var ids []models.UserID
	for i := range 100 {
		ids = append(ids, user(i).UserID)
	}
	for _, c := range []struct {
		name string
		run  func(db *store.DB, s *users.Store) error // on the rows 0 to 199
		// Of an engine in the process, and of one that others write to as well.
		local, shared string
	}{
		{"Get", func(_ *store.DB, s *users.Store) error { return second(s.Get(ctx, "u000")) },
			"1: 1 Get", ""},
		{"GetMany of 100", func(_ *store.DB, s *users.Store) error { return second(s.GetMany(ctx, ids)) },
			"1: 1 GetMany", ""},
		{"unique look-up", func(_ *store.DB, s *users.Store) error { return second(s.ByUsername.Get(ctx, "n000")) },
			"2: 2 Get", ""},
		{"first 10 by an index", func(_ *store.DB, s *users.Store) error {
			return second(s.ByRole.Role(models.RoleUser).Limit(10).Rows(ctx))
		}, "3: 1 GetMany, 1 Iterate, 1 Snapshot", ""},
		{"Insert", func(_ *store.DB, s *users.Store) error { return s.Insert(ctx, user(900)) },
			"2: 1 Commit, 1 GetManyForUpdate", ""},
		{"InsertMany of 100", func(_ *store.DB, s *users.Store) error { return s.InsertMany(ctx, many(900)) },
			"2: 1 Commit, 1 GetManyForUpdate", ""},
		{"Put of a new row", func(_ *store.DB, s *users.Store) error { return s.Put(ctx, user(900)) },
			"3: 1 Commit, 2 GetForUpdate", "2: 1 Commit, 1 GetManyForUpdate"},
		{"Put over a row", func(_ *store.DB, s *users.Store) error { return s.Put(ctx, user(0)) },
			"2: 1 Commit, 1 GetForUpdate", "2: 1 Commit, 1 GetManyForUpdate"},
		{"PutMany over 100 rows", func(_ *store.DB, s *users.Store) error { return s.PutMany(ctx, many(0)) },
			"2: 1 Commit, 1 GetManyForUpdate", ""},
		{"PutMany of 100 new rows", func(_ *store.DB, s *users.Store) error { return s.PutMany(ctx, many(900)) },
			"102: 1 Commit, 1 GetManyForUpdate, 100 GetForUpdate", "2: 1 Commit, 1 GetManyForUpdate"},
		{"Update", func(_ *store.DB, s *users.Store) error {
			return s.Update(ctx, "u000", func(u *users.User) error { u.Role = models.RoleDBA; return nil })
		}, "2: 1 Commit, 1 GetForUpdate", ""},
		{"Update of a unique value", func(_ *store.DB, s *users.Store) error {
			return s.Update(ctx, "u000", func(u *users.User) error { u.Username = "other"; return nil })
		}, "3: 1 Commit, 2 GetForUpdate", ""},
		{"Delete", func(_ *store.DB, s *users.Store) error {
			_, err := s.Delete(ctx, "u000")
			return err
		},
			"2: 1 Commit, 1 GetForUpdate", ""},
		{"a delete of 100 rows", func(_ *store.DB, s *users.Store) error { return second(s.DeleteRange(ctx, "u000", "u100")) },
			"3: 1 Commit, 1 GetManyForUpdate, 1 Iterate", ""},
		{"a sweep of 100 rows", func(db *store.DB, _ *users.Store) error { return second(admin.Sweep(ctx, db, 0)) },
			"3: 1 Commit, 1 GetManyForUpdate, 1 Iterate", ""},
		{"a transaction of several", func(db *store.DB, s *users.Store) error {
			return db.Update(ctx, func(tx *store.Tx) error {
				in := s.In(tx)
				if err := in.Insert(ctx, user(900)); err != nil {
					return err
				}
				return in.Update(ctx, "u900", func(u *users.User) error { u.Role = models.RoleDBA; return nil })
			})
		}, "2: 1 Commit, 1 GetManyForUpdate", ""},
	} {
		for _, shared := range []bool{false, true} {
			eng := &enginetest.Counting{Engine: memory.New(), Others: shared}
			clock := store.NewManualClock(start)
			db := must(store.Open(ctx, eng, store.WithClock(clock)))
			s := must(users.Open(ctx, db))
			rows := append(many(0), many(100)...)
			for _, u := range rows[100:] {
				u.DeletedAt = ptr(start.Add(-31 * 24 * time.Hour))
			}
			if err := s.InsertMany(ctx, rows); err != nil {
				t.Fatal(err)
			}
			eng.Trips()
			if err := c.run(db, s); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			want := c.local
			if shared && c.shared != "" {
				want = c.shared
			}
			n, what := eng.Trips()
			same(t, fmt.Sprintf("%s, shared=%v", c.name, shared), fmt.Sprintf("%d: %s", n, what), want)
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
