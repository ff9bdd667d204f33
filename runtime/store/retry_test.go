package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
)

// meddler is an engine in which something else is done where a transaction begins, right
// before it commits, or right after a key was looked up outside of one.
type meddler struct {
	engine.Engine
	begin, commit, got func() // called once each
}

func (m *meddler) Get(ctx context.Context, key []byte) ([]byte, error) {
	v, err := m.Engine.Get(ctx, key)
	once(&m.got)
	return v, err
}

func (m *meddler) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	once(&m.begin)
	tx, err := m.Engine.Begin(ctx, o)
	return meddledTx{tx, m}, err
}

type meddledTx struct {
	engine.Tx
	m *meddler
}

func (t meddledTx) Commit(ctx context.Context) (uint64, error) {
	once(&t.m.commit)
	return t.Tx.Commit(ctx)
}

// once calls a function for the last time. It may use the engine itself.
func once(fn *func()) {
	if f := *fn; f != nil {
		*fn = nil
		f()
	}
}

// meddle puts a meddler below the database.
func (e *env) meddle() *meddler {
	e.Helper()
	m := &meddler{}
	below := e.engine
	e.engine = func() (engine.Engine, error) {
		eng, err := below()
		m.Engine = eng
		return m, err
	}
	e.reopen()
	return m
}

// A transaction in which a read has found that others have committed is run again,
// whatever its function makes of that.
func TestLostReadsAreRunAgain(t *testing.T) {
	own := errors.New("the function's own")
	onEngines(t, func(t *testing.T, e *env) {
		e.manyUsers(2)
		for name, ends := range map[string]func(err error) error{
			"the error":      func(err error) error { return err },
			"one of its own": func(error) error { return own },
			"none":           func(error) error { return nil },
		} {
			tries := 0
			err := e.db.Update(ctx, func(tx *store.Tx) error {
				tries++
				s := e.sys.Users.In(tx)
				u := must(s.Get(ctx, "u0"))
				if tries == 1 {
					e.ok(e.sys.Users.PutMany(ctx, []*users.User{newUser("u0", "n0", models.RoleDBA), newUser("u1", "n1", models.RoleDBA)}))
				}
				_, err := s.Get(ctx, "u1")
				if tries == 1 {
					isErr(t, err, store.ErrConflict)
					return ends(err)
				}
				if err == nil && u.Role != models.RoleDBA {
					t.Errorf("%s: the next try sees %v", name, u)
				}
				return err
			})
			if err != nil || tries != 2 {
				t.Errorf("%s: %d tries, %v", name, tries, err)
			}
			e.ok(e.sys.Users.Put(ctx, newUser("u0", "n0", models.RoleUser)))
		}
	})
}

// A look-up by a unique value reads the entry and then the row. Whatever comes in
// between, it finds a row that had the value at some moment meanwhile, or none if at
// some moment none had it.
func TestUniqueLookupsBetween(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		m := e.meddle()
		put := func(tx *store.Tx, id models.UserID, name models.UserName) {
			e.ok(e.sys.Users.In(tx).Put(ctx, newUser(id, name, 0)))
		}
		for name, c := range map[string]struct {
			between func(tx *store.Tx)
			want    models.UserID // "": none
		}{
			"nothing":                  {func(*store.Tx) {}, "u1"},
			"the row gets another":     {func(tx *store.Tx) { put(tx, "u1", "bob") }, ""},
			"the row goes":             {func(tx *store.Tx) { e.ok(second(e.sys.Users.In(tx).Delete(ctx, "u1"))) }, ""},
			"another row gets it":      {func(tx *store.Tx) { put(tx, "u1", "bob"); put(tx, "u2", "alice") }, "u2"},
			"another row in its place": {func(tx *store.Tx) { e.ok(second(e.sys.Users.In(tx).Delete(ctx, "u1"))); put(tx, "u2", "alice") }, "u2"},
			"the row is written anew":  {func(tx *store.Tx) { e.ok(second(e.sys.Users.In(tx).Delete(ctx, "u1"))); put(tx, "u1", "alice") }, "u1"},
		} {
			e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
				e.ok(second(e.sys.Users.In(tx).Delete(ctx, "u2")))
				put(tx, "u1", "alice")
				return nil
			}))
			m.got = func() {
				e.ok(e.db.Update(ctx, func(tx *store.Tx) error { c.between(tx); return nil }))
			}
			u, err := e.sys.Users.ByUsername.Get(ctx, "alice")
			if c.want == "" {
				isErr(t, err, store.ErrNotFound)
				continue
			}
			if err != nil || u.UserID != c.want || u.Username != "alice" {
				t.Errorf("%s: %s, who is %s, %v; want %s", name, u.UserID, u.Username, err, c.want)
			}
		}
	})
}

