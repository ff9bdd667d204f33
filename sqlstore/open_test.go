package sqlstore

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

const familyTable = `
table: t.rows
access: public
per: {space: string, name: string}
key: id
fields:
  id: int64
`

// Members of families are tables, by option or as the program has them, and what is left out
// says why where it is named.
func TestFamilies(t *testing.T) {
	db, _ := database(t, countTable)
	family := catalogOf(t, familyTable)[0]
	var members []*dynamic.Table
	for _, name := range []string{"orders", `o"d d`} {
		m, err := dynamic.OpenMember(ctx, db, family, keys.AppendString(keys.AppendString(nil, "app"), name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.New(m).Insert(ctx, provider.Scope{}, []provider.Value{provider.Int64(7)}); err != nil {
			t.Fatal(err)
		}
		members = append(members, m)
	}
	want := []string{`int64 "7"`}
	for what, opts := range map[string][]Option{
		"all members": {Members("t.rows")},
		"open ones":   {Tables(members[0], members[1])},
		"both":        {Members("t.rows"), Tables(members[0])},
	} {
		s := open(t, db, opts...)
		for _, name := range []string{`"t_rows[app/orders]"`, `t."rows[app/orders]"`, `"t_rows[app/o""d d]"`} {
			got, err := read(s, "SELECT id FROM "+name)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s, %s: %v %s", what, name, err, diff)
			}
		}
	}
	s := open(t, db)
	_, err := read(s, "SELECT * FROM t_rows")
	if err == nil || !strings.Contains(err.Error(), `t.rows is a family: its members are tables, with the option Members("t.rows")`) {
		t.Error(err)
	}
	if _, err := Open(db, Members("t.nothing")); !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "there is no family t.nothing") {
		t.Error(err)
	}
}

// Names that SQL does not tell apart are left out, and say so; those that differ in the place
// of their points have longer ones.
func TestNamesThatCollide(t *testing.T) {
	table := func(name string) string { return strings.Replace(countTable, "t.counts", name, 1) }
	db, tables := database(t, table("a.b_c"), table("a_b.c"), table("temp.y"))
	for _, p := range tables {
		insertCount(t, p, 1, int64(len(p.Def().Name)))
	}
	s := open(t, db)
	for _, name := range []string{"a_b_c", "a.b_c", "a_b.c", "temp_y", `main."a_b.c"`} {
		if got, err := read(s, "SELECT * FROM "+name); err != nil || len(got) != 1 {
			t.Error(name, got, err)
		}
	}
}

// A table that SQLite cannot make is left out and says so, or has its longer name: it does not
// keep others from being read.
func TestTablesThatSQLiteRefuses(t *testing.T) {
	named := func(name string) string { return strings.Replace(countTable, "t.counts", name, 1) }
	wide := func(name, key string, columns int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "table: %s\naccess: public\nkey: %s\nfields:\n  id: int64\n  a: int64\n", name, key)
		for i := range columns - 2 {
			fmt.Fprintf(&b, "  c%d: int64?\n", i)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		files []string
		shown []string
		why   map[string]string
	}{
		"its name, then with a group": {files: []string{named("a_b"), named("a.b")}, shown: []string{"a_b", "a.b"}},
		"with a group, then its name": {files: []string{named("pragma.b"), named("pragma_b")}, shown: []string{"pragma_b", "pragma.b"}},
		"names of SQLite": {
			files: []string{named("sqlite.stat1"), named("sqlite_x")}, shown: []string{"sqlite.stat1", `"sqlite.stat1"`},
			why: map[string]string{"sqlite_x": "SQLite keeps names as sqlite_x to itself"},
		},
		"wide": {files: []string{wide("t.wide", "id", 2000)}, shown: []string{"t_wide"}},
		"too wide": {
			files: []string{wide("t.wide", "id", 2001)},
			why:   map[string]string{"t_wide": "table t.wide has 2001 columns, and SQLite's tables have at most 2000 with the key"},
		},
		"too wide with its key": {
			files: []string{wide("t.wide", "[id, a]", 2000)},
			why:   map[string]string{"t.wide": "has 2000 columns"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := database(t, append(c.files, countTable)...)
			s := open(t, db)
			for _, name := range append(c.shown, "t_counts") {
				if _, err := read(s, "SELECT * FROM "+name); err != nil {
					t.Error(err)
				}
			}
			for name, want := range c.why {
				if _, err := read(s, "SELECT * FROM "+name); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want: %s", name, err, want)
				}
			}
		})
	}
}

// More groups of tables than SQLite attaches have their flat names.
func TestManyGroups(t *testing.T) {
	var files []string
	for i := range 14 {
		files = append(files, strings.Replace(countTable, "t.counts", "g"+string(rune('a'+i))+".t", 1))
	}
	db, _ := database(t, files...)
	s := open(t, db)
	for _, name := range []string{"ga_t", "gn_t", "ga.t"} {
		if _, err := read(s, "SELECT * FROM "+name); err != nil {
			t.Error(err)
		}
	}
}
