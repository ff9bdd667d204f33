package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/store"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"storegen-db": main,
		"make-db":     func() { exitOn(makeDB(os.Args[1])) },
		"make-empty":  func() { exitOn(makeEmpty(os.Args[1])) },
		"damage":      func() { exitOn(damage(os.Args[1:])) },
	})
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// damage takes a directory and a part of the names of files in it: it removes the files, or
// changes their bytes from an offset on.
func damage(args []string) error {
	found, err := filepath.Glob(filepath.Join(args[0], "*"+args[1]+"*"))
	if err != nil || len(found) == 0 {
		return fmt.Errorf("no file %v: %v", args, err)
	}
	for _, name := range found {
		if len(args) == 2 {
			err = os.Remove(name)
		} else {
			var b []byte
			var at int
			if at, err = strconv.Atoi(args[2]); err != nil {
				return err
			}
			if b, err = os.ReadFile(name); err != nil {
				return err
			}
			copy(b[at:], "damaged!")
			err = os.WriteFile(name, b, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", UpdateScripts: os.Getenv("UPDATE") != ""})
}

var start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// makeDB makes a database with some rows of the reference tables, by their generated code.
func makeDB(name string) error { return build(name, fill) }

// makeEmpty makes a database with the reference tables, without rows.
func makeEmpty(name string) error {
	return build(name, func(context.Context, *store.DB, *system.DB) error { return nil })
}

func build(name string, fill func(context.Context, *store.DB, *system.DB) error) (err error) {
	ctx := context.Background()
	eng, err := openEngine(name, openOptions{create: true})
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, eng, store.WithClock(store.NewManualClock(start)))
	if err != nil {
		return errors.Join(err, eng.Close())
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	sys, err := system.Open(ctx, db)
	if err != nil {
		return err
	}
	return fill(ctx, db, sys)
}

func fill(ctx context.Context, db *store.DB, sys *system.DB) error {
	for i, name := range []string{"alice", "bob", "carol"} {
		u := users.User{UserID: models.UserID(fmt.Sprintf("u%d", i+1)), Username: models.UserName(name), PasswordHash: "secret", Role: models.RoleUser}
		if name == "carol" {
			u.Role = models.RoleDBA
		}
		if err := sys.Users.Insert(ctx, &u); err != nil {
			return err
		}
	}
	for i := range 30 {
		j := jobs.Job{JobID: models.JobID(fmt.Sprintf("job-%02d", i)), JobType: models.JobTypeFlush, NamespaceID: "app", NodeID: "n1", Priority: int32(i - 5), CreatedAt: start.Add(time.Duration(i) * time.Minute)}
		if i%3 == 0 {
			j.Status = models.JobStatusRunning
		}
		if err := sys.Jobs.Insert(ctx, &j); err != nil {
			return err
		}
	}
	// Names and values that a terminal must not obey.
	hostile := "\x1b[31mred\x07\r\x00\xff\u202e" + strings.Repeat("\x00", 1<<20)
	if err := sys.Users.Insert(ctx, &users.User{UserID: "u\x1b]0;title\x07", Username: "mallory", Role: models.RoleUser, Email: &hostile}); err != nil {
		return err
	}
	orders, err := shared.Open(ctx, db, "app", "orders\x1b[2J")
	if err != nil {
		return err
	}
	return orders.Put(ctx, &shared.Row{RowID: "1", Fields: []byte(`{"n": 1}`)})
}

// Another process that has the database open is told of.
func TestHeld(t *testing.T) {
	for _, engine := range []string{"leveldb", "pebble"} {
		dir := filepath.Join(t.TempDir(), "db")
		if err := makeDB(engine + ":" + dir); err != nil {
			t.Fatal(err)
		}
		held, err := openEngine(dir, openOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var out, said strings.Builder
		if code := run(t.Context(), []string{"tables", dir}, nil, &out, &said); code != exitFinding || !strings.Contains(said.String(), "help: end the process that has the database open") {
			t.Errorf("%s: exit code %d, %s", engine, code, said.String())
		}
		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
		if code := run(t.Context(), []string{"tables", dir}, nil, &out, &said); code != exitFine {
			t.Errorf("%s: exit code %d, %s", engine, code, said.String())
		}
	}
}

// Nothing of what a database holds reaches a terminal so that it is obeyed.
func TestHostileDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	if err := makeDB("leveldb:" + dir); err != nil {
		t.Fatal(err)
	}
	key := "u\x1b]0;title\x07"
	for _, args := range [][]string{
		{"tables", dir}, {"tables", "-json", dir}, {"schema", dir}, {"stats", dir}, {"verify", dir},
		{"scan", dir, "system.users"}, {"scan", dir, "system.users", "-json"}, {"get", dir, "system.users", key},
		{"get", dir, "system.users", key, "-json"}, {"get", dir, "system.users", "x" + key}, {"scan", dir, "system.users" + key},
		{"scan", dir, "system.users", "-index", key}, {"scan", dir, "system.jobs", "-index", "status", key}, {key},
		{"scan", "-" + key}, {"scan", dir, "system.users", "-limit", key}, {"scan", dir, "-" + key + "=1"}, {"restore", key, key}, {"restore", dir, key},
		{"import", dir, "system.users", "-write", key}, {"put", dir, "system.users", "-write", key}, {"put", dir, "system.users", "-write", `{"` + key + `":1}`},
		{"delete", dir, "system.users", "-write", "x" + key}, {"backup", dir, filepath.Join(dir, key, key)}, {"drop", dir, "-write", key}, {"help", key},
		{"count", dir, "system.users", key}, {"repair", "-write", dir}, {"sweep", "-write", dir}, {"export", dir, "system.users"},
		{"export", dir, "-dir", filepath.Join(t.TempDir(), "all"), "-format", "json"}, {"export", dir, "system.users", filepath.Join(dir, key, key)},
		{"plan", dir, "-config", "../../schema/tables"}, {"plan", dir, "-config", key}, {"copy", dir, key}, {"import", dir, key, "-write"}, {"import", dir, "system.users", "-write", "-load", key},
		{"sql", dir, "select * from system_users"}, {"sql", "-json", dir, "select * from system_users"}, {"sql", dir, "select '" + key + "' as \"" + key + "\""}, {"sql", dir, "select " + key},
		{"sql", dir, "select * from \"shared[app/orders%1B[2J]\""}, {"sql", dir, "-format", key}, {"completion", key}, {"__complete", "get", dir, ""},
	} {
		var out, said strings.Builder
		run(t.Context(), args, nil, &out, &said)
		if out.Len()+said.Len() == 0 {
			t.Errorf("%q says nothing", args)
		}
		for _, text := range []string{out.String(), said.String()} {
			for _, r := range text {
				if r != '\n' && (r != '\t' || args[0] != completeWord) && (r < ' ' || r == 0x7f || r == 0x202e || r >= 0x80 && r < 0xa0) {
					t.Errorf("%q prints the character %#x", args, r)
					break
				}
			}
			if !utf8.ValidString(text) {
				t.Errorf("%q prints bytes that are no text", args)
			}
		}
	}
}
