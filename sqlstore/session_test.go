package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

const countTable = `
table: t.counts
access: public
key: id
fields:
  id: int64
  n:  int64
indexes:
  n: {on: [n]}
`

func insertCount(t testing.TB, p *provider.Provider, id, n int64) {
	t.Helper()
	if _, err := p.Insert(ctx, provider.Scope{}, []provider.Value{provider.Int64(id), provider.Int64(n)}); err != nil {
		t.Fatal(err)
	}
}

// A statement reads one state of the database, whatever is committed while it is read, and
// the next one reads the next. Nothing stays open behind the end of rows, wherever that is.
func TestOneStateForAStatement(t *testing.T) {
	db, tables := database(t, countTable)
	p := tables["t.counts"]
	for i := range int64(10) {
		insertCount(t, p, i, 1)
	}
	s := open(t, db)
	rows, err := s.QueryContext(ctx, "SELECT x.id, (SELECT count(*) FROM t_counts) FROM t_counts x")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for rows.Next() {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		if n != 10 {
			t.Fatalf("row %d counts %d rows", id, n)
		}
		if OpenStates(s) != 1 {
			t.Fatalf("%d states are open", OpenStates(s))
		}
		insertCount(t, p, 100+id, 1)
		seen++
	}
	if err := rows.Close(); err != nil || seen != 10 {
		t.Fatal(seen, err)
	}
	if OpenStates(s) != 0 {
		t.Fatal("a state is open behind the end of rows")
	}
	var n int64
	if err := s.QueryRowContext(ctx, "SELECT count(*) FROM t_counts").Scan(&n); err != nil || n != 20 {
		t.Fatal(n, err)
	}

	t.Run("rows are given up", func(t *testing.T) {
		rows, err := s.QueryContext(ctx, "SELECT * FROM t_counts")
		if err != nil || !rows.Next() {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if OpenStates(s) != 0 {
			t.Error("a state is open")
		}
	})
	t.Run("a row is an error", func(t *testing.T) {
		_, err := read(s, "SELECT abs(-9223372036854775808 + id) FROM t_counts")
		if err == nil || OpenStates(s) != 0 {
			t.Error(err, OpenStates(s))
		}
	})
	t.Run("the context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		rows, err := s.QueryContext(ctx, "SELECT count(*) FROM t_counts a, t_counts b, t_counts c, t_counts d, t_counts e, t_counts f, t_counts g, t_counts h")
		if err != nil {
			t.Fatal(err)
		}
		go cancel()
		for rows.Next() {
		}
		if err := rows.Err(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		rows.Close()
		if OpenStates(s) != 0 {
			t.Error("a state is open")
		}
	})
}

// All that a transaction reads is of one state, also where it writes nothing, and the next
// one reads anew.
func TestOneStateForATransaction(t *testing.T) {
	db, tables := database(t, countTable)
	p := tables["t.counts"]
	insertCount(t, p, 1, 1)
	s := open(t, db)
	c := connection(t, s)
	count := func() (n int) {
		if err := c.QueryRowContext(ctx, "SELECT count(*) FROM t_counts").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, end := range []string{"COMMIT", "ROLLBACK"} {
		exec(t, c, "BEGIN")
		first := count()
		insertCount(t, p, int64(first)+1, 1)
		if n := count(); n != first {
			t.Errorf("%d rows, and then %d", first, n)
		}
		if OpenStates(s) != 1 {
			t.Error("states:", OpenStates(s))
		}
		exec(t, c, end)
		if OpenStates(s) != 0 {
			t.Errorf("%s leaves a state open", end)
		}
		if n := count(); n != first+1 {
			t.Errorf("%d rows behind %s, want %d", n, end, first+1)
		}
	}
	// Several in one text.
	exec(t, c, "CREATE TEMP TABLE seen(n)")
	exec(t, c, "BEGIN; INSERT INTO seen SELECT count(*) FROM t_counts; COMMIT; BEGIN; INSERT INTO seen SELECT count(*) FROM t_counts; COMMIT;")
	if OpenStates(s) != 0 {
		t.Error("a state is open")
	}
	tx, err := s.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(tx, "SELECT * FROM t_counts"); err != nil {
		t.Error(err)
	}
	for _, q := range []string{"INSERT INTO t_counts VALUES(100, 0)", "UPDATE t_counts SET n = 1", "DELETE FROM t_counts"} {
		if _, err := tx.Exec(q); !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, sqlite3.READONLY) {
			t.Errorf("%s: %v, want ErrReadOnly and READONLY", q, err)
		}
	}
	if err := tx.Commit(); err != nil || OpenStates(s) != 0 {
		t.Error(err, OpenStates(s))
	}
}

// A transaction that is left open ends when its connection goes back to the pool: nobody else
// is in it, and no state of the store stays open.
func TestLeftOpen(t *testing.T) {
	for name, leave := range map[string]func(*sql.DB) error{
		"begin": func(s *sql.DB) error {
			_, err := s.Exec("BEGIN; UPDATE t_counts SET n = 5")
			return err
		},
		"savepoint": func(s *sql.DB) error {
			_, err := s.Exec("SAVEPOINT a; UPDATE t_counts SET n = 5")
			return err
		},
		"read": func(s *sql.DB) error {
			_, err := s.Exec("BEGIN; SELECT count(*) FROM t_counts")
			return err
		},
		"refused before its commit": func(s *sql.DB) error {
			if _, err := s.Exec("BEGIN; UPDATE t_counts SET n = 5; UPDATE t_counts SET n = 'x'; COMMIT"); !errors.Is(err, store.ErrInvalid) {
				return fmt.Errorf("%v, want ErrInvalid", err)
			}
			return nil
		},
		"connection": func(s *sql.DB) error {
			c, err := s.Conn(ctx)
			if err != nil {
				return err
			}
			_, err = c.ExecContext(ctx, "BEGIN; UPDATE t_counts SET n = 5")
			return errors.Join(err, c.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, tables := database(t, countTable)
			insertCount(t, tables["t.counts"], 1, 0)
			s := open(t, db)
			s.SetMaxOpenConns(1)
			if err := leave(s); err != nil {
				t.Fatal(err)
			}
			if n := OpenStates(s); n != 0 {
				t.Errorf("%d states are open", n)
			}
			tx, err := s.Begin()
			if err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
			if got, err := read(s, "SELECT n FROM t_counts"); err != nil || fmt.Sprint(got) != `[int64 "0"]` {
				t.Error(got, err)
			}
		})
	}
}

// What is not about the rows of tables is refused, and says why.
func TestRefused(t *testing.T) {
	db, _ := database(t, countTable)
	c := connection(t, open(t, db))
	file := filepath.Join(t.TempDir(), "x.db")
	for statement, want := range map[string]string{
		"ATTACH ':memory:' AS x":                    "this database alone",
		"DETACH t":                                  "this database alone",
		"VACUUM INTO '" + file + "'":                "this database alone",
		"SELECT load_extension('x')":                "no such function",
		"PRAGMA writable_schema = on":               "PRAGMA writable_schema is not allowed",
		"PRAGMA journal_mode = delete":              "PRAGMA journal_mode is not allowed",
		"PRAGMA user_version = 5":                   "PRAGMA user_version is not allowed",
		"CREATE TABLE x(a)":                         "tables come from schemas",
		"CREATE TABLE t.x(a)":                       "tables come from schemas",
		"CREATE VIEW x AS SELECT 1":                 "tables come from schemas",
		"CREATE INDEX x ON t_counts(n)":             "virtual tables may not be indexed",
		"DROP TABLE t_counts":                       "tables come from schemas",
		"ALTER TABLE t_counts RENAME TO x":          "tables come from schemas",
		"CREATE VIRTUAL TABLE x USING storegen(a)":  "tables come from schemas",
		"CREATE VIRTUAL TABLE temp.x USING fts5(a)": "tables come from schemas",
		"DELETE FROM sqlite_schema":                 "may not be modified",
		"ANALYZE":                                   "tables come from schemas",
	} {
		_, err := c.ExecContext(ctx, statement)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want: %s", statement, err, want)
		}
	}
	for _, statement := range []string{
		"CREATE TEMP TABLE x(a PRIMARY KEY, b)", "CREATE INDEX temp.y ON x(b)", "INSERT INTO x SELECT id, n FROM t_counts",
		"CREATE TEMP VIEW v AS SELECT * FROM t_counts", "CREATE TEMP TRIGGER g AFTER INSERT ON x BEGIN DELETE FROM x; END",
		"ALTER TABLE x ADD COLUMN c", "DROP TABLE x", "DROP VIEW v", "PRAGMA table_info(t_counts)", "PRAGMA table_list",
	} {
		exec(t, c, statement)
	}
}