// Several filters add up, in any order and with a limit, in every way to run a query.
func TestFiltersAddUp(t *testing.T) {
	e := newEnv(t, "")
	e.manyUsers(12)
	below := func(n int) func(u *users.User) bool {
		return func(u *users.User) bool { return len(u.UserID) < n+2 && u.UserID < models.UserID(fmt.Sprint("u", n)) }
	}
	even := func(u *users.User) bool { return u.UserID[len(u.UserID)-1]%2 == 0 }
	for name, q := range map[string]*users.Query{"key": e.sys.Users.Scan(), "index": e.sys.Users.ByRole.Scan(), "unique": e.sys.Users.ByUsername.Scan().Reverse()} {
		var want []users.User
		for _, u := range must(q.Rows(ctx)) {
			if below(7)(&u) && even(&u) {
				want = append(want, u)
			}
		}
		if len(want) < 3 {
			t.Fatalf("%s: %d rows match", name, len(want))
		}
		for order, q := range map[string]*users.Query{"one way": q.Filter(below(7)).Filter(even), "the other way": q.Filter(even).Filter(below(7)),
			"and a third": q.Filter(even).Filter(below(9)).Filter(below(7))} {
			what := name + ", " + order
			same(t, what, must(q.Rows(ctx)), want)
			same(t, what+", limit", must(q.Limit(2).Rows(ctx)), want[:2])
			same(t, what+", count", must(q.Count(ctx)), len(want))
			same(t, what+", first", must(q.First(ctx)), want[0])
			same(t, what+", page", must(q.Page(ctx, 2, "")).Rows, want[:2])
		}
	}
}

// What an operation counts is what its last try has done.
func TestCountsOfTheLastTry(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		m := e.meddle()
		in := func(role models.Role) func(i int) *users.User {
			return func(i int) *users.User {
				return newUser(models.UserID(fmt.Sprint("u", i)), models.UserName(fmt.Sprint("n", i)), role)
			}
		}
		deletes := map[string]func() (int, error){
			"scan":  func() (int, error) { return e.sys.Users.Scan().Delete(ctx) },
			"index": func() (int, error) { return e.sys.Users.ByRole.Role(models.RoleUser).Delete(ctx) },
			"filter": func() (int, error) {
				return e.sys.Users.Scan().Filter(func(u *users.User) bool { return u.Role == models.RoleUser }).Delete(ctx)
			},
			"limit":        func() (int, error) { return e.sys.Users.ByRole.Role(models.RoleUser).Limit(6).Delete(ctx) },
			"delete range": func() (int, error) { return e.sys.Users.DeleteRange(ctx, "u", "v") },
			"in a transaction": func() (n int, err error) {
				err = e.db.Update(ctx, func(tx *store.Tx) error {
					n, err = e.sys.Users.In(tx).Scan().Delete(ctx)
					return err
				})
				return n, err
			},
		}
		for name, del := range deletes {
			for i := range 9 {
				e.ok(e.sys.Users.Put(ctx, in(models.RoleUser)(i)))
			}
			m.commit = func() { // three go, and the others stay
				for i := range 3 {
					e.ok(second(e.sys.Users.Delete(ctx, models.UserID(fmt.Sprint("u", i)))))
				}
			}
			same(t, name, must(del()), 6)
			same(t, name+": nothing is left", must(e.sys.Users.Count(ctx)), 0)
		}
	})
}

// A row that is refreshed between the look of a sweep at the order of expiry and the
// commit that removes it stays, whenever that happens.
func TestSweepOfRefreshedRows(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		m := e.meddle()
		for what, at := range map[string]*func(){"as the sweep begins to remove": &m.begin, "as it is about to commit": &m.commit} {
			table := models.TableName(strings.ReplaceAll(what, " ", "_"))
			s := e.events(table, 5)
			var gone []models.RowID
			store.OnExpired(s, func(r stream.Row) { gone = append(gone, r.RowID) })
			e.clock.Advance(time.Hour)
			refresh := func() {
				e.ok(second(s.Delete(ctx, "0001")))
				e.ok(s.Put(ctx, &stream.Row{RowID: "0001", TTLSeconds: ptr(uint32(1)), InsertedAt: e.clock.Now()}))
				e.ok(second(s.Delete(ctx, "0003")))
				gone = nil // those that the deletions have told of
			}
			*at = refresh
			same(t, what, must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 3})
			same(t, what+": watchers", gone, []models.RowID{"0000", "0002", "0004"})
			same(t, what+": the refreshed row", must(s.Has(ctx, "0001")), true)
			same(t, what+": all", must(s.Count(ctx)), 1)
			e.clock.Advance(time.Hour)
			same(t, what+": later", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 1})
		}
	})
}

