// Package move is an adapter between a program and its store while the store
// changes below it: from keys and indexes made by hand to generated tables. It has
// the methods of the old store, so that the program stays as it is, and it can be
// stopped at any moment.
//
// A table is copied while it is written to, compared, read from the new side from
// then on, and at last dropped from the old one. Until then each write goes to
// both sides. See docs/migrate.md.
package move

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/storegen/storegen/examples/migrate/before"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/table_schemas"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/store"
)

// DB is the adapter. Its methods may be called from several goroutines, also
// while Migrate runs. No one else may write to either side.
type DB struct {
	users *table[models.UserID, users.User, before.User]
	jobs  *table[models.JobID, jobs.Job, before.Job]
	// One with a key of several fields, a list, and times as their writers had them.
	versions *table[models.TableSchemaID, table_schemas.TableSchema, before.Version]
	// The typed tables, for what the old store's methods ask of indexes.
	newUsers *users.Store
	newJobs  *jobs.Store
	old      *before.Store
}

// Open opens the adapter over both sides, and finishes what was under way.
func Open(ctx context.Context, old *before.Store, db *store.DB) (*DB, error) {
	return open(ctx, old, db, func(string) error { return nil })
}

func open(ctx context.Context, old *before.Store, db *store.DB, step func(string) error) (*DB, error) {
	d := &DB{old: old}
	var err error
	if d.newUsers, err = users.Open(ctx, db); err != nil {
		return nil, err
	}
	if d.newJobs, err = jobs.Open(ctx, db); err != nil {
		return nil, err
	}
	// The new tables forget rows 30 days after they ended.
	over := func(ms int64) bool { return ms != 0 && !moment(ms).AddDate(0, 0, 30).After(db.Now()) }
	d.users = &table[models.UserID, users.User, before.User]{
		notes: old, new: d.newUsers, to: toUser, from: fromUser, step: step,
		key: func(u before.User) models.UserID { return models.UserID(u.ID) },
		old: legacy[before.User]{name: "user", id: func(u before.User) string { return u.ID },
			get: old.GetUser, put: old.PutUser, index: old.IndexUser, delete: old.DeleteUser, each: old.EachUser},
		expired: func(u before.User) bool { return over(u.DeletedAt) },
	}
	d.jobs = &table[models.JobID, jobs.Job, before.Job]{
		notes: old, new: d.newJobs, to: toJob, from: fromJob, step: step,
		key: func(j before.Job) models.JobID { return models.JobID(j.ID) },
		old: legacy[before.Job]{name: "job", id: func(j before.Job) string { return j.ID },
			get: old.GetJob, put: old.PutJob, index: old.IndexJob, delete: old.DeleteJob, each: old.EachJob},
		expired: func(j before.Job) bool { return over(j.FinishedAt) },
	}
	newVersions, err := table_schemas.Open(ctx, db)
	if err != nil {
		return nil, err
	}
	d.versions = &table[models.TableSchemaID, table_schemas.TableSchema, before.Version]{
		notes: old, new: newVersions, to: toVersion, from: fromVersion, step: step,
		key: func(v before.Version) models.TableSchemaID { return versionKey(v.Namespace, v.Table, v.Version) },
		old: legacy[before.Version]{name: "version", id: before.Version.ID, get: old.GetVersion, put: old.PutVersion,
			index: func(before.Version) error { return nil }, delete: old.DeleteVersion, each: old.EachVersion},
		expired: func(before.Version) bool { return false },
	}
	return d, errors.Join(d.users.load(ctx), d.jobs.load(ctx), d.versions.load(ctx))
}

// Migrate moves what is not moved yet, table by table, and reports each step. It
// may be stopped and called again.
func (d *DB) Migrate(ctx context.Context, report func(string)) error {
	if err := d.users.migrate(ctx, report); err != nil {
		return taken(err)
	}
	if err := d.jobs.migrate(ctx, report); err != nil {
		return err
	}
	return d.versions.migrate(ctx, report)
}

// GetUser returns a user, or before.ErrNotFound.
func (d *DB) GetUser(ctx context.Context, id string) (before.User, error) {
	return d.users.get(ctx, id, models.UserID(id))
}

// PutUser writes a user. before.ErrNameTaken says that another one has its name.
func (d *DB) PutUser(ctx context.Context, u before.User) error {
	return taken(d.users.put(ctx, u))
}

// DeleteUser removes a user, if it is there.
func (d *DB) DeleteUser(ctx context.Context, id string) error {
	return d.users.delete(ctx, id, models.UserID(id))
}

// UserByName returns the user of a name, in whatever case.
func (d *DB) UserByName(ctx context.Context, name string) (before.User, error) {
	d.users.mu.RLock()
	defer d.users.mu.RUnlock()
	if d.users.phase == Copying {
		return d.old.UserByName(name)
	}
	u, err := d.newUsers.ByUsername.Get(ctx, models.UserName(name))
	if errors.Is(err, store.ErrNotFound) {
		return before.User{}, before.ErrNotFound
	}
	return fromUser(u), err
}

// GetJob returns a job, or before.ErrNotFound.
func (d *DB) GetJob(ctx context.Context, id string) (before.Job, error) {
	return d.jobs.get(ctx, id, models.JobID(id))
}

