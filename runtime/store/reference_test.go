package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/live_queries"
	"github.com/storegen/storegen/generated/system/table_schemas"
	"github.com/storegen/storegen/generated/system/tables"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
	"github.com/storegen/storegen/runtime/store"
)

// TestReference is what the reference tables must do, one case after the other.
func TestReference(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, e *env)
	}{
		{"unique index", refUnique},
		{"case", refCase},
		{"non-unique", refNonUnique},
		{"partial", refPartial},
		{"isolation", refIsolation},
		{"key order", refKeyOrder},
		{"separators", refSeparators},
		{"expiry", refExpiry},
		{"expiry of jobs and users", refExpiryFixed},
		{"schema versions", refVersions},
		{"provider", refProvider},
		{"jobs", refJobs},
		{"delete and update of nothing", refAbsent},
		{"soft delete keeps the row and its name", refSoftDelete},
		{"completed without started_at", refCheck},
		{"tables of a storage", refStorageTables},
		{"live queries", refLiveQueries},
	} {
		t.Run(c.name, func(t *testing.T) { onEngines(t, c.run) })
	}
}

func refUnique(t *testing.T, e *env) {
	s := e.sys.Users
	e.ok(s.Insert(ctx, newUser("u1", "alice", 0)))
	e.ok(s.Insert(ctx, newUser("u2", "bob", 0)))

	err := s.Insert(ctx, newUser("u3", "alice", 0))
	var taken *store.UniqueError
	if !errors.As(err, &taken) || !errors.Is(err, store.ErrUnique) {
		t.Fatalf("a second holder got %v", err)
	}
	same(t, "violation", *taken, store.UniqueError{Table: "system.users", Index: "username", Value: `"alice"`, Holder: "u1", HolderKey: []byte("u1")})
	same(t, "refused row is there", must(s.Has(ctx, "u3")), false)

	// The same row may be written again, by every kind of write.
	e.ok(s.Put(ctx, newUser("u1", "alice", 0)))
	e.ok(s.Update(ctx, "u1", func(u *users.User) error { u.Email = ptr("a@example.com"); return nil }))
	same(t, "entries", entries(s.Handle(), 0), 2)

	rename := func(id models.UserID, to models.UserName) error {
		return s.Update(ctx, id, func(u *users.User) error { u.Username = to; return nil })
	}
	if err := rename("u1", "bob"); !errors.Is(err, store.ErrUnique) {
		t.Fatalf("a rename to a taken name got %v", err)
	}
	same(t, "alice after a refused rename", must(s.ByUsername.Get(ctx, "alice")).UserID, "u1")
	same(t, "bob after a refused rename", must(s.ByUsername.Key(ctx, "bob")), "u2")

	e.ok(rename("u1", "carol"))
	_, err = s.ByUsername.Get(ctx, "alice")
	isErr(t, err, store.ErrNotFound)
	_, err = s.ByUsername.Key(ctx, "alice")
	isErr(t, err, store.ErrNotFound)
	same(t, "new name", must(s.ByUsername.Get(ctx, "carol")).UserID, "u1")
	e.ok(s.Insert(ctx, newUser("u3", "alice", 0)))
}

func isErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got the error %v, want %v", err, want)
	}
}

func refCase(t *testing.T, e *env) {
	s := e.sys.Users
	e.ok(s.Insert(ctx, newUser("u1", "Alice", 0)))
	isErr(t, s.Insert(ctx, newUser("u2", "ALICE", 0)), store.ErrUnique)
	for _, name := range []models.UserName{"alice", "ALICE", "aLiCe"} {
		u, err := s.ByUsername.Get(ctx, name)
		e.ok(err)
		same(t, "found, as it was written", u.Username, "Alice")
	}
	// A change of nothing but the case is no violation.
	e.ok(s.Update(ctx, "u1", func(u *users.User) error { u.Username = "aLICE"; return nil }))
	same(t, "name", must(s.ByUsername.Get(ctx, "alice")).Username, "aLICE")
	e.ok(s.Insert(ctx, newUser("u3", "ÉTÉ", 0)))
	isErr(t, s.Insert(ctx, newUser("u4", "été", 0)), store.ErrUnique)
}

