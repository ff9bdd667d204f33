package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// manyUsers inserts users.
func (e *env) manyUsers(n int) {
	e.Helper()
	var batch []*users.User
	for i := range n {
		batch = append(batch, newUser(models.UserID(fmt.Sprint("u", i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser))
		if len(batch) == 1000 || i == n-1 {
			e.ok(e.sys.Users.InsertMany(ctx, batch))
			batch = batch[:0]
		}
	}
}

// Verify keeps to its rate, by the clock of the database, and says how far it is.
func TestVerifyRate(t *testing.T) {
	e := newEnv(t, "")
	e.manyUsers(2000) // with two entries each
	var progress []admin.Verified
	done := make(chan error, 1)
	begun := e.clock.Now()
	go func() {
		_, err := admin.Verify(ctx, e.db, admin.VerifyOptions{Rate: 100, Progress: func(v admin.Verified) { progress = append(progress, v) }})
		done <- err
	}()
	for over := false; !over; {
		select {
		case err := <-done:
			e.ok(err)
			over = true
		default:
			if e.clock.Waiting() > 0 {
				e.clock.Advance(100 * time.Millisecond)
			} else {
				runtime.Gosched()
			}
		}
	}
	if took := e.clock.Now().Sub(begun); took < 55*time.Second || took > 65*time.Second {
		t.Errorf("6000 keys at 100 a second took %v", took)
	}
	if len(progress) < 20 {
		t.Fatalf("progress was reported %d times", len(progress))
	}
	for i := 1; i < len(progress); i++ {
		if a, b := progress[i-1], progress[i]; b.Rows+b.Entries < a.Rows+a.Entries {
			t.Errorf("progress goes back from %+v to %+v", a, b)
		}
	}

	// A wait ends with its context.
	c, cancel := context.WithCancel(ctx)
	go func() {
		_, err := admin.Verify(c, e.db, admin.VerifyOptions{Rate: 1})
		done <- err
	}()
	for e.clock.Waiting() == 0 {
		runtime.Gosched()
	}
	cancel()
	isErr(t, <-done, context.Canceled)
}

// Verify needs no more memory for many rows than for few.
func TestVerifyMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("collects garbage many times over many rows; not in the short form")
	}
	grows := func(rows int) int64 {
		e := newEnv(t, "")
		e.manyUsers(rows)
		heap := func() int64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		first, most, n := int64(0), int64(math.MinInt64), 0
		v := must(admin.Verify(ctx, e.db, admin.VerifyOptions{Progress: func(admin.Verified) {
			if n++; n == 1 {
				first = heap()
			} else if n%(rows/1000) == 0 {
				most = max(most, heap()-first)
			}
		}}))
		same(t, "rows", v.Rows, rows)
		return most
	}
	few, many := grows(3000), grows(60000)
	t.Logf("the heap grows by %d bytes over 3,000 rows, by %d over 60,000", few, many)
	// What other tests have left may go meanwhile, so that it shrinks.
	if many > max(few, 0)+256<<10 {
		t.Errorf("the heap grows by %d bytes over 3,000 rows, and by %d over 60,000", few, many)
	}
}

