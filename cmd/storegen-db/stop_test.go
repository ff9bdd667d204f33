package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stopping is a context that ends when it has been asked for its error so many times.
type stopping struct {
	context.Context
	left atomic.Int64
	stop context.CancelFunc
}

func newStopping(t *testing.T, after int64) *stopping {
	ctx, stop := context.WithCancel(t.Context())
	s := &stopping{Context: ctx, stop: stop}
	s.left.Store(after)
	return s
}

func (s *stopping) Err() error {
	if s.left.Add(-1) < 0 {
		s.stop()
	}
	return s.Context.Err()
}

// A signal at any time of long work leaves whole databases, and no file that is half made.
func TestStopped(t *testing.T) {
	for _, engine := range []string{"leveldb", "pebble"} {
		dir := t.TempDir()
		in := func(name string) string { return filepath.Join(dir, name) }
		if err := makeDB(engine + ":" + in("db")); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(in("empty"), 0o755); err != nil {
			t.Fatal(err)
		}
		if code, said := called(t.Context(), nil, "backup", in("db"), in("db.backup")); code != exitFine {
			t.Fatal(said)
		}
		var rows strings.Builder
		for i := range 2 * importBatch {
			fmt.Fprintf(&rows, "{\"namespace_id\": \"n%d\", \"name\": \"N\"}\n", i)
		}
		if err := os.WriteFile(in("rows.json"), []byte(rows.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		before := names(t, dir)
		for _, args := range [][]string{
			{"backup", in("db"), in("new")},
			{"scan", in("db"), "system.users", "-format", "json", "-o", in("new")},
			{"export", in("db"), "system.users", in("new"), "-format", "csv"},
			{"export", in("db"), "system.jobs", in("new"), "-format", "arrow"},
			{"export", in("db"), "system.jobs", in("new"), "-format", "parquet"},
			{"export", in("db"), "-format", "json", "-dir", in("new")},
			{"import", "-write", "-load", in("db"), "system.namespaces", in("rows.json")},
			{"restore", in("db.backup"), engine + ":" + in("new")},
			{"restore", in("db.backup"), engine + ":" + in("empty")},
			{"copy", in("db"), "leveldb:" + in("new")},
			{"copy", in("db"), "pebble:" + in("new")},
			{"import", "-write", in("db"), "system.namespaces", in("rows.json")},
			{"verify", in("db")},
			{"plan", in("db"), "-config", "../../schema/tables"},
			{"sql", in("db"), "select a.job_id from system_jobs a join system_jobs b using (job_id)"},
			{"sql", "-write", in("db"), "update system_jobs set priority = priority + 1"},
		} {
			t.Run(engine+" "+args[0]+" "+filepath.Base(args[len(args)-1]), func(t *testing.T) {
				stops := 0
				for after := int64(0); ; after += 1 + after/4 {
					code, said := called(newStopping(t, after), nil, args...)
					if code == exitFine {
						break
					}
					stops++
					if code != exitStopped || !strings.Contains(said, "ended by a signal; ") {
						t.Fatalf("stopped after %d: exit code %d, %s", after, code, said)
					}
					if diff := cmp.Diff(before, names(t, dir)); diff != "" {
						t.Fatalf("stopped after %d: files differ:\n%s", after, diff)
					}
					if code, said := called(t.Context(), nil, "verify", in("db")); code != exitFine {
						t.Fatalf("stopped after %d: %s", after, said)
					}
				}
				if stops < 2 {
					t.Errorf("it was stopped %d times", stops)
				}
				if err := os.RemoveAll(in("new")); err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(args[len(args)-1], "empty") {
					if err := os.RemoveAll(in("empty")); err != nil {
						t.Fatal(err)
					}
					if err := os.Mkdir(in("empty"), 0o755); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// names are the files of a directory, without what is in databases but for an empty one.
func names(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*", "empty/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	return out
}

func called(ctx context.Context, stdin io.Reader, args ...string) (code int, said string) {
	var out, err strings.Builder
	code = run(ctx, args, stdin, &out, &err)
	return code, out.String() + err.String()
}

// An input that never comes does not keep a command from ending.
func TestStoppedInput(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	if err := makeDB("leveldb:" + dir); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"put", "import"} {
		ctx, stop := context.WithCancel(t.Context())
		if code, said := called(ctx, silent{stop, t.Context()}, verb, "-write", dir, "system.namespaces"); code != exitStopped {
			t.Errorf("%s: exit code %d, %s", verb, code, said)
		}
	}
}

// silent is an input of which nothing comes: it has the context end, and waits for the test to.
type silent struct {
	stop  context.CancelFunc
	ended context.Context
}

func (s silent) Read([]byte) (int, error) {
	s.stop()
	<-s.ended.Done()
	return 0, io.EOF
}

// Each verb has examples, which its flags understand.
func TestExamples(t *testing.T) {
	for _, cmd := range commands {
		if len(cmd.examples) == 0 && cmd.name != "help" {
			t.Errorf("%s has no example", cmd.name)
		}
		for _, e := range cmd.examples {
			words := strings.Fields(e)
			c := &call{}
			flags, _ := cmd.flags(c)
			if err := c.parse(flags, words[1:]); err != nil || words[0] != cmd.name || len(c.args) == 0 || cmd.writes && !c.write {
				t.Errorf("%s: the example %q: arguments %q, %v", cmd.name, e, c.args, err)
			}
		}
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"data t -5 -.5 -limit 3":      `["data" "t" "-5" "-.5"] limit 3`,
		"-limit -3 data -- -x -limit": `["data" "-x" "-limit"] limit -3`,
		"-prefix -- data -limit=2 t":  `["data" "t"] limit 2`,
		"- --limit 1 --reverse a":     `["-" "a"] limit 1`,
		"-limit":                      `flag needs an argument: -limit`,
		"-limit x":                    `invalid value "x" for flag -limit: parse error`,
		"data -limt 1":                `there is no flag "-limt" (did you mean -limit?); a value that begins with a dash stands behind --`,
		"-write data":                 `there is no flag "-write" (there are -after, -before, -columns, -format, -from, -index, -json, -limit, -o, -prefix, -reverse, -to); a value that begins with a dash stands behind --`,
	} {
		c := &call{}
		flags, _ := scanCommand.flags(c)
		got := ""
		if err := c.parse(flags, strings.Fields(in)); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprintf("%q limit %s", c.args, flags.Lookup("limit").Value)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
}
