package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/store"
)

// What changes of the schemas mean is what a program finds that opens the database.
func TestPlan(t *testing.T) {
	full, empty := filepath.Join(t.TempDir(), "full"), filepath.Join(t.TempDir(), "empty")
	for name, make := range map[string]func(string) error{full: makeDB, empty: makeEmpty} {
		if err := make("leveldb:" + name); err != nil {
			t.Fatal(err)
		}
	}
	const users, jobs = "system/users.yaml", "system/jobs.yaml"
	for _, c := range []struct {
		name     string
		db, file string
		old, new string
		code     int
		want     string // what is said of the table that changes
	}{
		{name: "nothing", db: full, want: "same       system.users"},
		{name: "family without members", db: full, want: "new        stream"},
		{name: "new field", db: full, file: users, old: "  email:", new: "  nick: string?\n  email:",
			want: "adopted    system.users\n    + nick: {type: \"string?\"}"},
		{name: "new default", db: full, file: users, old: "default: user", new: "default: service",
			want: "adopted    system.users\n    - role: {type: \"Role\", default: user, doc: \"What the user may do.\"}\n    + role: {type: \"Role\", default: service, doc: \"What the user may do.\"}"},
		{name: "rename", db: full, file: users, old: "  email: {", new: "  mail: {was: email, ",
			want: "adopted    system.users\n    - email: {type: \"string?\", doc: \"Where to write to.\"}\n    + mail: {type: \"string?\", doc: \"Where to write to.\"}"},
		{name: "new index", db: full, file: users, old: "indexes:", new: "indexes:\n  by_mail: {on: [email]}", code: exitFinding,
			want: "built      system.users\n    index by_mail: the database has nothing, the code has (email:string?)\n    + by_mail: {on: [email]}\n    help: open the database once with store.WithMigrate(); make a backup before"},
		{name: "new index without rows", db: empty, file: users, old: "indexes:", new: "indexes:\n  by_mail: {on: [email]}",
			want: "adopted    system.users, which has no rows\n    + by_mail: {on: [email]}"},
		{name: "other type", db: full, file: users, old: "email: {type: string?", new: "email: {type: int64?", code: exitFinding,
			want: "refused    system.users\n    field email: the database has string, the code has int64\n    - email: {type: \"string?\", doc: \"Where to write to.\"}\n    + email: {type: \"int64?\", doc: \"Where to write to.\"}\n    help: keep what is stored as it was in the schema"},
		{name: "other type without rows", db: empty, file: users, old: "email: {type: string?", new: "email: {type: int64?", code: exitFinding,
			want: "refused    system.users\n"},
		{name: "table renamed", db: full, file: users, old: "table: system.users", new: "table: system.accounts\nwas: system.users",
			want: "adopted    system.accounts, which was system.users\n    - table: system.users\n    + table: system.accounts"},
		{name: "table gone", db: full, file: jobs, want: "unknown    system.jobs"},
		{name: "mistake", db: full, file: users, old: "type: Role", new: "type: Roll", code: exitFinding, want: "unknown type \"Roll\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "tables")
			if err := os.CopyFS(dir, os.DirFS("../../schema/tables")); err != nil {
				t.Fatal(err)
			}
			if c.file != "" {
				name := filepath.Join(dir, filepath.FromSlash(c.file))
				b, err := os.ReadFile(name)
				switch {
				case err != nil:
				case c.old == "":
					err = os.Remove(name)
				case !strings.Contains(string(b), c.old):
					t.Fatalf("%s has no %q", name, c.old)
				default:
					err = os.WriteFile(name, []byte(strings.Replace(string(b), c.old, c.new, 1)), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			code, said := called(t.Context(), nil, "plan", c.db, "-config", dir)
			if code != c.code || !strings.Contains(said, c.want) {
				t.Errorf("exit code %d, want %d; it says\n%s\nwant\n%s", code, c.code, said, c.want)
			}
			if c.name != "mistake" {
				opens(t, c.db, dir, said)
			}
			if strings.Count(said, "same  ") < 6 && c.name != "mistake" {
				t.Errorf("other tables are not the same:\n%s", said)
			}
			if _, said := called(t.Context(), nil, "plan", c.db, "-json", "-config", dir); strings.Contains(c.want, " ") && c.name != "mistake" && !strings.Contains(said, `"verdict":"`+strings.Fields(c.want)[0]+`"`) {
				t.Errorf("in JSON, it says\n%s", said)
			}
		})
	}
	if code, said := called(t.Context(), nil, "plan", full, "-config", "../../storegen.yaml"); code != exitFine {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := called(t.Context(), nil, "plan", full, "-config", "nowhere"); code != exitFinding || !strings.Contains(said, "help: say with -config where storegen.yaml is") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// opens opens each table as a program does whose code is made from the schemas, and compares
// what comes of it with what the plan says.
func opens(t *testing.T, name, dir, said string) {
	t.Helper()
	eng, err := openEngine(name, openOptions{readOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), eng)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, err := schemas(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if len(table.Per) > 0 {
			continue
		}
		_, err := dynamic.Open(t.Context(), db, table)
		var differs *store.SchemaError
		if err != nil && !errors.As(err, &differs) {
			t.Fatal(err)
		}
		fits := false
		for _, v := range []verdict{same, adopted, isNew} {
			fits = fits || strings.Contains(said, fmt.Sprintf("%-9s  %s", v, table.Name))
		}
		if fits != (err == nil) {
			t.Errorf("%s: a program that opens it gets %v; the plan says\n%s", table.Name, err, said)
		}
	}
}

func TestLineDiff(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"a\nb\nc", "a\nb\nc", ""},
		{"a\nb\nc", "a\nc", "- b"},
		{"a\nc", "a\nb\nc", "+ b"},
		{"a\nb\nc", "a\nx\nc", "- b|+ x"},
		{"a", "b", "- a|+ b"},
		{"a\nb\nc\nd", "b\nd\ne", "- a|- c|+ e"},
	} {
		if diff := cmp.Diff(c.want, strings.Join(lineDiff(c.from, c.to), "|")); diff != "" {
			t.Errorf("%q to %q: %s", c.from, c.to, diff)
		}
	}
}
