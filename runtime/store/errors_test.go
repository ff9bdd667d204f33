package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/storegen/storegen/runtime/store"
)

var update = flag.Bool("update", false, "write the golden files again")

// TestErrorTexts pins what each kind of error says.
func TestErrorTexts(t *testing.T) {
	e := newEnv(t, "")
	notes := must(user.Open(ctx, e.db, "app", "my notes"))
	s := e.sys.Users
	e.ok(s.Insert(ctx, newUser("u1", "alice", 0)))
	e.ok(s.Insert(ctx, newUser("u2", "bob", 0)))
	e.ok(e.sys.Jobs.Insert(ctx, withWish(newJob("j1", models.JobStatusRunning, start), "wish")))
	user1 := access.Principal{User: "u1", Role: access.User}
	noChange := func(*users.User) error { return nil }

	var b strings.Builder
	say := func(what string, err error, kind error) {
		t.Helper()
		if !errors.Is(err, kind) {
			t.Errorf("%s: %v is not %v", what, err, kind)
		}
		fmt.Fprintf(&b, "%s\n    %v\n", what, err)
	}
	say("get of nothing", second(s.Get(ctx, "nobody")), store.ErrNotFound)
	say("get of nothing, by a key of two parts", second(notes.Get(ctx, models.UserRowID{User: "a/b", Row: "\x00"})), store.ErrNotFound)
	say("get of nothing, by a unique index", second(s.ByUsername.Get(ctx, "Nobody")), store.ErrNotFound)
	say("key of nothing, by a unique index", second(e.sys.Jobs.ByIdempotencyKey.Key(ctx, "no")), store.ErrNotFound)
	say("first of none", second(e.sys.Jobs.ByStatus.Status(models.JobStatusFailed).Scan().First(ctx)), store.ErrNotFound)
	say("first of none, by key", second(e.sys.Tables.Scan().First(ctx)), store.ErrNotFound)
	say("update of nothing", s.Update(ctx, "nobody", noChange), store.ErrNotFound)
	say("insert of what is there", s.Insert(ctx, newUser("u1", "carol", 0)), store.ErrExists)
	say("insert of many, one of which is there", s.InsertMany(ctx, []*users.User{newUser("u3", "c", 0), newUser("u1", "d", 0)}), store.ErrExists)
	say("second holder", s.Insert(ctx, newUser("u3", "ALICE", 0)), store.ErrUnique)
	say("second holder, by an update", s.Update(ctx, "u1", func(u *users.User) error { u.Username = "bob"; return nil }), store.ErrUnique)
	say("second holder of an optional value", e.sys.Jobs.Insert(ctx, withWish(newJob("j2", models.JobStatusRunning, start), "wish")), store.ErrUnique)
	say("value beyond its limit", s.Insert(ctx, newUser("u3", models.UserName(strings.Repeat("x", 257)), 0)), store.ErrInvalid)
	say("rule", e.sys.Jobs.Insert(ctx, &jobs.Job{JobID: "j3", JobType: models.JobTypeFlush, Status: models.JobStatusCompleted}), store.ErrInvalid)
	say("enum that is not set", e.sys.Jobs.Put(ctx, &jobs.Job{JobID: "j3"}), store.ErrInvalid)
	say("change of a key", s.Update(ctx, "u1", func(u *users.User) error { u.UserID = "u9"; return nil }), store.ErrInvalid)
	say("page of no rows", second(s.Scan().Page(ctx, 0, "")), store.ErrInvalid)
	say("error of the function", s.Update(ctx, "u1", func(*users.User) error { return errSpy }), errSpy)
	say("not a cursor", second(s.Scan().Page(ctx, 1, "?")), store.ErrStaleCursor)
	say("cursor of another order", second(s.ByRole.Scan().Reverse().Page(ctx, 1, must(s.ByRole.Scan().Page(ctx, 1, "")).Next)), store.ErrStaleCursor)
	say("cursor of another value", second(e.sys.Users.ByRole.Role(models.RoleDBA).Page(ctx, 1, must(s.ByRole.Scan().Page(ctx, 1, "")).Next)), store.ErrStaleCursor)
	say("read denied", second(s.As(user1).Get(ctx, "u2")), store.ErrDenied)
	say("scan denied", second(s.As(user1).Scan().Rows(ctx)), store.ErrDenied)
	say("write denied", s.As(user1).Put(ctx, newUser("u2", "x", 0)), store.ErrDenied)
	say("read of another's row", second(notes.As(user1).Get(ctx, models.UserRowID{User: "u2", Row: "r"})), store.ErrDenied)
	say("write of another's row", notes.As(user1).Insert(ctx, &user.Row{UserID: "u2", RowID: "r"}), store.ErrDenied)
	e.ok(e.db.View(ctx, func(tx *store.Tx) error {
		say("insert in a view", s.In(tx).Insert(ctx, newUser("u3", "c", 0)), store.ErrReadOnly)
		say("update in a view", s.In(tx).Update(ctx, "u1", noChange), store.ErrReadOnly)
		say("delete of a query in a view", second(s.In(tx).ByRole.Scan().Delete(ctx)), store.ErrReadOnly)
		return nil
	}))
	var late *store.Tx
	e.ok(e.db.Update(ctx, func(tx *store.Tx) error { late = tx; return nil }))
	say("transaction used behind its end", second(s.In(late).Delete(ctx, "u1")), store.ErrTxDone)
	say("conflict", conflict(e), store.ErrConflict)
	say("too large", e.sys.Jobs.Insert(ctx, withWish(newJob("big", models.JobStatusRunning, start), strings.Repeat("x", 70_000))), store.ErrTooLarge)
	_, _, err := pairs(filled(t, pairDesc("pairs", "a"), 1), pairDesc("pairs", "b"))
	say("other name of an index is no difference", err, nil)
	turned := pairDesc("pairs", "a")
	turned.Indexes[0].Columns[0].Desc = true
	_, _, err = pairs(filled(t, pairDesc("pairs", "a"), 1), turned)
	say("schema mismatch", err, store.ErrSchema)
	var mismatch *store.SchemaError
	if !errors.As(err, &mismatch) || mismatch.Table != "pairs" {
		t.Errorf("a schema mismatch is %+v", mismatch)
	}
	broken := newEnv(t, "")
	e.ok(broken.sys.Users.Insert(ctx, newUser("u1", "alice", 0)))
	rawPut(e, broken.eng, storedKey(broken.sys.Users.Handle(), &users.User{UserID: "u1"}), []byte{9, 9})
	say("unknown format of a value", second(broken.sys.Users.Get(ctx, "u1")), store.ErrCorrupt)
	rawPut(e, broken.eng, storedKey(broken.sys.Users.Handle(), &users.User{UserID: "u1"}), []byte{1, 0x12, 0x7F})
	say("malformed value", second(broken.sys.Users.Get(ctx, "u1")), store.ErrCorrupt)
	say("malformed value in a scan", second(broken.sys.Users.Scan().Rows(ctx)), store.ErrCorrupt)
	rawPut(e, broken.eng, storedKey(broken.sys.Users.Handle(), &users.User{UserID: "u1"}), nil)
	say("entry without its row", second(broken.sys.Users.ByRole.Scan().Rows(ctx)), store.ErrCorrupt)
	for k := range dump(broken.eng) {
		if k[0] >= 8 {
			rawPut(e, broken.eng, []byte(k), nil)
		}
	}
	mem := memory.New()
	db := must(store.Open(ctx, mem))
	closed := must(users.Open(ctx, db))
	e.ok(errors.Join(db.Close(), db.Close()))
	say("get from a closed database", second(closed.Get(ctx, "u1")), store.ErrClosed)
	say("put into a closed database", closed.Put(ctx, newUser("u1", "a", 0)), store.ErrClosed)
	say("scan of a closed database", second(closed.Scan().Rows(ctx)), store.ErrClosed)
	golden(t, "errors.golden", b.String())
}

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o777), os.WriteFile(path, []byte(got), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got); write it again with -update\n%s", path, diff)
	}
}

