package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/typecheck"
)

// snippetHead is what every snippet may use.
const snippetHead = `package snippet

import (
	"context"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/store"
)

func snippet(ctx context.Context, db *system.DB, notes *user.Store, events *stream.Store,
	name string, at time.Time, id models.UserID, job models.JobID,
	users_ store.Cursor[users.User], jobs_ store.Cursor[jobs.Job]) {
`

// TestTypeSafety shows that mistakes do not compile. Variables have types where
// constants would take whichever is wanted.
func TestTypeSafety(t *testing.T) {
	check := newChecker(t)
	for _, c := range []struct{ name, code, want string }{
		// What is right, so that the wrong ones are wrong for their own reasons.
		{"control", `
			_, _ = db.Users.Get(ctx, id)
			_, _ = db.Users.Get(ctx, "a constant")
			_, _ = db.Users.Get(ctx, models.UserID(name))
			_, _ = db.Users.ByUsername.Get(ctx, models.UserName(name))
			_, _ = db.Jobs.ByStatus.Status(models.JobStatusRunning).CreatedAfter(at).Reverse().Limit(3).Page(ctx, 2, jobs_)
			_, _ = db.Users.ByRole.Scan().Page(ctx, 10, users_)
			_, _ = notes.ByKey.UserID(id).RowIDFrom("r").Count(ctx)
			_, _ = db.TableSchemas.ByKey.NamespaceID("n").TableName("t").VersionAfter(3).Last(ctx)
			_ = db.Users.Insert(ctx, &users.User{UserID: id})
			_ = db.Update(ctx, func(tx *system.Tx) error { _, err := tx.Users.In(tx.Tx).Delete(ctx, id); return err })
			_ = db.Users.ByRole.Entries(ctx, db.Users.ByRole.Scan())
			_ = store.OnCommit(&db.Users, func(c store.TableCommit[models.UserID, users.User]) { _ = c.Changes[0].New.Username })
			store.OnExpired(&db.Jobs, func(v jobs.Job) { _ = v.Status })
			var _ store.EntityStore[models.UserID, users.User] = &db.Users
			var _ store.CrossUserTableStore[models.JobID, jobs.Job] = &db.Jobs
			_ = events`, ""},

		{"raw string as a key", `_, _ = db.Users.Get(ctx, name)`, `cannot use name (variable of type string) as models.UserID value`},
		{"key of another table", `_, _ = db.Users.Get(ctx, job)`, `cannot use job (variable of string type models.JobID) as models.UserID value`},
		{"one part of a key of two", `_, _ = notes.Get(ctx, id)`, `cannot use id (variable of string type models.UserID) as models.UserRowID value`},
		{"parts of a key changed about", `_ = models.UserRowID{User: models.RowID("r"), Row: "x"}`, `as models.UserID value in struct literal`},
		{"delete by a key of another table", `_, _ = db.Jobs.Delete(ctx, id)`, `as models.JobID value`},
		{"keys of another table", `_, _ = db.Users.GetMany(ctx, []models.JobID{job})`, `as []models.UserID value`},
		{"range of another table's keys", `_, _ = db.Users.DeleteRange(ctx, job, job)`, `as models.UserID value`},

		{"row of another table", `_ = db.Users.Insert(ctx, &jobs.Job{})`, `as *users.User value`},
		{"row that is no pointer", `_ = db.Users.Put(ctx, users.User{})`, `as *users.User value`},
		{"update with a function over another row", `_ = db.Users.Update(ctx, id, func(j *jobs.Job) error { return nil })`, `as func(v *users.User) error value`},
		{"raw string in a field", `_ = users.User{UserID: name}`, `as models.UserID value in struct literal`},

		{"index value of another type", `_, _ = db.Users.ByUsername.Get(ctx, id)`, `as models.UserName value`},
		{"raw string as an index value", `_, _ = db.Users.ByUsername.Get(ctx, name)`, `cannot use name (variable of type string) as models.UserName value`},
		{"enum of another index", `_ = db.Jobs.ByStatus.Status(models.RoleDBA)`, `as models.JobStatus value`},
		{"number that is no enum", `var n int32 = 3; _ = db.Jobs.ByStatus.Status(n)`, `as models.JobStatus value`},
		{"text where a time belongs", `_ = db.Jobs.ByStatus.Status(models.JobStatusNew).CreatedAfter(name)`, `as time.Time value`},
		{"version as text", `_ = db.TableSchemas.ByKey.NamespaceID("n").TableName("t").VersionAfter(name)`, `as uint32 value`},

		{"second column before the first", `_ = db.Jobs.ByStatus.CreatedAfter(at)`, `db.Jobs.ByStatus.CreatedAfter undefined`},
		{"second column behind a range of the first", `_ = db.Jobs.ByTable.NamespaceIDAfter("n").TableName("t")`, `TableName undefined`},
		{"range of an enum", `_ = db.Jobs.ByStatus.StatusAfter(models.JobStatusNew)`, `StatusAfter undefined`},
		{"two ranges of one column", `_ = db.Jobs.ByStatus.Status(models.JobStatusNew).CreatedAfter(at).CreatedBefore(at)`, `CreatedBefore undefined`},
		{"a step behind the last column", `_ = db.Jobs.ByTable.NamespaceID("n").TableName("t").TableNamePrefix("t")`, `TableNamePrefix undefined`},
		{"the same column twice", `_ = db.Jobs.ByStatus.Status(models.JobStatusNew).Status(models.JobStatusNew)`, `Status undefined`},
		{"a step behind a limit", `_ = db.Jobs.ByStatus.Scan().Limit(3).Status(models.JobStatusNew)`, `Status undefined`},
		{"rows by row id without the user", `_ = notes.ByKey.RowIDFrom("r")`, `notes.ByKey.RowIDFrom undefined`},
		{"the one row of an index that is not unique", `_, _ = db.Users.ByRole.Get(ctx, models.RoleDBA)`, `db.Users.ByRole.Get undefined`},
		{"an index that the table does not have", `_ = db.Users.ByEmail`, `db.Users.ByEmail undefined`},
		{"an index of another table", `_ = db.Users.ByStatus`, `db.Users.ByStatus undefined`},
		{"entries of another table's query", `_ = db.Users.ByRole.Entries(ctx, db.Jobs.ByStatus.Scan())`, `as *users.Query value`},
		{"prefix of a time", `_ = db.Users.ByDeletedAt.DeletedPrefix("2026")`, `DeletedPrefix undefined`},

		{"cursor of another table's rows", `_, _ = db.Users.ByRole.Scan().Page(ctx, 10, jobs_)`, `as store.Cursor[users.User] value`},
		{"raw string as a cursor", `_, _ = db.Users.Scan().Page(ctx, 10, name)`, `as store.Cursor[users.User] value`},
		{"filter over another row", `_ = db.Users.Scan().Filter(func(j *jobs.Job) bool { return true })`, `as func(v *users.User) bool value`},
		{"store of one table for another's", `var _ *users.Store = db.Jobs`, `as *users.Store value`},
		{"interface over another key", `var _ store.EntityStore[models.JobID, users.User] = &db.Users`, `wrong type for method`},
		{"hook over another row", `_ = store.OnCommit(&db.Users, func(c store.TableCommit[models.UserID, jobs.Job]) {})`, `does not match inferred type func(c store.TableCommit[models.UserID, users.User])`},
		{"hook over another key", `_ = store.OnCommit(&db.Users, func(c store.TableCommit[models.JobID, users.User]) {})`, `does not match inferred type func(c store.TableCommit[models.UserID, users.User])`},
		{"hook for what is no table", `_ = store.OnCommit(db, func(c store.TableCommit[models.UserID, users.User]) {})`, `type *system.DB of db does not match store.TypedStore[K, V]`},
		{"hook for a table that is no pointer", `_ = store.OnCommit(db.Users, func(c store.TableCommit[models.UserID, users.User]) {})`, `type users.Store of db.Users does not match store.TypedStore[K, V]`},
		{"hook on expired rows of another table", `store.OnExpired(&db.Users, func(v jobs.Job) {})`, `does not match inferred type func(v users.User)`},
		{"default time to live as a number of another unit", `_ = store.WithTTL(name)`, `as time.Duration value`},
		{"group's transaction for a plain one", `_ = db.View(ctx, func(tx *store.Tx) error { return nil })`, `as func(tx *system.Tx) error value`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := check(c.code)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("does not compile: %v", err)
			case c.want != "" && err == nil:
				t.Errorf("compiles:\n%s", c.code)
			case c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("fails to compile with\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

// newChecker loads the packages that snippets use, once, and returns what
// type-checks the body of one.
func newChecker(t *testing.T) func(body string) error {
	t.Helper()
	fset := token.NewFileSet()
	head, err := parser.ParseFile(fset, "snippet.go", snippetHead+"}", parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, imp := range head.Imports {
		paths = append(paths, strings.Trim(imp.Path.Value, `"`))
	}
	known, err := typecheck.Compiled(fset, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return func(body string) error {
		file, err := parser.ParseFile(fset, "snippet.go", snippetHead+body+"\n}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("the snippet is no Go: %v", err)
		}
		var first error
		conf := types.Config{Importer: known, Error: func(err error) {
			// A snippet need not use all that it is given.
			if first == nil && !strings.Contains(err.Error(), "imported and not used") {
				first = err
			}
		}}
		conf.Check("snippet", fset, []*ast.File{file}, nil)
		return first
	}
}
