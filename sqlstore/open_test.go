package sqlstore

import (
	"errors"
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
