package store_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

var ctx = context.Background()

// start is where the clocks of the tests stand at first.
var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// env is a database on one of the engines, with a clock that the test moves.
type env struct {
	testing.TB
	engine func() (engine.Engine, error) // opens it, also again
	opts   []store.Option
	clock  *store.ManualClock
	eng    engine.Engine
	db     *store.DB
	sys    *system.DB
}

// onEngines runs a test on each engine.
func onEngines(t *testing.T, f func(t *testing.T, e *env)) {
	t.Run("memory", func(t *testing.T) { f(t, newEnv(t, "")) })
	t.Run("leveldb", func(t *testing.T) { f(t, newEnv(t, t.TempDir())) })
}

func newEnv(t testing.TB, dir string, opts ...store.Option) *env {
	t.Helper()
	e := &env{TB: t, clock: store.NewManualClock(start), opts: opts}
	e.engine = e.keepOpen(memory.New())
	if dir != "" {
		e.engine = func() (engine.Engine, error) { return leveldb.Open(dir, smallLevel) }
	}
	e.open()
	// A test that leaves the database broken has found something.
	t.Cleanup(func() {
		if !t.Failed() {
			e.whole()
		}
		e.db.Close()
	})
	return e
}

func (e *env) open() {
	e.Helper()
	var err error
	e.eng, err = e.engine()
	e.ok(err)
	e.db, err = store.Open(ctx, e.eng, append([]store.Option{store.WithClock(e.clock), store.WithoutSync()}, e.opts...)...)
	e.ok(err)
	e.sys, err = system.Open(ctx, e.db)
	e.ok(err)
}

// smallLevel is goleveldb with little memory, as many are opened.
var smallLevel = &leveldb.Options{BlockCache: 1 << 20, WriteBuffer: 1 << 20}

// keepOpen opens an engine whose content outlives its Close, as that of a
// directory does.
func (e *env) keepOpen(eng engine.Engine) func() (engine.Engine, error) {
	return func() (engine.Engine, error) { return open{eng}, nil }
}

type open struct{ engine.Engine }

func (open) Close() error { return nil }

// reopen closes the database and opens it again.
func (e *env) reopen() {
	e.Helper()
	e.ok(e.db.Close())
	e.open()
}

// whole checks that the engine holds what the rows imply, and nothing else. All
// members of the families are opened for it.
func (e *env) whole() {
	e.Helper()
	for _, m := range must(shared.Members(ctx, e.db)) {
		must(shared.Open(ctx, e.db, m.Namespace, m.Table))
	}
	for _, m := range must(user.Members(ctx, e.db)) {
		must(user.Open(ctx, e.db, m.Namespace, m.Table))
	}
	for _, m := range must(stream.Members(ctx, e.db)) {
		must(stream.Open(ctx, e.db, m.Namespace, m.Table))
	}
	if err := checkWhole(ctx, e.db); err != nil {
		e.Errorf("the database is not whole:\n%v", err)
	}
	// What the store says of itself must be the same.
	verified := must(admin.Verify(ctx, e.db, admin.VerifyOptions{Found: func(f admin.Finding) { e.Errorf("verify: %v", f) }}))
	same(e, "tables not verified", verified.Skipped, 0)
}

func (e *env) ok(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// must is for what can only fail where the test itself is wrong, and for values
// that are compared in the same expression.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// same compares; an empty slice is as good as none.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// entries is how many keys the engine holds in an index of a table, given by
// position, expired ones included.
func entries(t *storeimpl.Handle, index int) int {
	prefix := keys.AppendUvarint(keys.AppendUvarint(nil, spaceOf(t)), uint64(t.Desc().Indexes[index].Number))
	return countKeys(store.DBOf(t).Engine(), prefix)
}

func countKeys(eng engine.Engine, prefix []byte) int {
	it := eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	n := 0
	for it.Next() {
		n++
	}
	if it.Err() != nil {
		panic(it.Err())
	}
	return n
}

// rowsOf runs a query and maps the rows.
func rowsOf[V, R any](t testing.TB, q interface {
	All(ctx context.Context) iter.Seq2[V, error]
}, f func(*V) R) []R {
	t.Helper()
	out := []R{}
	for v, err := range q.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f(&v))
	}
	return out
}

func userID(u *users.User) models.UserID { return u.UserID }
func jobID(j *jobs.Job) models.JobID     { return j.JobID }

func newUser(id models.UserID, name models.UserName, role models.Role) *users.User {
	return &users.User{UserID: id, Username: name, PasswordHash: "hash", Role: role}
}

func newJob(id models.JobID, status models.JobStatus, created time.Time) *jobs.Job {
	return &jobs.Job{JobID: id, JobType: models.JobTypeFlush, NamespaceID: "app", Status: status,
		CreatedAt: created, StartedAt: &created, NodeID: "n1"}
}

func ptr[T any](v T) *T { return &v }

// providerAll asks a provider for all columns of all rows.
func providerAll(p provider.Table) *provider.ScanRequest {
	return &provider.ScanRequest{Columns: p.Def().All()}
}
