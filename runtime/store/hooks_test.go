package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// settle waits until the hooks have seen all that was committed.
func (e *env) settle() {
	e.Helper()
	e.ok(e.db.WaitHooks(ctx))
}

// jobChange prints a change of a job: its key, and how often it was tried.
func jobChange(c store.Change[models.JobID, jobs.Job]) string {
	side := func(j *jobs.Job) string {
		if j == nil {
			return "-"
		}
		if j.JobID != c.Key {
			return "the row of another key"
		}
		return fmt.Sprint(j.RetryCount)
	}
	s := fmt.Sprintf("%s %s to %s", c.Key, side(c.Old), side(c.New))
	if c.Expired {
		s += " expired"
	}
	return s
}

// The changes of a row come in the order of its versions, whoever makes them,
// and each begins with what the one before it has left.
func TestHookOrder(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		const writers, rounds, rows = 8, 30, 3
		for i := range rows {
			e.ok(e.sys.Jobs.Insert(ctx, newJob(models.JobID(fmt.Sprint(i)), models.JobStatusQueued, start)))
		}
		var numbers []uint64
		last := map[models.JobID]*jobs.Job{}
		seen := 0
		store.OnCommit(&e.sys.Jobs, func(c store.TableCommit[models.JobID, jobs.Job]) {
			numbers = append(numbers, c.Number)
			for _, ch := range c.Changes {
				seen++
				if before := last[ch.Key]; before != nil {
					same(t, "the old row", ch.Old, before)
				}
				if ch.New.RetryCount != ch.Old.RetryCount+1 {
					t.Errorf("a change of %s", jobChange(ch))
				}
				last[ch.Key] = ch.New
			}
		})
		var general []uint64
		e.db.OnCommit(func(c store.Commit) { general = append(general, c.Number) })
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range rounds {
					id := models.JobID(fmt.Sprint((w + i) % rows))
					if err := e.sys.Jobs.Update(ctx, id, func(j *jobs.Job) error { j.RetryCount++; return nil }); err != nil {
						t.Errorf("Update: %v", err)
					}
				}
			})
		}
		wg.Wait()
		e.settle()
		same(t, "changes", seen, writers*rounds)
		for i, n := range numbers {
			if n != uint64(i+1) {
				t.Fatalf("commit %d has number %d", i+1, n)
			}
		}
		same(t, "the numbers for the whole database", general, numbers)
		for id, j := range last {
			stored := must(e.sys.Jobs.Get(ctx, id))
			same(t, "the last change", j, &stored)
		}
	})
}

