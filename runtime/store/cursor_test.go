package store_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/store"
)

func (e *env) someJobs(n int) {
	e.Helper()
	for i := range n {
		j := newJob(models.JobID(fmt.Sprintf("j%02d", i)), models.JobStatusRunning, start.Add(time.Duration(i)*time.Minute))
		j.TableName = ptr(models.TableName("t"))
		e.ok(e.sys.Jobs.Insert(ctx, j))
	}
}

func TestCursorsSurviveARestart(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.someJobs(10)
		page := must(e.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Scan().Page(ctx, 4, ""))
		byKey := must(e.sys.Jobs.Scan().Reverse().Page(ctx, 4, ""))
		e.reopen()
		next := must(e.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Scan().Page(ctx, 100, page.Next))
		same(t, "first of the rest", next.Rows[0].JobID, "j05")
		same(t, "the rest", len(next.Rows), 6)
		same(t, "no more", next.Next, "")
		nextByKey := must(e.sys.Jobs.Scan().Reverse().Page(ctx, 4, byKey.Next))
		same(t, "first of the second page", nextByKey.Rows[0].JobID, "j05")
		// The row that the cursor stands on may be gone.
		e.ok(e.sys.Jobs.Delete(ctx, "j06"))
		same(t, "from the gap on", must(e.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Scan().Page(ctx, 1, page.Next)).Rows[0].JobID, "j05")
	})
}

func TestStaleCursors(t *testing.T) {
	e := newEnv(t, "")
	e.someJobs(10)
	s := e.sys.Jobs
	running := s.ByStatus.Status(models.JobStatusRunning)
	cursor := must(running.Scan().Page(ctx, 3, "")).Next
	other := must(shared.Open(ctx, e.db, "app", "a"))
	another := must(shared.Open(ctx, e.db, "app", "b"))
	for i := range 3 {
		e.ok(other.Insert(ctx, &shared.Row{RowID: models.RowID(fmt.Sprint(i))}))
	}
	foreign := must(other.Scan().Page(ctx, 1, "")).Next
	decoded := must(base64.RawURLEncoding.DecodeString(string(cursor)))
	for name, use := range map[string]func() error{
		"other order":  func() error { return second(running.Scan().Reverse().Page(ctx, 3, cursor)) },
		"other index":  func() error { return second(s.ByTable.NamespaceID("app").Scan().Page(ctx, 3, cursor)) },
		"the key":      func() error { return second(s.Scan().Page(ctx, 3, cursor)) },
		"other value":  func() error { return second(s.ByStatus.Status(models.JobStatusFailed).Scan().Page(ctx, 3, cursor)) },
		"other table":  func() error { return second(e.sys.Users.Scan().Page(ctx, 3, store.Cursor[users.User](cursor))) },
		"other member": func() error { return second(another.Scan().Page(ctx, 3, foreign)) },
		"no cursor":    func() error { return second(running.Scan().Page(ctx, 3, "no cursor!")) },
		"cut short":    func() error { return second(running.Scan().Page(ctx, 3, cursor[:8])) },
		"without a place": func() error {
			return second(running.Scan().Page(ctx, 3, store.Cursor[jobs.Job](sealCursor(s.Handle(), 0, nil))))
		},
		"of another version": func() error { return second(running.Scan().Page(ctx, 3, encode(append([]byte{1}, decoded[1:]...)))) },
	} {
		if err := use(); !errors.Is(err, store.ErrStaleCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A narrower bound on a column that is not fixed is the same query.
	same(t, "within a bound", len(must(running.CreatedFrom(start.Add(5*time.Minute)).Page(ctx, 9, cursor)).Rows), 2)
	for _, n := range []int{0, -1} {
		isErr(t, second(running.Scan().Page(ctx, n, "")), store.ErrInvalid)
	}
	// Another schema: the index has the same name and other columns.
	eng := filled(t, pairDesc("pairs", "a"), 10)
	_, pairs1, err := pairs(eng, pairDesc("pairs", "a"))
	e.ok(err)
	old := must(pairs1.Index(0).Page(ctx, 3, "")).Next
	turned := pairDesc("pairs", "a")
	turned.Indexes[0].Columns[0].Desc = true
	_, pairs2, err := pairs(eng, turned, store.WithMigrate())
	e.ok(err)
	isErr(t, second(pairs2.Index(0).Page(ctx, 3, old)), store.ErrStaleCursor)
}

// A page through an index reads its own rows: of the one behind it, the entry is
// enough. A filter has to see that one too.
func TestPagesReadNoMoreThanTheirRows(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.someJobs(300)
		eng := newSpy(e.eng)
		s := must(jobs.Open(ctx, must(store.Open(ctx, eng, store.WithClock(e.clock)))))
		q := s.ByStatus.Status(models.JobStatusRunning).Scan()
		page := func(what string, q *jobs.Query, n int, from store.Cursor[jobs.Job], rows int, more bool, wantGets, wantPairs int64) store.Cursor[jobs.Job] {
			t.Helper()
			eng.reads()
			got := must(q.Page(ctx, n, from))
			gets, pairs := eng.reads()
			same(t, what, []any{len(got.Rows), got.Next != "", gets, pairs}, []any{rows, more, wantGets, wantPairs})
			return got.Next
		}
		next := page("the first", q, 20, "", 20, true, 20, 21)
		page("the second", q, 20, next, 20, true, 20, 21)
		page("longer than what is read at once", q, 200, "", 200, true, 200, 201)
		page("all there is", q, 300, "", 300, false, 300, 300)
		page("as long as can be", q, math.MaxInt, "", 300, false, 300, 300)
		page("to the query's limit", q.Limit(20), 20, "", 20, false, 20, 20)
		page("within the query's limit", q.Limit(21), 20, "", 20, true, 20, 21)
		page("backward", q.Reverse(), 20, "", 20, true, 20, 21)
		page("by key", s.Scan(), 20, "", 20, true, 0, 21)
		eng.reads()
		same(t, "rows within a limit", len(must(q.Limit(150).Rows(ctx))), 150)
		gets, _ := eng.reads()
		same(t, "rows read for a limit", gets, 150)
		even := q.Filter(func(j *jobs.Job) bool { return j.JobID[len(j.JobID)-1]%2 == 0 })
		page("the last of a filter", even, 150, "", 150, false, 300, 300)
	})
}