func withWish(j *jobs.Job, wish string) *jobs.Job {
	j.IdempotencyKey = &wish
	return j
}

// rawPut writes behind the store's back; nil deletes.
func rawPut(t *env, eng engine.Engine, key, value []byte) {
	t.Helper()
	b := eng.NewBatch()
	if value == nil {
		b.Delete(key)
	} else {
		b.Put(key, value)
	}
	t.ok(eng.Write(ctx, b, engine.WriteOptions{}))
}

// conflict is the error of a transaction in whose midst another one writes.
func conflict(e *env) error {
	return e.db.Update(ctx, func(tx *store.Tx) error {
		if _, err := e.sys.Users.In(tx).Get(ctx, "u1"); err != nil {
			return err
		}
		if err := e.sys.Users.Update(ctx, "u1", func(u *users.User) error { u.Email = ptr("new"); return nil }); err != nil {
			return err
		}
		return e.sys.Users.In(tx).Update(ctx, "u2", func(u *users.User) error { u.Email = ptr("new"); return nil })
	}, store.NoRetry())
}

func TestConflictsAreRetried(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.ok(e.sys.Users.Insert(ctx, newUser("u1", "alice", 0)))
		e.ok(e.sys.Users.Insert(ctx, newUser("u2", "bob", 0)))
		var c *engine.ConflictError
		err := conflict(e)
		if !errors.As(err, &c) || !errors.Is(err, store.ErrConflict) {
			t.Errorf("a conflict got %v", err)
		}
		var where *store.Error
		if !errors.As(err, &where) || where.Table != "system.users" || where.Key != "u1" {
			t.Errorf("a conflict does not name its table and key: %v", err)
		}
		tries := 0
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			if tries++; tries < 5 {
				if _, err := e.sys.Users.In(tx).Get(ctx, "u1"); err != nil {
					return err
				}
				e.ok(e.sys.Users.Update(ctx, "u1", func(u *users.User) error { u.Email = ptr(fmt.Sprint(tries)); return nil }))
			}
			return e.sys.Users.In(tx).Update(ctx, "u2", func(u *users.User) error { u.Email = ptr("once"); return nil })
		}))
		same(t, "tries", tries, 5)
		same(t, "done once", *must(e.sys.Users.Get(ctx, "u2")).Email, "once")
	})
}