// A transaction over several tables is one commit, with what it did to each row
// once.
func TestHookTransaction(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.ok(e.sys.Jobs.Insert(ctx, newJob("old", models.JobStatusQueued, start)))
		var all []store.Commit
		var ofJobs []string
		var numbers, ofUsers []uint64
		e.db.OnCommit(func(c store.Commit) { all = append(all, c) })
		store.OnCommit(&e.sys.Jobs, func(c store.TableCommit[models.JobID, jobs.Job]) {
			numbers = append(numbers, c.Number)
			for _, ch := range c.Changes {
				ofJobs = append(ofJobs, jobChange(ch))
			}
		})
		store.OnCommit(&e.sys.Users, func(c store.TableCommit[models.UserID, users.User]) {
			ofUsers = append(ofUsers, c.Number)
		})
		e.clock.Advance(time.Minute)
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			j := e.sys.Jobs.In(tx)
			e.ok(j.Insert(ctx, newJob("new", models.JobStatusQueued, start)))
			e.ok(e.sys.Users.In(tx).Insert(ctx, newUser("u", "ursula", 0)))
			e.ok(j.Update(ctx, "new", func(j *jobs.Job) error { j.RetryCount = 7; return nil }))
			e.ok(j.Update(ctx, "old", func(j *jobs.Job) error { j.RetryCount = 3; return nil }))
			e.ok(second(j.Delete(ctx, "old")))
			e.ok(j.Insert(ctx, newJob("gone", models.JobStatusQueued, start)))
			e.ok(second(j.Delete(ctx, "gone")))
			return nil
		}))
		e.settle()
		same(t, "changes of jobs", ofJobs, []string{"new - to 7", "old 0 to -"})
		same(t, "numbers", append(numbers, ofUsers...), []uint64{1, 1})
		if len(all) != 1 {
			t.Fatalf("%d commits", len(all))
		}
		same(t, "time", all[0].Time, e.clock.Now())
		var tables []string
		for _, c := range all[0].Changes {
			tables = append(tables, fmt.Sprintf("%s %q %v %v", c.Table, c.Key, c.Old != nil, c.New != nil))
		}
		same(t, "all changes", tables, []string{
			`system.jobs "new" false true`, `system.users "u" false true`, `system.jobs "old" true false`,
		})

		// Many rows written at once are one commit too.
		numbers = nil
		e.ok(e.sys.Jobs.InsertMany(ctx, []*jobs.Job{
			newJob("m1", models.JobStatusQueued, start), newJob("m2", models.JobStatusQueued, start),
		}))
		must(e.sys.Jobs.DeleteRange(ctx, "m", "n"))
		e.settle()
		same(t, "changes", ofJobs[2:], []string{"m1 - to 0", "m2 - to 0", "m1 0 to -", "m2 0 to -"})
		same(t, "numbers", numbers, []uint64{2, 3})
	})
}

// What is not committed is not seen: errors, lost tries, views.
func TestHookNothing(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.ok(e.sys.Jobs.Insert(ctx, newJob("a", models.JobStatusQueued, start)))
		var seen []string
		stop := store.OnCommit(&e.sys.Jobs, func(c store.TableCommit[models.JobID, jobs.Job]) {
			for _, ch := range c.Changes {
				seen = append(seen, jobChange(ch))
			}
		})
		isErr(t, e.sys.Jobs.Insert(ctx, newJob("a", models.JobStatusQueued, start)), store.ErrExists)
		isErr(t, e.sys.Jobs.Update(ctx, "a", func(*jobs.Job) error { return errSpy }), errSpy)
		isErr(t, e.db.Update(ctx, func(tx *store.Tx) error {
			e.ok(second(e.sys.Jobs.In(tx).Delete(ctx, "a")))
			return errSpy
		}), errSpy)
		e.ok(second(e.sys.Jobs.Delete(ctx, "not there")))
		e.ok(e.sys.Users.Insert(ctx, newUser("u", "ursula", 0)))
		e.settle()
		same(t, "changes", seen, nil)

		// The first try loses against another commit.
		tries := 0
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			tries++
			return e.sys.Jobs.In(tx).Update(ctx, "a", func(j *jobs.Job) error {
				if tries == 1 {
					e.ok(e.sys.Jobs.Update(ctx, "a", func(j *jobs.Job) error { j.RetryCount = 5; return nil }))
				}
				j.RetryCount++
				return nil
			})
		}))
		e.settle()
		same(t, "tries", tries, 2)
		same(t, "changes", seen, []string{"a 0 to 5", "a 5 to 6"})

		// A transaction that began before a hook is not seen by it, not even in part.
		var late []string
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			e.ok(e.sys.Jobs.In(tx).Insert(ctx, newJob("b", models.JobStatusQueued, start)))
			store.OnCommit(&e.sys.Jobs, func(c store.TableCommit[models.JobID, jobs.Job]) {
				for _, ch := range c.Changes {
					late = append(late, jobChange(ch))
				}
			})
			e.ok(e.sys.Jobs.In(tx).Insert(ctx, newJob("c", models.JobStatusQueued, start)))
			return nil
		}))
		e.settle()
		same(t, "the hook that was there", seen[2:], []string{"b - to 0", "c - to 0"})
		same(t, "the late hook", late, nil)

		seen = nil
		stop()
		stop()
		e.ok(second(e.sys.Jobs.Delete(ctx, "a")))
		e.settle()
		same(t, "after stop", seen, nil)
		same(t, "the other hook", late, []string{"a 6 to -"})
	})
}

