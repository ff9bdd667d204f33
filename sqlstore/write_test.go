package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

const itemsTable = `
table: t.items
access: public
key: id
fields:
  id:    int64
  name:  string
  n:     int32?
  state: {type: State, default: fresh}
  tags:  "[]string"
indexes:
  name: {on: [name], unique: true}
  n:    {on: [n]}
check: ["n < 100 or not has n"]
`

const placesTable = `
table: t.places
access: public
key: {type: PlaceKey, of: [x, y]}
fields:
  x: string
  y: int32
  v: string?
indexes:
  v: {on: [v], unique: true}
`

const writeTypes = `
types:
  State: {enum: [fresh, used]}
  PlaceKey: {struct: {x: string, y: int32}}
`

// nativeItems and nativePlaces are the same tables of SQLite's own.
const nativeItems = `CREATE TEMP TABLE n_t_items(id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER CHECK (n < 100), state TEXT NOT NULL DEFAULT 'fresh' CHECK (state IN ('fresh', 'used')), tags TEXT NOT NULL DEFAULT '[]') WITHOUT ROWID`

const nativePlaces = `CREATE TEMP TABLE n_t_places(x TEXT NOT NULL, y INTEGER NOT NULL, v TEXT UNIQUE, PRIMARY KEY (x, y)) WITHOUT ROWID`