func refNonUnique(t *testing.T, e *env) {
	s := e.sys.Users
	admins := func(want ...models.UserID) {
		t.Helper()
		q := s.ByRole.Role(models.RoleDBA)
		same(t, "admins", rowsOf(t, q, userID), want)
		same(t, "count", must(q.Count(ctx)), len(want))
	}
	e.ok(s.Insert(ctx, newUser("u1", "alice", models.RoleDBA)))
	e.ok(s.Insert(ctx, newUser("u2", "bob", models.RoleDBA)))
	admins("u1", "u2")
	e.ok(s.Put(ctx, newUser("u2", "bob", models.RoleDBA))) // again adds nothing
	admins("u1", "u2")
	same(t, "entries", entries(s.Handle(), 1), 2)
	e.ok(s.Update(ctx, "u1", func(u *users.User) error { u.Role = models.RoleService; return nil }))
	admins("u2")
	same(t, "moved", rowsOf(t, s.ByRole.Role(models.RoleService), userID), []models.UserID{"u1"})
	e.ok(second(s.Delete(ctx, "u2")))
	admins()
	e.ok(second(s.Delete(ctx, "u1")))
	same(t, "entries at the end", entries(s.Handle(), 1), 0)
}

func refPartial(t *testing.T, e *env) {
	s := e.sys.Users
	day := start.Add(-24 * time.Hour)
	deleted := func() []models.UserID { t.Helper(); return rowsOf(t, s.ByDeletedAt.DeletedFrom(day), userID) }
	set := func(id models.UserID, at *time.Time) {
		t.Helper()
		e.ok(s.Update(ctx, id, func(u *users.User) error { u.DeletedAt = at; return nil }))
	}
	for _, id := range []models.UserID{"u1", "u2", "u3"} {
		e.ok(s.Insert(ctx, newUser(id, models.UserName(id), 0)))
	}
	same(t, "entries of active users", entries(s.Handle(), 2), 0)
	set("u1", &day)
	same(t, "one deleted", deleted(), []models.UserID{"u1"})
	set("u3", &day)
	same(t, "two on one day", rowsOf(t, s.ByDeletedAt.DeletedAt(day), userID), []models.UserID{"u1", "u3"})
	set("u1", nil)
	same(t, "one restored", deleted(), []models.UserID{"u3"})
	set("u3", nil)
	same(t, "entries at the end", entries(s.Handle(), 2), 0)
}

func refIsolation(t *testing.T, e *env) {
	s := must(user.Open(ctx, e.db, "app", "notes"))
	for _, u := range []models.UserID{"user1", "user2"} {
		for i := range 3 {
			e.ok(s.Insert(ctx, &user.Row{UserID: u, RowID: models.RowID(fmt.Sprint("row", i+1)), Fields: []byte(`{"of":"` + u + `"}`)}))
		}
	}
	same(t, "rows", must(s.Count(ctx)), 6)
	for _, u := range []models.UserID{"user1", "user2"} {
		row, err := s.Get(ctx, models.UserRowID{User: u, Row: "row1"})
		e.ok(err)
		same(t, "row1 of "+string(u), string(row.Fields), `{"of":"`+string(u)+`"}`)
		same(t, "rows of "+string(u), rowsOf(t, s.ByKey.UserID(u).Scan(), user.KeyOf), []models.UserRowID{
			{User: u, Row: "row1"}, {User: u, Row: "row2"}, {User: u, Row: "row3"}})
		same(t, "rows by update of "+string(u), must(s.ByUpdatedAt.UserID(u).Scan().Count(ctx)), 3)
	}
	// A user whose name begins with another's is another user.
	e.ok(s.Insert(ctx, &user.Row{UserID: "user", RowID: "1/row1"}))
	same(t, "rows of user", must(s.ByKey.UserID("user").Scan().Count(ctx)), 1)
	same(t, "rows of user1", must(s.ByKey.UserID("user1").Scan().Count(ctx)), 3)
}

