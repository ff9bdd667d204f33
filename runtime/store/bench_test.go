package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
)

// TestTwin does the same things to the hand-written table and to the generated
// one, so that the comparisons are of two that do the same.
func TestTwin(t *testing.T) {
	e := newEnv(t, "")
	s := e.sys.Users
	w := must(openTwin(t.TempDir(), e.clock.Now))
	defer w.Close()
	kinds := map[error]error{errTwinNotFound: store.ErrNotFound, errTwinExists: store.ErrExists, errTwinUnique: store.ErrUnique, errTwinInvalid: store.ErrInvalid}
	agree := func(what string, generated, twin error) {
		t.Helper()
		for theirs, ours := range kinds {
			if errors.Is(twin, theirs) != errors.Is(generated, ours) {
				t.Errorf("%s: %v, and by hand %v", what, generated, twin)
			}
		}
		if (generated == nil) != (twin == nil) {
			t.Errorf("%s: %v, and by hand %v", what, generated, twin)
		}
	}
	compare := func() {
		t.Helper()
		all := func(q *users.Query, h twinScan) {
			t.Helper()
			same(t, "count by hand", must(w.Count(h)), must(q.Count(ctx)))
			for _, reverse := range []bool{false, true} {
				if h.reverse = reverse; reverse {
					q = q.Reverse()
				}
				var got, want []twinUser
				var cursor store.Cursor[users.User]
				for h.limit, h.cursor = 2, ""; ; {
					next, err := w.Scan(h, func(u *twinUser) bool { got = append(got, *u); return true })
					e.ok(err)
					page := must(q.Page(ctx, 2, cursor))
					for _, u := range page.Rows {
						want = append(want, twinUser(u))
					}
					same(t, "more pages", next != "", page.Next != "")
					if h.cursor, cursor = next, page.Next; next == "" || cursor == "" {
						break
					}
				}
				same(t, "rows by hand", got, want)
				h.limit = 0
			}
		}
		all(s.Scan(), w.All())
		all(s.ByUsername.Scan(), w.ByUsername())
		for role := models.RoleUser; role <= models.RoleSystem; role++ {
			all(s.ByRole.Role(role), w.ByRole(role))
		}
		from, to := start.Add(-100*24*time.Hour), start.Add(100*24*time.Hour)
		all(s.ByDeletedAt.DeletedBetween(from, to), w.ByDeleted(from, to))
	}
	// A fixed walk through all that can happen, by a generator of its own.
	state := uint32(1)
	draw := func(n int) int {
		state = state*1664525 + 1013904223
		return int(state>>16) % n
	}
	rounds := 600
	if testing.Short() {
		rounds = 200
	}
	for i := range rounds {
		id := models.UserID(fmt.Sprint("u", draw(8)))
		u := users.User{UserID: id, Username: models.UserName([]string{"a", "A", "b", "c", "dd", "e"}[draw(6)]), Role: models.Role(draw(5))}
		if draw(3) == 0 {
			u.DeletedAt = ptr(e.clock.Now().Add(-time.Duration(draw(40)) * 24 * time.Hour))
		}
		if draw(3) == 0 {
			u.Email, u.StorageID, u.LastSeen, u.AuthData = ptr("e"), ptr(models.StorageID("s")), ptr(start), []byte([]string{`{}`, `{`}[draw(2)])
		}
		h := twinUser(u)
		switch draw(8) {
		case 0, 1:
			agree("insert", s.Insert(ctx, &u), w.Insert(&h))
		case 2, 3:
			agree("put", s.Put(ctx, &u), w.Put(&h))
		case 4:
			to := u
			agree("update", s.Update(ctx, id, func(v *users.User) error {
				v.Username, v.Role, v.DeletedAt = to.Username, to.Role, to.DeletedAt
				return nil
			}),
				w.Update(id, func(v *twinUser) error {
					v.Username, v.Role, v.DeletedAt = to.Username, to.Role, to.DeletedAt
					return nil
				}))
		case 5:
			agree("delete", second(s.Delete(ctx, id)), w.Delete(id))
		case 6:
			got, err := w.GetByUsername(u.Username)
			want, wantErr := s.ByUsername.Get(ctx, u.Username)
			agree("by username", wantErr, err)
			same(t, "row by hand", got, twinUser(want))
			same(t, "there by hand", must(w.Has(id)), must(s.Has(ctx, id)))
		case 7:
			e.clock.Advance(time.Duration(draw(10)) * 24 * time.Hour)
			if draw(2) == 0 {
				same(t, "swept by hand", must(w.Sweep(0)), must(admin.Sweep(ctx, e.db, 0)).Removed)
			}
		}
		if i%20 == 0 {
			compare()
		}
	}
	compare()
	e.clock.Advance(1000 * 24 * time.Hour)
	must(w.Sweep(0))
	for _, u := range must(s.Scan().Rows(ctx)) {
		e.ok(w.Delete(u.UserID))
	}
	it := w.db.NewIterator(nil, nil)
	defer it.Release()
	for it.Next() {
		t.Errorf("left by hand: %q", it.Key())
	}
}

// TestLinesSaved counts what the few lines of a schema stand for: the lines of
// the twin that are neither blank nor comment.
func TestLinesSaved(t *testing.T) {
	count := func(path, comment string) int {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, comment) {
				n++
			}
		}
		return n
	}
	yaml := count("../../schema/tables/system/users.yaml", "#")
	hand := count("twin_test.go", "//")
	t.Logf("system.users is %d lines of YAML, which stand for %d written by hand", yaml, hand)
	if saved := hand - yaml; saved < 400 {
		t.Errorf("only %d lines are saved", saved)
	}
	// What the command says of other tables follows from this one.
	set, err := load.Schemas(&load.Config{Schemas: "../../schema/tables", Lock: "../../schema/tables/storegen.lock"})
	if err != nil {
		t.Fatal(err)
	}
	own, shared := templates.HandLines(set.Table("system.users"))
	if off := own + shared - hand; off < -hand/10 || off > hand/10 {
		t.Errorf("the estimate is %d own and %d shared lines, the twin has %d", own, shared, hand)
	}
}