// Programs of statements do the same to our tables and to SQLite's own: what each changes,
// whether it fails, and what is there in the end. $t_ is what the name of a table begins
// with; ! before a statement says that it fails.
func TestWritesAsNative(t *testing.T) {
	for name, program := range map[string][]string{
		"insert": {
			"INSERT INTO $t_items(id, name) VALUES (1, 'a'), (2, 'b')",
			"INSERT INTO $t_items(id, name, n, state, tags) VALUES ('3', 5, '7', 'used', '[\"x\"]')",
			"INSERT INTO $t_items(id, name) SELECT id + 10, name || '!' FROM $t_items",
			"!INSERT INTO $t_items(id, name) VALUES (1, 'z')",
			"!INSERT INTO $t_items(id, name) VALUES (50, 'a')",
			"!INSERT INTO $t_items(id) VALUES (50)",
			"!INSERT INTO $t_items(name) VALUES ('q')",
			"!INSERT INTO $t_items(id, name, n) VALUES (50, 'x', 100)",
			"!INSERT INTO $t_items(id, name, state) VALUES (50, 'x', 'old')",
			"INSERT INTO $t_places VALUES ('a', 1, NULL), ('a', 2, NULL), ('b', 1, 'v')",
			"!INSERT INTO $t_places VALUES ('a', 2, 'x')",
		},
		"several rows, of which one is refused": {
			"INSERT INTO $t_items(id, name) VALUES (1, 'a')",
			"!INSERT INTO $t_items(id, name) VALUES (2, 'b'), (3, 'c'), (1, 'd')",
			"BEGIN",
			"INSERT INTO $t_items(id, name) VALUES (5, 'e')",
			"!INSERT INTO $t_items(id, name) VALUES (6, 'f'), (7, 'e')",
			"INSERT INTO $t_items(id, name) VALUES (8, 'h')",
			"!UPDATE $t_items SET name = 'same'",
			"COMMIT",
		},
		"update": {
			"INSERT INTO $t_items(id, name, n) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
			"UPDATE $t_items SET n = n + 1 WHERE id >= 2",
			"UPDATE $t_items SET n = NULL WHERE name = 'a'",
			"UPDATE $t_items SET state = 'used', tags = '[\"q\"]' WHERE n IS NULL",
			"UPDATE $t_items SET name = 'z' WHERE id = 9",
			"!UPDATE $t_items SET name = 'a' WHERE id = 2",
			"!UPDATE $t_items SET n = 1000",
			"!UPDATE $t_items SET name = NULL",
			"UPDATE $t_items SET n = (SELECT max(id) FROM $t_items)",
			"UPDATE $t_items SET name = name || id",
		},
		"update of keys": {
			"INSERT INTO $t_items(id, name, n, tags) VALUES (1, 'a', 1, '[\"x\"]'), (2, 'b', 2, '[]'), (3, 'c', 3, '[]')",
			"UPDATE $t_items SET id = id + 10",
			"UPDATE $t_items SET id = 5, name = 'five' WHERE id = 11",
			"!UPDATE $t_items SET id = 12 WHERE id = 13",
			"UPDATE $t_items SET id = id",
			"UPDATE OR IGNORE $t_items SET id = 12 WHERE id = 13",
			"UPDATE OR REPLACE $t_items SET id = 12 WHERE id = 13",
			"INSERT INTO $t_places VALUES ('a', 1, 'p'), ('a', 2, 'q')",
			"UPDATE $t_places SET y = y + 5 WHERE x = 'a'",
			"UPDATE $t_places SET x = 'b', v = 'r' WHERE y = 6",
			"!UPDATE $t_places SET x = 'b', y = 6",
			"UPDATE $t_places SET v = x || y",
		},
		"delete": {
			"INSERT INTO $t_items(id, name, n) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
			"DELETE FROM $t_items WHERE n = 2",
			"DELETE FROM $t_items WHERE id = 77",
			"INSERT INTO $t_items(id, name) VALUES (2, 'b')",
			"DELETE FROM $t_items WHERE id IN (SELECT id FROM $t_items WHERE id > 1)",
			"INSERT INTO $t_places VALUES ('a', 1, 'p'), ('a', 2, 'q')",
			"DELETE FROM $t_places WHERE y = 1 OR v = 'p'",
			"DELETE FROM $t_places",
		},
		"or ignore": {
			"INSERT INTO $t_items(id, name) VALUES (1, 'a')",
			"INSERT OR IGNORE INTO $t_items(id, name, n) VALUES (1, 'z', 1), (2, 'a', 1), (3, 'c', 1), (4, NULL, 1), (5, 'e', 100)",
			"UPDATE OR IGNORE $t_items SET name = 'a'",
		},
		"or replace": {
			"INSERT INTO $t_items(id, name, n) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)",
			"INSERT OR REPLACE INTO $t_items(id, name) VALUES (1, 'aa')",
			"REPLACE INTO $t_items(id, name) VALUES (9, 'b')",
			"INSERT OR REPLACE INTO $t_items(id, name, n) VALUES (1, 'c', 5)",
			"!INSERT OR REPLACE INTO $t_items(id, name, n) VALUES (9, 'q', 100)",
			"!INSERT OR REPLACE INTO $t_items(id, name, n) VALUES (1, 'b', 100)",
			"UPDATE OR REPLACE $t_items SET name = 'c' WHERE id = 9",
			"INSERT INTO $t_places VALUES ('a', 1, 'p'), ('a', 2, 'q')",
			"REPLACE INTO $t_places VALUES ('a', 1, 'q')",
		},
		"or fail, or rollback": {
			"!INSERT OR FAIL INTO $t_items(id, name) VALUES (1, 'a'), (2, 'b'), (1, 'c'), (3, 'd')",
			"BEGIN",
			"INSERT INTO $t_items(id, name) VALUES (10, 'x')",
			"!INSERT OR ROLLBACK INTO $t_items(id, name) VALUES (11, 'y'), (10, 'c')",
			"!COMMIT",
		},
		"transactions": {
			"BEGIN", "INSERT INTO $t_items(id, name) VALUES (1, 'a')", "INSERT INTO $t_places VALUES ('a', 1, 'p')", "COMMIT",
			"BEGIN", "UPDATE $t_items SET name = 'b'", "DELETE FROM $t_places", "ROLLBACK",
			"BEGIN", "INSERT INTO $t_items(id, name) SELECT id + 1, 'c' FROM $t_items", "INSERT INTO $t_items(id, name, n) SELECT 5, 'd', count(*) FROM $t_items", "COMMIT",
		},
		"savepoints": {
			"SAVEPOINT a", "INSERT INTO $t_items(id, name) VALUES (1, 'a')",
			"SAVEPOINT b", "INSERT INTO $t_items(id, name) VALUES (2, 'b')", "INSERT INTO $t_places VALUES ('a', 1, 'p')",
			"ROLLBACK TO b", "INSERT INTO $t_items(id, name) VALUES (3, 'c')", "RELEASE a",
			"BEGIN", "SAVEPOINT a", "SAVEPOINT b", "INSERT INTO $t_items(id, name) VALUES (4, 'd')", "ROLLBACK TO a",
			"INSERT INTO $t_items(id, name) VALUES (5, 'e')", "SAVEPOINT b", "DELETE FROM $t_items", "INSERT INTO $t_places VALUES ('a', 1, 'p')", "ROLLBACK TO b", "RELEASE b", "COMMIT",
			"BEGIN", "INSERT INTO $t_places VALUES ('c', 1, 'c')", "SAVEPOINT a", "INSERT INTO $t_items(id, name) VALUES (7, 'g')",
			"SAVEPOINT b", "UPDATE $t_items SET name = name || '!'", "UPDATE $t_places SET v = 'w'", "RELEASE b",
			"SAVEPOINT b", "DELETE FROM $t_places", "ROLLBACK TO b", "ROLLBACK TO a", "!ROLLBACK TO b", "COMMIT",
			"SAVEPOINT a", "DELETE FROM $t_items", "!INSERT INTO $t_items(id, name) VALUES (1, 'a'), (1, 'b')", "ROLLBACK TO a", "RELEASE a",
			"SAVEPOINT a", "INSERT INTO $t_items(id, name) VALUES (70, 'one')", "ROLLBACK TO a", "RELEASE a",
			"SAVEPOINT a; INSERT INTO $t_items(id, name) VALUES (70, 'one'); ROLLBACK TO a; INSERT INTO $t_items(id, name) VALUES (71, 'two'); RELEASE a",
			"SAVEPOINT a", "SELECT * FROM $t_items", "SAVEPOINT a", "DELETE FROM $t_items WHERE id = 1", "ROLLBACK TO a", "DELETE FROM $t_items WHERE id = 3", "RELEASE a", "RELEASE a",
		},
		"returning": {
			"INSERT INTO $t_items(id, name) VALUES (1, 'a') RETURNING id, name",
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := database(t, writeTypes, itemsTable, placesTable)
			s := open(t, db)
			ours, theirs := connection(t, s), connection(t, s)
			exec(t, theirs, nativeItems)
			exec(t, theirs, nativePlaces)
			for _, statement := range program {
				text, fails := strings.CutPrefix(statement, "!")
				a, errA := run(ours, strings.ReplaceAll(text, "$t_", "t_"))
				b, errB := run(theirs, strings.ReplaceAll(text, "$t_", "n_t_"))
				if (errA != nil) != fails || (errB != nil) != fails {
					t.Fatalf("%s: %v, native: %v", text, errA, errB)
				}
				if a != b && !fails {
					t.Errorf("%s: %s, native: %s", text, a, b)
				}
				for _, table := range []string{"t_items", "t_places"} {
					got, err := read(ours, "SELECT * FROM "+table+" ORDER BY 1, 2")
					if err != nil {
						t.Fatal(err)
					}
					want, err := read(theirs, "SELECT * FROM n_"+table+" ORDER BY 1, 2")
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("%s: -native +ours\n%s", text, diff)
					}
				}
			}
			if n := OpenStates(s); n != 0 {
				t.Errorf("%d states are open", n)
			}
		})
	}
}

