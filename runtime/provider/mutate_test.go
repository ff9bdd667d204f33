package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
)

// item is the row of values by column name.
func item(p *provider.Provider, values map[string]provider.Value) []provider.Value {
	out := make([]provider.Value, len(p.Def().Columns))
	for name, v := range values {
		out[p.Def().ColumnNamed(name)] = v
	}
	return out
}

func valuesOf(t *testing.T, p *provider.Provider, key []byte) []provider.Value {
	t.Helper()
	parts, err := p.Def().DecodeKey(key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Scan(ctx, &provider.ScanRequest{Columns: p.Def().All(), Ranges: []provider.KeyRange{{Equal: parts}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !c.Next() {
		t.Fatalf("the row is not there: %v", c.Err())
	}
	out := make([]provider.Value, len(p.Def().Columns))
	for i := range out {
		out[i] = c.Value(i).Clone()
	}
	return out
}

// What a scan shows of a row can be inserted again, and is then the same row, but
// for what is hidden.
func TestInsertWhatWasRead(t *testing.T) {
	e := testtable.Open(t)
	original := full("t", "a")
	insert(t, e, original, testtable.Item{Tenant: "t", Name: "empty", Email: "none"})
	p := provider.New(e.Items)
	place := p.Def().ColumnNamed("place")
	for _, name := range []string{"a", "empty"} {
		key := keyOf(t, p, "t", name)
		values := valuesOf(t, p, key)
		values[1], values[2] = provider.String(name+" again"), provider.String(name+"@again")
		values[p.Def().ColumnNamed("ref")] = provider.UUID(ref(name + " again"))
		_, err := p.Insert(ctx, provider.Scope{}, values)
		if !values[place].IsNull() {
			if !errors.Is(err, store.ErrInvalid) || !strings.Contains(fmt.Sprint(err), "hidden") {
				t.Errorf("a document with hidden parts: %v", err)
			}
			values[place] = provider.Value{}
			_, err = p.Insert(ctx, provider.Scope{}, values)
		}
		if err != nil {
			t.Fatal(err)
		}
		again := valuesOf(t, p, keyOf(t, p, "t", name+" again"))
		for i, v := range again {
			if v.Compare(values[i]) != 0 || v.Kind() != values[i].Kind() {
				t.Errorf("%s: %s, was %s", p.Def().Columns[i].Name, v, values[i])
			}
		}
	}
	got, err := e.Items.Get(ctx, testtable.ItemKey{Tenant: "t", Name: "a again"})
	if err != nil {
		t.Fatal(err)
	}
	want := original
	want.Name, want.Email, want.Ref, want.Secret, want.Place = got.Name, got.Email, got.Ref, "", nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestInsertKeepsTheRules(t *testing.T) {
	e := testtable.Open(t)
	p := provider.New(e.Items)
	s := provider.String
	key, err := p.Insert(ctx, provider.Scope{}, item(p, map[string]provider.Value{"tenant": s("t"), "name": s("a"), "email": s("A@x")}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Items.Get(ctx, testtable.ItemKey{Tenant: "t", Name: "a"})
	if err != nil || got.Status != testtable.New || !got.Created.Equal(testtable.Start) {
		t.Errorf("defaults: %+v, %v", got, err)
	}
	tests := []struct {
		name   string
		values map[string]provider.Value
		is     error
		want   string
	}{
		{"exists", map[string]provider.Value{"tenant": s("t"), "name": s("a")}, store.ErrExists, "already exists"},
		{"unique", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "email": s("a@X")}, store.ErrUnique, "unique violation: email"},
		{"check", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "count": provider.Int64(-1)}, store.ErrInvalid, "count >= 0"},
		{"json", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "doc": s("{")}, store.ErrInvalid, "doc"},
		{"no key", map[string]provider.Value{"tenant": s("t")}, store.ErrInvalid, "name: is part of the key"},
		{"kind", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "count": s("1")}, store.ErrInvalid, "invalid count: the value 1 is string and the column int64"},
		{"enum", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "status": s("gone")}, store.ErrInvalid, "want new, active, done or a number"},
		{"list", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "tags": s(`["x", 3]`)}, store.ErrInvalid, "invalid tags[1]: 3 is no string"},
		{"object", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "size": s(`{"w": 1, "x": 2}`)}, store.ErrInvalid, `Size has no field "x"`},
		{"range", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "size": s(`{"w": 3000000000}`)}, store.ErrInvalid, "size.w"},
		{"null part", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "parts": s(`[{"w": null}]`)}, store.ErrInvalid, "parts[0].w: may not be null"},
		{"map", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "attrs": s(`{"k": "v"}`)}, store.ErrInvalid, "attrs.k"},
		{"array", map[string]provider.Value{"tenant": s("t"), "name": s("b"), "attrs": s(`[]`)}, store.ErrInvalid, "want an object of int64"},
	}
	for _, tt := range tests {
		_, err := p.Insert(ctx, provider.Scope{}, item(p, tt.values))
		if !errors.Is(err, tt.is) || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if tt.is == store.ErrUnique && !bytes.Equal(rawstore.Holder(err), key) {
			t.Errorf("the holder is %q, want %q", rawstore.Holder(err), key)
		}
	}
	if n, err := e.Items.Count(ctx); n != 1 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if _, err := p.Insert(ctx, provider.Scope{}, nil); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("no values: %v", err)
	}
}

