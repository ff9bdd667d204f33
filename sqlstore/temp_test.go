package sqlstore

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TEMP views and triggers are over tables of the store, and a trigger's writes are a part of
// the statement that it is run by.
func TestTemporary(t *testing.T) {
	db, _ := database(t, writeTypes, itemsTable, placesTable)
	c := connection(t, open(t, db))
	exec(t, c, "INSERT INTO t_items(id, name, n) VALUES (1, 'a', 5), (2, 'b', 6)")
	exec(t, c, "CREATE TEMP VIEW big AS SELECT id, name FROM t_items WHERE n > 5")
	exec(t, c, "CREATE TEMP TABLE log(a INTEGER)")
	exec(t, c, "CREATE TEMP TRIGGER g AFTER INSERT ON log BEGIN INSERT INTO t_items(id, name) VALUES (new.a, 'n' || new.a); UPDATE t_items SET n = n + 1 WHERE id = 1; END")
	exec(t, c, "INSERT INTO log VALUES (77), (78)")
	if _, err := c.ExecContext(ctx, "INSERT INTO log VALUES (79), (78)"); err == nil || !strings.Contains(err.Error(), "t.items/78: already exists") {
		t.Error(err)
	}
	exec(t, c, "CREATE TEMP TABLE kept AS SELECT * FROM t_items")
	for query, want := range map[string][]string{
		"SELECT * FROM big ORDER BY id":                {`int64 "1" | string "a"`, `int64 "2" | string "b"`},
		"SELECT id, n FROM t_items ORDER BY id":        {`int64 "1" | int64 "7"`, `int64 "2" | int64 "6"`, `int64 "77" | <nil> "<nil>"`, `int64 "78" | <nil> "<nil>"`},
		"SELECT * FROM log":                            {`int64 "77"`, `int64 "78"`},
		"SELECT count(*) FROM kept JOIN big USING(id)": {`int64 "2"`},
	} {
		got, err := read(c, query)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", query, err, diff)
		}
	}
}

// Rows that are still open where their transaction ends are an error, and not the rows of
// another state.
func TestRowsBehindCommit(t *testing.T) {
	db, _ := database(t, writeTypes, itemsTable, placesTable)
	for _, end := range []string{"COMMIT", "ROLLBACK"} {
		c := connection(t, open(t, db))
		exec(t, c, "INSERT OR IGNORE INTO t_items(id, name) VALUES (1, 'a'), (2, 'b')")
		exec(t, c, "BEGIN")
		rows, err := c.QueryContext(ctx, "SELECT id FROM t_items")
		if err != nil || !rows.Next() {
			t.Fatal(err)
		}
		exec(t, c, "UPDATE t_items SET n = 5")
		exec(t, c, end)
		if rows.Next() || rows.Err() == nil {
			t.Errorf("%s: there are rows: %v", end, rows.Err())
		}
		rows.Close()
		if got, err := read(c, "SELECT count(*) FROM t_items"); err != nil || got[0] != `int64 "2"` {
			t.Error(got, err)
		}
	}
}