// run runs a statement, and tells what it has changed.
func run(c *sql.Conn, statement string) (string, error) {
	if strings.Contains(statement, "RETURNING") {
		rows, err := read(c, statement)
		return fmt.Sprint(rows), err
	}
	r, err := c.ExecContext(ctx, statement)
	if err != nil {
		return "", err
	}
	n, err := r.RowsAffected()
	return fmt.Sprint(n, " rows"), err
}

// An error of a write is SQLite's, with its code, and the store's.
func TestWriteErrors(t *testing.T) {
	db, tables := database(t, writeTypes, itemsTable, placesTable)
	s := open(t, db)
	c := connection(t, s)
	exec(t, c, "INSERT INTO t_items(id, name) VALUES (1, 'a')")
	for _, e := range []struct {
		statement string
		args      []any
		is        []error
		text      string
	}{
		{"INSERT INTO t_items(id, name) VALUES (1, 'b')", nil, []error{sqlite3.CONSTRAINT, sqlite3.CONSTRAINT_PRIMARYKEY, store.ErrExists}, "t.items/1"},
		{"INSERT INTO t_items(id, name) VALUES (2, 'a')", nil, []error{sqlite3.CONSTRAINT, sqlite3.CONSTRAINT_UNIQUE, store.ErrUnique}, "held by 1"},
		{"INSERT INTO t_items(id, name, n) VALUES (2, 'b', 100)", nil, []error{sqlite3.CONSTRAINT, sqlite3.CONSTRAINT_CHECK, store.ErrInvalid}, "n < 100"},
		{"INSERT INTO t_items(id, n) VALUES (2, 100)", nil, []error{sqlite3.CONSTRAINT, sqlite3.CONSTRAINT_NOTNULL, store.ErrInvalid}, "name"},
		{"INSERT INTO t_items(id, name, n) VALUES (2, 'b', 'five')", nil, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, `"five" is no int32: want an integer from -2147483648 to 2147483647`},
		{"INSERT INTO t_items(id, name, n) VALUES (2, 'b', 1.5)", nil, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, "1.5 is no int32"},
		{"INSERT INTO t_items(id, name, n) VALUES (2, 'b', ?)", []any{int64(1 << 40)}, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, "1099511627776 is no int32"},
		{"INSERT INTO t_items(id, name, state) VALUES (2, 'b', 'old')", nil, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, "fresh"},
		{"INSERT INTO t_items(id, name, tags) VALUES (2, 'b', '{}')", nil, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, "want an array"},
		{"INSERT INTO t_items(id, name) VALUES (2, x'00')", nil, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, "a blob is no string: want text"},
		{"UPDATE t_items SET id = NULL", nil, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, "key"},
		{"INSERT INTO t_places(x, y, _key) VALUES ('a', 1, x'00')", nil, []error{sqlite3.CONSTRAINT, store.ErrInvalid}, "leave it out"},
		{"INSERT INTO t_items(id, name) VALUES (1, 'a') ON CONFLICT DO NOTHING", nil, []error{sqlite3.ERROR}, "UPSERT not implemented"},
	} {
		_, err := c.ExecContext(ctx, e.statement, e.args...)
		for _, is := range e.is {
			if !errors.Is(err, is) {
				t.Errorf("%s: %v is not %v", e.statement, err, is)
			}
		}
		if err == nil || !strings.Contains(err.Error(), e.text) {
			t.Errorf("%s: %v, want: %s", e.statement, err, e.text)
		}
		var of *store.Error
		if e.is[len(e.is)-1] != error(sqlite3.ERROR) && (!errors.As(err, &of) || of.Table == "") {
			t.Errorf("%s: %v is no error of the store", e.statement, err)
		}
	}

	t.Run("a conflict", func(t *testing.T) {
		tx, err := s.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec("UPDATE t_items SET n = coalesce(n, 0) + 1"); err != nil {
			t.Fatal(err)
		}
		if err := tables["t.items"].Update(ctx, provider.Scope{}, keyOfItem(t, tables["t.items"], 1), []provider.Assignment{{Column: 2, Value: provider.Int32(50)}}); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); !errors.Is(err, store.ErrConflict) || !errors.Is(err, sqlite3.CONSTRAINT) {
			t.Error(err)
		}
		got, err := read(s, "SELECT n FROM t_items")
		if diff := cmp.Diff([]string{`int64 "50"`}, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
	t.Run("the last key", func(t *testing.T) {
		r, err := s.Exec("INSERT INTO t_items(id, name) VALUES (70, 'x'), (71, 'y')")
		if err != nil {
			t.Fatal(err)
		}
		if id, err := r.LastInsertId(); err != nil || id != 71 {
			t.Error(id, err)
		}
	})
	t.Run("read only", func(t *testing.T) {
		s := open(t, db, ReadOnly())
		for _, q := range []string{"DELETE FROM t_items", "UPDATE t_items SET n = 5", "INSERT OR IGNORE INTO t_items(id, name) VALUES (80, 'z')"} {
			if _, err := s.Exec(q); !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, sqlite3.READONLY) {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
	t.Run("a read-only transaction", func(t *testing.T) {
		tx, err := s.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("DELETE FROM t_items"); !errors.Is(err, sqlite3.READONLY) {
			t.Error(err)
		}
		if _, err := tx.Exec("PRAGMA query_only = off"); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{"DELETE FROM t_items", "UPDATE OR REPLACE t_items SET id = id + 100", "SAVEPOINT a"} {
			if _, err := tx.Exec(q); q != "SAVEPOINT a" && !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("%s: %v", q, err)
			}
		}
		if err := tx.Commit(); err != nil || OpenStates(s) != 0 {
			t.Error(err, OpenStates(s))
		}
		if _, err := s.Exec("UPDATE t_items SET n = 7 WHERE id = 1"); err != nil {
			t.Error(err)
		}
	})
}

func keyOfItem(t testing.TB, p *provider.Provider, id int64) []byte {
	t.Helper()
	key, err := p.Def().EncodeKey(nil, provider.Int64(id))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

const ownedTable = `
table: t.notes
access: {owner: who}
key: {type: NoteKey, of: [who, id]}
fields:
  who:  string
  id:   int64
  name: string
indexes:
  name: {on: [name], unique: true}
`

// A principal writes its own rows, and learns nothing of others': not by OR REPLACE either.
func TestWritesOfPrincipals(t *testing.T) {
	db, _ := database(t, "types:\n  NoteKey: {struct: {who: string, id: int64}}\n", ownedTable, itemsTable, writeTypes)
	ann := connection(t, open(t, db, As(access.Principal{User: "ann", Role: access.User})))
	bob := connection(t, open(t, db, As(access.Principal{User: "bob", Role: access.User})))
	exec(t, ann, "INSERT INTO t_notes VALUES ('ann', 1, 'secret')")
	exec(t, bob, "INSERT INTO t_notes VALUES ('bob', 1, 'b'), ('bob', 2, 'c')")
	for _, q := range []string{
		"INSERT INTO t_notes VALUES ('ann', 2, 'x')", "UPDATE t_notes SET who = 'ann'", "INSERT INTO t_items(id, name) VALUES (1, 'a')",
		"INSERT OR IGNORE INTO t_notes VALUES ('ann', 2, 'x')",
	} {
		if _, err := bob.ExecContext(ctx, q); !errors.Is(err, store.ErrDenied) || !errors.Is(err, sqlite3.AUTH) {
			t.Errorf("%s: %v", q, err)
		}
	}
	for _, q := range []string{"REPLACE INTO t_notes VALUES ('bob', 5, 'secret')", "UPDATE OR REPLACE t_notes SET name = 'secret' WHERE id = 1"} {
		_, err := bob.ExecContext(ctx, q)
		if !errors.Is(err, store.ErrUnique) || strings.Contains(err.Error(), "ann") {
			t.Errorf("%s: %v", q, err)
		}
	}
	exec(t, bob, "REPLACE INTO t_notes VALUES ('bob', 5, 'c')")
	exec(t, bob, "DELETE FROM t_notes WHERE id = 1")
	got, err := read(bob, "SELECT * FROM t_notes")
	if diff := cmp.Diff([]string{`string "bob" | int64 "5" | string "c"`}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err = read(ann, "SELECT id, name FROM t_notes")
	if diff := cmp.Diff([]string{`int64 "1" | string "secret"`}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// A row that moves keeps what it has, also where that is what a new row would not have.
func TestMovedDefaults(t *testing.T) {
	db, _ := database(t, "table: t.moved\naccess: public\nkey: id\nfields:\n  id: int64\n  n: {type: int32, default: 5}\n  o: {type: \"string?\", default: x}\n")
	s := open(t, db)
	for _, q := range []string{"INSERT INTO t_moved(id) VALUES (1), (2)", "UPDATE t_moved SET n = 0, o = NULL WHERE id = 2", "UPDATE t_moved SET id = id + 10"} {
		if _, err := s.Exec(q); err != nil {
			t.Fatal(q, err)
		}
	}
	got, err := read(s, "SELECT * FROM t_moved")
	if diff := cmp.Diff([]string{`int64 "11" | int64 "5" | string "x"`, `int64 "12" | int64 "0" | <nil> "<nil>"`}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// A key whose default is a new UUID may be left out.
func TestNewKeys(t *testing.T) {
	db, _ := database(t, "table: t.fresh\naccess: public\nkey: id\nfields:\n  id: {type: uuid, default: new}\n  name: string\n")
	s := open(t, db)
	if _, err := s.Exec("INSERT INTO t_fresh(name) VALUES ('a'), ('b')"); err != nil {
		t.Fatal(err)
	}
	got, err := read(s, "SELECT count(DISTINCT id), min(length(id)), max(name) FROM t_fresh")
	if diff := cmp.Diff([]string{`int64 "2" | int64 "36" | string "b"`}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
