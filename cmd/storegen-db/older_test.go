package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Databases of earlier versions are read by every verb, without a change of their files, and
// say the rows that they said then.
func TestOlderDatabases(t *testing.T) {
	dirs, err := filepath.Glob("../../internal/golden/testdata/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no databases: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "db")
			if err := os.CopyFS(db, os.DirFS(filepath.Join(dir, "db"))); err != nil {
				t.Fatal(err)
			}
			before := contents(t, db)
			then := rowsThen(t, filepath.Join(dir, "rows.txt"))
			says := func(args ...string) string {
				t.Helper()
				var out, said strings.Builder
				if code := run(t.Context(), args, nil, &out, &said); code != exitFine {
					t.Fatalf("%q: exit code %d, %s", args, code, said.String())
				}
				return out.String()
			}
			for table, name := range map[string]string{"old.things": "things", "old.logs[a/0]": "logs of a", "old.logs[b%2Fc/1]": "logs of b/c"} {
				n := strings.TrimSpace(says("count", db, table))
				says("export", db, table, "-format", "csv")
				says("export", db, table, filepath.Join(t.TempDir(), "rows.json"))
				if got := strings.TrimSpace(says("sql", db, `select count(*) from "`+strings.ReplaceAll(table, ".", "_")+`"`, "-format", "csv")); got != "count(*)\n"+n {
					t.Errorf("%s: SQL counts %q, and count %s", table, got, n)
				}
				// What has expired by now is not among the rows.
				lines := strings.Split(strings.TrimSpace(says("scan", "-json", db, table)), "\n")
				if len(lines) == 0 || len(lines) > len(then[name]) {
					t.Errorf("%s: there are %d rows, and were %d", table, len(lines), len(then[name]))
				}
				known := map[string]bool{}
				for _, line := range then[name] {
					known[line] = true
				}
				for _, line := range lines {
					if line = normal(t, line); !known[line] {
						t.Errorf("%s has the row, and had not\n%s", table, line)
					}
				}
			}
			says("tables", db)
			says("schema", db)
			says("stats", db)
			says("verify", db)
			says("plan", db, "-config", "../../internal/golden/storegen.yaml")
			says("backup", db, filepath.Join(t.TempDir(), "backup"))
			says("copy", db, "pebble:"+filepath.Join(t.TempDir(), "copy"))
			if diff := cmp.Diff(before, contents(t, db)); diff != "" {
				t.Errorf("files differ: %s", diff)
			}
			says("sweep", "-write", db)
			says("repair", "-write", db)
			says("put", "-write", db, "old.logs[a/0]", `{"who": "w", "n": 1, "text": "new"}`)
			says("compact", "-write", db)
			says("verify", db)
		})
	}
}

// contents are the files of a folder, but for the lock, which opening makes.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() != "LOCK" {
			out[e.Name()] = string(b)
		}
	}
	return out
}

// rowsThen are the rows by key that a table had when its database was written, each as a JSON
// object without what is null, by the name of the table in the file.
func rowsThen(t *testing.T, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]string{}
	table := ""
	for in := bufio.NewScanner(f); in.Scan(); {
		line, ok := strings.CutPrefix(in.Text(), " ")
		if !ok {
			table, ok = strings.CutSuffix(in.Text(), " by key")
			if !ok {
				table = ""
			}
			continue
		}
		if table == "" {
			continue
		}
		row := map[string]any{}
		for rest := line; rest != ""; {
			name, text, _ := strings.Cut(rest, "=")
			dec := json.NewDecoder(strings.NewReader(text))
			dec.UseNumber()
			var v any
			if err := dec.Decode(&v); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if v != nil {
				row[name] = v
			}
			rest = strings.TrimPrefix(text[dec.InputOffset():], " ")
		}
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		out[table] = append(out[table], string(b))
	}
	return out
}

// normal is a JSON object with its members in order and without what is null.
func normal(t *testing.T, text string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	row := map[string]any{}
	if err := dec.Decode(&row); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for name, v := range row {
		if v == nil {
			delete(row, name)
		}
	}
	b, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