// Wherever a backup is cut, and whichever of its bytes is altered, it is refused,
// and the target is left empty.
func TestRestoreRefusesEveryCut(t *testing.T) {
	eng := memory.New()
	db, table, err := pairs(eng, pairDesc("pairs", "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, k := range []string{"x", "y"} {
		if err := table.Insert(ctx, &pairRow{K: k, A: k}); err != nil {
			t.Fatal(err)
		}
	}
	var stream bytes.Buffer
	if err := admin.Backup(ctx, db, &stream); err != nil {
		t.Fatal(err)
	}
	whole := stream.Bytes()
	target := memory.New()
	defer target.Close()
	refuse := func(what string, at int, b []byte) {
		t.Helper()
		if err := admin.Restore(ctx, target, bytes.NewReader(b)); !errors.Is(err, errs.ErrBackup) {
			t.Errorf("%s at %d: %v", what, at, err)
		}
		it := target.Iterate(ctx, engine.Range{})
		defer it.Close()
		if it.Next() {
			t.Fatalf("%s at %d: the target is not empty", what, at)
		}
	}
	for i := range whole {
		refuse("cut", i, whole[:i])
		for bit := range 8 {
			altered := bytes.Clone(whole)
			altered[i] ^= 1 << bit
			refuse("altered", i, altered)
		}
	}
	if err := admin.Restore(ctx, target, bytes.NewReader(whole)); err != nil {
		t.Errorf("the whole stream: %v", err)
	}
}

// An iteration over rows that is left open when its transaction or view ends is
// closed with it, and reported: nothing is committed then. Whoever goes on with it
// is told that it has ended.
func TestIteratorsLeftOpen(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		const n = 1000 // more than is read ahead
		e.manyUsers(n)
		for name, within := range map[string]func(fn func(tx *store.Tx) error) error{
			"view":   func(fn func(tx *store.Tx) error) error { return e.db.View(ctx, fn) },
			"update": func(fn func(tx *store.Tx) error) error { return e.db.Update(ctx, fn) },
			"held": func(fn func(tx *store.Tx) error) error {
				tx, err := e.db.Begin(ctx)
				if err != nil {
					return err
				}
				return errors.Join(fn(tx.Tx()), tx.Commit())
			},
			"snapshot": func(fn func(tx *store.Tx) error) error {
				s, err := e.db.Snapshot(ctx)
				if err != nil {
					return err
				}
				return errors.Join(fn(s.Tx()), s.Close())
			},
		} {
			for index, walk := range map[string]func(s *users.Store) iter.Seq2[users.User, error]{
				"rows":  func(s *users.Store) iter.Seq2[users.User, error] { return s.Scan().All(ctx) },
				"index": func(s *users.Store) iter.Seq2[users.User, error] { return s.ByRole.Scan().All(ctx) },
			} {
				var next func() (users.User, error, bool)
				var stop func()
				err := within(func(tx *store.Tx) error {
					in := e.sys.Users.In(tx)
					next, stop = iter.Pull2(walk(in))
					_, err, ok := next()
					if !ok {
						t.Errorf("%s, %s: nothing is there", name, index)
					}
					if name == "update" || name == "held" {
						return in.Put(ctx, newUser("never", "never", models.RoleUser))
					}
					return err
				})
				isErr(t, err, store.ErrLeftOpen)
				if !strings.Contains(fmt.Sprint(err), "over system.users") {
					t.Errorf("%s, %s: the error does not name the table: %v", name, index, err)
				}
				var last error
				rows := 1
				for {
					_, err, ok := next()
					if !ok {
						break
					}
					if last = err; err == nil {
						rows++
					}
				}
				stop()
				isErr(t, last, store.ErrTxDone)
				if rows == n || index == "rows" && rows > 1 {
					t.Errorf("%s, %s: %d rows were shown", name, index, rows)
				}
				has := must(e.sys.Users.Has(ctx, "never"))
				same(t, name+" was committed", has, false)
			}
		}
		// What is ended in time is no error.
		e.ok(e.db.View(ctx, func(tx *store.Tx) error {
			next, stop := iter.Pull2(e.sys.Users.In(tx).Scan().All(ctx))
			defer stop()
			_, err, _ := next()
			return err
		}))
	})
}

