package sqlstore

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/storegen/storegen/runtime/provider"
)

// A statement that needs more memory than there is fails alone.
func TestOutOfMemory(t *testing.T) {
	db, tables := database(t, "table: t.texts\naccess: public\nkey: id\nfields:\n  id: int64\n  text: string\n")
	big := provider.String(strings.Repeat("x", 3<<20))
	for i := range int64(3) {
		if _, err := tables["t.texts"].Insert(ctx, provider.Scope{}, []provider.Value{provider.Int64(i), big}); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, db)
	s.SetMaxIdleConns(1)
	ctx := sqlite3.WithMaxMemory(ctx, 32<<20) // of connections that are made with it
	read := func(s *sql.DB, query string) ([]string, error) { return readIn(ctx, s, query) }
	for _, query := range []string{
		"SELECT length(hex(zeroblob(20000000))) FROM t_texts",
		"SELECT length(a.text || b.text || c.text || d.text || a.text || b.text || c.text || d.text || a.text) FROM t_texts a, t_texts b, t_texts c, t_texts d",
		"SELECT group_concat(a.text) FROM t_texts a, t_texts b",
	} {
		if _, err := read(s, query); !errors.Is(err, sqlite3.NOMEM) || !strings.Contains(err.Error(), "ask for fewer or smaller rows") {
			t.Errorf("%s: %v", query, err)
		}
		if got, err := read(s, "SELECT count(*), sum(length(text)) FROM t_texts"); err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		if n := OpenStates(s); n != 0 {
			t.Errorf("%s: %d states are open", query, n)
		}
	}
	tx, err := s.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("UPDATE t_texts SET text = text || text || text || text || text || text || text || text"); !errors.Is(err, sqlite3.NOMEM) {
		t.Error(err)
	}
	tx.Rollback()
	if n := OpenStates(s); n != 0 {
		t.Errorf("%d states are open", n)
	}
	if got, err := read(s, "SELECT max(length(text)) FROM t_texts"); err != nil || got[0] != `int64 "3145728"` {
		t.Error(got, err)
	}
}

// Text without a statement in it does nothing.
func TestNothing(t *testing.T) {
	db, _ := database(t, countTable)
	s := open(t, db)
	for _, text := range []string{"", " ", "-- nothing", "/* nothing */ ;", ";;"} {
		if _, err := s.Exec(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got, err := read(s, text); err != nil || len(got) != 0 {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
	if _, err := read(s, "SELECT 1; SELECT 2"); err == nil {
		t.Error("a query of two statements")
	}
}
