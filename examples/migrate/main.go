// Migrate moves a store that was written by hand over goleveldb to generated
// tables, table by table, while the program goes on working on it; docs/migrate.md
// says how, and what to keep in mind.
//
//	go run ./examples/migrate [-dir DIR]
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
	"path/filepath"
	"time"

	"github.com/storegen/storegen/examples/migrate/before"
	"github.com/storegen/storegen/examples/migrate/move"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
	goleveldb "github.com/syndtr/goleveldb/leveldb"
)

func main() {
	dir := flag.String("dir", "", "where both databases are; a temporary directory if empty")
	flag.Parse()
	if err := inDir(*dir, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

func inDir(dir string, out io.Writer) error {
	if dir == "" {
		tmp, err := os.MkdirTemp("", "migrate-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	return run(context.Background(), dir, out)
}

func run(ctx context.Context, dir string, out io.Writer) (err error) {
	oldDB, err := goleveldb.OpenFile(filepath.Join(dir, "old"), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, oldDB.Close()) }()
	old := before.New(oldDB)
	if err := fill(old); err != nil {
		return err
	}
	eng, err := leveldb.Open(filepath.Join(dir, "new"), nil)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, eng)
	if err != nil {
		return errors.Join(err, eng.Close())
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	// From here on the program has the adapter in the place of the old store.
	d, err := move.Open(ctx, old, db)
	if err != nil {
		return err
	}
	if err := d.PutUser(ctx, before.User{ID: "u100", Name: "Grace", Role: "dba", CreatedAt: time.Now().UnixMilli()}); err != nil {
		return err
	}
	if err := d.Migrate(ctx, func(what string) { fmt.Fprintln(out, what) }); err != nil {
		return err
	}
	u, err := d.UserByName(ctx, "GRACE")
	if err != nil {
		return err
	}
	queued, err := d.JobsByStatus(ctx, "queued")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is %s; %d jobs are queued\n", u.Name, u.ID, len(queued))
	return nil
}

// fill makes an old store, unless there is one that was moved, wholly or in part.
func fill(old *before.Store) error {
	phase, err := old.Note("phase:user")
	if err != nil || phase != "" {
		return err
	}
	now := time.Now().UnixMilli()
	for i := range 50 {
		u := before.User{ID: fmt.Sprint("u", i), Name: fmt.Sprint("User ", i), Hash: "x", Role: "user", CreatedAt: now}
		j := before.Job{ID: fmt.Sprint("j", i), Type: "flush", Namespace: "app", Status: "queued", Node: "n1", CreatedAt: now + int64(i)}
		if err := errors.Join(old.PutUser(u), old.PutJob(j)); err != nil {
			return err
		}
	}
	for i := range uint32(20) {
		v := before.Version{Namespace: "app", Table: "orders", Version: 1 + i, CreatedAt: time.Now(), Columns: []before.Column{{Name: "id", Type: "BIGINT", Ordinal: 1}}}
		if err := old.PutVersion(v); err != nil {
			return err
		}
	}
	return nil
}
