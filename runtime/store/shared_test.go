package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// sharedEngine is an engine that says that others write to the same data, as servers do.
// The other programs of a test are databases over the engine in it.
type sharedEngine struct{ open }

func (sharedEngine) Shared() bool { return true }

// A cache of rows hears nothing of what other programs write, so it is refused.
func TestSharedEngineRefusesRowCache(t *testing.T) {
	eng := open{memory.New()}
	cache := store.WithRowCache("system.users", newRowMap(t, 10))
	_, err := store.Open(ctx, sharedEngine{eng}, cache)
	isErr(t, err, engine.ErrShared)
	const text = "store.WithRowCache: not possible on an engine that is shared with other processes, as the cache does not hear of what they write: open the database without it"
	same(t, "text", err.Error(), text)
	must(store.Open(ctx, eng, cache)) // and not on others
	must(store.Open(ctx, sharedEngine{eng}))
}

// Hooks see only the commits of their own program, so they are not set, and that is
// reported.
func TestSharedEngineRefusesHooks(t *testing.T) {
	var reports []string
	db := must(store.Open(ctx, sharedEngine{open{memory.New()}}, store.WithHookErrors(func(err error) {
		isErr(t, err, engine.ErrShared)
		reports = append(reports, err.Error())
	})))
	s := must(users.Open(ctx, db))
	called := 0
	stops := []func(){
		db.OnCommit(func(store.Commit) { called++ }),
		store.OnCommit(s, func(store.TableCommit[models.UserID, users.User]) { called++ }),
	}
	store.OnExpired(s, func(users.User) { called++ })
	const why = "it was not set: not possible on an engine that is shared with other processes, as it would not hear of what they commit"
	same(t, "reports", reports, []string{"hook on all tables: " + why, "hook on system.users: " + why, "hook on system.users: " + why})
	if err := s.Insert(ctx, newUser("a", "a", 0)); err != nil {
		t.Fatal(err)
	}
	if err := db.WaitHooks(ctx); err != nil {
		t.Fatal(err)
	}
	for _, stop := range stops {
		stop()
	}
	same(t, "calls", called, 0)
}

// What another program has made of the catalog since it was looked at counts when a table
// is opened.
func TestNoCatalogIsRemembered(t *testing.T) {
	before, after := pairDesc("pairs", "a"), pairDesc("pairs", "a", "b")
	eng := filled(t, before, 3).(open)
	db := must(store.Open(ctx, eng))
	if err := db.Define(ctx, before); err != nil {
		t.Fatal(err)
	}
	if _, _, err := pairs(eng, after, store.WithMigrate()); err != nil {
		t.Fatal(err)
	}
	_, err := storeimpl.OpenTyped(ctx, db, pairCodec{desc: before})
	isErr(t, err, store.ErrSchema)
}

// Two programs that make a database at the same time make one.
func TestTwoProgramsMakeOneDatabase(t *testing.T) {
	for _, c := range []struct {
		name string
		when func(m *meddler) *func() // when the second one comes in
	}{
		{"between the look for a header and that for other keys", func(m *meddler) *func() { return &m.got }},
		{"before the transaction", func(m *meddler) *func() { return &m.begin }},
		{"before its commit", func(m *meddler) *func() { return &m.commit }},
	} {
		t.Run(c.name, func(t *testing.T) {
			eng := open{memory.New()}
			m := &meddler{Engine: eng}
			var second *store.DB
			*c.when(m) = func() { second = must(store.Open(ctx, eng)) }
			first := must(store.Open(ctx, m))
			if second == nil {
				t.Fatal("the second program has not come in")
			}
			a, b := must(jobs.Open(ctx, first)), must(jobs.Open(ctx, second))
			for _, id := range []models.JobID{"1", "2", "3"} {
				if err := a.Insert(ctx, newJob(id, models.JobStatusRunning, start)); err != nil {
					t.Fatal(err)
				}
			}
			page := must(a.Scan().Page(ctx, 1, ""))
			same(t, "the second page, by the other program", must(b.Scan().Page(ctx, 1, page.Next)).Rows[0].JobID, "2")
		})
	}
}

// unknowing is an engine that does not know what came of a commit.
type unknowing struct {
	engine.Engine
	err error // its answer, if set
}

func (e *unknowing) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	tx, err := e.Engine.Begin(ctx, o)
	return unknowingTx{tx, e}, err
}

type unknowingTx struct {
	engine.Tx
	e *unknowing
}

func (t unknowingTx) Commit(ctx context.Context) (uint64, error) {
	n, err := t.Tx.Commit(ctx)
	if t.e.err != nil {
		return 0, t.e.err
	}
	return n, err
}

// A transaction whose outcome is unknown is never run again, whatever else the error
// says: it may have happened.
func TestUnknownOutcomesAreNotRunAgain(t *testing.T) {
	for name, answer := range map[string]error{
		"unknown":               engine.ErrUnknown,
		"unknown or a conflict": errors.Join(engine.ErrUnknown, &engine.ConflictError{}),
		"unknown or too large":  errors.Join(engine.ErrTooLarge, engine.ErrUnknown),
	} {
		t.Run(name, func(t *testing.T) {
			eng := &unknowing{Engine: memory.New()}
			db := must(store.Open(ctx, eng))
			s := must(jobs.Open(ctx, db))
			for _, id := range []models.JobID{"a", "b", "c"} {
				if err := s.Insert(ctx, newJob(id, models.JobStatusRunning, start)); err != nil {
					t.Fatal(err)
				}
			}
			eng.err = answer
			tries := 0
			isErr(t, db.Update(ctx, func(tx *store.Tx) error {
				tries++
				return s.In(tx).Update(ctx, "a", func(j *jobs.Job) error { j.RetryCount++; return nil })
			}), engine.ErrUnknown)
			same(t, "tries of a transaction", tries, 1)
			isErr(t, s.Update(ctx, "a", func(j *jobs.Job) error { tries++; j.RetryCount++; return nil }), engine.ErrUnknown)
			same(t, "tries of an update", tries, 2)
			n, err := s.Scan().Filter(func(j *jobs.Job) bool { tries++; return j.JobID == "b" }).Delete(ctx)
			isErr(t, err, engine.ErrUnknown)
			same(t, "tries of a delete of three rows", tries, 2+3)
			same(t, "rows that are known to be gone", n, 0)
			eng.err = nil
			same(t, "how often it was added", must(s.Get(ctx, "a")).RetryCount, 2)
		})
	}
}