func refKeyOrder(t *testing.T, e *env) {
	s := must(user.Open(ctx, e.db, "app", "notes"))
	for _, k := range []models.UserRowID{{User: "bob", Row: "100"}, {User: "alice", Row: "100"}, {User: "bob", Row: "050"}} {
		e.ok(s.Insert(ctx, &user.Row{UserID: k.User, RowID: k.Row}))
	}
	same(t, "user rows", rowsOf(t, s.Scan(), user.KeyOf), []models.UserRowID{
		{User: "alice", Row: "100"}, {User: "bob", Row: "050"}, {User: "bob", Row: "100"}})

	for _, v := range []uint32{100, 2, 10, 1} {
		e.ok(e.sys.TableSchemas.Insert(ctx, &table_schemas.TableSchema{NamespaceID: "app", TableName: "t", Version: v}))
	}
	same(t, "versions", rowsOf(t, e.sys.TableSchemas.Scan(), func(r *table_schemas.TableSchema) uint32 { return r.Version }),
		[]uint32{1, 2, 10, 100})

	for _, bad := range [][]byte{nil, []byte("alice"), {0}, {0, 1}, []byte("a\x00\x01t\x00\x01\x00\x00\x01"), []byte("a\x00\x02t\x00\x01\x00\x00\x00\x01")} {
		if k, err := models.DecodeTableSchemaID(bad); !errors.Is(err, keys.ErrMalformed) {
			t.Errorf("the malformed key %q is %v, with the error %v", bad, k, err)
		}
	}
}

func refSeparators(t *testing.T, e *env) {
	parts := []string{"", ":", "-", "/", "\x00", "\xff", "a", "a:", "a-b", "a/b", "a\x00", "a\x00b", "a\xff", "\x00\x00", "\xff\xff", "a\x01", "ab"}
	s := must(user.Open(ctx, e.db, "a:b/c", "\x00\xff"))
	var want []models.UserRowID
	for _, u := range parts {
		for _, r := range parts {
			k := models.UserRowID{User: models.UserID(u), Row: models.RowID(r)}
			want = append(want, k)
			e.ok(s.Insert(ctx, &user.Row{UserID: k.User, RowID: k.Row}))
		}
	}
	slices.SortFunc(want, func(a, b models.UserRowID) int {
		if c := bytes.Compare([]byte(a.User), []byte(b.User)); c != 0 {
			return c
		}
		return bytes.Compare([]byte(a.Row), []byte(b.Row))
	})
	same(t, "all, in order", rowsOf(t, s.Scan(), user.KeyOf), want)
	for _, u := range parts {
		same(t, "rows of "+fmt.Sprintf("%q", u), must(s.ByKey.UserID(models.UserID(u)).Scan().Count(ctx)), len(parts))
		same(t, "text and back", must(models.ParseUserRowID(models.UserRowID{User: models.UserID(u), Row: "x"}.String())).User, models.UserID(u))
	}
	// Members of families are as far apart.
	for i, m := range []user.Member{{Namespace: "a", Table: "b/c"}, {Namespace: "a/b", Table: "c"}, {Namespace: "", Table: "a/b/c"}} {
		other := must(user.Open(ctx, e.db, m.Namespace, m.Table))
		same(t, "rows of a new member", must(other.Count(ctx)), 0)
		for n := range i + 1 {
			e.ok(other.Insert(ctx, &user.Row{RowID: models.RowID(fmt.Sprint(n))}))
		}
		same(t, "rows of its own", must(other.Count(ctx)), i+1)
	}
}