// Over a limit of the engine, nothing is written, and the error says so.
func TestLimits(t *testing.T) {
	limits := engine.Limits{MaxKey: 40, MaxValue: 400, MaxTxOps: 20, MaxTxBytes: 1200}
	e := &env{TB: t, clock: store.NewManualClock(start)}
	e.engine = e.keepOpen(memory.NewWithOptions(occ.Options{}))
	e.open()
	// The catalog needs more room than these limits, so that it is written first.
	small := &limited{e.eng, limits}
	db := must(store.Open(ctx, small, store.WithClock(e.clock)))
	s := must(users.Open(ctx, db))
	j := must(jobs.Open(ctx, db))
	e.ok(s.Insert(ctx, newUser("u1", "alice", 0)))
	before := dump(e.eng)
	long := strings.Repeat("x", 39)
	for name, err := range map[string]error{
		"key":          s.Insert(ctx, newUser(models.UserID(long), "b", 0)),
		"index entry":  s.Insert(ctx, newUser("u2", models.UserName(long), 0)),
		"value":        s.Insert(ctx, &users.User{UserID: "u2", Username: "b", PasswordHash: strings.Repeat("x", 400)}),
		"expiry entry": s.Insert(ctx, &users.User{UserID: models.UserID(long[:30]), Username: "b", DeletedAt: ptr(start)}),
		"update":       s.Update(ctx, "u1", func(u *users.User) error { u.Username = models.UserName(long); return nil }),
		"many": j.InsertMany(ctx, []*jobs.Job{newJob("j1", 1, start), newJob("j2", 1, start),
			withWish(newJob("j3", 1, start), long)}),
	} {
		if !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, "unchanged", dump(e.eng), before)
}

