package logictest

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Record
	}{
		{"statement", "statement ok\nSELECT 1\n", []Record{{Kind: Statement, Line: 1, SQL: "SELECT 1", N: -1, Sort: NoSort}}},
		{"statement of lines", "\n\n# why\nstatement ok\nSELECT\n  1\n\n", []Record{{Kind: Statement, Line: 4, SQL: "SELECT\n  1", N: -1, Sort: NoSort}}},
		{"error", "statement error no such (table|column)\nSELECT x\n", []Record{{Kind: Statement, Line: 1, SQL: "SELECT x", Fails: true, Match: "no such (table|column)", N: -1, Sort: NoSort}}},
		{"count", "statement count 3\nDELETE FROM t\n", []Record{{Kind: Statement, Line: 1, SQL: "DELETE FROM t", N: 3, Sort: NoSort}}},
		{"query", "query IT rowsort x1\nSELECT 1, 'a'\n----\n1\na\n", []Record{{Kind: Query, Line: 1, SQL: "SELECT 1, 'a'", Types: "IT", Sort: RowSort, Label: "x1", Want: []string{"1", "a"}, Told: true, N: -1}}},
		{"no result", "query I\nSELECT 1\n", []Record{{Kind: Query, Line: 1, SQL: "SELECT 1", Types: "I", Sort: NoSort, N: -1}}},
		{"conditions", "skipif mysql # why\nonlyif sqlite\nstatement ok\nSELECT 1\n", []Record{{Kind: Statement, Line: 3, SQL: "SELECT 1", Skip: []string{"mysql"}, Only: []string{"sqlite"}, N: -1, Sort: NoSort}}},
		{"threshold", "hash-threshold 8\r\n\r\nhalt\r\n", []Record{{Kind: Threshold, Line: 1, N: 8, Sort: NoSort}, {Kind: Halt, Line: 3, N: -1, Sort: NoSort}}},
		{"unknown", "statement ok\nSELECT 1\n\ncontrol sortmode rowsort\n", []Record{
			{Kind: Statement, Line: 1, SQL: "SELECT 1", N: -1, Sort: NoSort},
			{Kind: Unknown, Line: 4, N: -1, Sort: NoSort, Problem: `there are no records of the kind "control": want statement, query, hash-threshold, halt, skipif or onlyif`},
		}},
		{"wrong types", "query XY\nSELECT 1\n", []Record{{Kind: Unknown, Line: 1, SQL: "SELECT 1", N: -1, Sort: NoSort, Problem: "query wants a letter for each column: I, R or T"}}},
		{"wrong sort", "query I backwards\nSELECT 1\n", []Record{{Kind: Unknown, Line: 1, SQL: "SELECT 1", Types: "I", N: -1, Sort: NoSort, Problem: `a result is sorted by nosort, rowsort or valuesort, and not by "backwards"`}}},
		{"wrong statement", "statement maybe\nSELECT 1\n", []Record{{Kind: Unknown, Line: 1, SQL: "SELECT 1", N: -1, Sort: NoSort, Problem: `statement wants ok, error or count, and has "maybe"`}}},
		{"condition alone", "skipif mysql\n", []Record{{Kind: Unknown, Line: 2, N: -1, Sort: NoSort, Skip: []string{"mysql"}, Problem: "skipif and onlyif stand before nothing"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, parse(t, c.text), cmpopts.IgnoreUnexported(Record{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		v    any
		typ  byte
		want string
	}{
		{nil, 'I', "NULL"}, {nil, 'T', "NULL"}, {int64(5), 'I', "5"}, {5.9, 'I', "5"}, {-5.9, 'I', "-5"}, {"12ab", 'I', "12"}, {"ab", 'I', "0"}, {"1e2", 'I', "1"}, {1e300, 'I', "9223372036854775807"},
		{int64(5), 'R', "5.000"}, {2.0 / 3, 'R', "0.667"}, {"1.5x", 'R', "1.500"}, {-0.0005, 'R', "-0.001"},
		{int64(5), 'T', "5"}, {5.0, 'T', "5.0"}, {0.1 + 0.2, 'T', "0.3"}, {"", 'T', "(empty)"}, {"a\nb", 'T', "a@b"}, {"é", 'T', "@"}, {[]byte("x"), 'T', "x"},
	} {
		if got := format(c.v, c.typ); got != c.want {
			t.Errorf("%v as %c is %q, want %q", c.v, c.typ, got, c.want)
		}
	}
}

// fake shows one answer.
type fake struct {
	rows [][]any
	err  error
	n    int64
}

func (f fake) Exec(context.Context, string) (int64, error) { return f.n, f.err }
func (f fake) Query(context.Context, string) (int, [][]any, error) {
	if len(f.rows) == 0 {
		return 1, nil, f.err
	}
	return len(f.rows[0]), f.rows, f.err
}
func (f fake) Close() error { return nil }

func TestRun(t *testing.T) {
	rows := fake{rows: [][]any{{int64(10), "b"}, {int64(9), "a"}}}
	for _, c := range []struct {
		name   string
		target fake
		text   string
		want   string // a part of the finding, "" for none
	}{
		{"in order", rows, "query IT\nq\n----\n10\nb\n9\na\n", ""},
		{"in another order", rows, "query IT\nq\n----\n9\na\n10\nb\n", "want 4 values"},
		{"rows sorted", rows, "query IT rowsort\nq\n----\n10\nb\n9\na\n", ""},
		{"values sorted", rows, "query IT valuesort\nq\n----\n10\n9\na\nb\n", ""},
		{"rows in lines", rows, "query IT\nq\n----\n10 b\n9\ta\n", ""},
		{"hash", rows, "query IT\nq\n----\n4 values hashing to 2d9a4f0a5d8a8a9aa3d4c1e2b5b6c7d8\n", "4 values hashing to"},
		{"columns", rows, "query I\nq\n----\n", "2 columns, and types for 1"},
		{"label", rows, "query IT nosort x\nq\n\nquery IT rowsort x\nq\n\nquery IT valuesort x\nq\n", "queries of the label x"},
		{"count", fake{n: 2}, "statement count 3\ns\n", "changed 2 rows, want 3"},
		{"error wanted", fake{}, "statement error\ns\n", "an error is wanted"},
		{"error", fake{err: context.Canceled}, "statement error cance\ns\n", ""},
		{"other error", fake{err: context.Canceled}, "statement error no such\ns\n", "matches"},
		{"no error wanted", fake{err: context.Canceled}, "query I\nq\n", "context canceled"},
		{"skipped", fake{err: context.Canceled}, "skipif sqlite\nquery I\nq\n", ""},
		{"halt", fake{err: context.Canceled}, "halt\n\nquery I\nq\n", ""},
		{"unknown", fake{}, "sleep 5\n", `f:1: there are no records of the kind "sleep"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep := Run(t.Context(), "f", parse(t, c.text), c.target, "sqlite")
			var got string
			for _, f := range rep.Failed {
				got += f.String()
			}
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestNotMade(t *testing.T) {
	ours, err := NewStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	for sql, made := range map[string]bool{
		"CREATE TABLE a(x INTEGER, y VARCHAR(8) NOT NULL UNIQUE, z DECIMAL(10,2) DEFAULT -5, PRIMARY KEY (x, y))": true,
		"create table if not exists [b c](\"x y\" text primary key, `z` double precision /* ; */) without rowid":  true,
		"CREATE TABLE c(x)": false, "CREATE TABLE d(x INTEGER CHECK (x > 5))": false, "CREATE TABLE e AS SELECT 1": false,
		"CREATE TRIGGER t BEFORE INSERT ON a BEGIN SELECT 1; END": false, "CREATE INDEX i ON a(x) WHERE x > 5": false, "CREATE INDEX i ON a(x + 1)": false, "REINDEX": true, "ALTER TABLE a RENAME TO b": false,
	} {
		rep := Run(t.Context(), "f", parse(t, "statement ok\n"+sql+"\n"), ours, "sqlite")
		if len(rep.Failed) > 0 || (len(rep.Not) == 0) != made {
			t.Errorf("%s: %v, %v", sql, rep.Failed, rep.Not)
		}
	}
	if rep := Run(t.Context(), "f", parse(t, "statement error\nCREATE TABLE a(x INTEGER)\n\nstatement error\nCREATE TABLE f(x INTEGER, X TEXT)\n\nstatement error\nCREATE TABLE g(x INTEGER\n"), ours, "sqlite"); rep.Passed != 3 {
		t.Errorf("%v", rep.Failed)
	}
}
