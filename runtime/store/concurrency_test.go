package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/store"
)

// together runs f in n goroutines that start at once, and fails on an error.
func together(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			if err := f(i); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	wg.Wait()
}

const (
	workers = 8
	rounds  = 25
)

// Of those who want one name, one gets it, whichever way they write: and it is
// the one that the index names.
func TestOneWinner(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		for round := range rounds {
			name := models.UserName(fmt.Sprint("name", round))
			var won atomic.Int32
			var winner atomic.Value
			together(t, workers, func(i int) error {
				id := models.UserID(fmt.Sprintf("u%d-%d", round, i))
				u := newUser(id, name, 0)
				var err error
				switch i % 4 {
				case 0:
					err = e.sys.Users.Insert(ctx, u)
				case 1:
					err = e.sys.Users.Put(ctx, u)
				case 2:
					err = e.sys.Update(ctx, func(tx *system.Tx) error { return tx.Users.InsertMany(ctx, []*users.User{u}) })
				case 3:
					u.Username = models.UserName(fmt.Sprint("own", id))
					if err := e.sys.Users.Insert(ctx, u); err != nil {
						return err
					}
					err = e.sys.Users.Update(ctx, id, func(u *users.User) error { u.Username = name; return nil })
				}
				if err == nil {
					won.Add(1)
					winner.Store(id)
					return nil
				}
				if !errors.Is(err, store.ErrUnique) {
					return err
				}
				return nil
			})
			same(t, "winners", won.Load(), 1)
			same(t, "winner", must(e.sys.Users.ByUsername.Key(ctx, name)), winner.Load().(models.UserID))
		}
	})
}

// Read-modify-writes add up, alone and in transactions, and views see totals that
// never waver.
func TestCountersAddUp(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		s := &e.sys.Namespaces
		const from = 1000
		for _, id := range []models.NamespaceID{"a", "b", "count"} {
			e.ok(s.Insert(ctx, &namespaces.Namespace{NamespaceID: id, TableCount: from}))
		}
		add := func(s *namespaces.Store, id models.NamespaceID, n int32) error {
			return s.Update(ctx, id, func(v *namespaces.Namespace) error { v.TableCount += n; return nil })
		}
		var writers atomic.Int32
		writers.Store(workers)
		together(t, workers+2, func(i int) error {
			if i < workers {
				defer writers.Add(-1)
				for range rounds {
					if err := add(s, "count", 1); err != nil {
						return err
					}
					err := e.db.Update(ctx, func(tx *store.Tx) error {
						return errors.Join(add(s.In(tx), "a", -1), add(s.In(tx), "b", 1))
					})
					if err != nil {
						return err
					}
				}
				return nil
			}
			for writers.Load() > 0 {
				if err := e.db.View(ctx, func(tx *store.Tx) error {
					rows, err := s.In(tx).GetMany(ctx, []models.NamespaceID{"a", "b"})
					if err == nil && rows[0].TableCount+rows[1].TableCount != 2*from {
						err = fmt.Errorf("a view sees %d and %d", rows[0].TableCount, rows[1].TableCount)
					}
					return err
				}); err != nil {
					return err
				}
				// One operation outside of a view sees one state too.
				rows, err := s.ByKey.NamespaceIDTo("b").Rows(ctx)
				if err == nil && rows[0].TableCount+rows[1].TableCount != 2*from {
					err = fmt.Errorf("a scan sees %d and %d", rows[0].TableCount, rows[1].TableCount)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		same(t, "count", must(s.Get(ctx, "count")).TableCount, from+workers*rounds)
		same(t, "a", must(s.Get(ctx, "a")).TableCount, from-workers*rounds)
		same(t, "b", must(s.Get(ctx, "b")).TableCount, from+workers*rounds)
	})
}

// Two transactions that each look at what the other one writes cannot both
// commit: one on call must stay.
func TestWriteSkew(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		for range rounds {
			for _, id := range []models.UserID{"a", "b"} {
				e.ok(e.sys.Users.Put(ctx, newUser(id, models.UserName(id), models.RoleDBA)))
			}
			together(t, 2, func(i int) error {
				return e.sys.Update(ctx, func(tx *system.Tx) error {
					n, err := tx.Users.ByRole.Role(models.RoleDBA).Count(ctx)
					if err != nil || n < 2 {
						return err
					}
					return tx.Users.Update(ctx, []models.UserID{"a", "b"}[i], func(u *users.User) error { u.Role = models.RoleUser; return nil })
				})
			})
			same(t, "left", must(e.sys.Users.ByRole.Role(models.RoleDBA).Count(ctx)), 1)
		}
	})
}

