package dynamic_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/live_queries"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/generated/system/storages"
	"github.com/storegen/storegen/generated/system/table_schemas"
	"github.com/storegen/storegen/generated/system/tables"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/dynamic/dynamictest"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
)

type opener[S any] func(ctx context.Context, db *store.DB) (S, error)

func same[V any, S storetest.Table[V]](open opener[S]) func(t *testing.T) {
	return func(t *testing.T) {
		s, _ := storetest.New(t, open)
		rng := rand.New(rand.NewPCG(1, 2))
		p, err := dynamictest.PairOf(s.Handle(), rng)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Rows(200, func(row any) { storetest.Fill[V](rng, s, row.(*V)) }); err != nil {
			t.Error(err)
		}
	}
}

// The codec of each reference table, made from its description, does what the generated one
// does. Package kitchen has the same for every kind in every place, and the random schemas of
// package torture for what nobody thought of.
func TestReferenceTables(t *testing.T) {
	ns, tb := models.NamespaceID("n"), models.TableName("t")
	for name, test := range map[string]func(t *testing.T){
		"users":      same[users.User](func(ctx context.Context, db *store.DB) (*users.Store, error) { return users.Open(ctx, db) }),
		"tables":     same[tables.Table](func(ctx context.Context, db *store.DB) (*tables.Store, error) { return tables.Open(ctx, db) }),
		"jobs":       same[jobs.Job](func(ctx context.Context, db *store.DB) (*jobs.Store, error) { return jobs.Open(ctx, db) }),
		"namespaces": same[namespaces.Namespace](func(ctx context.Context, db *store.DB) (*namespaces.Store, error) { return namespaces.Open(ctx, db) }),
		"storages":   same[storages.Storage](func(ctx context.Context, db *store.DB) (*storages.Store, error) { return storages.Open(ctx, db) }),
		"live_queries": same[live_queries.LiveQuery](func(ctx context.Context, db *store.DB) (*live_queries.Store, error) {
			return live_queries.Open(ctx, db)
		}),
		"table_schemas": same[table_schemas.TableSchema](func(ctx context.Context, db *store.DB) (*table_schemas.Store, error) {
			return table_schemas.Open(ctx, db)
		}),
		"shared": same[shared.Row](func(ctx context.Context, db *store.DB) (*shared.Store, error) { return shared.Open(ctx, db, ns, tb) }),
		"user":   same[user.Row](func(ctx context.Context, db *store.DB) (*user.Store, error) { return user.Open(ctx, db, ns, tb) }),
		"stream": same[stream.Row](func(ctx context.Context, db *store.DB) (*stream.Store, error) { return stream.Open(ctx, db, ns, tb) }),
	} {
		t.Run(name, test)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// pairs are all that an engine holds, but for the secret of its cursors.
func pairs(t *testing.T, eng engine.Engine) map[string]string {
	t.Helper()
	out := map[string]string{}
	it := eng.Iterate(t.Context(), engine.Range{})
	for it.Next() {
		out[string(it.Key())] = string(it.Value())
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	delete(out, "\x00\x06")
	return out
}

// opened are all tables of a database, by their names, by their descriptions alone. Members of
// families have the text of their parts as a name.
func opened(t *testing.T, db *store.DB) map[string]*dynamic.Table {
	t.Helper()
	ctx := t.Context()
	out := map[string]*dynamic.Table{}
	for _, st := range must(db.Tables(ctx)) {
		if len(st.Table.Per) == 0 {
			out[st.Table.Name] = must(dynamic.Open(ctx, db, st.Table))
			continue
		}
		for _, m := range must(db.Members(ctx, st.Table)) {
			out[must(dynamic.MemberText(st.Table, m))] = must(dynamic.OpenMember(ctx, db, st.Table, m))
		}
	}
	return out
}

// copied inserts all rows of a provider's table into another, column by column.
func copied(t *testing.T, from provider.Table, to provider.Mutable) (n int) {
	t.Helper()
	def := from.Def()
	cur := must(from.Scan(t.Context(), &provider.ScanRequest{Columns: def.All()}))
	defer cur.Close()
	for cur.Next() {
		values := make([]provider.Value, len(def.Columns))
		for i := range values {
			values[i] = cur.Value(i).Clone()
		}
		if _, err := to.Insert(t.Context(), provider.Scope{}, values); err != nil {
			t.Fatalf("row %x is refused: %v", cur.Key(), err)
		}
		n++
	}
	if err := cur.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

// A database that generated code has made is read and written through its catalog alone, and
// both ways leave the same bytes.
func TestDatabaseWithoutGeneratedCode(t *testing.T) {
	ctx := t.Context()
	clock := store.NewManualClock(storetest.Start)
	engines := [2]engine.Engine{memory.New(), memory.New()}
	var dbs [2]*store.DB
	for i, eng := range engines {
		dbs[i] = must(store.Open(ctx, eng, store.WithClock(clock)))
		must(system.Open(ctx, dbs[i]))
		must(shared.Open(ctx, dbs[i], "n", "t"))
	}
	rng := rand.New(rand.NewPCG(3, 4))
	typed, sh := must(system.Open(ctx, dbs[0])), must(shared.Open(ctx, dbs[0], "n", "t"))
	for range 200 {
		var j jobs.Job
		storetest.Fill(rng, &typed.Jobs, &j)
		var q live_queries.LiveQuery
		storetest.Fill(rng, &typed.LiveQueries, &q)
		var r shared.Row
		storetest.Fill(rng, sh, &r)
		for _, err := range []error{typed.Jobs.Put(ctx, &j), typed.LiveQueries.Put(ctx, &q), sh.Put(ctx, &r)} {
			if err != nil && !errors.Is(err, store.ErrUnique) {
				t.Fatal(err)
			}
		}
	}
	read, written := opened(t, dbs[0]), opened(t, dbs[1])
	if len(read) != 8 || read["n/t"] == nil || read["system.users"] == nil {
		t.Fatalf("it has %d tables", len(read))
	}
	n := 0
	for name, from := range read {
		n += copied(t, provider.New(from), provider.New(written[name]))
	}
	if n < 300 {
		t.Errorf("only %d rows were copied", n)
	}
	if diff := cmp.Diff(pairs(t, engines[0]), pairs(t, engines[1])); diff != "" {
		t.Errorf("the databases differ (-by generated code +by its description):\n%.2000s", diff)
	}
	report, err := admin.Verify(ctx, dbs[1], admin.VerifyOptions{})
	if err != nil || report.Findings > 0 || report.Skipped > 0 || report.Rows != n {
		t.Errorf("verifying what was written: %+v, %v", report, err)
	}
	for _, db := range dbs {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What the rules of a schema forbid is refused, and defaults are given.
func TestRulesHold(t *testing.T) {
	ctx := t.Context()
	clock := store.NewManualClock(storetest.Start)
	db := must(store.Open(ctx, memory.New(), store.WithClock(clock)))
	defer db.Close()
	typed := must(system.Open(ctx, db))
	p := provider.New(opened(t, db)["system.jobs"])
	def := p.Def()
	insert := func(set map[string]provider.Value) error {
		values := make([]provider.Value, len(def.Columns))
		for name, v := range set {
			values[def.ColumnNamed(name)] = v
		}
		_, err := p.Insert(ctx, provider.Scope{}, values)
		return err
	}
	kindOf := must(catalogEnum(def, "job_type"))
	statusOf := must(catalogEnum(def, "status"))
	full := map[string]provider.Value{"job_id": provider.String("j"), "job_type": provider.Enum(kindOf, 1), "node_id": provider.String("n")}
	if err := insert(full); err != nil {
		t.Fatal(err)
	}
	if err := insert(full); !errors.Is(err, store.ErrExists) {
		t.Errorf("a second row of the key: %v", err)
	}
	j, err := typed.Jobs.Get(ctx, "j")
	if err != nil || j.Status != models.JobStatusNew || !j.CreatedAt.Equal(clock.Now()) {
		t.Errorf("it does not have its defaults: %+v, %v", j, err)
	}
	wrong := map[string]provider.Value{"job_id": provider.String("k"), "status": provider.Enum(statusOf, int32(models.JobStatusCompleted))}
	err = insert(wrong)
	wantErr := typed.Jobs.Check(&jobs.Job{JobID: "k", Status: models.JobStatusCompleted, CreatedAt: clock.Now()})
	if wantErr == nil || !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), wantErr.Error()) {
		t.Errorf("a row that breaks rules: %v, want %v", err, wantErr)
	}
}

// catalogEnum is the type of a column that is an enum.
func catalogEnum(def *provider.TableDef, column string) (*catalog.Type, error) {
	i := def.ColumnNamed(column)
	if i < 0 || def.Columns[i].Kind != kind.Enum {
		return nil, errors.New(column + " is no enum")
	}
	return def.Columns[i].Type, nil
}

// What generated tables have seldom or never.
func TestCodec(t *testing.T) {
	list := catalog.Type{Kind: kind.List, Elem: &catalog.Type{Kind: kind.Uint32}}
	array := list
	array.Len = 2
	table := &catalog.Table{
		Name: "t", Key: []int{0},
		Fields: []catalog.Field{
			{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.String}},
			{Name: "list", Number: 2, Type: list},
			{Name: "in", Number: 3, Type: catalog.Type{Kind: kind.Struct, Fields: []catalog.Field{{Name: "array", Number: 1, Type: array}}}},
		},
		Checks: []catalog.Check{{Text: "has list", Expr: catalog.Expr{Op: catalog.Has, Field: 1}}},
	}
	c := must(dynamic.Codec(table))
	row := c.NewRow()
	for _, step := range []struct {
		value, want string
		broken      bool
	}{
		{"", "\x1a\x04\x0a\x02\x00\x00", true}, // an array within a struct has all its elements
		{"\x12\x01\x05", "\x12\x01\x05\x1a\x04\x0a\x02\x00\x00", false},
		{"\x1a\x03\x0a\x01\x07", "\x1a\x04\x0a\x02\x07\x00", true},
	} {
		c.Reset(row)
		if _, err := c.DecodeValue([]byte(step.value), row, record.AllFields, nil); err != nil {
			t.Fatal(err)
		}
		if got := string(c.AppendValue(nil, row)); got != step.want {
			t.Errorf("%x is written again as %x, want %x", step.value, got, step.want)
		}
		if err := c.Check(row); (err != nil) != step.broken {
			t.Errorf("%x: the check says %v", step.value, err)
		}
	}
	c.Reset(row)
	if _, err := c.DecodeValue([]byte("\x1a\x05\x0a\x03\x07\x07\x07"), row, record.AllFields, nil); err == nil {
		t.Error("three elements are read into an array of two")
	}
}

// What no description can tell is refused.
func TestCodecRefused(t *testing.T) {
	field := catalog.Field{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.String}}
	for name, c := range map[string]struct {
		t    catalog.Table
		want string
	}{
		"messages":  {catalog.Table{Form: catalog.Message}, "only the program that has written them"},
		"own":       {catalog.Table{Form: catalog.Own}, "only the program that has written them"},
		"operator":  {catalog.Table{Checks: []catalog.Check{{Text: "id ~ x", Expr: catalog.Expr{Op: "~"}}}}, `the check "id ~ x"`},
		"literal":   {catalog.Table{Checks: []catalog.Check{{Expr: catalog.Expr{Op: catalog.Eq, Args: []catalog.Expr{{Op: catalog.LenOf}, {Op: catalog.Lit, Lit: "x"}}}}}}, `the literal "x"`},
		"default":   {catalog.Table{Fields: []catalog.Field{{Name: "n", Number: 2, Type: catalog.Type{Kind: kind.Int32}, Default: &catalog.Default{Lit: "x"}}}}, `the default "x" of n`},
		"condition": {catalog.Table{Indexes: []catalog.Index{{Name: "i", Where: &catalog.Expr{Op: catalog.Eq}}}}, "the condition of the index i"},
	} {
		t.Run(name, func(t *testing.T) {
			c.t.Name, c.t.Fields, c.t.Key = "t", append([]catalog.Field{field}, c.t.Fields...), []int{0}
			_, err := dynamic.Codec(&c.t)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "table t") {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if errors.Is(err, store.ErrCorrupt) {
				t.Errorf("%v is no corruption", err)
			}
		})
	}
}