// PutJob writes a job.
func (d *DB) PutJob(ctx context.Context, j before.Job) error { return d.jobs.put(ctx, j) }

// DeleteJob removes a job, if it is there.
func (d *DB) DeleteJob(ctx context.Context, id string) error {
	return d.jobs.delete(ctx, id, models.JobID(id))
}

// JobsByStatus returns the jobs of a status, the oldest first.
func (d *DB) JobsByStatus(ctx context.Context, status string) ([]before.Job, error) {
	d.jobs.mu.RLock()
	defer d.jobs.mu.RUnlock()
	if d.jobs.phase == Copying {
		return d.old.JobsByStatus(status)
	}
	s, err := models.ParseJobStatus(status)
	if err != nil {
		return nil, err
	}
	var out []before.Job
	for j, err := range d.newJobs.ByStatus.Status(s).Scan().Reverse().All(ctx) {
		if err != nil {
			return nil, err
		}
		out = append(out, fromJob(j))
	}
	// The index read backwards has jobs of one moment backwards too.
	slices.SortStableFunc(out, func(a, b before.Job) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// GetVersion returns a version of a table's schema, or before.ErrNotFound.
func (d *DB) GetVersion(ctx context.Context, namespace, table string, version uint32) (before.Version, error) {
	return d.versions.get(ctx, before.VersionID(namespace, table, version), versionKey(namespace, table, version))
}

// PutVersion writes a version.
func (d *DB) PutVersion(ctx context.Context, v before.Version) error { return d.versions.put(ctx, v) }

// DeleteVersion removes a version, if it is there.
func (d *DB) DeleteVersion(ctx context.Context, namespace, table string, version uint32) error {
	return d.versions.delete(ctx, before.VersionID(namespace, table, version), versionKey(namespace, table, version))
}

func versionKey(namespace, table string, version uint32) models.TableSchemaID {
	return models.TableSchemaID{Namespace: models.NamespaceID(namespace), Table: models.TableName(table), Version: version}
}

// taken says in the old store's terms that a name is held by another.
func taken(err error) error {
	var u *store.UniqueError
	if errors.As(err, &u) && !errors.Is(err, before.ErrNameTaken) {
		return fmt.Errorf("%w by %s: %w", before.ErrNameTaken, u.Holder, err)
	}
	return err
}

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// maybe is a moment that may be absent.
func maybe(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := moment(ms)
	return &t
}

func millis(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.UnixMilli()
}

func toUser(o before.User) (users.User, error) {
	role, err := models.ParseRole(o.Role)
	u := users.User{UserID: models.UserID(o.ID), Username: models.UserName(o.Name), PasswordHash: o.Hash, Role: role,
		CreatedAt: moment(o.CreatedAt), UpdatedAt: moment(o.UpdatedAt), DeletedAt: maybe(o.DeletedAt)}
	if o.Email != "" {
		u.Email = &o.Email
	}
	return u, err
}

func fromUser(u users.User) before.User {
	o := before.User{ID: string(u.UserID), Name: string(u.Username), Hash: u.PasswordHash, Role: u.Role.String(),
		CreatedAt: u.CreatedAt.UnixMilli(), UpdatedAt: u.UpdatedAt.UnixMilli(), DeletedAt: millis(u.DeletedAt)}
	if u.Email != nil {
		o.Email = *u.Email
	}
	return o
}

func toJob(o before.Job) (jobs.Job, error) {
	typ, terr := models.ParseJobType(o.Type)
	status, serr := models.ParseJobStatus(o.Status)
	return jobs.Job{JobID: models.JobID(o.ID), JobType: typ, NamespaceID: models.NamespaceID(o.Namespace), Status: status, NodeID: o.Node,
		CreatedAt: moment(o.CreatedAt), StartedAt: maybe(o.StartedAt), FinishedAt: maybe(o.FinishedAt)}, errors.Join(terr, serr)
}

func fromJob(j jobs.Job) before.Job {
	return before.Job{ID: string(j.JobID), Type: j.JobType.String(), Namespace: string(j.NamespaceID), Status: j.Status.String(), Node: j.NodeID,
		CreatedAt: j.CreatedAt.UnixMilli(), StartedAt: millis(j.StartedAt), FinishedAt: millis(j.FinishedAt)}
}

func toVersion(o before.Version) (table_schemas.TableSchema, error) {
	v := table_schemas.TableSchema{NamespaceID: models.NamespaceID(o.Namespace), TableName: models.TableName(o.Table), Version: o.Version,
		CreatedAt: o.CreatedAt, Changes: o.Changes}
	for _, c := range o.Columns {
		v.Columns = append(v.Columns, models.ColumnSchema{Name: c.Name, Type: c.Type, Nullable: c.Nullable, Ordinal: c.Ordinal})
	}
	return v, nil
}

func fromVersion(v table_schemas.TableSchema) before.Version {
	o := before.Version{Namespace: string(v.NamespaceID), Table: string(v.TableName), Version: v.Version, CreatedAt: v.CreatedAt, Changes: v.Changes}
	for _, c := range v.Columns {
		o.Columns = append(o.Columns, before.Column{Name: c.Name, Type: c.Type, Nullable: c.Nullable, Ordinal: c.Ordinal})
	}
	return o
}