func TestUpdateKeepsTheRest(t *testing.T) {
	e := testtable.Open(t)
	before := full("t", "a")
	insert(t, e, before, full("t", "b"))
	p := provider.New(e.Items)
	def := p.Def()
	key := keyOf(t, p, "t", "a")
	set := func(values ...any) (out []provider.Assignment) {
		for i := 0; i < len(values); i += 2 {
			out = append(out, provider.Assignment{Column: def.ColumnNamed(values[i].(string)), Value: values[i+1].(provider.Value)})
		}
		return out
	}
	s := provider.String
	err := p.Update(ctx, provider.Scope{}, key, set("status", s("done"), "priority", provider.Value{}, "tags", s(`["z"]`),
		"attrs", provider.Value{}, "size", s(`{"h": 9}`), "tenant", s("t"), "levels", s(`["done", 2, "17"]`), "ratios", s(`["NaN", 1e3]`)))
	if err != nil {
		t.Fatal(err)
	}
	want := before
	want.Status, want.Priority, want.Tags, want.Attrs = testtable.Done, nil, []string{"z"}, nil
	want.Size, want.Levels = testtable.Size{H: 9}, []testtable.Status{3, 2, 17}
	got, err := e.Items.Get(ctx, testtable.ItemKey{Tenant: "t", Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Ratios) != 2 || got.Ratios[0] == got.Ratios[0] || got.Ratios[1] != 1000 {
		t.Errorf("ratios: %v", got.Ratios)
	}
	got.Ratios, want.Ratios = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hidden and unassigned fields must stay, -want +got:\n%s", diff)
	}
	wantRows(t, names(t, p, provider.ScanRequest{Path: def.PathNamed("tag"), Ranges: []provider.KeyRange{{Equal: []provider.Value{s("a")}}}}), "b")

	// The key may be assigned as it is, and nothing at all.
	for _, assigned := range [][]provider.Assignment{nil, set("tenant", s("t"), "name", s("a"))} {
		if err := p.Update(ctx, provider.Scope{}, key, assigned); err != nil {
			t.Fatal(err)
		}
		got, err := e.Items.Get(ctx, testtable.ItemKey{Tenant: "t", Name: "a"})
		got.Ratios = nil
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%d assignments that change nothing, %v, -want +got:\n%s", len(assigned), err, diff)
		}
	}

	tests := []struct {
		name string
		key  []byte
		set  []provider.Assignment
		is   error
		want string
	}{
		{"not there", keyOf(t, p, "t", "c"), set("count", provider.Int64(1)), store.ErrNotFound, "update test.items"},
		{"key", key, set("name", s("c")), store.ErrInvalid, "part of the key"},
		{"null", key, set("count", provider.Value{}), store.ErrInvalid, "count: may not be null"},
		{"hidden parts", key, set("place", s("{}")), store.ErrInvalid, "hidden"},
		{"hidden parts", key, set("place", provider.Value{}), store.ErrInvalid, "hidden"},
		{"twice", key, set("count", provider.Int64(1), "count", provider.Int64(2)), store.ErrInvalid, "twice"},
		{"unique", key, set("email", s("B@T")), store.ErrUnique, "held by"},
		{"check", key, set("count", provider.Int64(-1)), store.ErrInvalid, "count >= 0"},
		{"column", key, []provider.Assignment{{Column: 99}}, store.ErrInvalid, "no column 99"},
	}
	for _, tt := range tests {
		err := p.Update(ctx, provider.Scope{}, tt.key, tt.set)
		if !errors.Is(err, tt.is) || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// Fields that the code does not know survive an update through the provider.
func TestUpdateKeepsUnknownFields(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"))
	stored, err := e.DB.Tables(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var space uint64
	for _, s := range stored {
		if s.Table.Name == "test.items" {
			space = s.Space
		}
	}
	p := provider.New(e.Items)
	key := keyOf(t, p, "t", "a")
	at := append(keys.AppendUvarint(keys.AppendUvarint(nil, space), 0), key...)
	value, err := e.Engine.Get(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	unknown := record.AppendString(nil, 99, "from the future")
	b := e.Engine.NewBatch()
	b.Put(at, append(value, unknown...))
	if err := e.Engine.Write(ctx, b, engineWrite); err != nil {
		t.Fatal(err)
	}
	if err := p.Update(ctx, provider.Scope{}, key, []provider.Assignment{{Column: p.Def().ColumnNamed("count"), Value: provider.Int64(5)}}); err != nil {
		t.Fatal(err)
	}
	if value, err = e.Engine.Get(ctx, at); err != nil || !bytes.HasSuffix(value, unknown) {
		t.Errorf("the unknown field is lost: %q, %v", value, err)
	}
}

func TestDelete(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"))
	p := provider.New(e.Items)
	for _, want := range []bool{true, false} {
		there, err := p.Delete(ctx, provider.Scope{}, keyOf(t, p, "t", "a"))
		if there != want || err != nil {
			t.Errorf("%t, %v; want %t", there, err, want)
		}
	}
	for i, path := range p.Def().Paths {
		if got := names(t, p, provider.ScanRequest{Path: i}); len(got) != 0 {
			t.Errorf("path %s still has %v", path.Name, got)
		}
	}
}

// One open transaction spans tables and several calls, and is dropped as a whole.
func TestTransactionIsHeldOpen(t *testing.T) {
	e := testtable.Open(t)
	items, notes := provider.New(e.Items), provider.New(e.Notes)
	s := provider.String
	write := func(commit bool) {
		t.Helper()
		tx, err := e.DB.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		in := provider.Scope{Tx: tx.Tx()}
		if _, err := items.Insert(ctx, in, item(items, map[string]provider.Value{"tenant": s("t"), "name": s("a")})); err != nil {
			t.Fatal(err)
		}
		// A refused write leaves the transaction as it was.
		if _, err := items.Insert(ctx, in, item(items, map[string]provider.Value{"tenant": s("t"), "name": s("a")})); !errors.Is(err, store.ErrExists) {
			t.Fatal(err)
		}
		if _, err := notes.Insert(ctx, in, []provider.Value{s("ann"), provider.Uint32(1), provider.Int64(1), s("x")}); err != nil {
			t.Fatal(err)
		}
		if commit {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := items.Scan(ctx, &provider.ScanRequest{Scope: in}); err == nil {
			c, _ := items.Scan(ctx, &provider.ScanRequest{Scope: in})
			if c.Next() || !errors.Is(c.Close(), store.ErrTxDone) {
				t.Error("a scan in a transaction that has ended")
			}
		}
	}
	count := func() int {
		t.Helper()
		a, err := e.Items.Count(ctx)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.Notes.Count(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return a + b
	}
	write(false)
	if n := count(); n != 0 {
		t.Errorf("%d rows after the rollback", n)
	}
	write(true)
	if n := count(); n != 2 {
		t.Errorf("%d rows after the commit", n)
	}
}

func TestTransactionConflict(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"))
	p := provider.New(e.Items)
	key := keyOf(t, p, "t", "a")
	set := func(n int64) []provider.Assignment {
		return []provider.Assignment{{Column: p.Def().ColumnNamed("count"), Value: provider.Int64(n)}}
	}
	tx, err := e.DB.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Update(ctx, provider.Scope{Tx: tx.Tx()}, key, set(1)); err != nil {
		t.Fatal(err)
	}
	if err := p.Update(ctx, provider.Scope{}, key, set(2)); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if v := valuesOf(t, p, key)[p.Def().ColumnNamed("count")]; v.Int64() != 2 {
		t.Errorf("count is %s", v)
	}
	expired := testtable.Start.Add(24 * time.Hour)
	e.Clock.Set(expired)
	if err := p.Update(ctx, provider.Scope{}, key, set(3)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("update of an expired row: %v", err)
	}
}