func refExpiry(t *testing.T, e *env) {
	s := must(stream.Open(ctx, e.db, "app", "events", store.WithTTL(time.Hour)))
	e.ok(s.Insert(ctx, &stream.Row{RowID: "gone", TTLSeconds: ptr(uint32(0))}))
	e.ok(s.Insert(ctx, &stream.Row{RowID: "short", TTLSeconds: ptr(uint32(10))}))
	e.ok(s.Insert(ctx, &stream.Row{RowID: "long", TTLSeconds: ptr(uint32(3600))}))
	e.ok(s.Insert(ctx, &stream.Row{RowID: "default"}))
	forever := must(stream.Open(ctx, e.db, "app", "kept"))
	e.ok(forever.Insert(ctx, &stream.Row{RowID: "forever"}))

	shows := func(want ...models.RowID) {
		t.Helper()
		for _, id := range []models.RowID{"gone", "short", "long", "default"} {
			_, err := s.Get(ctx, id)
			there := slices.Contains(want, id)
			if there != (err == nil) || !there && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("get of %s: %v", id, err)
			}
			same(t, "has "+string(id), must(s.Has(ctx, id)), there)
			same(t, "get many", must(s.GetMany(ctx, []models.RowID{id}))[0] != nil, there)
			isErr(t, s.Update(ctx, id, func(*stream.Row) error { return errSpy }), map[bool]error{true: errSpy, false: store.ErrNotFound}[there])
		}
		id := func(r *stream.Row) models.RowID { return r.RowID }
		same(t, "scan", rowsOf(t, s.Scan(), id), want)
		reversed := slices.Clone(want)
		slices.Reverse(reversed)
		same(t, "reverse", rowsOf(t, s.Scan().Reverse(), id), reversed)
		same(t, "count", must(s.Count(ctx)), len(want))
		same(t, "provider", providerRows(t, s.Provider(), plan.Query{}), len(want))
		same(t, "keys", len(slices.Collect(keysOf(s.Scan()))), len(want))
		e.ok(e.db.View(ctx, func(tx *store.Tx) error {
			same(t, "in a view", must(s.In(tx).Count(ctx)), len(want))
			return nil
		}))
		if len(want) > 0 {
			same(t, "first", must(s.Scan().First(ctx)).RowID, want[0])
			same(t, "last", must(s.Scan().Last(ctx)).RowID, want[len(want)-1])
		} else {
			_, err := s.Scan().First(ctx)
			isErr(t, err, store.ErrNotFound)
		}
	}
	shows("default", "long", "short")
	e.clock.Advance(10*time.Second - 1)
	shows("default", "long", "short")
	e.clock.Advance(1)
	shows("default", "long")
	e.clock.Advance(time.Hour)
	shows([]models.RowID{}...)
	same(t, "kept", must(forever.Count(ctx)), 1)
	same(t, "swept", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 4})
	same(t, "left in the engine", countKeys(e.eng, keys.AppendUvarint(nil, spaceOf(s.Handle()))), 0)
}

// keysOf is the keys of a query, which must not fail.
func keysOf[K any](q interface {
	Keys(ctx context.Context) iter.Seq2[K, error]
}) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k, err := range q.Keys(ctx) {
			if err != nil {
				panic(err)
			}
			if !yield(k) {
				return
			}
		}
	}
}

func refExpiryFixed(t *testing.T, e *env) {
	e.ok(e.sys.Users.Insert(ctx, newUser("u1", "alice", models.RoleDBA)))
	e.ok(e.sys.Users.Insert(ctx, newUser("u2", "bob", models.RoleDBA)))
	e.ok(e.sys.Users.Update(ctx, "u1", func(u *users.User) error { u.DeletedAt = ptr(e.clock.Now()); return nil }))
	e.ok(e.sys.Jobs.Insert(ctx, newJob("running", models.JobStatusRunning, start)))
	done := newJob("done", models.JobStatusCompleted, start)
	done.FinishedAt, done.IdempotencyKey, done.TableName = ptr(start), ptr("wish"), ptr(models.TableName("t"))
	e.ok(e.sys.Jobs.Insert(ctx, done))

	e.clock.Advance(30*24*time.Hour - 1)
	same(t, "users before", must(e.sys.Users.Count(ctx)), 2)
	same(t, "jobs before", must(e.sys.Jobs.Count(ctx)), 2)
	e.clock.Advance(1)
	same(t, "users", rowsOf(t, e.sys.Users.Scan(), userID), []models.UserID{"u2"})
	same(t, "users by role", must(e.sys.Users.ByRole.Role(models.RoleDBA).Count(ctx)), 1)
	same(t, "deleted users", must(e.sys.Users.ByDeletedAt.Scan().Count(ctx)), 0)
	_, err := e.sys.Users.ByUsername.Get(ctx, "alice")
	isErr(t, err, store.ErrNotFound)
	same(t, "jobs, never finished and never expired", rowsOf(t, e.sys.Jobs.Scan(), jobID), []models.JobID{"running"})
	same(t, "jobs by status", must(e.sys.Jobs.ByStatus.Scan().Count(ctx)), 1)
	same(t, "jobs of the table", must(e.sys.Jobs.ByTable.NamespaceID("app").Scan().Count(ctx)), 0)
	_, err = e.sys.Jobs.ByIdempotencyKey.Key(ctx, "wish")
	isErr(t, err, store.ErrNotFound)
	same(t, "provider by index", providerRows(t, e.sys.Users.Provider(), plan.Query{Where: []plan.Constraint{
		{Column: e.sys.Users.Provider().Def().ColumnNamed("role"), Op: plan.Eq, Value: provider.Enum(&models.DescOfRole, int32(models.RoleDBA))}}}), 1)

	// What has expired stands in nobody's way, before any sweep.
	e.ok(e.sys.Users.Insert(ctx, newUser("u3", "alice", models.RoleUser)))
	e.ok(e.sys.Users.Insert(ctx, newUser("u1", "anna", models.RoleUser)))
	next := newJob("next", models.JobStatusQueued, start)
	next.IdempotencyKey = ptr("wish")
	e.ok(e.sys.Jobs.Insert(ctx, next))
	same(t, "all were taken over", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{})
}

