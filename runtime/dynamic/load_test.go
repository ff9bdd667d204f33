package dynamic_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// stored opens a database in memory and returns what it holds, but for the secret of cursors
// and the seal of the load.
func stored(t *testing.T) (*store.DB, func() map[string]string) {
	eng := memory.New()
	db := must(store.Open(t.Context(), eng, store.WithClock(store.NewManualClock(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)))))
	t.Cleanup(func() { db.Close() })
	return db, func() map[string]string {
		out := map[string]string{}
		it := eng.Iterate(t.Context(), engine.Range{})
		defer it.Close()
		for it.Next() {
			out[string(it.Key())] = string(it.Value())
		}
		delete(out, "\x00\x06")
		return out
	}
}

// usersOf are rows of the users by column.
func usersOf(def *provider.TableDef, rows ...map[string]string) [][]kind.Value {
	var out [][]kind.Value
	for _, r := range rows {
		values := make([]kind.Value, len(def.Columns))
		for name, text := range r {
			i := def.ColumnNamed(name)
			v, ok := kind.ParseJSON(def.Columns[i].Kind, &def.Columns[i].Type.Params, []byte(text))
			if !ok {
				panic(name)
			}
			values[i] = v
		}
		out = append(out, values)
	}
	return out
}

func encoded(def *provider.TableDef, rows [][]kind.Value) iter.Seq2[dynamic.EncodedRow, error] {
	return func(yield func(dynamic.EncodedRow, error) bool) {
		for _, values := range rows {
			key, value, err := def.EncodeRow(values)
			if !yield(dynamic.EncodedRow{Key: key, Value: value}, err) {
				return
			}
		}
	}
}

// What is loaded is what inserting gives, and what breaks a rule leaves nothing.
func TestLoad(t *testing.T) {
	db, pairs := stored(t)
	table := must(users.Open(t.Context(), db)).Provider().Def().Source
	def := provider.DefOf(table)
	var some []map[string]string
	for i := range 50 {
		some = append(some, map[string]string{"user_id": fmt.Sprintf(`"u%d"`, 99-i), "username": fmt.Sprintf(`"Name%d"`, i), "email": `"a@b"`})
	}
	p := provider.New(must(dynamic.Open(t.Context(), db, table)))
	for _, values := range usersOf(def, some...) {
		must(p.Insert(t.Context(), provider.Scope{}, values))
	}
	to, loaded := stored(t)
	before := loaded()
	for name, c := range map[string]struct {
		more map[string]string
		want error
	}{
		"a key twice":       {some[7], store.ErrExists},
		"a name twice":      {map[string]string{"user_id": `"x"`, "username": `"NAME3"`}, store.ErrUnique},
		"a name too long":   {map[string]string{"user_id": `"x"`, "username": `"` + strings.Repeat("x", 300) + `"`}, store.ErrInvalid},
		"a key that is not": {map[string]string{"username": `"x"`}, store.ErrInvalid},
	} {
		n, err := dynamic.Load(t.Context(), to, table, nil, encoded(def, usersOf(def, append(some[:50:50], c.more)...)))
		if n != 0 || !errors.Is(err, c.want) {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
	n, err := dynamic.Load(t.Context(), to, table, nil, encoded(def, usersOf(def, some...)))
	if n != 50 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	if diff := cmp.Diff(pairs(), loaded()); diff != "" || len(before) >= len(loaded()) {
		t.Errorf("(-inserted +loaded):\n%.3000s", diff)
	}
}

// Members of families are loaded too.
func TestLoadMember(t *testing.T) {
	db, _ := stored(t)
	s := must(shared.Open(t.Context(), db, "n", "t"))
	table := s.Provider().Def().Source
	def := provider.DefOf(table)
	var found []catalog.Table
	for _, st := range must(db.Tables(t.Context())) {
		found = append(found, *st.Table)
	}
	members := must(db.Members(t.Context(), &found[0]))
	to, _ := stored(t)
	row := make([]kind.Value, len(def.Columns))
	row[def.ColumnNamed("row_id")] = kind.BytesOf([]byte("r"))
	row[def.ColumnNamed("fields")] = kind.JSONOf(`{"n":1}`)
	if n, err := dynamic.Load(t.Context(), to, table, members[0], encoded(def, [][]kind.Value{row})); n != 1 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	got, err := must(shared.Open(t.Context(), to, "n", "t")).Get(t.Context(), models.RowID("r"))
	if err != nil || string(got.Fields) != `{"n":1}` {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := dynamic.Load(t.Context(), to, table, []byte("\xff"), encoded(def, nil)); err == nil {
		t.Error("a member whose bytes are none was loaded")
	}
}