// limited is an engine that says it has limits; the store checks them.
type limited struct {
	engine.Engine
	limits engine.Limits
}

func (l *limited) Limits() engine.Limits { return l.limits }

// The limits of a whole commit are the engine's to check.
func TestLimitsOfCommits(t *testing.T) {
	eng := memory.NewWithOptions(occ.Options{Limits: engine.Limits{MaxTxOps: 30, MaxTxBytes: 3000}})
	_, s, err := pairs(eng, pairDesc("pairs", "a"))
	same(t, "error", err, nil)
	before := dump(eng)
	var many []*pairRow
	for i := range 20 {
		many = append(many, &pairRow{K: fmt.Sprint(i), A: "a"})
	}
	isErr(t, s.InsertMany(ctx, many), store.ErrTooLarge) // 20 rows with 20 entries
	isErr(t, s.InsertMany(ctx, []*pairRow{{K: "x", B: strings.Repeat("x", 1600)}, {K: "y", B: strings.Repeat("x", 1600)}}), store.ErrTooLarge)
	same(t, "unchanged", dump(eng), before)
	isErr(t, s.InsertMany(ctx, many[:15]), nil)
}

func TestCancelled(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		for i := range 600 {
			e.ok(e.sys.Users.Insert(ctx, newUser(models.UserID(fmt.Sprintf("u%03d", i)), models.UserName(fmt.Sprint("n", i)), 1)))
		}
		c, cancel := context.WithCancel(ctx)
		cancel()
		s := e.sys.Users
		before := dump(e.eng)
		for name, err := range map[string]error{
			"get":      second(s.Get(c, "u000")),
			"has":      second(s.Has(c, "u000")),
			"get many": second(s.GetMany(c, []models.UserID{"u000"})),
			"unique":   second(s.ByUsername.Get(c, "n0")),
			"scan":     second(s.Scan().Rows(c)),
			"index":    second(s.ByRole.Scan().Rows(c)),
			"count":    second(s.ByRole.Scan().Count(c)),
			"put":      s.Put(c, newUser("u000", "n0", 1)),
			"many":     s.PutMany(c, []*users.User{newUser("u000", "n0", 1)}),
			"update":   s.Update(c, "u000", func(*users.User) error { return nil }),
			"delete":   second(s.Delete(c, "u000")),
			"range":    second(s.DeleteRange(c, "", "v")),
			"sweep":    second(admin.Sweep(c, e.db, 0)),
			"view":     e.db.View(c, func(*store.Tx) error { return nil }),
			"open":     second(users.Open(c, e.db)),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
		same(t, "unchanged", dump(e.eng), before)

		// In the midst of a walk.
		for name, q := range map[string]*users.Query{"scan": s.Scan(), "index": s.ByRole.Scan()} {
			c, cancel := context.WithCancel(ctx)
			seen := 0
			var last error
			for _, err := range q.All(c) {
				if last = err; err == nil {
					seen++
				}
				cancel()
			}
			if !errors.Is(last, context.Canceled) || seen == 600 {
				t.Errorf("%s: %d rows, then %v", name, seen, last)
			}
			cancel()
		}
		// Between two tries of a transaction.
		c, cancel = context.WithCancel(ctx)
		isErr(t, e.db.Update(c, func(tx *store.Tx) error {
			cancel()
			_, err := s.In(tx).Delete(c, "u000")
			return err
		}), context.Canceled)
		same(t, "still there", must(s.Has(ctx, "u000")), true)
	})
}
