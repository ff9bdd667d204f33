package sqlshell

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/ncruces/go-sqlite3/driver"
)

// shell is one over a table of SQLite's own.
func shell(t *testing.T) (*Shell, *strings.Builder) {
	t.Helper()
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_, err = conn.ExecContext(t.Context(), `create table people (id integer primary key, name text, pay real, photo blob);
		insert into people values (1, 'ann', 1.5, null), (2, 'b,"o"b', null, x'00ff'), (3, '', 1e300, null), (4, char(27)||'[2J'||char(10)||'x', 2, null)`)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	now := time.Unix(0, 0)
	return &Shell{
		DB: conn, Out: bufio.NewWriter(&out), Err: &out, Format: "table",
		Tables: []Table{{Name: "people", Doc: "Who is paid.", Columns: []string{"id", "name", "pay", "photo"}}, {Name: "pets", Columns: []string{"id", "owner"}}},
		Schema: func(name string) (string, error) { return "table: " + name + "\n", nil },
		Now:    func() time.Time { now = now.Add(1500 * time.Microsecond); return now },
	}, &out
}

func TestScript(t *testing.T) {
	for name, c := range map[string]struct{ in, want, err string }{
		"nothing":    {in: " ;; -- nothing\n/* at all */"},
		"rows":       {in: "select id, name, pay, photo from people;", want: "id  name           pay  photo\n──  ──────────  ──────  ──────\n 1  ann            1.5\n 2  b,\"o\"b              0x00ff\n 3              1e+300\n 4  \\x1b[2J\\nx       2\n4 rows\n"},
		"no rows":    {in: "select id from people where id > 9", want: "id\n──\n0 rows\n"},
		"json":       {in: ".mode json\nselect * from people;", want: `{"id":1,"name":"ann","pay":1.5,"photo":null}` + "\n" + `{"id":2,"name":"b,\"o\"b","pay":null,"photo":"AP8="}` + "\n" + `{"id":3,"name":"","pay":1e+300,"photo":null}` + "\n" + `{"id":4,"name":"\u001b[2J\nx","pay":2,"photo":null}` + "\n"},
		"csv":        {in: ".mode csv\nselect name, pay from people where id < 4;", want: "name,pay\nann,1.5\n\"b,\"\"o\"\"b\",\n\"\",1e+300\n"},
		"changes":    {in: "begin; update people set pay = 0; select sum(pay) s from people; rollback; delete from people where id = 1;", want: "4 rows changed\ns\n─\n0\n1 row\n1 row changed\n"},
		"changed":    {in: ".mode json\ndelete from people returning id;\ninsert into people (id) values (7);", want: "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n{\"id\":4}\n{\"changed\":1}\n"},
		"lines":      {in: "select\n  id\nfrom people\n\nwhere id = 1;\n-- a comment\n.mode csv\nselect ';' x\n", want: "id\n──\n 1\n1 row\nx\n;\n"},
		"mistake":    {in: "select 1 a;\n\nselect\n nope;\nselect 2;", want: "a\n─\n1\n1 row\n", err: "line 3: sqlite3: SQL logic error: no such column: nope"},
		"open quote": {in: "select 'x", err: "line 1: sqlite3: SQL logic error: unrecognized token"},
		"explain":    {in: ".explain on\nselect name from people where id = 2 union select 'x';\n.explain off\nselect 1 a;", want: "· MERGE (UNION)\n  · LEFT\n    · SEARCH people USING INTEGER PRIMARY KEY (rowid=?)\n  · RIGHT\n    · SCAN CONSTANT ROW\nname\n──────\nb,\"o\"b\nx\n2 rows\na\n─\n1\n1 row\n"},
		"timer":      {in: ".timer on\nselect 1 a;\n.timer off\nselect 1 a;", want: "a\n─\n1\n1 row\n1.5ms\na\n─\n1\n1 row\n"},
		"tables":     {in: ".tables", want: "people                   Who is paid.\npets\n"},
		"schema":     {in: ".schema PETS\n.schema", want: "table: pets\ntable: people\n\ntable: pets\n"},
		"no schema":  {in: ".schema peple", err: `line 1: there is no table "peple"; did you mean people?`},
		"quit":       {in: ".quit\nselect 1;"},
		"exit":       {in: ".exit\nselect 1;"},
		"no command": {in: ".nope", err: "line 1: there is no command .nope; .help lists them"},
		"wrong word": {in: ".timer maybe", err: "line 1: use one of on, off"},
		"too much":   {in: ".tables x", err: "line 1: .tables takes no argument"},
	} {
		t.Run(name, func(t *testing.T) {
			s, out := shell(t)
			err := s.Script(t.Context(), strings.NewReader(c.in))
			if err == nil && c.err != "" || err != nil && !strings.Contains(err.Error(), c.err) || err != nil && c.err == "" {
				t.Errorf("error %v, want %s", err, c.err)
			}
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	s, out := shell(t)
	if _, err := s.command(".help"); err != nil || strings.Count(out.String(), "\n") != len(dots)+2 {
		t.Errorf("%v: %s", err, out)
	}
}

// Statements of the command line need no semicolon.
func TestRun(t *testing.T) {
	s, out := shell(t)
	s.Format = "csv"
	if err := s.Run(t.Context(), "select 1 a; select 2 b"); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), "select 1 a;;"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("a\n1\nb\n2\na\n1\n", out.String()); diff != "" {
		t.Error(diff)
	}
	s.Format = "xml"
	if err := s.Run(t.Context(), "select 1"); err == nil || !strings.Contains(err.Error(), "table, json, csv") {
		t.Error(err)
	}
}

// A statement that is interrupted says so, and the next one runs.
func TestInterrupted(t *testing.T) {
	s, out := shell(t)
	var r running
	s.Out = bufio.NewWriterSize(writerFunc(func(b []byte) (int, error) { // the first rows are printed, and end it
		r.stop()
		return len(b), nil
	}), 16)
	err := r.run(t.Context(), func(ctx context.Context) error {
		return s.statement(ctx, "with recursive c(x) as (select 1 union all select x+1 from c) select x from c")
	})
	if !errors.Is(err, errInterrupted) {
		t.Errorf("it ended with %v", err)
	}
	r.stop() // with nothing to end
	s.Out = bufio.NewWriter(out)
	if err := r.run(t.Context(), func(ctx context.Context) error { return s.statement(ctx, "select 1 a") }); err != nil || !strings.Contains(out.String(), "1 row") {
		t.Errorf("%v, %s", err, out)
	}
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestComplete(t *testing.T) {
	s, _ := shell(t)
	for _, c := range []struct{ before, line, head, words string }{
		{"", "sel", "", "select"},
		{"", "SE", "", "SELECT SET"},
		{"", "select * from pe", "select * from ", "people pets"},
		{"", "select * from people where pa", "select * from people where ", "pay partition"},
		{"select pay from people\n", "where ph", "where ", "photo"},
		{"", "select * from people where ", "select * from people where ", "id name pay photo people pets"},
		{"", "select people.n", "select ", "people.name"},
		{"", "select own", "select ", "owner"},
		{"", ".t", "", ".tables .timer"},
		{"", ".mode c", ".mode ", "csv"},
		{"", ".timer ", ".timer ", "on off"},
		{"", ".schema pe", ".schema ", "people pets"},
		{"", ".nope x", ".nope ", ""},
		{"select 1\n", ".t", "", ""},
	} {
		head, words := s.Complete(c.before, c.line)
		if got := strings.Join(words, " "); head != c.head || got != c.words {
			t.Errorf("%q: %q, %s; want %q, %s", c.before+c.line, head, got, c.head, c.words)
		}
	}
}

// Names that are words of SQL, and those of members, are of use in quotes alone.
func TestCompleteQuoted(t *testing.T) {
	s, _ := shell(t)
	s.Tables = append(s.Tables, Table{Name: "loans", Columns: []string{"from", "group"}}, Table{Name: `"shared[a]"`, Columns: []string{"note"}})
	for _, c := range []struct{ line, head, words string }{
		{"select * from loans where fr", "select * from loans where ", `"from" from`},
		{"select * from loans where loans.gr", "select * from loans where ", `loans."group"`},
		{`select "gr`, "select ", `"group"`},
		{`select "group" from loans where "fr`, `select "group" from loans where `, `"from"`},
		{`select * from "pe`, "select * from ", `"people" "pets"`},
		{"select * from sh", "select * from ", `"shared[a]"`},
		{`select * from "shared[a]" where "no`, `select * from "shared[a]" where `, `"note"`},
	} {
		head, words := s.Complete("", c.line)
		if got := strings.Join(words, " "); head != c.head || got != c.words {
			t.Errorf("%q: %q, %s; want %q, %s", c.line, head, got, c.head, c.words)
		}
	}
}

// What completion puts into quotes is what SQLite wants there.
func TestReserved(t *testing.T) {
	s, _ := shell(t)
	for _, w := range slices.Concat(reserved, keywords, []string{"KEY", "ROW", "TEMP", "FILTER", "WINDOW", "VIEW", "TRIGGER", "IF", "NO", "OF", "DO", "NATURAL", "FULL", "WITHOUT", "MATCH", "TRUE", "ABORT", "WITHIN", "GENERATED", "ALWAYS", "MATERIALIZED", "NULLS", "FIRST", "REGEXP", "ATTACH", "PRAGMA", "VACUUM"}) {
		for _, c := range []string{written(w), written(strings.ToLower(w))} {
			if _, err := s.DB.ExecContext(t.Context(), "create temp table words ("+c+", other); select "+c+" from words where "+c+" = 1 order by "+c+"; drop table words"); err != nil {
				t.Errorf("%s: %v", c, err)
			}
		}
	}
}

// Rows that end with an error are not counted, as if there were no more.
func TestCutRows(t *testing.T) {
	for query, want := range map[string]string{
		"select json('{') a": "",
		"select 1 a union all select json(name) from people where id = 1": "a\n─\n1\n",
	} {
		s, out := shell(t)
		if err := s.statement(t.Context(), query); err == nil || !strings.Contains(err.Error(), "malformed JSON") {
			t.Errorf("%s: %v", query, err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", query, diff)
		}
	}
}

func TestHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state", "history")
	t.Setenv(HistoryVariable, file)
	h := OpenHistory()
	if got := h.Read(); got != nil {
		t.Errorf("it holds %q", got)
	}
	h.Add("select 1;")
	h.Add(" ")
	h.Add("select '\x1b[2J';")
	h.Add("select '\xff';")
	h.Add("select 'é';")
	if diff := cmp.Diff([]string{"select 1;", "select 'é';"}, OpenHistory().Read()); diff != "" {
		t.Error(diff)
	}
	for range 2 * mostHistory {
		h.Add("select 2;")
	}
	if n := len(h.Read()); n != mostHistory {
		t.Errorf("%d lines are kept", n)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	t.Setenv(HistoryVariable, "")
	off := OpenHistory()
	if off.Add("x"); off != nil || off.Read() != nil {
		t.Error("it is not off")
	}
	os.Unsetenv(HistoryVariable)
	t.Setenv("XDG_STATE_HOME", "/state")
	if h := OpenHistory(); h.file != "/state/storegen/sql_history" {
		t.Error(h.file)
	}
}