func refVersions(t *testing.T, e *env) {
	s := e.sys.TableSchemas
	parent := &tables.Table{NamespaceID: "app", TableName: "orders", TableType: models.TableTypeShared, SchemaVersion: 3}
	e.ok(e.sys.Tables.Insert(ctx, parent))
	for v := uint32(1); v <= 3; v++ {
		e.ok(s.Insert(ctx, &table_schemas.TableSchema{NamespaceID: "app", TableName: "orders", Version: v, Changes: fmt.Sprint("v", v),
			Columns: []models.ColumnSchema{{Name: "id", Type: "BIGINT", Ordinal: 1}, {Name: "note", Type: "TEXT", Nullable: true, Ordinal: 2}}}))
	}
	e.ok(s.Insert(ctx, &table_schemas.TableSchema{NamespaceID: "app", TableName: "orders2", Version: 9}))
	versions := s.ByKey.NamespaceID("app").TableName("orders")
	same(t, "listed", rowsOf(t, versions.Scan(), func(r *table_schemas.TableSchema) uint32 { return r.Version }), []uint32{1, 2, 3})
	latest := must(versions.Scan().Last(ctx))
	same(t, "latest", latest.Version, uint32(3))
	same(t, "its columns", latest.Columns[1], models.ColumnSchema{Name: "note", Type: "TEXT", Nullable: true, Ordinal: 2})

	e.ok(second(s.Delete(ctx, models.TableSchemaID{Namespace: "app", Table: "orders", Version: 3})))
	boom := errors.New("changed its mind")
	drop := func(end error) error {
		return e.sys.Update(ctx, func(tx *system.Tx) error {
			n, err := tx.TableSchemas.ByKey.NamespaceID("app").TableName("orders").Scan().Delete(ctx)
			if err != nil {
				return err
			}
			same(t, "versions deleted", n, 2)
			if _, err := tx.Tables.Delete(ctx, models.TableID{Namespace: "app", Table: "orders"}); err != nil {
				return err
			}
			return end
		})
	}
	isErr(t, drop(boom), boom)
	same(t, "versions after a rollback", must(versions.Scan().Count(ctx)), 2)
	same(t, "parent after a rollback", must(e.sys.Tables.Count(ctx)), 1)
	e.ok(drop(nil))
	same(t, "versions", must(versions.Scan().Count(ctx)), 0)
	same(t, "parents", must(e.sys.Tables.Count(ctx)), 0)
	same(t, "the other table's", must(s.Count(ctx)), 1)
}