// Rows that had expired are told from those that were there.
func TestHookExpired(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		events := must(stream.Open(ctx, e.db, "app", "events"))
		var seen []string
		store.OnCommit(events, func(c store.TableCommit[models.RowID, stream.Row]) {
			for _, ch := range c.Changes {
				seen = append(seen, fmt.Sprintf("%s old %v new %v expired %v", ch.Key, ch.Old != nil, ch.New != nil, ch.Expired))
			}
		})
		put := func(id models.RowID) {
			t.Helper()
			e.ok(events.Put(ctx, &stream.Row{RowID: id, Fields: []byte(`{}`), InsertedAt: e.clock.Now(), UpdatedAt: e.clock.Now(), TTLSeconds: ptr(uint32(60))}))
		}
		observe := func(what string, want ...string) {
			t.Helper()
			e.settle()
			same(t, what, seen, want)
			seen = nil
		}
		put("a")
		put("b")
		put("c")
		observe("put", "a old false new true expired false", "b old false new true expired false", "c old false new true expired false")
		put("a")
		observe("put again", "a old true new true expired false")
		e.clock.Advance(time.Hour)
		observe("expired and not swept")
		put("a")
		observe("put over an expired row", "a old true new true expired true")
		e.ok(second(events.Delete(ctx, "b")))
		observe("an expired row is deleted", "b old true new false expired true")
		must(admin.Sweep(ctx, e.db, 0))
		observe("swept", "c old true new false expired true")
		e.ok(second(events.Delete(ctx, "a")))
		observe("deleted", "a old true new false expired false")
	})
}

// A hook that is stuck holds up neither commits nor other hooks, and is reported;
// all that it has missed comes in the end.
func TestHookSlow(t *testing.T) {
	const commits = 10050
	reports := make(chan error, 10)
	e := newEnv(t, "", store.WithHookErrors(func(err error) { reports <- err }))
	release := make(chan struct{})
	slow, fast := 0, 0
	store.OnCommit(&e.sys.Users, func(c store.TableCommit[models.UserID, users.User]) {
		<-release
		slow += len(c.Changes)
	})
	e.db.OnCommit(func(c store.Commit) { fast++ })
	u := newUser("u", "ursula", 0)
	for range commits {
		e.ok(e.sys.Users.Put(ctx, u))
	}
	var behind *store.HookError
	if err := <-reports; !errors.As(err, &behind) || behind.Table != "system.users" || behind.Behind != 10000 {
		t.Errorf("report: %v", err)
	}
	same(t, "text", behind.Error(), "hook on system.users: 10000 commits wait for it")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	isErr(t, e.db.WaitHooks(cancelled), context.Canceled)
	close(release)
	e.settle()
	same(t, "the slow hook", slow, commits)
	same(t, "the fast hook", fast, commits)
	if len(reports) > 0 {
		// The fast one may have been behind for a moment, and nothing else.
		err := <-reports
		if !errors.As(err, &behind) || behind.Table != "" || behind.Behind == 0 {
			t.Errorf("another report: %v", err)
		}
	}
}

