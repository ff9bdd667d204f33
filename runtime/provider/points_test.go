package provider_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
)

// shows is the key and the wanted values of each row of a cursor.
func shows(t testing.TB, c provider.Cursor, err error, columns provider.ColSet) [][]string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for c.Next() {
		row := []string{string(c.Key())}
		for _, col := range columns.List() {
			row = append(row, c.Value(col).String())
		}
		out = append(out, row)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// points are some values that a path may have rows for, and the rows of a whole walk
// over the path that have them.
func points(rng *rand.Rand, def *provider.TableDef, path *provider.Path, n int) (ranges []provider.KeyRange, in func(values []provider.Value) bool) {
	texts := []string{"", "a", "b", "A", "ab", "a\x00"}
	text := func() string { return texts[rng.IntN(len(texts))] }
	wanted := map[string]bool{}
	name := func(v provider.Value, fold bool) string {
		if fold {
			return fmt.Sprintf("%q", keys.Fold(v.Text()))
		}
		return fmt.Sprintf("%q", v.String())
	}
	for range n {
		var r provider.KeyRange
		var all []string
		null := false
		for _, pc := range path.Columns {
			var v provider.Value
			switch def.Columns[pc.Column].Name {
			case "email":
				v = provider.String(text() + text())
			case "ref":
				v = provider.UUID(ref(text() + "/" + text()))
			case "id.at.page":
				v = provider.Uint32(uint32(rng.IntN(3)))
			case "id.at.line":
				v = provider.Int64(int64(rng.IntN(3)) - 1)
			default:
				v = provider.String(text())
				if n > 128 && rng.IntN(2) == 0 { // so that they are read in several parts
					v = provider.String(fmt.Sprint("Z", rng.IntN(1000)))
				}
			}
			if rng.IntN(30) == 0 {
				v, null = provider.Value{}, true
			}
			r.Equal = append(r.Equal, v)
			if !v.IsNull() {
				all = append(all, name(v, pc.Fold))
			}
		}
		ranges = append(ranges, r)
		if !null {
			wanted[strings.Join(all, "|")] = true
		}
	}
	return ranges, func(values []provider.Value) bool {
		var all []string
		for _, pc := range path.Columns {
			all = append(all, name(values[pc.Column], pc.Fold))
		}
		return wanted[strings.Join(all, "|")]
	}
}

// Rows that are looked up are those that a walk over all shows, for whomever and
// wherever, and whatever is written meanwhile; no iterator is opened.
func TestPointsAgainstWalks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 17))
	found, many := 0, 0
	for round := range 150 {
		e := testtable.Open(t)
		texts := []string{"", "a", "b", "A", "ab", "a\x00"}
		for range 30 {
			it := full(texts[rng.IntN(len(texts))], texts[rng.IntN(len(texts))])
			it.Email = it.Tenant + it.Name
			it.Expires = nil
			if rng.IntN(4) == 0 {
				it.Expires = record.Ptr(testtable.Start.Add(time.Hour))
			}
			if err := e.Items.Put(ctx, &it); err != nil && !errors.Is(err, store.ErrUnique) {
				t.Fatal(err)
			}
			n := testtable.Note{ID: testtable.NoteID{Owner: texts[rng.IntN(len(texts))], Page: uint32(rng.IntN(3)), Line: int64(rng.IntN(3)) - 1}, Text: "x"}
			if err := e.Notes.Put(ctx, &n); err != nil {
				t.Fatal(err)
			}
		}
		e.Clock.Advance(2 * time.Hour)
		var scope provider.Scope
		var tx *store.Transaction
		switch round % 3 {
		case 1:
			snap, err := e.DB.Snapshot(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer snap.Close()
			scope.Tx = snap.Tx()
		case 2:
			var err error
			if tx, err = e.DB.Begin(ctx); err != nil {
				t.Fatal(err)
			}
			scope.Tx = tx.Tx()
		}
		if rng.IntN(2) == 0 {
			scope.Principal = &access.Principal{User: "a", Role: access.User}
		}
		for range 20 {
			table := provider.New(e.Items)
			if rng.IntN(3) == 0 {
				table = provider.New(e.Notes)
			}
			def := table.Def()
			var at int
			for at = rng.IntN(len(def.Paths)); !def.Paths[at].Unique; at = rng.IntN(len(def.Paths)) {
			}
			path := &def.Paths[at]
			n := 1 + rng.IntN(6)
			if rng.IntN(8) == 0 {
				n = 300
				many++
			}
			ranges, in := points(rng, def, path, n)
			req := &provider.ScanRequest{Scope: scope, Path: at, Reverse: rng.IntN(2) == 0, Limit: int64(max(0, rng.IntN(5)-2))}
			for range rng.IntN(4) {
				req.Columns.Add(rng.IntN(len(def.Columns)))
			}
			whole := *req
			whole.Columns, whole.Limit = def.All(), 0
			var want [][]string
			c, err := table.Scan(ctx, &whole)
			if err != nil {
				t.Fatal(err)
			}
			for c.Next() {
				values := make([]provider.Value, len(def.Columns))
				for i := range values {
					values[i] = c.Value(i)
				}
				if !in(values) || req.Limit > 0 && len(want) == int(req.Limit) {
					continue
				}
				row := []string{string(c.Key())}
				for _, col := range req.Columns.List() {
					row = append(row, values[col].String())
				}
				want = append(want, row)
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			req.Ranges = ranges
			e.Engine.Reset()
			scan := provider.Table(table)
			if rng.IntN(2) == 0 {
				if scan, err = provider.Prepare(table, req.Path, req.Columns); err != nil {
					t.Fatal(err)
				}
			}
			c, err = scan.Scan(ctx, req)
			if err != nil {
				t.Fatal(err)
			}
			if scope.Principal == nil && rng.IntN(2) == 0 { // what is written now is not shown
				in := provider.Scope{}
				if tx != nil {
					in = scope
				}
				for _, w := range want {
					if _, err := table.Delete(ctx, in, []byte(w[0])); err != nil {
						t.Fatal(err)
					}
				}
			} else if n <= 128 && e.Engine.Iters.Load() > 0 {
				t.Errorf("%d iterators for %d points", e.Engine.Iters.Load(), n)
			}
			if diff := cmp.Diff(want, shows(t, c, nil, req.Columns)); diff != "" {
				t.Fatalf("round %d, path %s of %s, %d points, reverse %v, limit %d: -want +got:\n%s", round, path.Name, def.Name, n, req.Reverse, req.Limit, diff)
			}
			found += len(want)
		}
		if tx != nil {
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found < 1000 || many == 0 {
		t.Errorf("only %d rows were found, and %d times many points", found, many)
	}
}

// What lookups read: a row, or an entry, and its row where that is needed.
func TestPointsReadNoMore(t *testing.T) {
	e := testtable.Open(t)
	for i := range 20 {
		insert(t, e, full("t", fmt.Sprint("n", i)))
	}
	p := provider.New(e.Items)
	def := p.Def()
	s := provider.String
	key := func(i int) provider.KeyRange {
		return provider.KeyRange{Equal: []provider.Value{s("t"), s(fmt.Sprint("n", i))}}
	}
	email := func(text string) provider.KeyRange { return provider.KeyRange{Equal: []provider.Value{s(text)}} }
	tests := []struct {
		name    string
		path    string
		columns []string
		ranges  []provider.KeyRange
		rows    int
		gets    int64
		snaps   int64
	}{
		{"a key", "key", []string{"count"}, []provider.KeyRange{key(1)}, 1, 1, 0},
		{"a key that is not there", "key", []string{"count"}, []provider.KeyRange{key(99)}, 0, 1, 0},
		{"keys, one of them twice", "key", []string{"count"}, []provider.KeyRange{key(3), key(1), key(3), key(99)}, 2, 3, 0},
		{"an entry", "email", []string{"tenant", "name"}, []provider.KeyRange{email("N1@T")}, 1, 1, 0},
		{"an entry and its row", "email", []string{"count"}, []provider.KeyRange{email("n1@t")}, 1, 2, 1},
		{"entries and their rows", "email", []string{"count"}, []provider.KeyRange{email("n1@t"), email("n2@T"), email("N2@t"), email("none")}, 2, 5, 1},
		{"a null", "email", []string{"count"}, []provider.KeyRange{{Equal: []provider.Value{{}}}}, 0, 0, 0},
	}
	for _, tt := range tests {
		e.Engine.Reset()
		c, err := p.Scan(ctx, &provider.ScanRequest{Path: def.PathNamed(tt.path), Ranges: tt.ranges, Columns: def.Set(tt.columns...)})
		if got := len(rows(t, c, err)); got != tt.rows {
			t.Errorf("%s: %d rows, want %d", tt.name, got, tt.rows)
		}
		got := []int64{e.Engine.Gets.Load(), e.Engine.Snaps.Load(), e.Engine.Iters.Load(), e.Engine.Pairs.Load()}
		if diff := cmp.Diff([]int64{tt.gets, tt.snaps, 0, 0}, got); diff != "" {
			t.Errorf("%s: keys, snapshots, iterators, pairs: -want +got:\n%s", tt.name, diff)
		}
	}
	// More keys than are read together: those that are next to each other are one range.
	var ranges []provider.KeyRange
	for i := range 1000 {
		ranges = append(ranges, key(i))
	}
	e.Engine.Reset()
	c, err := p.Scan(ctx, &provider.ScanRequest{Ranges: ranges, Columns: provider.Cols(8)})
	if got := len(rows(t, c, err)); got != 20 || e.Engine.Iters.Load() != 0 || e.Engine.Snaps.Load() != 1 {
		t.Errorf("%d rows by %d iterators over %d snapshots, want 20 by none over one", got, e.Engine.Iters.Load(), e.Engine.Snaps.Load())
	}
}

// Damage that a walk meets is what a lookup meets, with the same error.
func TestPointsOfDamagedRows(t *testing.T) {
	damages := map[string]func(value []byte) []byte{
		"garbage behind the header": func(v []byte) []byte { return append(slices.Clone(v[:13]), 0xFF) },
		"no header":                 func([]byte) []byte { return []byte{0x7F} },
		"gone":                      nil,
	}
	for name, damage := range damages {
		e := testtable.Open(t)
		insert(t, e, full("t", "a"), full("t", "b"))
		p := provider.New(e.Items)
		def := p.Def()
		row := keyOf(t, p, "t", "b")
		batch := e.Engine.NewBatch()
		it := e.Engine.Iterate(ctx, engine.Range{})
		for it.Next() {
			if key := it.Key(); len(key) != 2+len(row) || key[1] != 0 || string(key[2:]) != string(row) {
				continue
			}
			if damage == nil {
				batch.Delete(it.Key())
			} else {
				batch.Put(it.Key(), damage(it.Value()))
			}
		}
		if err := it.Close(); err != nil {
			t.Fatal(err)
		}
		if err := e.Engine.Write(ctx, batch, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		s := provider.String
		for path, values := range map[string][]provider.Value{"key": {s("t"), s("b")}, "ref": {provider.UUID(ref("t/b"))}} {
			n := len(values) - 1
			var errs []string
			for _, r := range []provider.KeyRange{{Equal: values}, {Equal: values[:n], Low: provider.From(values[n]), High: provider.From(values[n])}} {
				c, err := p.Scan(ctx, &provider.ScanRequest{Path: def.PathNamed(path), Ranges: []provider.KeyRange{r}, Columns: def.All()})
				if err != nil {
					t.Fatal(err)
				}
				if c.Next() {
					t.Errorf("%s: by %s a row is shown", name, path)
				}
				err = c.Close()
				if want := damage != nil || path == "ref"; want != errors.Is(err, store.ErrCorrupt) {
					t.Errorf("%s: by %s: %v", name, path, err)
				}
				errs = append(errs, fmt.Sprint(err))
			}
			if errs[0] != errs[1] {
				t.Errorf("%s: by %s looked up %q, walked %q", name, path, errs[0], errs[1])
			}
		}
	}
}

// A cursor over points ends with its transaction, as others do.
func TestPointsEndWithTheirTransaction(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"))
	p := provider.New(e.Items)
	for _, path := range []string{"key", "ref"} {
		equal := []provider.Value{provider.String("t"), provider.String("a")}
		if path == "ref" {
			equal = []provider.Value{provider.UUID(ref("t/a"))}
		}
		var left provider.Cursor
		err := e.DB.Update(ctx, func(tx *store.Tx) (err error) {
			left, err = p.Scan(ctx, &provider.ScanRequest{Scope: provider.Scope{Tx: tx}, Path: p.Def().PathNamed(path), Ranges: []provider.KeyRange{{Equal: equal}}, Columns: p.Def().All()})
			return err
		})
		if !errors.Is(err, store.ErrLeftOpen) {
			t.Errorf("%s: the transaction ends with %v", path, err)
		}
		if left.Next() || !errors.Is(left.Close(), store.ErrTxDone) {
			t.Errorf("%s: behind it: %v", path, left.Err())
		}
	}
}