// providerRows is how many rows a query through a provider shows.
func providerRows(t testing.TB, p provider.Table, q plan.Query) int {
	t.Helper()
	c, _, err := plan.Select(ctx, p, provider.Scope{}, q, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for c.Next() {
		n++
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return n
}

func refProvider(t *testing.T, e *env) {
	for i := range 100 {
		role := models.RoleUser
		if i%10 == 0 {
			role = models.RoleDBA
		}
		e.ok(e.sys.Users.Insert(ctx, newUser(models.UserID(fmt.Sprintf("u%02d", i)), models.UserName(fmt.Sprintf("name%02d", i)), role)))
	}
	watch := newSpy(e.eng)
	db := must(store.Open(ctx, watch, store.WithClock(e.clock)))
	s := must(users.Open(ctx, db))
	p := s.Provider()
	def := p.Def()
	id, name, role := def.ColumnNamed("user_id"), def.ColumnNamed("username"), def.ColumnNamed("role")
	same(t, "hidden field is no column", def.ColumnNamed("password_hash"), -1)
	run := func(what string, q plan.Query, keep func(provider.Cursor) bool, rows int, most int64) []string {
		t.Helper()
		watch.reads()
		plan.Choose(def, q)
		if gets, pairs := watch.reads(); gets+pairs != 0 {
			t.Errorf("%s: planning read %d keys and %d pairs", what, gets, pairs)
		}
		c, _, err := plan.Select(ctx, p, provider.Scope{}, q, keep)
		e.ok(err)
		var got []string
		for c.Next() {
			got = append(got, strings.Clone(c.Value(id).Text()))
		}
		e.ok(c.Close())
		same(t, what+": rows", len(got), rows)
		if gets, pairs := watch.reads(); gets+pairs > most {
			t.Errorf("%s: read %d keys and %d pairs, more than %d", what, gets, pairs, most)
		}
		return got
	}
	run("key equality", plan.Query{Columns: def.All(), Where: []plan.Constraint{{Column: id, Op: plan.Eq, Value: provider.String("u42")}}}, nil, 1, 1)
	run("key prefix", plan.Query{Columns: def.All(), Where: []plan.Constraint{{Column: id, Op: plan.Prefix, Value: provider.String("u4")}}}, nil, 10, 10)
	run("index prefix", plan.Query{Columns: def.All(), Where: []plan.Constraint{{Column: role, Op: plan.Eq, Value: provider.Enum(&models.DescOfRole, int32(models.RoleDBA))}}}, nil, 10, 20)
	got := run("filter with limit 1", plan.Query{Columns: def.All(), Limit: 1}, func(c provider.Cursor) bool { return c.Value(name).Text() == "name01" }, 1, 100)
	same(t, "the second row, as the first does not match", got, []string{"u01"})
	got = run("limit hides no match", plan.Query{Columns: def.All(), Limit: 3}, func(c provider.Cursor) bool { return c.Value(name).Text() >= "name97" }, 3, 200)
	same(t, "the last three", got, []string{"u97", "u98", "u99"})
}

func refJobs(t *testing.T, e *env) {
	s := e.sys.Jobs
	const n = 50
	for i := range n {
		e.ok(s.Insert(ctx, newJob(models.JobID(fmt.Sprintf("j%02d", i)), models.JobStatusRunning, start.Add(time.Duration(i)*time.Second))))
	}
	e.ok(s.Insert(ctx, newJob("queued", models.JobStatusQueued, start)))
	running := s.ByStatus.Status(models.JobStatusRunning)
	seen := map[models.JobID]int{}
	var last time.Time
	var cursor store.Cursor[jobs.Job]
	for pages := 0; ; pages++ {
		page, err := running.Scan().Page(ctx, 7, cursor)
		e.ok(err)
		for _, j := range page.Rows {
			seen[j.JobID]++
			if !last.IsZero() && j.CreatedAt.After(last) {
				t.Errorf("%s of %v comes behind %v", j.JobID, j.CreatedAt, last)
			}
			last = j.CreatedAt
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		// Others write: new ones ahead of and behind the place, the last one of
		// the page goes, one far ahead moves out of the status.
		e.ok(s.Insert(ctx, newJob(models.JobID(fmt.Sprintf("new%02d", pages)), models.JobStatusRunning, start.Add(time.Hour))))
		e.ok(second(s.Delete(ctx, page.Rows[len(page.Rows)-1].JobID)))
		e.ok(s.Insert(ctx, newJob(models.JobID(fmt.Sprintf("old%02d", pages)), models.JobStatusRunning, start.Add(-time.Hour))))
	}
	for i := range n {
		same(t, "times seen", seen[models.JobID(fmt.Sprintf("j%02d", i))], 1)
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s came %d times", id, times)
		}
	}
	// Bounds on the time, and the other way round.
	after := rowsOf(t, running.CreatedAfter(start.Add(47*time.Second)).Reverse(), jobID)
	same(t, "after, oldest first", slices.DeleteFunc(after, func(id models.JobID) bool { return id[0] != 'j' }), []models.JobID{"j48", "j49"})
	same(t, "between", rowsOf(t, running.CreatedBetween(start.Add(2*time.Second), start.Add(4*time.Second)), jobID), []models.JobID{"j03", "j02"})
}

func refAbsent(t *testing.T, e *env) {
	e.ok(second(e.sys.Users.Delete(ctx, "nobody")))
	isErr(t, e.sys.Users.Update(ctx, "nobody", func(*users.User) error { t.Error("called"); return nil }), store.ErrNotFound)
	same(t, "delete of an empty range", must(e.sys.Users.DeleteRange(ctx, "a", "z")), 0)
	_, err := e.sys.Users.Get(ctx, "nobody")
	isErr(t, err, store.ErrNotFound)
}

func refSoftDelete(t *testing.T, e *env) {
	s := e.sys.Users
	e.ok(s.Insert(ctx, newUser("u1", "alice", 0)))
	e.ok(s.Update(ctx, "u1", func(u *users.User) error { u.DeletedAt = ptr(e.clock.Now()); return nil }))
	same(t, "by id", must(s.Get(ctx, "u1")).Username, "alice")
	isErr(t, s.Insert(ctx, newUser("u2", "alice", 0)), store.ErrUnique)
}

func refCheck(t *testing.T, e *env) {
	j := newJob("j1", models.JobStatusCompleted, start)
	j.StartedAt = nil
	isErr(t, e.sys.Jobs.Insert(ctx, j), store.ErrInvalid)
	isErr(t, e.sys.Jobs.Put(ctx, j), store.ErrInvalid)
	j.Status = models.JobStatusQueued
	e.ok(e.sys.Jobs.Insert(ctx, j))
	isErr(t, e.sys.Jobs.Update(ctx, "j1", func(j *jobs.Job) error { j.Status = models.JobStatusCompleted; return nil }), store.ErrInvalid)
	same(t, "status", must(e.sys.Jobs.Get(ctx, "j1")).Status, models.JobStatusQueued)
	// An enum number that the code does not know stays that number.
	e.ok(e.sys.Jobs.Update(ctx, "j1", func(j *jobs.Job) error { j.Status = 77; return nil }))
	e.reopen()
	same(t, "unknown status", must(e.sys.Jobs.Get(ctx, "j1")).Status.String(), "JobStatus(77)")
	same(t, "found by it", must(e.sys.Jobs.ByStatus.Status(77).Scan().Count(ctx)), 1)
	if s, err := models.ParseJobStatus("paused"); err == nil {
		t.Errorf("a status of no name is %v", s)
	}
}

func refStorageTables(t *testing.T, e *env) {
	s := e.sys.Tables
	for i, on := range []*models.StorageID{nil, ptr(models.StorageID("s1")), ptr(models.StorageID("s1")), ptr(models.StorageID("")), nil} {
		e.ok(s.Insert(ctx, &tables.Table{NamespaceID: "app", TableName: models.TableName(fmt.Sprint("t", i)), TableType: models.TableTypeShared, StorageID: on}))
	}
	same(t, "entries, only where present", entries(s.Handle(), 0), 3)
	same(t, "of s1", must(s.ByStorageID.StorageID("s1").Count(ctx)), 2)
	same(t, "of the empty name", must(s.ByStorageID.StorageID("").Count(ctx)), 1)
	row := must(s.Get(ctx, models.TableID{Namespace: "app", Table: "t1"}))
	same(t, "defaults", []any{string(row.FlushPolicy), row.SchemaVersion, row.DeletedRetentionHours, row.CreatedAt}, []any{"{}", uint32(1), int32(168), start})
}

func refLiveQueries(t *testing.T, e *env) {
	s := e.sys.LiveQueries
	for i := range 6 {
		e.ok(s.Insert(ctx, &live_queries.LiveQuery{UserID: models.UserID(fmt.Sprint("u", i%2)), ConnectionID: fmt.Sprint("c", i%3), TableName: "t", QueryID: fmt.Sprint("q", i),
			NamespaceID: "app", Query: "SELECT 1"}))
	}
	same(t, "by connection", must(s.ByConnection.ConnectionID("c1").Count(ctx)), 2)
	same(t, "by table", must(s.ByTable.NamespaceID("app").TableName("t").Count(ctx)), 6)
	same(t, "of a user", must(s.ByKey.UserID("u1").Scan().Count(ctx)), 3)
	same(t, "of a user's connection", must(s.ByKey.UserID("u1").ConnectionID("c1").Scan().Count(ctx)), 1)
	same(t, "gone with the connection", must(s.ByConnection.ConnectionID("c1").Delete(ctx)), 2)
	same(t, "left", must(s.Count(ctx)), 4)
}
