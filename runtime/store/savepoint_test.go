package store_test

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"pgregory.net/rapid"
)

// Random writes of a transaction with savepoints, held against maps: what it shows at each
// step, what a walk shows that was open meanwhile, what is committed, and what hooks see.
func TestSavepoints(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		db := must(store.Open(ctx, memory.New(), store.WithoutSync()))
		defer db.Close()
		sys := must(system.Open(ctx, db))
		rows := map[models.UserID]users.User{}
		for i := range 34 {
			// Those before the ones that are written are more than a walk reads at once.
			u := *newUser(models.UserID(fmt.Sprint(i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)
			if i >= 4 {
				u.UserID = models.UserID(fmt.Sprint("-", i))
			}
			if err := sys.Users.Insert(ctx, &u); err != nil {
				rt.Fatal(err)
			}
			rows[u.UserID] = u
		}
		before := maps.Clone(rows)
		var seen []store.Commit
		hooked := rapid.Bool().Draw(rt, "hooks")
		if hooked {
			db.OnCommit(func(c store.Commit) { seen = append(seen, c) })
		}
		tx := must(db.Begin(ctx))
		defer tx.Rollback()
		in := sys.Users.In(tx.Tx())
		type point struct {
			at   store.Savepoint
			rows map[models.UserID]users.User
		}
		var points []point
		var walk func() (users.User, error, bool)
		var walked []users.User // what is left for the walk to show
		show := func(n int) {
			for range n {
				u, err, more := walk()
				if err != nil {
					rt.Fatal(err)
				}
				if more != (len(walked) > 0) || more && (u.UserID != walked[0].UserID || u.Role != walked[0].Role) {
					rt.Fatalf("the walk shows %v, want %v", u, walked)
				}
				if !more {
					walk = nil
					return
				}
				walked = walked[1:]
			}
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			k := models.UserID(fmt.Sprint(rapid.IntRange(0, 5).Draw(rt, "key")))
			old, there := rows[k]
			var err error
			switch what := rapid.SampledFrom([]string{"insert", "put", "update", "delete", "savepoint", "savepoint", "back", "back", "release", "walk"}).Draw(rt, "what"); what {
			case "insert", "put":
				u := *newUser(k, models.UserName(fmt.Sprint("n", 27+rapid.IntRange(0, 9).Draw(rt, "name"))), models.RoleUser)
				taken := slices.ContainsFunc(slices.Collect(maps.Values(rows)), func(o users.User) bool { return o.UserID != k && o.Username == u.Username })
				if what == "insert" {
					err = in.Insert(ctx, &u)
				} else {
					err = in.Put(ctx, &u)
				}
				switch {
				case what == "insert" && there:
					if !errors.Is(err, store.ErrExists) {
						rt.Fatal(err)
					}
				case taken:
					if !errors.Is(err, store.ErrUnique) {
						rt.Fatal(err)
					}
				case err != nil:
					rt.Fatal(err)
				default:
					rows[k] = u
				}
			case "update":
				role := rapid.SampledFrom([]models.Role{models.RoleUser, models.RoleDBA}).Draw(rt, "role")
				err := in.Update(ctx, k, func(u *users.User) error { u.Role = role; return nil })
				if there != (err == nil) {
					rt.Fatal(err)
				}
				if old.Role = role; there {
					rows[k] = old
				}
			case "delete":
				if was := must(in.Delete(ctx, k)); was != there {
					rt.Fatal(was)
				}
				delete(rows, k)
			case "savepoint":
				points = append(points, point{must(tx.Savepoint()), maps.Clone(rows)})
			case "back", "release":
				if len(points) == 0 {
					continue
				}
				n := rapid.IntRange(0, len(points)-1).Draw(rt, "point")
				gone := points[n:]
				if what == "release" {
					if err := tx.Release(points[n].at); err != nil {
						rt.Fatal(err)
					}
					points = points[:n]
				} else {
					if err := tx.RollbackTo(points[n].at); err != nil {
						rt.Fatal(err)
					}
					rows = maps.Clone(points[n].rows)
					gone, points = gone[1:], points[:n+1]
				}
				for _, p := range gone {
					if err := tx.RollbackTo(p.at); !errors.Is(err, store.ErrInvalid) {
						rt.Fatal("a savepoint that is no more:", err)
					}
				}
			case "walk":
				if walk == nil {
					next, stop := iter.Pull2(in.ByRole.Scan().All(ctx))
					defer stop()
					walk, walked = next, byRole(rows)
				}
				show(rapid.IntRange(1, 3).Draw(rt, "rows"))
			}
			if diff := gocmp.Diff(byRole(rows), must(in.ByRole.Scan().Rows(ctx))); diff != "" {
				rt.Fatalf("by role: -want +got\n%s", diff)
			}
		}
		for walk != nil {
			show(100)
		}
		if err := tx.Commit(); err != nil {
			rt.Fatal(err)
		}
		if diff := gocmp.Diff(byRole(rows), must(sys.Users.ByRole.Scan().Rows(ctx))); diff != "" {
			rt.Fatalf("committed: -want +got\n%s", diff)
		}
		if err := checkWhole(ctx, db); err != nil {
			rt.Fatal(err)
		}
		if err := db.WaitHooks(ctx); err != nil {
			rt.Fatal(err)
		}
		after := map[models.UserID]bool{}
		for _, c := range seen {
			for _, r := range c.Changes {
				k := models.UserID(r.Key)
				_, was := before[k]
				_, is := rows[k]
				if after[k] || was != (r.Old != nil) || is != (r.New != nil) {
					rt.Fatalf("a hook sees %s: %t %t", k, r.Old != nil, r.New != nil)
				}
				after[k] = true
			}
		}
		if !hooked {
			return
		}
		for k := range before {
			if !gocmp.Equal(before[k], rows[k]) && !after[k] {
				rt.Fatalf("no hook sees the change of %s", k)
			}
		}
	})
}

// byRole sorts rows as the index does.
func byRole(rows map[models.UserID]users.User) []users.User {
	return slices.SortedFunc(maps.Values(rows), func(a, b users.User) int {
		if a.Role != b.Role {
			return int(a.Role) - int(b.Role)
		}
		if a.UserID < b.UserID {
			return -1
		}
		return 1
	})
}