// The row behind a page may be one that a transaction has deleted, or one that has
// expired: it is not another page.
func TestPagesBeforeWhatIsGone(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		s := e.sys.Users
		for i := range 4 {
			u := newUser(models.UserID(fmt.Sprint(i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)
			if i == 3 {
				u.DeletedAt = ptr(start)
			}
			e.ok(s.Insert(ctx, u))
		}
		e.clock.Advance(31 * 24 * time.Hour)
		q := s.ByRole.Role(models.RoleUser)
		same(t, "before an expired row", must(q.Page(ctx, 3, "")).Next, "")
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			e.ok(s.In(tx).Delete(ctx, "2"))
			page := must(s.In(tx).ByRole.Role(models.RoleUser).Page(ctx, 2, ""))
			same(t, "before a deleted row", []any{len(page.Rows), page.Next}, []any{2, store.Cursor[users.User]("")})
			return nil
		}))
	})
}

func encode(b []byte) store.Cursor[jobs.Job] {
	return store.Cursor[jobs.Job](base64.RawURLEncoding.EncodeToString(b))
}

// FuzzCursor gives garbage for a cursor, for what is sealed in one, and for one that
// was altered: it never panics, and never shows what the query does not.
func FuzzCursor(tf *testing.F) {
	f := inputs.New(tf)
	e := newEnv(f, "")
	e.someJobs(8)
	e.ok(e.sys.Jobs.Insert(ctx, newJob("other", models.JobStatusFailed, start)))
	running := e.sys.Jobs.ByStatus.Status(models.JobStatusRunning)
	made := must(base64.RawURLEncoding.DecodeString(string(must(running.Scan().Page(ctx, 3, "")).Next)))
	index := slices.IndexFunc(e.sys.Jobs.Handle().Desc().Indexes, func(ix catalog.Index) bool { return ix.Name == "status" })
	place := must(openCursor(e.sys.Jobs.Handle(), index, string(encode(made))))
	f.Add("", []byte(nil))
	f.Add("!", place)
	f.Add("AQAB", []byte{0x80})
	f.Add(string(encode(made)), place[:len(place)-1])
	f.Fuzz(func(t *testing.T, text string, sealed []byte) {
		if page, err := running.Scan().Page(ctx, 3, store.Cursor[jobs.Job](text)); err != nil && !errors.Is(err, store.ErrStaleCursor) {
			t.Fatalf("%q: %d rows, %v", text, len(page.Rows), err)
		}
		if err := second(running.Scan().Page(ctx, 3, encode(append(made[:17:17], sealed...)))); !errors.Is(err, store.ErrStaleCursor) && !bytes.Equal(made[17:], sealed) {
			t.Fatalf("%x in the place of what was sealed: %v", sealed, err)
		}
		page, err := running.Scan().Page(ctx, 100, store.Cursor[jobs.Job](sealCursor(e.sys.Jobs.Handle(), index, sealed)))
		if err != nil && !errors.Is(err, store.ErrStaleCursor) {
			t.Fatalf("%x: %v", sealed, err)
		}
		for _, j := range page.Rows {
			if j.Status != models.JobStatusRunning {
				t.Fatalf("%x: shows %s", sealed, j.JobID)
			}
		}
	})
}