// A hook that panics, or ends its goroutine, is reported and gets what comes
// later; others do not notice.
func TestHookPanics(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		reports := make(chan error, 10)
		e.opts = append(e.opts, store.WithHookErrors(func(err error) { reports <- err }))
		e.reopen()
		var seen, others int
		store.OnCommit(&e.sys.Users, func(c store.TableCommit[models.UserID, users.User]) {
			seen++
			switch seen {
			case 1:
				panic("boom")
			case 2:
				runtime.Goexit()
			}
		})
		e.db.OnCommit(func(store.Commit) { others++ })
		for _, id := range []models.UserID{"a", "b", "c"} {
			e.ok(e.sys.Users.Insert(ctx, newUser(id, models.UserName(id), 0)))
		}
		e.settle()
		same(t, "calls", []int{seen, others}, []int{3, 3})
		for i, want := range []string{
			"hook on system.users: commit 1: panic: boom",
			"hook on system.users: commit 2: panic: runtime.Goexit was called",
		} {
			err := <-reports
			var he *store.HookError
			if !errors.As(err, &he) || err.Error() != want || he.Number != uint64(i+1) || len(he.Stack) == 0 {
				t.Errorf("report %q, want %q", err, want)
			}
		}
		same(t, "further reports", len(reports), 0)
	})
}

// Without a function of one's own, errors go to the log.
func TestHookErrorsLogged(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(old)
	e := newEnv(t, "")
	e.db.OnCommit(func(store.Commit) { panic("boom") })
	e.ok(e.sys.Users.Insert(ctx, newUser("a", "a", 0)))
	e.settle()
	if got := log.String(); !strings.Contains(got, "hook on all tables: commit 1: panic: boom") || !strings.Contains(got, "stack=") {
		t.Errorf("log %q", got)
	}
}

// Close lets the hooks see everything first, with the database still there to be
// read.
func TestHookClose(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		release := make(chan struct{})
		var seen []string
		store.OnCommit(&e.sys.Jobs, func(c store.TableCommit[models.JobID, jobs.Job]) {
			<-release
			for _, ch := range c.Changes {
				if _, err := e.sys.Jobs.Get(ctx, ch.Key); err != nil {
					t.Errorf("Get in a hook: %v", err)
				}
				seen = append(seen, jobChange(ch))
			}
		})
		for _, id := range []models.JobID{"a", "b", "c"} {
			e.ok(e.sys.Jobs.Insert(ctx, newJob(id, models.JobStatusQueued, start)))
		}
		closed := make(chan error)
		go func() { closed <- e.db.Close() }()
		close(release)
		e.ok(<-closed)
		same(t, "changes", seen, []string{"a - to 0", "b - to 0", "c - to 0"})
		e.ok(e.db.Close())
		e.open()
	})
}

// A hook may write. What it writes comes to it like all else.
func TestHookWrites(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		last := uint32(0)
		done := make(chan struct{})
		store.OnCommit(&e.sys.Jobs, func(c store.TableCommit[models.JobID, jobs.Job]) {
			j := c.Changes[0].New
			last = j.RetryCount
			if j.RetryCount == 5 {
				close(done)
				return
			}
			j.RetryCount++ // its own
			if err := e.sys.Jobs.Put(ctx, j); err != nil {
				t.Errorf("Put in a hook: %v", err)
			}
		})
		e.ok(e.sys.Jobs.Insert(ctx, newJob("a", models.JobStatusQueued, start)))
		<-done
		e.settle()
		same(t, "the last change", last, 5)
	})
}