// Pages, while others insert, delete and move rows: what stays put comes once.
func TestPagesWhileOthersWrite(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.someJobs(60)
		var reading atomic.Bool
		reading.Store(true)
		together(t, 3, func(i int) error {
			if i < 2 {
				for n := 0; reading.Load(); n++ {
					id := models.JobID(fmt.Sprintf("w%d-%d", i, n%20))
					j := newJob(id, models.JobStatus(1+n%3), start.Add(-1))
					if err := e.sys.Jobs.Put(ctx, j); err != nil {
						return err
					}
					if n%5 == 0 {
						if _, err := e.sys.Jobs.Delete(ctx, id); err != nil {
							return err
						}
					}
				}
				return nil
			}
			defer reading.Store(false)
			for range 10 {
				seen := map[models.JobID]int{}
				for cursor, more := store.Cursor[jobs.Job](""), true; more; more = cursor != "" {
					page, err := e.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Scan().Page(ctx, 7, cursor)
					if err != nil {
						return err
					}
					for _, j := range page.Rows {
						seen[j.JobID]++
					}
					cursor = page.Next
				}
				for n := range 60 {
					if id := models.JobID(fmt.Sprintf("j%02d", n)); seen[id] != 1 {
						return fmt.Errorf("%s came %d times", id, seen[id])
					}
				}
			}
			return nil
		})
	})
}

// Members of a family are opened, written and swept by many at once.
func TestOpeningAtOnce(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		together(t, workers, func(i int) error {
			for n := range 10 {
				s, err := shared.Open(ctx, e.db, "app", models.TableName(fmt.Sprint("t", n)))
				if err != nil {
					return err
				}
				if err := s.Insert(ctx, &shared.Row{RowID: models.RowID(fmt.Sprint(i))}); err != nil {
					return err
				}
				if _, err := admin.Sweep(ctx, e.db, 0); err != nil {
					return err
				}
			}
			return nil
		})
		members := must(shared.Members(ctx, e.db))
		same(t, "members", len(members), 10)
		for _, m := range members {
			same(t, "rows of "+m.String(), must(must(shared.Open(ctx, e.db, m.Namespace, m.Table)).Count(ctx)), workers)
		}
	})
}

// A look-up by a unique value while the value moves from row to row and rows come
// and go: it is a row that has the value, or none, and no damage.
func TestUniqueLookupsWhileOthersWrite(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		var writers atomic.Int32
		writers.Store(2)
		together(t, 4, func(i int) error {
			if i >= 2 {
				for writers.Load() > 0 {
					u, err := e.sys.Users.ByUsername.Get(ctx, "wanted")
					if err == nil && u.Username != "wanted" {
						err = fmt.Errorf("found %s, who is %s", u.UserID, u.Username)
					}
					if err != nil && !errors.Is(err, store.ErrNotFound) {
						return err
					}
				}
				return nil
			}
			defer writers.Add(-1)
			id := models.UserID(fmt.Sprint("u", i))
			for range 6 * rounds {
				err := e.sys.Users.Put(ctx, newUser(id, "wanted", 0))
				if errors.Is(err, store.ErrUnique) {
					err = nil
				}
				if err == nil {
					err = e.sys.Users.Put(ctx, newUser(id, models.UserName("not-"+id), 0))
				}
				if err == nil {
					_, err = e.sys.Users.Delete(ctx, id)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}
