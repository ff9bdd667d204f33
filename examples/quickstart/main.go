// Quickstart is a tour of the generated reference tables on a goleveldb
// directory: system tables with a unique index, jobs paged newest first, shared,
// user and stream rows, expiry by an injected clock, access rules, and a second
// opening that finds everything again.
//
//	go run ./examples/quickstart [-dir DIR]
//
// Without -dir it works in a temporary directory, which it removes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/generated/system/tables"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

func main() {
	dir := flag.String("dir", "", "the database's directory; a temporary one if empty")
	flag.Parse()
	if err := inDir(*dir, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func inDir(dir string, out io.Writer) error {
	if dir == "" {
		tmp, err := os.MkdirTemp("", "quickstart-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	return tour(context.Background(), dir, out)
}

// guide is what the stations of the tour share.
type guide struct {
	ctx   context.Context
	out   io.Writer
	clock *store.ManualClock
	db    *store.DB
	sys   *system.DB
}

func (g *guide) title(s string)              { fmt.Fprintf(g.out, "\n%s\n", s) }
func (g *guide) say(format string, a ...any) { fmt.Fprintf(g.out, "  "+format+"\n", a...) }

// open opens the directory as a database.
func (g *guide) open(dir string) error {
	eng, err := leveldb.Open(dir, nil)
	if err != nil {
		return err
	}
	if g.db, err = store.Open(g.ctx, eng, store.WithClock(g.clock)); err != nil {
		return errors.Join(err, eng.Close())
	}
	g.sys, err = system.Open(g.ctx, g.db)
	return err
}

func tour(ctx context.Context, dir string, out io.Writer) (err error) {
	g := &guide{ctx: ctx, out: out, clock: store.NewManualClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	if err := g.open(dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.db.Close()) }()
	for _, station := range []func() error{g.catalog, g.accounts, g.work, g.rows, g.expiry, g.access} {
		if err := station(); err != nil {
			return err
		}
	}
	if err := g.db.Close(); err != nil {
		return err
	}
	if err := g.open(dir); err != nil {
		return err
	}
	return g.again()
}

// catalog makes a namespace and a table in one transaction.
func (g *guide) catalog() error {
	g.title("A namespace and its tables, in one commit")
	err := g.sys.Update(g.ctx, func(tx *system.Tx) error {
		ns := &namespaces.Namespace{NamespaceID: "shop", Name: "The shop"}
		if err := tx.Namespaces.Insert(g.ctx, ns); err != nil {
			return err
		}
		for name, typ := range map[models.TableName]models.TableType{
			"products": models.TableTypeShared, "notes": models.TableTypeUser, "clicks": models.TableTypeStream,
		} {
			t := &tables.Table{NamespaceID: "shop", TableName: name, TableType: typ, StorageLocation: "/data/shop"}
			if err := tx.Tables.Insert(g.ctx, t); err != nil {
				return err
			}
		}
		return tx.Namespaces.Update(g.ctx, "shop", func(n *namespaces.Namespace) error {
			n.TableCount = 3
			return nil
		})
	})
	if err != nil {
		return err
	}
	for t, err := range g.sys.Tables.ByKey.NamespaceID("shop").Scan().All(g.ctx) {
		if err != nil {
			return err
		}
		g.say("%-20s %s", tables.KeyOf(&t), t.TableType)
	}
	return nil
}

// accounts shows a unique index in which letter case does not count.
func (g *guide) accounts() error {
	g.title("Users, found by name in any letter case")
	for _, u := range []*users.User{
		{UserID: "u1", Username: "Alice", PasswordHash: "…", Role: models.RoleDBA},
		{UserID: "u2", Username: "bob", PasswordHash: "…"},
	} {
		if err := g.sys.Users.Insert(g.ctx, u); err != nil {
			return err
		}
		g.say("inserted %s, %s, created %s", u.UserID, u.Username, u.CreatedAt.Format(time.DateTime))
	}
	u, err := g.sys.Users.ByUsername.Get(g.ctx, "ALICE")
	if err != nil {
		return err
	}
	g.say("ALICE is %s (%s)", u.UserID, u.Role)

	err = g.sys.Users.Insert(g.ctx, &users.User{UserID: "u3", Username: "alice", PasswordHash: "…"})
	var taken *store.UniqueError
	if !errors.As(err, &taken) {
		return fmt.Errorf("a second alice was not refused: %w", err)
	}
	g.say("refused: %v", err)
	return nil
}

// work moves a job through its states and pages through the running ones.
func (g *guide) work() error {
	g.title("Jobs, newest first within a status")
	for i := range 7 {
		g.clock.Advance(time.Minute)
		id := models.JobID(fmt.Sprintf("job-%d", i+1))
		job := &jobs.Job{JobID: id, JobType: models.JobTypeFlush, NamespaceID: "shop", NodeID: "node-1"}
		if err := g.sys.Jobs.Insert(g.ctx, job); err != nil {
			return err
		}
		if err := g.move(id, models.JobStatusQueued); err != nil {
			return err
		}
		if err := g.move(id, models.JobStatusRunning); err != nil {
			return err
		}
	}
	if err := g.move("job-3", models.JobStatusCompleted); err != nil {
		return err
	}
	running := g.sys.Jobs.ByStatus.Status(models.JobStatusRunning)
	var cursor store.Cursor[jobs.Job]
	for n := 1; ; n++ {
		page, err := running.Scan().Page(g.ctx, 4, cursor)
		if err != nil {
			return err
		}
		for _, j := range page.Rows {
			g.say("page %d: %s, created %s", n, j.JobID, j.CreatedAt.Format(time.TimeOnly))
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	err := g.sys.Jobs.Insert(g.ctx, &jobs.Job{JobID: "job-8", JobType: models.JobTypeFlush, NamespaceID: "shop", Status: models.JobStatusCompleted})
	if !errors.Is(err, store.ErrInvalid) {
		return fmt.Errorf("a job that was completed and not started was not refused: %w", err)
	}
	g.say("refused: %v", err)
	return nil
}

func (g *guide) move(id models.JobID, to models.JobStatus) error {
	return g.sys.Jobs.Update(g.ctx, id, func(j *jobs.Job) error {
		now := g.clock.Now()
		switch j.Status = to; to {
		case models.JobStatusRunning:
			j.StartedAt = &now
		case models.JobStatusCompleted:
			j.FinishedAt = &now
		}
		return nil
	})
}

// rows writes shared and user rows.
func (g *guide) rows() error {
	g.title("Shared rows, and rows that belong to users")
	products, err := shared.Open(g.ctx, g.db, "shop", "products", store.WithAccess(access.Public))
	if err != nil {
		return err
	}
	for _, id := range []models.RowID{"chair", "table", "lamp"} {
		if err := products.Put(g.ctx, &shared.Row{RowID: id, Fields: []byte(`{"stock": 5}`)}); err != nil {
			return err
		}
	}
	n, err := products.Count(g.ctx)
	if err != nil {
		return err
	}
	g.say("%s has %d rows", products.Handle().Name(), n)

	notes, err := user.Open(g.ctx, g.db, "shop", "notes")
	if err != nil {
		return err
	}
	for _, u := range []models.UserID{"u1", "u2"} {
		for i := range 3 {
			row := &user.Row{UserID: u, RowID: models.RowID(fmt.Sprintf("row%d", i+1)), Fields: []byte(`{"text": "…"}`)}
			if err := notes.Insert(g.ctx, row); err != nil {
				return err
			}
		}
	}
	all, err := notes.Count(g.ctx)
	if err != nil {
		return err
	}
	own, err := notes.As(access.Principal{User: "u2", Role: access.User}).Count(g.ctx)
	if err != nil {
		return err
	}
	g.say("%s has %d rows; u2 sees %d of them", notes.Handle().Name(), all, own)
	return nil
}

// expiry lets stream rows expire: the clock moves, nobody waits.
func (g *guide) expiry() error {
	g.title("Stream rows expire, without a wait")
	clicks, err := stream.Open(g.ctx, g.db, "shop", "clicks", store.WithTTL(time.Hour))
	if err != nil {
		return err
	}
	store.OnExpired(clicks, func(r stream.Row) { g.say("swept away: %s", r.RowID) })
	short := uint32(10)
	for _, r := range []*stream.Row{
		{RowID: "click-1", Fields: []byte(`{"page": "/"}`), TTLSeconds: &short},
		{RowID: "click-2", Fields: []byte(`{"page": "/cart"}`)},
	} {
		if err := clicks.Insert(g.ctx, r); err != nil {
			return err
		}
	}
	for _, step := range []time.Duration{0, 10 * time.Second, time.Hour} {
		g.clock.Advance(step)
		n, err := clicks.Count(g.ctx)
		if err != nil {
			return err
		}
		g.say("at %s: %d rows", g.clock.Now().Format(time.TimeOnly), n)
	}
	swept, err := admin.Sweep(g.ctx, g.db, 0)
	if err != nil {
		return err
	}
	g.say("a sweep removed %d", swept.Removed)
	return nil
}

// access shows who may read what.
func (g *guide) access() error {
	g.title("Who may read")
	roles := []access.Role{access.User, access.Service, access.DBA, access.System}
	g.say("%-12s %-8s %-8s %-8s %-8s", "", roles[0], roles[1], roles[2], roles[3])
	line := func(name string, read func(p access.Principal) error) error {
		cells := make([]any, 0, len(roles)+1)
		cells = append(cells, name)
		for _, r := range roles {
			err := read(access.Principal{User: "u1", Role: r})
			switch {
			case err == nil:
				cells = append(cells, "yes")
			case errors.Is(err, store.ErrDenied):
				cells = append(cells, "no")
			default:
				return err
			}
		}
		g.say("%-12s %-8s %-8s %-8s %-8s", cells...)
		return nil
	}
	err := line("system", func(p access.Principal) error {
		_, err := g.sys.Users.As(p).Get(g.ctx, "u1")
		return err
	})
	for _, level := range []access.Level{access.Public, access.Private, access.Restricted} {
		products, openErr := shared.Open(g.ctx, g.db, "shop", "products", store.WithAccess(level))
		if openErr != nil {
			return openErr
		}
		err = errors.Join(err, line(level.String(), func(p access.Principal) error {
			_, err := products.As(p).Get(g.ctx, "chair")
			return err
		}))
	}
	return err
}

// again looks at what a second opening finds.
func (g *guide) again() error {
	g.title("Opened again")
	u, err := g.sys.Users.ByUsername.Get(g.ctx, "Bob")
	if err != nil {
		return err
	}
	n, err := g.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Scan().Count(g.ctx)
	if err != nil {
		return err
	}
	products, err := shared.Open(g.ctx, g.db, "shop", "products")
	if err != nil {
		return err
	}
	row, err := products.Get(g.ctx, "lamp")
	if err != nil {
		return err
	}
	members, err := user.Members(g.ctx, g.db)
	if err != nil {
		return err
	}
	g.say("%s is %s, %d jobs are running, the lamp is %s, user tables: %v", u.Username, u.UserID, n, row.Fields, members)
	return nil
}
