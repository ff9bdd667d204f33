package proof

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

var roles = []access.Role{0, access.User, access.Service, access.DBA, access.System}

// levels are the tables of a database with one of each access level.
var levels = map[string]access.Level{"a.system": access.SystemTable, "b.public": access.Public, "c.private": access.Private, "d.restricted": access.Restricted, "e.owned": access.Owned}

// guarded is a database with those tables. Each has rows of ann and of others, with a text
// that nobody else is to see.
func guarded(t *testing.T, owners ...string) *store.DB {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for name, level := range levels {
		table, err := dynamic.Open(ctx, db, &catalog.Table{
			Name: name, Row: "row", Access: level, Key: []int{0, 1},
			Fields: []catalog.Field{
				{Name: "owner", Number: 1, Type: catalog.Type{Kind: kind.String}},
				{Name: "n", Number: 2, Type: catalog.Type{Kind: kind.Int64}},
				{Name: "text_of_" + name[2:], Number: 3, Type: catalog.Type{Kind: kind.String}},
				{Name: "amount", Number: 4, Type: catalog.Type{Kind: kind.Int64}},
			},
			Indexes: []catalog.Index{
				{Name: "text", Number: 1, Unique: true, Columns: []catalog.Column{{Field: 2}}},
				{Name: "amount", Number: 2, Columns: []catalog.Column{{Field: 3}}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		p := provider.New(table)
		for _, owner := range owners {
			for n := range 5 {
				secret := fmt.Sprintf("secret %s %s %d", name, owner, n)
				if _, err := p.Insert(ctx, provider.Scope{}, []provider.Value{provider.String(owner), provider.Int64(int64(n)), provider.String(secret), provider.Int64(int64(len(owner)*100 + n))}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return db
}

func openAs(t *testing.T, db *store.DB, p access.Principal) *sql.DB {
	t.Helper()
	s, err := sqlstore.Open(db, sqlstore.As(p))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// cells are all values of an answer as texts, and the error.
func cells(ctx context.Context, db *sql.DB, query string) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out = append(out, columns...)
	for rows.Next() {
		row := make([]any, len(columns))
		to := make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			out = append(out, fmt.Sprint(v))
		}
	}
	return out, rows.Err()
}

// What SQL shows to each role is the matrix of package access, and of rows with owners one's
// own. Neither errors, nor plans, nor the schema tell of the rest.
func TestAccess(t *testing.T) {
	db := guarded(t, "ann", "an", "anna", "bob", "ann\x00")
	for _, role := range roles {
		who := access.Principal{User: "ann", Role: role}
		s := openAs(t, db, who)
		for name, level := range levels {
			t.Run(fmt.Sprintf("%v/%v", role, level), func(t *testing.T) {
				rows := 25
				if level == access.Owned {
					rows = 5
				}
				can := level.CanRead(role)
				for _, table := range []string{SQLName(name), name} {
					for _, query := range leaks {
						query = strings.NewReplacer("TABLE", table, "TEXT", "text_of_"+name[2:]).Replace(query)
						got, err := cells(t.Context(), s, query)
						said := append(got, fmt.Sprint(err))
						// Where bob's rows are seen, one query is an error, as it has to be.
						fails := !can || strings.Contains(query, "abs(") && level != access.Owned
						if (err != nil) != fails {
							t.Errorf("%s: error %v", query, err)
						}
						for _, c := range said {
							if strings.Contains(c, "secret") && !(can && (level != access.Owned || strings.Contains(c, "secret "+name+" ann ") && !strings.Contains(c, "\x00"))) {
								t.Errorf("%s: shows %q", query, c)
							}
							if !can && strings.Contains(c, "text_of_") && !strings.Contains(query, "text_of_") {
								t.Errorf("%s: tells of the column: %q", query, c)
							}
						}
						if can && strings.HasPrefix(query, "select count(*) from "+table) && got[1] != fmt.Sprint(rows) {
							t.Errorf("%s: %v rows, want %d", query, got[1:], rows)
						}
					}
				}
			})
		}
		t.Run(fmt.Sprintf("%v/schema", role), func(t *testing.T) {
			var all []string
			for _, query := range []string{
				"select * from sqlite_schema", "select * from sqlite_master", "select * from temp.sqlite_schema", "pragma table_list", "pragma database_list",
				"select * from pragma_table_list", "select * from pragma_database_list", "select m.name, x.name from sqlite_schema m, pragma_table_xinfo(m.name) x",
				"pragma index_list(a_system)", "pragma table_info(a_system)", "pragma table_info(c_private)", "pragma table_info(d_restricted)", "pragma table_info(e_owned)",
				"explain select 1", "select * from sqlite_schema where sql like '%private%'",
			} {
				got, err := cells(t.Context(), s, query)
				all = append(append(all, got...), fmt.Sprint(err))
			}
			text := strings.Join(all, "\n")
			for name, level := range levels {
				for _, word := range []string{name, SQLName(name), "text_of_" + name[2:]} {
					if !level.CanRead(role) && strings.Contains(text, word) {
						t.Errorf("the schema tells %v of %s", role, word)
					}
				}
				if level.CanRead(role) && !strings.Contains(text, SQLName(name)) {
					t.Errorf("the schema does not tell %v of %s", role, name)
				}
			}
			for _, make := range []string{`create virtual table temp.x using storegen("c.private")`, `create virtual table x using storegen("c.private")`} {
				if _, err := s.ExecContext(t.Context(), make); err == nil || strings.Contains(err.Error(), "text_of_") {
					t.Errorf("%s: %v", make, err)
				}
			}
		})
		if n := sqlstore.OpenStates(s); n != 0 {
			t.Errorf("%d states are left open", n)
		}
	}
}

// leaks are queries by which somebody may try to see more.
var leaks = []string{
	"select count(*) from TABLE",
	"select count(*) from TABLE as x",
	"select * from TABLE",
	"select TEXT from TABLE where TEXT > ''",
	"select max(TEXT), min(TEXT), sum(amount) from TABLE",
	"select TEXT, count(*) from TABLE group by TEXT",
	"select * from TABLE where owner = 'bob'",
	"select * from TABLE where owner >= 'ann' and owner < 'c'",
	"select * from TABLE where owner in ('ann', 'bob', 'anna')",
	"select * from TABLE where owner = 'ann' or owner = 'bob' or amount > 300",
	"select * from TABLE where TEXT like 'secret%bob%'",
	"select * from TABLE where amount = 302",
	"select a.TEXT, b.TEXT from TABLE a join TABLE b on a.amount = b.amount",
	"select a.TEXT, b.TEXT from TABLE a left join TABLE b on b.owner = 'bob'",
	"select b.TEXT from (select 'bob' as o union select 'anna') x join TABLE b on b.owner = x.o",
	"select (select TEXT from TABLE where owner = 'bob' limit 1)",
	"select exists(select 1 from TABLE where owner = 'bob') as there where there is null",
	"with x as (select * from TABLE) select TEXT from x order by amount desc",
	"select TEXT from TABLE union select TEXT from TABLE where owner = 'bob'",
	"select group_concat(TEXT) from TABLE",
	"select row_number() over (order by amount), TEXT from TABLE",
	"select TEXT from TABLE order by amount desc limit 3 offset 1",
	"explain query plan select TEXT from TABLE where amount = 302",
	"explain select TEXT from TABLE where amount = 302",
	"select json_group_array(TEXT) from TABLE",
	"select abs(case when TEXT like '%bob%' then -9223372036854775808 else 1 end) from TABLE",
}

// What the plan of a query says does not depend on what others have.
func TestPlansTellNothingOfOthers(t *testing.T) {
	alone, among := guarded(t, "ann"), guarded(t, "ann", "an", "anna", "bob", "carla", "dora")
	who := access.Principal{User: "ann", Role: access.System}
	a, b := openAs(t, alone, who), openAs(t, among, who)
	for _, query := range leaks {
		query = strings.NewReplacer("TABLE", "e_owned", "TEXT", "text_of_owned").Replace(query)
		for _, prefix := range []string{"", "explain query plan ", "explain "} {
			if strings.HasPrefix(query, "explain") && prefix != "" {
				continue
			}
			x, errX := cells(t.Context(), a, prefix+query)
			y, errY := cells(t.Context(), b, prefix+query)
			if !slices.Equal(x, y) || fmt.Sprint(errX) != fmt.Sprint(errY) {
				t.Errorf("%s%s: %q, %v; with rows of others %q, %v", prefix, query, x, errX, y, errY)
			}
		}
	}
}

// Random queries of somebody show what they show where nothing but the rows of one's own is.
func TestQueriesOfOwners(t *testing.T) {
	seen := Seen{Plans: map[string]int{}}
	for n := uint64(0); seen.Queries < *queries/4; n++ {
		who := access.Principal{User: pick(rand.New(rand.NewPCG(n, 3)), []string{"ann", "bob", ""}), Role: pick(rand.New(rand.NewPCG(n, 4)), []access.Role{access.User, access.System})}
		w, err := ownedWorld(t.Context(), *seed+n, who)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.ask()
		if err != nil {
			t.Fatal(err)
		}
		seen.add(got)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%+v", seen)
}

// ownedWorld is a world whose first table has owners.
func ownedWorld(ctx context.Context, seed uint64, who access.Principal) (*World, error) {
	rng := rand.New(rand.NewPCG(seed, 5))
	open := func(ctx context.Context, w *World) (*Side, error) {
		db, err := sqlstore.Open(w.DB, sqlstore.As(who))
		if err != nil {
			return nil, err
		}
		w.close = append(w.close, db.Close)
		return NewSide(ctx, db)
	}
	w, err := build(ctx, open, func(w *World) error {
		w.Visible = func(t *catalog.Table, row []kind.Value) bool {
			return t.Access != access.Owned || row[0].Text() == who.User
		}
		for i, name := range []string{"made.one", "made.two"} {
			d := MakeTable(rng, name, 1000+i)
			for i == 0 && (d.Fields[d.Key[0]].Type.Kind != kind.String || d.Key[0] != 0) {
				d = MakeTable(rng, name, 1000+i)
			}
			if i == 0 {
				d.Access = access.Owned
			}
			p, err := w.table(ctx, d)
			if err != nil {
				return err
			}
			rows, err := fill(ctx, rng, p, 60, func(row []kind.Value) {
				if i == 0 {
					row[0] = provider.String(pick(rng, []string{"ann", "ann", "bob", "", "an", "ann\x00", "anna"}))
				}
			})
			if err != nil {
				return err
			}
			w.rows = append(w.rows, rows)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the world of owners of seed %d: %w", seed, err)
	}
	w.Seed = seed
	return w, nil
}
