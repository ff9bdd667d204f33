package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

var update = flag.Bool("update", false, "write the golden files again")

var ctx = context.Background()

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs, -want +got (go test -update writes it again):\n%s", path, diff)
	}
}

// full is an item with a value in every field.
func full(tenant, name string) testtable.Item {
	return testtable.Item{
		Tenant: tenant, Name: name, Email: name + "@" + tenant, Status: testtable.Active,
		Created: testtable.Start.Add(time.Hour), Priority: record.Ptr[int32](-7), Tags: []string{"a", "b\x00c", "a"},
		Score: 1.5, Count: 1 << 40, N32: 1<<32 - 1, N64: 1<<64 - 1, Flag: true, Blob: []byte{0, 0xFF},
		Took: 90 * time.Second, Ref: ref(tenant + "/" + name), Doc: json.RawMessage(`{"x": [1, 2]}`),
		Attrs: map[string]int64{"k": -1, "a\"b": 2}, Size: testtable.Size{W: 3, H: 4, Unit: record.Ptr("cm")},
		Place: &testtable.Place{City: "Bern", Code: "hidden"}, Secret: "hidden", Expires: record.Ptr(testtable.Start.Add(24 * time.Hour)),
		Parts: []testtable.Size{{W: 1}, {H: 2}}, Levels: []testtable.Status{1, 17}, Ratios: []float64{0.25, -3},
	}
}

func ref(s string) (id [16]byte) {
	copy(id[:], s)
	return id
}

func insert(t testing.TB, e *testtable.Env, items ...testtable.Item) {
	t.Helper()
	for i := range items {
		if err := e.Items.Insert(ctx, &items[i]); err != nil {
			t.Fatal(err)
		}
	}
}

// rows reads a cursor to its end, each row as its columns with "|" between.
func rows(t testing.TB, c provider.Cursor, err error, columns ...int) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for c.Next() {
		var parts []string
		for _, col := range columns {
			parts = append(parts, c.Value(col).String())
		}
		out = append(out, strings.Join(parts, "|"))
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

func names(t testing.TB, p provider.Table, req provider.ScanRequest) []string {
	t.Helper()
	req.Columns.Add(1)
	c, err := p.Scan(ctx, &req)
	return rows(t, c, err, 1)
}

func wantRows(t testing.TB, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows, -want +got:\n%s", diff)
	}
}

func TestDef(t *testing.T) {
	e := testtable.Open(t)
	var b strings.Builder
	for _, d := range []*provider.TableDef{provider.New(e.Items).Def(), provider.New(e.Notes).Def()} {
		fmt.Fprintf(&b, "%s family=%q access=%s expires=%t key=%v\n", d.Name, d.Family, d.Access, d.Expires, d.Key)
		for i, c := range d.Columns {
			fmt.Fprintf(&b, "  %d %s %s (%s) nullable=%t inKey=%t\n", i, c.Name, c.Kind, c.Type.Kind, c.Nullable, c.InKey)
		}
		for _, p := range d.Paths {
			fmt.Fprintf(&b, "  path %s index=%d unique=%t where=%t sparse=%v\n    covering=%v\n", p.Name, p.Index, p.Unique, p.Where != nil, p.Sparse.List(), p.Covering.List())
			for _, c := range p.Columns {
				fmt.Fprintf(&b, "    %s desc=%t fold=%t each=%t\n", d.Columns[c.Column].Name, c.Desc, c.Fold, c.Each)
			}
		}
	}
	golden(t, "def.txt", b.String())
}