// The rows of a change belong to the hook: what it does to them, no one sees.
func TestHookRowsAreItsOwn(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		j := newJob("a", models.JobStatusQueued, start)
		j.Parameters = []byte(`{"a":1}`)
		var mu sync.Mutex
		var seen []string
		for range 2 {
			store.OnCommit(&e.sys.Jobs, func(c store.TableCommit[models.JobID, jobs.Job]) {
				for _, ch := range c.Changes {
					text := string(ch.New.Parameters)
					copy(ch.New.Parameters, "spoilt!")
					if ch.Old != nil {
						text += " was " + string(ch.Old.Parameters)
						copy(ch.Old.Parameters, "spoilt!")
					}
					mu.Lock()
					seen = append(seen, text)
					mu.Unlock()
				}
			})
		}
		e.ok(e.sys.Jobs.Insert(ctx, j))
		e.settle()
		j.Parameters = []byte(`{"a":2}`)
		e.ok(e.sys.Jobs.Put(ctx, j))
		e.settle()
		e.ok(e.sys.Jobs.Update(ctx, "a", func(j *jobs.Job) error { j.Parameters[5] = '3'; return nil }))
		e.settle()
		same(t, "changed in place", seen[4:], []string{`{"a":3} was {"a":2}`, `{"a":3} was {"a":2}`})
		seen = seen[:4]
		same(t, "seen", seen, []string{`{"a":1}`, `{"a":1}`, `{"a":2} was {"a":1}`, `{"a":2} was {"a":1}`})
		same(t, "the row written", string(j.Parameters), `{"a":2}`)
		same(t, "the row stored", string(must(e.sys.Jobs.Get(ctx, "a")).Parameters), `{"a":3}`)
	})
}

// A hook through a guarded table sees what its principal may read.
func TestHookGuarded(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		rows := must(user.Open(ctx, e.db, "app", "notes"))
		var ann []string
		var denied int
		store.OnCommit(rows.As(access.Principal{User: "ann", Role: access.User}), func(c store.TableCommit[models.UserRowID, user.Row]) {
			for _, ch := range c.Changes {
				ann = append(ann, string(ch.Key.User)+"/"+string(ch.Key.Row))
			}
		})
		store.OnCommit(e.sys.Jobs.As(access.Principal{User: "ann", Role: access.User}),
			func(store.TableCommit[models.JobID, jobs.Job]) { denied++ })
		for _, u := range []models.UserID{"ann", "bob", "ann"} {
			e.ok(rows.Put(ctx, &user.Row{UserID: u, RowID: "r", Fields: []byte(`{}`), UpdatedAt: start}))
		}
		e.ok(e.sys.Jobs.Insert(ctx, newJob("a", models.JobStatusQueued, start)))
		e.settle()
		same(t, "ann's", ann, []string{"ann/r", "ann/r"})
		same(t, "a system table", denied, 0)
	})
}

// mistyped is a store whose methods have other types than its table.
type mistyped struct{ *users.Store }

func (mistyped) Put(context.Context, *jobs.Job) error { return nil }

// A hook is for the types of its table. No generated store has others, and what is
// made to have them is refused before a row is there.
func TestHookOtherTypes(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		refused := func(what string, hook func()) {
			t.Helper()
			defer func() {
				t.Helper()
				want := "store: system.users has rows *users.User under keys models.UserID, and a hook is for *jobs.Job under models.UserID"
				same(t, what, recover(), any(want))
			}()
			hook()
		}
		lies := mistyped{&e.sys.Users}
		refused("OnCommit", func() { store.OnCommit(lies, func(store.TableCommit[models.UserID, jobs.Job]) {}) })
		refused("OnExpired", func() { store.OnExpired(lies, func(jobs.Job) {}) })

		// A Table may have a key of its own making.
		name := func(u *users.User) models.UserName { return u.Username }
		byName := store.TableOf(e.sys.Users.Handle(), name, func(u *users.User, n models.UserName) { u.Username = n })
		var changed []models.UserName
		store.OnCommit(byName, func(c store.TableCommit[models.UserName, users.User]) {
			for _, ch := range c.Changes {
				changed = append(changed, ch.Key)
			}
		})
		e.ok(e.sys.Users.Insert(ctx, newUser("u", "ursula", 0)))
		e.settle()
		same(t, "keys", changed, []models.UserName{"ursula"})
	})
}

// unreadable is a codec that cannot read what it has written.
type unreadable struct{ pairCodec }

func (unreadable) DecodeValue([]byte, *pairRow) ([]byte, error) { return nil, record.ErrMalformed }