const benchRows = 20_000

// subject is a table of users under measurement.
type subject struct {
	name                  string
	insert                func(i int) error
	get, getByName        func(i int) error
	move, remove          func(i int) error
	scanRole50, scanTable func() (int, error)
}

func benchUser(i int) users.User {
	return users.User{UserID: benchID(i), Username: benchName(i), PasswordHash: "0123456789abcdef0123456789abcdef",
		Role: models.Role(1 + i%4), Email: ptr("someone@example.com"), CreatedAt: start, UpdatedAt: start}
}

func benchID(i int) models.UserID     { return models.UserID(fmt.Sprintf("user-%08d", i)) }
func benchName(i int) models.UserName { return models.UserName(fmt.Sprintf("name-%08d", i)) }

// other is the role that a row moves to and back.
func other(r models.Role) models.Role { return models.Role(1 + r%4) }

// benchSubjects opens the generated table and its twin, with some rows in each.
func benchSubjects(b *testing.B, rows int) []subject {
	b.Helper()
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	eng, err := leveldb.Open(b.TempDir(), nil)
	check(err)
	db, err := store.Open(ctx, eng, store.WithoutSync())
	check(err)
	b.Cleanup(func() { db.Close() })
	s, err := users.Open(ctx, db)
	check(err)
	w, err := openTwin(b.TempDir(), time.Now)
	check(err)
	b.Cleanup(func() { w.Close() })
	// The ids and names are made beforehand, so that only the tables are measured.
	ids, names := make([]models.UserID, benchRows), make([]models.UserName, benchRows)
	for i := range ids {
		ids[i], names[i] = benchID(i), benchName(i)
	}
	subjects := []subject{{
		name:      "generated",
		insert:    func(i int) error { u := benchUser(i); return s.Insert(ctx, &u) },
		get:       func(i int) error { return second(s.Get(ctx, ids[i])) },
		getByName: func(i int) error { return second(s.ByUsername.Get(ctx, names[i])) },
		move: func(i int) error {
			return s.Update(ctx, ids[i], func(u *users.User) error { u.Role = other(u.Role); return nil })
		},
		remove: func(i int) error {
			_, err := s.Delete(ctx, ids[i])
			return err
		},
		scanRole50: func() (n int, err error) {
			for _, err := range s.ByRole.Role(models.RoleDBA).Limit(50).All(ctx) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		},
		scanTable: func() (n int, err error) {
			for _, err := range s.Scan().All(ctx) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		},
	}, {
		name:      "by-hand",
		insert:    func(i int) error { u := twinUser(benchUser(i)); return w.Insert(&u) },
		get:       func(i int) error { return second(w.Get(ids[i])) },
		getByName: func(i int) error { return second(w.GetByUsername(names[i])) },
		move: func(i int) error {
			return w.Update(ids[i], func(u *twinUser) error { u.Role = other(u.Role); return nil })
		},
		remove: func(i int) error { return w.Delete(ids[i]) },
		scanRole50: func() (n int, err error) {
			scan := w.ByRole(models.RoleDBA)
			scan.limit = 50
			_, err = w.Scan(scan, func(*twinUser) bool { n++; return true })
			return n, err
		},
		scanTable: func() (int, error) { return w.Count(w.All()) },
	}}
	for i := range rows {
		for _, s := range subjects {
			check(s.insert(i))
		}
	}
	check(eng.Compact(ctx, nil, nil))
	return subjects
}

// compareOn measures an operation on both tables; i is another row each time.
func compareOn(b *testing.B, rows int, op func(s subject, i int) error) {
	for _, s := range benchSubjects(b, rows) {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if err := op(s, n*7919%benchRows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	compareOn(b, benchRows, func(s subject, i int) error { return s.get(i) })
}

func BenchmarkGetByUsername(b *testing.B) {
	compareOn(b, benchRows, func(s subject, i int) error { return s.getByName(i) })
}

func BenchmarkUpdateMovingAnIndex(b *testing.B) {
	compareOn(b, benchRows, func(s subject, i int) error { return s.move(i) })
}

func BenchmarkScanRole50(b *testing.B) {
	compareOn(b, benchRows, func(s subject, _ int) error {
		n, err := s.scanRole50()
		if err == nil && n != 50 {
			err = fmt.Errorf("%d rows", n)
		}
		return err
	})
}

func BenchmarkScanAll(b *testing.B) {
	compareOn(b, benchRows, func(s subject, _ int) error {
		n, err := s.scanTable()
		if err == nil && n != benchRows {
			err = fmt.Errorf("%d rows", n)
		}
		return err
	})
}

func BenchmarkInsert(b *testing.B) {
	for _, s := range benchSubjects(b, 0) {
		i := 0 // goes on in each run: the rows must be new
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for ; b.Loop(); i++ {
				if err := s.insert(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDelete(b *testing.B) {
	for _, s := range benchSubjects(b, 0) {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%benchRows == 0 {
					b.StopTimer()
					for i := range benchRows {
						if err := s.insert(i); err != nil && !errors.Is(err, store.ErrExists) && !errors.Is(err, errTwinExists) {
							b.Fatal(err)
						}
					}
					b.StartTimer()
				}
				if err := s.remove(n * 7919 % benchRows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