// Tables have two names, and both are found where tables are listed.
func TestNames(t *testing.T) {
	db, _ := database(t, countTable, strings.Replace(countTable, "t.counts", "plain", 1))
	c := connection(t, open(t, db))
	for _, name := range []string{"t_counts", "t.counts", "counts", "plain", "main.plain", `"t_counts"`} {
		if _, err := read(c, "SELECT * FROM "+name); err != nil {
			t.Error(err)
		}
	}
	got, err := read(c, "SELECT name FROM sqlite_schema ORDER BY name")
	if diff := cmp.Diff([]string{`string "plain"`, `string "t_counts"`}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// What a principal may not read is not there, and named it is an error that says so.
func TestDenied(t *testing.T) {
	system := strings.Replace(countTable, "access: public", "access: system", 1)
	db, tables := database(t, system, strings.Replace(countTable, "t.counts", "t.open", 1))
	insertCount(t, tables["t.counts"], 1, 1)
	insertCount(t, tables["t.open"], 1, 1)
	c := connection(t, open(t, db, As(access.Principal{User: "u", Role: access.User})))
	var denied *access.DeniedError
	for _, q := range []string{
		"SELECT * FROM t_counts", "SELECT * FROM t.counts", "SELECT 1 FROM t_open WHERE EXISTS (SELECT 1 FROM T_Counts)",
		"EXPLAIN QUERY PLAN SELECT * FROM t_counts", "INSERT INTO t_counts VALUES (5, 5)", "CREATE TEMP TABLE x AS SELECT * FROM t_counts",
		"DELETE FROM main.t_counts",
	} {
		_, err := read(c, q)
		if !errors.Is(err, store.ErrDenied) || !errors.As(err, &denied) || !errors.Is(err, sqlite3.ERROR) {
			t.Errorf("%s: %v", q, err)
		}
	}
	got, err := read(c, "SELECT name FROM pragma_table_list WHERE name NOT LIKE 'sqlite%' UNION SELECT sql FROM sqlite_schema")
	if err != nil || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "counts") }) {
		t.Error(got, err)
	}
	if got, err := read(c, "SELECT * FROM t_open"); err != nil || len(got) != 1 {
		t.Error(got, err)
	}
	dba := connection(t, open(t, db, As(access.Principal{User: "d", Role: access.DBA})))
	if got, err := read(dba, "SELECT * FROM t_counts"); err != nil || len(got) != 1 {
		t.Error(got, err)
	}
}