// A row that can no longer be decoded is an error of the hook, and not skipped.
func TestHookUndecodable(t *testing.T) {
	reports := make(chan error, 1)
	db := must(store.Open(ctx, memory.New(), store.WithoutSync(), store.WithHookErrors(func(err error) { reports <- err })))
	defer db.Close()
	pairs := must(storeimpl.OpenTyped(ctx, db, unreadable{pairCodec{desc: pairDesc("pairs", "a")}}))
	calls := 0
	store.OnCommit(pairs, func(store.TableCommit[string, pairRow]) { calls++ })
	if err := pairs.Put(ctx, &pairRow{K: "k", A: "a"}); err != nil {
		t.Fatal(err)
	}
	err := <-reports
	isErr(t, err, store.ErrCorrupt)
	var he *store.HookError
	if !errors.As(err, &he) || he.Number != 1 || calls != 0 {
		t.Errorf("report %v, %d calls", err, calls)
	}
}

// What nobody watches costs nothing, whether or not something else is watched.
func TestHookCost(t *testing.T) {
	e := newEnv(t, "")
	u := newUser("u", "ursula", 0)
	u.CreatedAt, u.UpdatedAt = start, start
	write := func() float64 {
		return testing.AllocsPerRun(300, func() {
			if err := e.sys.Users.Put(ctx, u); err != nil {
				t.Fatal(err)
			}
		})
	}
	e.ok(e.sys.Users.Put(ctx, u))
	before := write()
	stop := store.OnCommit(&e.sys.Jobs, func(store.TableCommit[models.JobID, jobs.Job]) {})
	beside := write()
	stop()
	after := write()
	own := store.OnCommit(&e.sys.Users, func(store.TableCommit[models.UserID, users.User]) {})
	watched := write()
	own()
	// The race detector makes pools forget some of what they hold.
	slack := 0.0
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		slack = 1
	}
	if beside > before+slack || after > before+slack {
		t.Errorf("a put takes %v allocations, %v beside a hook on another table, %v after that", before, beside, after)
	}
	if watched <= before {
		t.Errorf("a put takes %v allocations with a hook, %v without: is it called?", watched, before)
	}
}

// BenchmarkHooks is what a hook costs the commits that it watches.
func BenchmarkHooks(b *testing.B) {
	for _, watched := range []bool{false, true} {
		b.Run(fmt.Sprintf("watched=%v", watched), func(b *testing.B) {
			e := newEnv(b, "")
			if watched {
				store.OnCommit(&e.sys.Users, func(store.TableCommit[models.UserID, users.User]) {})
			}
			u := newUser("u", "ursula", 0)
			b.ReportAllocs()
			for b.Loop() {
				if err := e.sys.Users.Put(ctx, u); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Once a hook is stopped no call begins, also none of those that waited; and what waits
// for the hooks waits for a call that is under way.
func TestHookStopAndWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, "")
		goOn := make(chan struct{})
		calls := 0
		stop := e.db.OnCommit(func(store.Commit) {
			calls++
			<-goOn
		})
		put := func(id models.UserID) { e.ok(e.sys.Users.Put(ctx, newUser(id, models.UserName(id), 0))) }
		put("a")
		synctest.Wait() // the hook is at the first, and nothing else waits
		waited := false
		go func() {
			e.ok(e.db.WaitHooks(ctx))
			waited = true
		}()
		synctest.Wait()
		if waited || calls != 1 {
			t.Errorf("while a call is under way: it is waited for: %v; %d calls", !waited, calls)
		}
		put("b")
		put("c")
		goOn <- struct{}{} // the first call ends, and that of b begins
		synctest.Wait()
		if !waited || calls != 2 {
			t.Errorf("behind the first call: its end is seen: %v; %d calls", waited, calls)
		}
		stop()
		close(goOn)
		synctest.Wait()
		if calls != 2 {
			t.Errorf("%d calls, of which %d began after the end", calls, calls-2)
		}
		e.ok(e.db.WaitHooks(ctx))
	})
}