// Every path shows the same values of a row, whether they come from the key, the
// index entry, what it includes, or the row.
func TestEveryPathShowsTheSame(t *testing.T) {
	e := testtable.Open(t)
	empty := testtable.Item{Tenant: "", Name: "empty"}
	insert(t, e, full("t\x00", "full"), empty)
	p := provider.New(e.Items)
	def := p.Def()
	var b strings.Builder
	want := map[string][]string{}
	c, err := p.Scan(ctx, &provider.ScanRequest{Columns: def.All()})
	if err != nil {
		t.Fatal(err)
	}
	for c.Next() {
		for i, col := range def.Columns {
			v := c.Value(i)
			fmt.Fprintf(&b, "%s: %q\n", col.Name, v)
			want[string(c.Key())] = append(want[string(c.Key())], v.String())
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	golden(t, "values.txt", b.String())
	for i := range def.Paths {
		for col := range def.Columns {
			c, err := p.Scan(ctx, &provider.ScanRequest{Path: i, Columns: provider.Cols(col)})
			if err != nil {
				t.Fatal(err)
			}
			for c.Next() {
				if got := c.Value(col).String(); got != want[string(c.Key())][col] {
					t.Errorf("path %s, column %s: %q, by key %q", def.Paths[i].Name, def.Columns[col].Name, got, want[string(c.Key())][col])
				}
			}
			if err := c.Close(); err != nil {
				t.Errorf("path %s, column %s: %v", def.Paths[i].Name, def.Columns[col].Name, err)
			}
		}
	}
}

func TestCoveredPathsReadNoRows(t *testing.T) {
	e := testtable.Open(t)
	for i := range 20 {
		insert(t, e, full("t", fmt.Sprint("n", i)))
	}
	p := provider.New(e.Items)
	def := p.Def()
	tests := []struct {
		path    string
		columns []string
		gets    int64
	}{
		{"cover", []string{"n32", "tenant", "name", "status", "priority", "score", "doc", "attrs"}, 0},
		{"cover", []string{"n32", "count"}, 20},
		{"status", []string{"created"}, 0},
		{"status", nil, 0},
		{"priority", []string{"count", "score"}, 0},
		{"email", []string{"name"}, 0},
		{"email", []string{"email"}, 20}, // the entry has it folded
		{"tag", []string{"created"}, 0},
		{"key", []string{"email"}, 0},
	}
	for _, tt := range tests {
		e.Engine.Reset()
		c, err := p.Scan(ctx, &provider.ScanRequest{Path: def.PathNamed(tt.path), Columns: def.Set(tt.columns...)})
		if got := len(rows(t, c, err)); got != 20 {
			t.Errorf("%s %v: %d rows", tt.path, tt.columns, got)
		}
		if got := e.Engine.Gets.Load(); got != tt.gets {
			t.Errorf("%s %v: %d rows were read, want %d", tt.path, tt.columns, got, tt.gets)
		}
	}
}

// The reference's case: a key equality reads one row, a prefix of the key or of an
// index only its range.
func TestReadsOnlyItsRange(t *testing.T) {
	e := testtable.Open(t)
	for i := range 50 {
		it := full(fmt.Sprint("t", i%5), fmt.Sprint("n", i))
		it.Status = testtable.Status(1 + i%2)
		insert(t, e, it)
	}
	p := provider.New(e.Items)
	def := p.Def()
	s := provider.String
	tests := []struct {
		name  string
		path  string
		r     provider.KeyRange
		pairs int64
	}{
		{"key", "key", provider.KeyRange{Equal: []provider.Value{s("t1"), s("n1")}}, 0}, // it is looked up
		{"key prefix", "key", provider.KeyRange{Equal: []provider.Value{s("t1")}}, 10},
		{"key range", "key", provider.KeyRange{Equal: []provider.Value{s("t1")}, Low: provider.Beyond(s("n1")), High: provider.From(s("n21"))}, 3},
		{"text prefix", "key", provider.KeyRange{Prefix: provider.From(s("t"))}, 50},
		{"index prefix", "status", provider.KeyRange{Equal: []provider.Value{provider.Enum(nil, 2)}}, 25},
		{"unique", "email", provider.KeyRange{Equal: []provider.Value{s("N1@T1")}}, 0},
		{"none", "key", provider.KeyRange{Equal: []provider.Value{{}}}, 0},
	}
	for _, tt := range tests {
		e.Engine.Reset()
		c, err := p.Scan(ctx, &provider.ScanRequest{Path: def.PathNamed(tt.path), Ranges: []provider.KeyRange{tt.r}, Columns: provider.Cols(8)})
		rows(t, c, err)
		if got := e.Engine.Pairs.Load(); got != tt.pairs {
			t.Errorf("%s: %d pairs were read, want %d", tt.name, got, tt.pairs)
		}
	}
}

// The reference's case: a filter with LIMIT 1 finds the second row when the first
// does not match, and a limit never hides a match.
func TestLimitComesAfterThePredicate(t *testing.T) {
	e := testtable.Open(t)
	for i := range 10 {
		it := full("t", fmt.Sprint("n", i))
		it.Count = int64(i)
		insert(t, e, it)
	}
	p := provider.New(e.Items)
	count := p.Def().ColumnNamed("count")
	for limit, want := range map[int64][]string{1: {"1"}, 3: {"1", "3", "5"}, 0: {"1", "3", "5", "7", "9"}, 9: {"1", "3", "5", "7", "9"}} {
		c, err := provider.Select(ctx, p, &provider.ScanRequest{Columns: provider.Cols(count), Limit: limit}, func(c provider.Cursor) bool {
			return c.Value(count).Int64()%2 == 1
		})
		wantRows(t, rows(t, c, err, count), want...)
	}
	c, err := provider.Select(ctx, p, &provider.ScanRequest{}, func(c provider.Cursor) bool { return c.Value(count).IsNull() })
	if err != nil {
		t.Fatal(err)
	}
	if c.Next() {
		t.Error("a row was shown by a predicate on a column that was not asked for")
	}
	if err := c.Close(); !errors.Is(err, engine.ErrInvalid) || !strings.Contains(fmt.Sprint(err), "count") {
		t.Errorf("got %v", err)
	}
}

// An expired row shows on no path and counts for no limit, before any sweep.
func TestExpiredRowsAreGone(t *testing.T) {
	e := testtable.Open(t)
	for i := range 4 {
		it := full("t", fmt.Sprint("n", i))
		it.Expires = nil
		if i%2 == 0 {
			it.Expires = record.Ptr(testtable.Start.Add(time.Minute))
		}
		insert(t, e, it)
	}
	p := provider.New(e.Items)
	e.Clock.Advance(time.Minute)
	for i, path := range p.Def().Paths {
		for _, cols := range []provider.ColSet{nil, p.Def().All()} {
			req := provider.ScanRequest{Path: i, Columns: cols}
			if got := names(t, p, req); len(got) != 2 {
				t.Errorf("path %s: %v", path.Name, got)
			}
			req.Limit = 2
			if got := names(t, p, req); len(got) != 2 {
				t.Errorf("path %s with a limit: %v", path.Name, got)
			}
		}
	}
}

func TestRangesNeitherOverlapNorRepeat(t *testing.T) {
	e := testtable.Open(t)
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		it := full("t", n)
		it.Tags = []string{n, "x", "y"}
		it.Created = testtable.Start.Add(-time.Duration(n[0]) * time.Second)
		insert(t, e, it)
	}
	p := provider.New(e.Items)
	s := provider.String
	at := func(n string) provider.KeyRange { return provider.KeyRange{Equal: []provider.Value{s("t"), s(n)}} }
	from := func(n string) provider.KeyRange {
		return provider.KeyRange{Equal: []provider.Value{s("t")}, Low: provider.From(s(n))}
	}
	wantRows(t, names(t, p, provider.ScanRequest{Ranges: []provider.KeyRange{from("d"), at("b"), at("e"), at("b"), from("c")}}), "b", "c", "d", "e")
	wantRows(t, names(t, p, provider.ScanRequest{Ranges: []provider.KeyRange{at("d"), at("b"), at("e")}, Reverse: true, Limit: 2}), "e", "d")
	tag := p.Def().PathNamed("tag")
	each := func(n string) provider.KeyRange { return provider.KeyRange{Equal: []provider.Value{s(n)}} }
	wantRows(t, names(t, p, provider.ScanRequest{Path: tag, Ranges: []provider.KeyRange{each("x")}}), "e", "d", "c", "b", "a")
	wantRows(t, names(t, p, provider.ScanRequest{Path: tag, Ranges: []provider.KeyRange{each("x"), each("y"), each("b")}, Limit: 4}), "b", "e", "d", "c")
	// Rows that come again count for nothing, at the end or in the middle.
	for first, want := range map[string][]string{"b": {"b", "e", "d", "c", "a"}, "e": {"e", "d", "c", "b", "a"}} {
		for limit := range len(want) + 2 {
			shown := want
			if limit > 0 && limit < len(want) {
				shown = want[:limit]
			}
			wantRows(t, names(t, p, provider.ScanRequest{Path: tag, Ranges: []provider.KeyRange{each("x"), each("y"), each(first)}, Limit: int64(limit)}), shown...)
		}
	}
	if got := names(t, p, provider.ScanRequest{Path: tag}); len(got) != 5 {
		t.Errorf("each row once: %v", got)
	}
}

func TestBadRequests(t *testing.T) {
	e := testtable.Open(t)
	p := provider.New(e.Items)
	def := p.Def()
	s := provider.String
	tests := []struct {
		name string
		req  provider.ScanRequest
		want string
	}{
		{"path", provider.ScanRequest{Path: 99}, "no path 99"},
		{"limit", provider.ScanRequest{Limit: -1}, "limit of -1"},
		{"column", provider.ScanRequest{Columns: provider.Cols(99)}, "a column is asked for that is not there"},
		{"negative column", provider.ScanRequest{Columns: provider.Cols(0, -1)}, "a column is asked for that is not there"},
		{"name of no column", provider.ScanRequest{Columns: def.Set("tenant", "tennant")}, "a column is asked for that is not there"},
		{"kind", provider.ScanRequest{Ranges: []provider.KeyRange{{Equal: []provider.Value{provider.Int64(1)}}}}, "tenant is string, and the value 1 is int64"},
		{"kind behind a null", provider.ScanRequest{Ranges: []provider.KeyRange{{Equal: []provider.Value{{}, provider.Int64(1)}}}}, "name is string, and the value 1 is int64"},
		{"kind of a bound behind a null", provider.ScanRequest{Ranges: []provider.KeyRange{{Equal: []provider.Value{{}}, High: provider.From(provider.Int64(1))}}}, "name is string, and the value 1 is int64"},
		{"bound behind nulls", provider.ScanRequest{Ranges: []provider.KeyRange{{Equal: []provider.Value{{}, {}}, High: provider.From(s("x"))}}}, "behind the last column"},
		{"values", provider.ScanRequest{Ranges: []provider.KeyRange{{Equal: make([]provider.Value, 3)}}}, "3 values for equality"},
		{"bound", provider.ScanRequest{Ranges: []provider.KeyRange{{Equal: []provider.Value{s("a"), s("b")}, Low: provider.From(s("c"))}}}, "behind the last column"},
		{"fold", provider.ScanRequest{Path: def.PathNamed("email"), Ranges: []provider.KeyRange{{Low: provider.From(s("c"))}}}, "case is folded"},
		{"prefix", provider.ScanRequest{Path: def.PathNamed("cover"), Ranges: []provider.KeyRange{{Prefix: provider.From(s("c"))}}}, "no prefixes"},
		{"both", provider.ScanRequest{Ranges: []provider.KeyRange{{Prefix: provider.From(s("c")), Low: provider.From(s("c"))}}}, "both"},
	}
	for _, tt := range tests {
		_, err := p.Scan(ctx, &tt.req)
		if !errors.Is(err, engine.ErrInvalid) || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestOneSnapshotAndOneTransaction(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"), full("t", "b"))
	p := provider.New(e.Items)
	snap, err := e.DB.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	open, err := p.Scan(ctx, &provider.ScanRequest{Path: 2, Columns: p.Def().All()})
	if err != nil {
		t.Fatal(err)
	}
	insert(t, e, full("t", "c"))
	if _, err := e.Items.Delete(ctx, testtable.ItemKey{Tenant: "t", Name: "a"}); err != nil {
		t.Fatal(err)
	}
	wantRows(t, rows(t, open, nil, 1), "a", "b")
	wantRows(t, names(t, p, provider.ScanRequest{Scope: provider.Scope{Tx: snap.Tx()}}), "a", "b")
	wantRows(t, names(t, p, provider.ScanRequest{}), "b", "c")

	tx, err := e.DB.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in := provider.Scope{Tx: tx.Tx()}
	if _, err := p.Delete(ctx, in, keyOf(t, p, "t", "b")); err != nil {
		t.Fatal(err)
	}
	wantRows(t, names(t, p, provider.ScanRequest{Scope: in}), "c")
	wantRows(t, names(t, p, provider.ScanRequest{Scope: in, Path: 2, Columns: p.Def().All()}), "c")
	wantRows(t, names(t, p, provider.ScanRequest{}), "b", "c")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Errorf("rollback after the commit: %v", err)
	}
	if err := tx.Commit(); !errors.Is(err, store.ErrTxDone) {
		t.Errorf("second commit: %v", err)
	}
	wantRows(t, names(t, p, provider.ScanRequest{}), "c")
}

// Rows deleted in a transaction while a cursor over an index is open are passed
// over.
func TestDeleteUnderAnIndexCursor(t *testing.T) {
	e := testtable.Open(t)
	for i := range 100 {
		insert(t, e, full("t", fmt.Sprintf("n%03d", i)))
	}
	p := provider.New(e.Items)
	tx, err := e.DB.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	in := provider.Scope{Tx: tx.Tx()}
	c, err := p.Scan(ctx, &provider.ScanRequest{Scope: in, Path: 2, Columns: p.Def().All()})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Next() {
		t.Fatal(c.Err())
	}
	for i := range 100 {
		if _, err := p.Delete(ctx, in, keyOf(t, p, "t", fmt.Sprintf("n%03d", i))); err != nil {
			t.Fatal(err)
		}
	}
	for c.Next() {
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	wantRows(t, names(t, p, provider.ScanRequest{Scope: in}))
}

func keyOf(t testing.TB, p *provider.Provider, values ...string) []byte {
	t.Helper()
	var vs []provider.Value
	for _, v := range values {
		vs = append(vs, provider.String(v))
	}
	key, err := p.Def().EncodeKey(nil, vs...)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAccess(t *testing.T) {
	e := testtable.Open(t)
	for _, owner := range []string{"ann", "bob"} {
		for line := range 3 {
			n := testtable.Note{ID: testtable.NoteID{Owner: owner, Page: 1, Line: int64(line)}, Text: fmt.Sprint(owner, line)}
			if err := e.Notes.Insert(ctx, &n); err != nil {
				t.Fatal(err)
			}
		}
	}
	notes := provider.New(e.Notes)
	text := notes.Def().ColumnNamed("text")
	read := func(p provider.Table, path int, ranges ...provider.KeyRange) []string {
		c, err := p.Scan(ctx, &provider.ScanRequest{Path: path, Columns: provider.Cols(text), Ranges: ranges, Limit: 4})
		return rows(t, c, err, text)
	}
	ann := access.Principal{User: "ann", Role: access.User}
	bob := access.Principal{User: "bob", Role: access.System}
	mine := provider.Secure(notes, ann)
	for path := range notes.Def().Paths {
		wantRows(t, read(mine, path), "ann0", "ann1", "ann2")
		wantRows(t, read(provider.Secure(notes, bob), path), "bob0", "bob1", "bob2")
	}
	wantRows(t, read(mine, 0, provider.KeyRange{Equal: []provider.Value{provider.String("bob")}}))
	wantRows(t, read(notes, 0), "ann0", "ann1", "ann2", "bob0")

	// A request cannot take another principal, nor a guarded table another one.
	c, err := mine.Scan(ctx, &provider.ScanRequest{Scope: provider.Scope{Principal: &bob}, Columns: provider.Cols(text)})
	wantRows(t, rows(t, c, err, text), "ann0", "ann1", "ann2")
	c, err = provider.New(e.Notes.As(ann)).Scan(ctx, &provider.ScanRequest{Scope: provider.Scope{Principal: &bob}, Columns: provider.Cols(text)})
	wantRows(t, rows(t, c, err, text), "ann0", "ann1", "ann2")

	m := mine.(provider.Mutable)
	others, err := notes.Def().EncodeKey(nil, provider.String("bob"), provider.Uint32(1), provider.Int64(0))
	if err != nil {
		t.Fatal(err)
	}
	row := func(owner string) []provider.Value {
		return []provider.Value{provider.String(owner), provider.Uint32(9), provider.Int64(-9), provider.String("new")}
	}
	_, insertErr := m.Insert(ctx, provider.Scope{}, row("bob"))
	_, deleteErr := m.Delete(ctx, provider.Scope{}, others)
	for what, err := range map[string]error{
		"insert": insertErr, "delete": deleteErr,
		"update": m.Update(ctx, provider.Scope{}, others, []provider.Assignment{{Column: text, Value: provider.String("x")}}),
	} {
		if !errors.Is(err, store.ErrDenied) {
			t.Errorf("%s of another's row: %v", what, err)
		}
	}
	if _, err := m.Insert(ctx, provider.Scope{}, row("ann")); err != nil {
		t.Error(err)
	}
	tx, err := e.DB.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Delete(ctx, provider.Scope{Tx: tx.Tx()}, others); !errors.Is(err, store.ErrDenied) {
		t.Errorf("in a transaction: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
}

// The matrix of the reference, for scans, statistics and writes.
func TestAccessMatrix(t *testing.T) {
	for level := access.SystemTable; level <= access.Restricted; level++ {
		for role := access.User; role <= access.System; role++ {
			e := testtable.Open(t)
			items, err := storeimpl.OpenTyped(ctx, e.DB, testtable.Items{}, store.WithAccess(level))
			if err != nil {
				t.Fatal(err)
			}
			p := provider.Secure(provider.New(items), access.Principal{User: "x", Role: role}).(provider.Mutable)
			check := func(what string, allowed bool, err error) {
				if errors.Is(err, store.ErrDenied) == allowed || !allowed && err == nil {
					t.Errorf("%s of a %s table by %s: %v", what, level, role, err)
				}
			}
			for path := range p.Def().Paths {
				c, err := p.Scan(ctx, &provider.ScanRequest{Path: path})
				check("scan", level.CanRead(role), err)
				if err == nil {
					c.Close()
				}
			}
			_, err = p.Scan(ctx, &provider.ScanRequest{Ranges: []provider.KeyRange{{Equal: []provider.Value{{}}}}})
			check("empty scan", level.CanRead(role), err)
			_, err = p.Stats(ctx)
			check("stats", level.CanRead(role), err)
			// Rows that are not there, and one that lacks all: rights come first.
			_, err = p.Delete(ctx, provider.Scope{}, []byte("x"))
			check("delete", level.CanWrite(role), err)
			if err := p.Update(ctx, provider.Scope{}, []byte("x"), nil); errors.Is(err, store.ErrDenied) == level.CanWrite(role) || err == nil {
				t.Errorf("update of a %s table by %s: %v", level, role, err)
			}
		}
	}
}

func TestStats(t *testing.T) {
	e := testtable.Open(t)
	p := provider.New(e.Items)
	insert(t, e, full("t", "a"))
	e.Engine.Reset()
	s, err := p.Stats(ctx)
	if err != nil || !s.Known || s.Exact || s.Rows != 64000/128 {
		t.Errorf("before a scan: %+v, %v", s, err)
	}
	if n := e.Engine.Gets.Load() + e.Engine.Pairs.Load() + e.Engine.Snaps.Load(); n != 0 {
		t.Errorf("statistics read %d times", n)
	}
	names(t, p, provider.ScanRequest{Columns: p.Def().All()})
	after, err := provider.New(e.Items).Stats(ctx)
	if err != nil || !after.Known || after.Rows == s.Rows {
		t.Errorf("after a scan: %+v, %v", after, err)
	}
}

// Of a table whose rows have owners a principal learns nothing, however it is guarded.
func TestStatsOfOwnedTables(t *testing.T) {
	e := testtable.Open(t)
	who := access.Principal{User: "ann", Role: access.System}
	for name, p := range map[string]provider.Table{
		"secure":  provider.Secure(provider.New(e.Notes), who),
		"guarded": provider.New(e.Notes.As(who)),
	} {
		if s, err := p.Stats(ctx); err != nil || s != (provider.Stats{}) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if s, err := provider.New(e.Notes).Stats(ctx); err != nil || !s.Known {
		t.Errorf("trusted code: %+v, %v", s, err)
	}
	if s, err := provider.Secure(provider.New(e.Items), who).Stats(ctx); err != nil || !s.Known {
		t.Errorf("a public table: %+v, %v", s, err)
	}
}

// Lists are looked into as they are stored, and nothing equals a value of another
// kind, or a null.
func TestContains(t *testing.T) {
	e := testtable.Open(t)
	it := full("t", "a")
	it.Tags, it.Ratios = []string{"", "\xff", "1"}, []float64{1, math.NaN(), math.Copysign(0, -1)}
	insert(t, e, it)
	p := provider.New(e.Items)
	status := &testtable.ItemDesc.Fields[3].Type
	c, err := p.Scan(ctx, &provider.ScanRequest{Columns: p.Def().Set("tags", "levels", "ratios", "parts", "attrs")})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lists := c.(provider.ListCursor)
	if lists.Contains(p.Def().ColumnNamed("tags"), provider.String("")) {
		t.Error("before the first row")
	}
	if !c.Next() {
		t.Fatal(c.Err())
	}
	tests := []struct {
		column string
		elem   provider.Value
		want   bool
	}{
		{"tags", provider.String(""), true}, {"tags", provider.String("\xff"), true}, {"tags", provider.String("\ufffd"), false}, {"tags", provider.String("\xfe"), false},
		{"tags", provider.Bytes([]byte("1")), false}, {"tags", provider.Int64(1), false}, {"tags", provider.JSON(`"1"`), false}, {"tags", provider.Value{}, false},
		{"levels", provider.Enum(status, 1), true}, {"levels", provider.Enum(nil, 1), true}, {"levels", provider.Enum(status, 17), true}, {"levels", provider.Enum(status, 2), false},
		{"levels", provider.String("new"), false}, {"levels", provider.Int32(1), false},
		{"ratios", provider.Float64(1), true}, {"ratios", provider.Float64(math.NaN()), true}, {"ratios", provider.Float64(0), true}, {"ratios", provider.Int64(1), false},
		{"parts", provider.JSON(`{"w":1,"h":0}`), true}, {"parts", provider.JSON(`{"w":1}`), false}, {"parts", provider.String(`{"w":1,"h":0}`), false},
		{"attrs", provider.Int64(-1), false},
	}
	for _, tt := range tests {
		if got := lists.Contains(p.Def().ColumnNamed(tt.column), tt.elem); got != tt.want {
			t.Errorf("%s contains %s (%s): %t", tt.column, tt.elem, tt.elem.Kind(), got)
		}
	}
	if lists.Contains(p.Def().ColumnNamed("name"), provider.String("a")) || c.Next() || !errors.Is(c.Err(), engine.ErrInvalid) {
		t.Error("a column that the scan did not ask for is no error")
	}
}

func TestErrorsEndTheScan(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"), full("t", "b"))
	p := provider.New(e.Items)
	broken := errors.New("the disk is broken")
	e.Engine.Err.Store(&broken)
	for path := range p.Def().Paths {
		c, err := p.Scan(ctx, &provider.ScanRequest{Path: path, Columns: p.Def().All()})
		if err != nil {
			t.Fatal(err)
		}
		if c.Next() {
			t.Error("a row was shown")
		}
		if !errors.Is(c.Err(), broken) || !errors.Is(c.Close(), broken) {
			t.Errorf("path %d: got %v", path, c.Err())
		}
	}
	e.Engine.Err.Store(nil)
	done, cancel := context.WithCancel(ctx)
	c, err := p.Scan(done, &provider.ScanRequest{Path: 2, Columns: p.Def().All()})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if c.Next() || !errors.Is(c.Close(), context.Canceled) {
		t.Errorf("canceled: %v", c.Err())
	}
}

// A row whose bytes are damaged ends the scan with an error that says so, on every path
// that reads it, after the rows before it and without those behind it.
func TestDamagedRows(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"), full("t", "b"), full("t", "c"))
	p := provider.New(e.Items)
	damaged := 0
	batch := e.Engine.NewBatch()
	row := keyOf(t, p, "t", "b")
	it := e.Engine.Iterate(ctx, engine.Range{})
	for it.Next() {
		if key := it.Key(); len(key) == 2+len(row) && key[1] == 0 && string(key[2:]) == string(row) {
			damaged++
			batch.Put(key, []byte{it.Value()[0], 0xFF})
			if it.Value()[0] == 2 { // it expires, and keeps when
				batch.Put(key, append(slices.Clone(it.Value()[:13]), 0xFF))
			}
		}
	}
	if err := it.Close(); err != nil || damaged != 1 {
		t.Fatalf("%d rows are damaged, %v", damaged, err)
	}
	if err := e.Engine.Write(ctx, batch, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for path := range p.Def().Paths {
		name := p.Def().Paths[path].Name
		for _, reverse := range []bool{false, true} {
			c, err := p.Scan(ctx, &provider.ScanRequest{Path: path, Columns: p.Def().All(), Reverse: reverse})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for c.Next() {
				got = append(got, c.Value(1).String())
			}
			if len(got) > 1 || slices.Contains(got, "b") {
				t.Errorf("path %s: rows %q", name, got)
			}
			if err := c.Close(); !errors.Is(err, store.ErrCorrupt) || !strings.Contains(fmt.Sprint(err), "test.items") {
				t.Errorf("path %s: %v", name, err)
			}
		}
	}
}

type columns map[int][]string

func (s columns) AppendValue(col int, v provider.Value) error {
	if v.String() == "stop" {
		return errors.New("stopped")
	}
	s[col] = append(s[col], v.String())
	return nil
}

// byRow takes a row at once.
type byRow struct{ columns }

func (s byRow) AppendRow(values []provider.Value) error {
	for _, col := range []int{0, 1} {
		if err := s.AppendValue(col, values[col]); err != nil {
			return err
		}
	}
	return nil
}

func TestBatches(t *testing.T) {
	e := testtable.Open(t)
	for i := range 5 {
		insert(t, e, full("t", fmt.Sprint("n", i)))
	}
	p := provider.New(e.Items)
	scan := func() provider.BatchCursor {
		c, err := p.Scan(ctx, &provider.ScanRequest{Columns: provider.Cols(0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c.(provider.BatchCursor)
	}
	want := columns{0: {"t", "t", "t", "t", "t"}, 1: {"n0", "n1", "n2", "n3", "n4"}}
	for _, whole := range []bool{false, true} {
		got := columns{}
		var sink provider.ColumnSink = got
		if whole {
			sink = byRow{got}
		}
		c := scan()
		for _, want := range []int{2, 2, 1, 0} {
			if n, err := c.AppendTo(sink, 2); n != want || err != nil {
				t.Errorf("%d rows, %v; want %d", n, err, want)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	insert(t, e, full("t", "stop"))
	for _, sink := range []provider.ColumnSink{columns{}, byRow{columns{}}} {
		if n, err := scan().AppendTo(sink, 100); n != 5 || err == nil {
			t.Errorf("%d rows, %v", n, err)
		}
	}
}