// The limit of a query is one for all of its pages, wherever it ends, also where a
// program that goes on asks for less than was shown.
func TestLimitOverPages(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.manyUsers(10)
		type page = store.Page[users.User]
		for name, q := range map[string]*users.Query{
			"key": e.sys.Users.Scan(), "index": e.sys.Users.ByRole.Role(models.RoleUser),
			"reverse": e.sys.Users.ByUsername.Scan().Reverse(),
			"filter":  e.sys.Users.Scan().Filter(func(u *users.User) bool { return u.UserID != "u3" }),
		} {
			all := must(q.Rows(ctx))
			for limit := range 12 {
				for size := 1; size < 6; size++ {
					what := fmt.Sprintf("%s, limit %d, pages of %d", name, limit, size)
					want := all
					if limit > 0 && limit < len(all) {
						want = all[:limit]
					}
					var got []users.User
					var from store.Cursor[users.User]
					for pages := 0; pages == 0 || from != ""; pages++ {
						p := must(q.Limit(limit).Page(ctx, size, from))
						if got = append(got, p.Rows...); len(got) < len(want) && len(p.Rows) != size {
							t.Errorf("%s: page %d has %d rows", what, pages, len(p.Rows))
						}
						if from = p.Next; from != "" && len(got) >= len(want) {
							t.Errorf("%s: there is a page behind the last", what)
						}
						if from != "" && limit > 0 {
							for less := 1; less <= len(got); less++ {
								same(t, fmt.Sprintf("%s, then a limit of %d", what, less), must(q.Limit(less).Page(ctx, size, from)), page{})
							}
						}
					}
					same(t, what, got, want)
				}
			}
		}
	})
}

// A transaction that has lost many times has the database to itself. What writes through
// the database inside of it is an error that says so, and nothing hangs.
func TestWritesPastTheTransaction(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.manyUsers(3)
		e.events("a", 3) // 0000 is due
		writes := map[string]func() error{
			"put":    func() error { return e.sys.Users.Put(ctx, newUser("u1", "n1", models.RoleDBA)) },
			"insert": func() error { return e.sys.Users.Insert(ctx, newUser("new", "new", models.RoleDBA)) },
			"update": func() error {
				return e.sys.Users.Update(ctx, "u1", func(u *users.User) error { u.Role = models.RoleDBA; return nil })
			},
			"delete": func() error {
				_, err := e.sys.Users.Delete(ctx, "u1")
				return err
			},
			"put many": func() error { return e.sys.Users.PutMany(ctx, []*users.User{newUser("u1", "n1", models.RoleDBA)}) },
			"range":    func() error { _, err := e.sys.Users.DeleteRange(ctx, "u", "v"); return err },
			"query":    func() error { _, err := e.sys.Users.ByRole.Scan().Delete(ctx); return err },
			"sweep":    func() error { _, err := admin.Sweep(ctx, e.db, 0); return err },
			"raw":      func() error { _, err := rawstore.Of(e.sys.Users.Handle()).Delete(ctx, []byte("u1")); return err },
			"transaction": func() error {
				return e.db.Update(ctx, func(tx *store.Tx) error {
					_, err := e.sys.Users.In(tx).Delete(ctx, "u1")
					return err
				})
			},
			"begin": func() error {
				tx, err := e.db.Begin(ctx)
				if err != nil {
					return err
				}
				if _, err := e.sys.Users.In(tx.Tx()).Delete(ctx, "u1"); err != nil {
					return err
				}
				return tx.Commit()
			},
		}
		for name, write := range writes {
			tries := 0
			err := e.db.Update(ctx, func(tx *store.Tx) error {
				tries++
				u, err := e.sys.Users.In(tx).Get(ctx, "u0")
				if err != nil {
					return err
				}
				if tries <= exclusiveAfter { // as others do: it makes this transaction lose
					e.ok(e.sys.Users.Put(ctx, &u))
					return e.sys.Users.In(tx).Put(ctx, &u)
				}
				same(t, name+": a read through the database", must(e.sys.Users.Get(ctx, "u0")), u)
				err = write()
				isErr(t, err, store.ErrNested)
				return err
			})
			if !errors.Is(err, store.ErrNested) || !strings.Contains(fmt.Sprint(err), "use tx") {
				t.Errorf("%s: %v after %d tries", name, err, tries)
			}
			same(t, name+": tries", tries, exclusiveAfter+1)
			// All is as before, and open to all.
			same(t, name+": afterwards", must(e.sys.Users.Count(ctx)), 3)
			e.ok(e.sys.Users.Put(ctx, newUser("u1", "n1", models.RoleUser)))
		}
	})
}
