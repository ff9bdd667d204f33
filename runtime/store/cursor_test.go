package store_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/internal/torture/inputs"
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
		page := must(e.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Page(ctx, 4, ""))
		byKey := must(e.sys.Jobs.Scan().Reverse().Page(ctx, 4, ""))
		e.reopen()
		next := must(e.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Page(ctx, 100, page.Next))
		same(t, "first of the rest", next.Rows[0].JobID, "j05")
		same(t, "the rest", len(next.Rows), 6)
		same(t, "no more", next.Next, "")
		nextByKey := must(e.sys.Jobs.Scan().Reverse().Page(ctx, 4, byKey.Next))
		same(t, "first of the second page", nextByKey.Rows[0].JobID, "j05")
		// The row that the cursor stands on may be gone.
		e.ok(e.sys.Jobs.Delete(ctx, "j06"))
		same(t, "from the gap on", must(e.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Page(ctx, 1, page.Next)).Rows[0].JobID, "j05")
	})
}

func TestStaleCursors(t *testing.T) {
	e := newEnv(t, "")
	e.someJobs(10)
	s := e.sys.Jobs
	running := s.ByStatus.Status(models.JobStatusRunning)
	cursor := must(running.Page(ctx, 3, "")).Next
	other := must(shared.Open(ctx, e.db, "app", "a"))
	another := must(shared.Open(ctx, e.db, "app", "b"))
	for i := range 3 {
		e.ok(other.Insert(ctx, &shared.Row{RowID: models.RowID(fmt.Sprint(i))}))
	}
	foreign := must(other.Scan().Page(ctx, 1, "")).Next
	decoded := must(base64.RawURLEncoding.DecodeString(string(cursor)))
	for name, use := range map[string]func() error{
		"other order":        func() error { return second(running.Reverse().Page(ctx, 3, cursor)) },
		"other index":        func() error { return second(s.ByTable.NamespaceID("app").Page(ctx, 3, cursor)) },
		"the key":            func() error { return second(s.Scan().Page(ctx, 3, cursor)) },
		"other value":        func() error { return second(s.ByStatus.Status(models.JobStatusFailed).Page(ctx, 3, cursor)) },
		"other table":        func() error { return second(e.sys.Users.Scan().Page(ctx, 3, store.Cursor[users.User](cursor))) },
		"other member":       func() error { return second(another.Scan().Page(ctx, 3, foreign)) },
		"no cursor":          func() error { return second(running.Page(ctx, 3, "no cursor!")) },
		"cut short":          func() error { return second(running.Page(ctx, 3, cursor[:8])) },
		"without a place":    func() error { return second(running.Page(ctx, 3, encode(decoded[:10]))) },
		"of another version": func() error { return second(running.Page(ctx, 3, encode(append([]byte{2}, decoded[1:]...)))) },
	} {
		if err := use(); !errors.Is(err, store.ErrStaleCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A narrower bound on a column that is not fixed is the same query.
	same(t, "within a bound", len(must(running.CreatedFrom(start.Add(5*time.Minute)).Page(ctx, 9, cursor)).Rows), 2)
	for _, n := range []int{0, -1} {
		isErr(t, second(running.Page(ctx, n, "")), store.ErrInvalid)
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

func encode(b []byte) store.Cursor[jobs.Job] {
	return store.Cursor[jobs.Job](base64.RawURLEncoding.EncodeToString(b))
}

// FuzzCursor gives garbage for a cursor, in place of one and behind the head of a
// true one: it never panics, and never shows what the query does not.
func FuzzCursor(tf *testing.F) {
	f := inputs.New(tf)
	e := newEnv(f, "")
	e.someJobs(8)
	e.ok(e.sys.Jobs.Insert(ctx, newJob("other", models.JobStatusFailed, start)))
	running := e.sys.Jobs.ByStatus.Status(models.JobStatusRunning)
	head := must(base64.RawURLEncoding.DecodeString(string(must(running.Page(ctx, 3, "")).Next)))
	f.Add("", []byte(nil))
	f.Add("!", head[10:])
	f.Add("AQAB", []byte{0x80})
	f.Fuzz(func(t *testing.T, text string, behind []byte) {
		if page, err := running.Page(ctx, 3, store.Cursor[jobs.Job](text)); err != nil && !errors.Is(err, store.ErrStaleCursor) {
			t.Fatalf("%q: %d rows, %v", text, len(page.Rows), err)
		}
		page, err := running.Page(ctx, 100, encode(append(head[:10:10], behind...)))
		if err != nil && !errors.Is(err, store.ErrStaleCursor) {
			t.Fatalf("%x: %v", behind, err)
		}
		for _, j := range page.Rows {
			if j.Status != models.JobStatusRunning {
				t.Fatalf("%x: shows %s", behind, j.JobID)
			}
		}
	})
}
