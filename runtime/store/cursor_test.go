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

// A filter has to see the row behind a page too, and a page may be as long as can be.
func TestPagesOfAFilter(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.someJobs(300)
		eng := newSpy(e.eng)
		q := must(jobs.Open(ctx, must(store.Open(ctx, eng, store.WithClock(e.clock))))).ByStatus.Status(models.JobStatusRunning).Scan()
		even := q.Filter(func(j *jobs.Job) bool { return j.JobID[len(j.JobID)-1]%2 == 0 })
		eng.reads()
		for _, n := range []int{150, math.MaxInt} {
			page := must(even.Page(ctx, n, ""))
			gets, _ := eng.reads()
			same(t, fmt.Sprint("a page of ", n), []any{len(page.Rows), page.Next, gets}, []any{150, store.Cursor[jobs.Job](""), int64(300)})
		}
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