// Rows that were written when their table had a lifetime for them still go when
// it is over, whatever the schema says now.
func TestLifetimeRemoved(t *testing.T) {
	eng := open{memory.New()}
	clock := store.NewManualClock(start)
	with := pairDesc("pairs", "a")
	with.Fields = append(with.Fields, catalog.Field{Name: "at", Number: 9, Type: catalog.Type{Kind: kind.Timestamp}})
	with.TTL = &catalog.TTL{From: len(with.Fields) - 1, Keep: time.Minute}
	db := must(store.Open(ctx, eng, store.WithClock(clock)))
	old := must(storeimpl.OpenTyped(ctx, db, dueCodec{pairCodec{with}}))
	if err := old.Insert(ctx, &pairRow{K: "old", A: "x"}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time, the description has no lifetime any more
		without := *with
		without.TTL = nil
		db = must(store.Open(ctx, eng, store.WithClock(clock), store.WithMigrate()))
		now := must(storeimpl.OpenTyped(ctx, db, pairCodec{&without}))
		if err := now.Put(ctx, &pairRow{K: "new", A: "x"}); err != nil {
			t.Fatal(err)
		}
		same(t, "before", must(now.Has(ctx, "old")), true)
		same(t, "count before", must(now.Count(ctx)), 2)
		clock.Advance(2 * time.Minute)
		same(t, "after", must(now.Has(ctx, "old")), false)
		same(t, "count after", must(now.Count(ctx)), 1)
		clock.Advance(-2 * time.Minute)
	}
}

// Backups that are written while money goes from one account to another have
// each of them as it was at one moment.
func TestBackupWhileWriting(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		const accounts, each = 20, 100
		for i := range accounts {
			u := newUser(models.UserID(fmt.Sprint("u", i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)
			u.AuthData = fmt.Appendf(nil, "%d", each)
			e.ok(e.sys.Users.Insert(ctx, u))
		}
		balance := func(u *users.User) int {
			n, err := strconv.Atoi(string(u.AuthData))
			e.ok(err)
			return n
		}
		var stop atomic.Bool
		var moves atomic.Int64
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := w; !stop.Load(); i++ {
					from, to := models.UserID(fmt.Sprint("u", i%accounts)), models.UserID(fmt.Sprint("u", (i*7+3)%accounts))
					add := func(in *users.Store, id models.UserID, by int) error {
						return in.Update(ctx, id, func(u *users.User) error {
							u.AuthData = fmt.Appendf(nil, "%d", balance(u)+by)
							u.Role = models.Role(1 + i%3) // its entry moves
							return nil
						})
					}
					err := e.db.Update(ctx, func(tx *store.Tx) error {
						in := e.sys.Users.In(tx)
						return errors.Join(add(in, from, -1), add(in, to, 1))
					}, store.NoSync())
					if err != nil {
						t.Error(err)
						return
					}
					moves.Add(1)
				}
			})
		}
		for n := int64(0); n < 5; n++ {
			for begun := moves.Load(); moves.Load() < begun+20 && !t.Failed(); {
				runtime.Gosched()
			}
			var stream bytes.Buffer
			e.ok(admin.Backup(ctx, e.db, &stream))
			target := memory.New()
			e.ok(admin.Restore(ctx, target, &stream))
			db := must(store.Open(ctx, target, store.WithClock(e.clock)))
			st := must(users.Open(ctx, db))
			sum := 0
			for u, err := range st.Scan().All(ctx) {
				e.ok(err)
				sum += balance(&u)
			}
			same(t, "money", sum, accounts*each)
			must(admin.Verify(ctx, db, admin.VerifyOptions{Found: func(f admin.Finding) { t.Error(f) }}))
			e.ok(db.Close())
		}
		stop.Store(true)
		wg.Wait()
	})
}

// A transaction that loses for ever stops waiting when its context does.
func TestRetriesEndWithContext(t *testing.T) {
	e := newEnv(t, "")
	e.ok(e.sys.Users.Insert(ctx, newUser("u1", "alice", 0)))
	c, cancel := context.WithCancel(ctx)
	tries := 0
	err := e.db.Update(c, func(tx *store.Tx) error {
		if tries++; tries == 5 {
			cancel()
		}
		return fmt.Errorf("as if lost: %w", store.ErrConflict)
	}, store.Tries(1000))
	isErr(t, err, context.Canceled)
	same(t, "tries", tries, 5)
}
