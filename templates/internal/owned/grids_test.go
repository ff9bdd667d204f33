package owned

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/owned/db/grids"
	"github.com/storegen/storegen/templates/internal/owned/db/models"
	"github.com/storegen/storegen/templates/internal/owned/model"
	"github.com/storegen/storegen/templates/internal/owned/plain"
)

// eachGrids runs a test over each engine, and verifies what it leaves.
func eachGrids(t *testing.T, test func(t *testing.T, s *grids.Store, eng engine.Engine)) {
	for name, open := range map[string]func(t *testing.T) engine.Engine{
		"memory":  func(*testing.T) engine.Engine { return memory.New() },
		"leveldb": func(t *testing.T) engine.Engine { return must(leveldb.Open(t.TempDir(), nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			eng := open(t)
			db := must(store.Open(t.Context(), eng))
			t.Cleanup(func() { db.Close() })
			test(t, must(grids.Open(t.Context(), db)), eng)
			if _, err := admin.Verify(t.Context(), db, admin.VerifyOptions{Found: func(f admin.Finding) { t.Error(f) }}); err != nil {
				t.Error(err)
			}
		})
	}
}

// randomGrid is a row in whose arrays are values that other rows have too.
func randomGrid(rng *rand.Rand, s *grids.Store) model.Grid {
	var v model.Grid
	storetest.Fill(rng, s, &v, *must(url.Parse("https://example.com/x")), addr("192.0.2.1"), addr("::1"), model.Span{From: 1, To: 2})
	v.ID = rng.Int64N(20)
	for i := range v.Axes {
		v.Axes[i] = float64(rng.IntN(4))
	}
	for i := range v.Blobs { // which have no nil
		v.Blobs[i] = append([]byte{}, v.Blobs[i]...)
	}
	return v
}

// A table of arrays does what a map does, and its indexes have each element once.
func TestGrids(t *testing.T) {
	eachGrids(t, func(t *testing.T, s *grids.Store, _ engine.Engine) {
		ctx := t.Context()
		rng := rand.New(rand.NewPCG(15, 6))
		rows := map[int64]model.Grid{}
		for range 400 {
			v := randomGrid(rng, s)
			if rng.IntN(4) == 0 {
				if _, err := s.Delete(ctx, v.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
					t.Fatal(err)
				}
				delete(rows, v.ID)
				continue
			}
			if err := s.Put(ctx, &v); errors.Is(err, store.ErrUnique) {
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			rows[v.ID] = v
		}
		if len(rows) < 5 {
			t.Fatalf("%d rows are left", len(rows))
		}
		for id, want := range rows {
			equal(t, "the row", must(s.Get(ctx, id)), want)
		}
		for axis := range 5 {
			var want, got []int64
			for id, v := range rows {
				if slices.Contains(v.Axes[:], float64(axis)) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			for v, err := range s.ByAxis.Axes(float64(axis)).Scan().All(ctx) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, v.ID)
			}
			equal(t, "the rows of an axis", got, want)
		}
		for e, err := range s.ByName.Entries(ctx, s.ByName.Scan()) {
			if err != nil {
				t.Fatal(err)
			}
			v := rows[e.ID]
			if !slices.Contains(v.Names[:], e.Names) {
				t.Errorf("%q is none of %q", e.Names, v.Names)
			}
			equal(t, "what an entry includes", model.Grid{At: e.At, Axes: e.Axes, Cells: e.Cells, Pair: e.Pair, Addrs: e.Addrs, Visits: e.Visits},
				model.Grid{At: v.At, Axes: v.Axes, Cells: v.Cells, Pair: v.Pair, Addrs: v.Addrs, Visits: v.Visits})
		}
		for e, err := range s.ByHash.Entries(ctx, s.ByHash.Scan()) {
			if err != nil || e.Sides != rows[e.ID].Sides {
				t.Fatalf("%v, %v", e, err)
			}
		}
	})
}

// note is in a row, and in no entry of an index.
const note = "what only the row has"

func wholeGrid() model.Grid {
	guest, text := models.RoleGuest, note
	return model.Grid{ID: 7, Note: &text, Axes: [3]float64{1, 0, 2}, Names: [2]string{"a", ""}, Roles: [2]models.Role{guest, guest},
		Times: [4]time.Time{1: storetest.Start}, Blobs: [2][]byte{{1}, {}}}
}

// storeBytes writes a row as bytes, as another version of the struct would have.
func storeBytes(ctx context.Context, s *grids.Store, change func(b []byte) []byte) error {
	return rawstore.Of(s.Handle()).Update(ctx, keys.AppendInt64(nil, 7), func(b []byte) ([]byte, error) { return change(b), nil })
}

// without is a value without some fields.
func without(b []byte, nums ...int) []byte {
	var out []byte
	r := record.NewReader(b)
	for r.Next() {
		if !slices.Contains(nums, r.Num()) {
			out = r.AppendRaw(out)
		}
	}
	return out
}

const axesField, namesField, timesField, pairField, roomField = 4, 6, 8, 23, 26

// Elements that are not stored are zero, for programs and for providers.
func TestShortArrays(t *testing.T) {
	eachGrids(t, func(t *testing.T, s *grids.Store, _ engine.Engine) {
		ctx := t.Context()
		row := wholeGrid()
		if err := s.Insert(ctx, &row); err != nil {
			t.Fatal(err)
		}
		pair := record.AppendString(nil, 2, "end")
		err := storeBytes(ctx, s, func(b []byte) []byte {
			b = record.AppendFloat64s(without(b, axesField, namesField, timesField, pairField), axesField, []float64{5})
			b = record.AppendFloat64s(b, axesField, []float64{6}) // as two runs, which protobuf allows
			return nested(record.AppendString(b, namesField, "x"), pairField, pair)
		})
		if err != nil {
			t.Fatal(err)
		}
		want := wholeGrid()
		want.Axes, want.Names, want.Times = [3]float64{5, 6}, [2]string{"x"}, [4]time.Time{}
		want.Pair[0].Of[0] = "end"
		equal(t, "the row", must(s.Get(ctx, 7)), want)
		if n := must(s.ByAxis.Axes(0).Scan().Count(ctx)); n != 1 {
			t.Errorf("%d entries of the element that is not stored", n)
		}
		p := provider.Of(s.Handle()).(provider.Mutable)
		for column, want := range map[string]string{
			"axes": "[5,6,0]", "names": `["x",""]`, "pair": `[{"ends":[0,0,0],"of":["end",""]},{"ends":[0,0,0],"of":["",""]}]`,
			"times": `["0001-01-01T00:00:00Z","0001-01-01T00:00:00Z","0001-01-01T00:00:00Z","0001-01-01T00:00:00Z"]`,
		} {
			if got, err := documentOf(ctx, p, column); err != nil || got != want {
				t.Errorf("%s is %s, %v", column, got, err)
			}
		}
	})
}

// documentOf is a column of the only row.
func documentOf(ctx context.Context, p provider.Mutable, column string) (string, error) {
	at := p.Def().ColumnNamed(column)
	c, err := p.Scan(ctx, &provider.ScanRequest{Columns: provider.Cols(at)})
	if err != nil {
		return "", err
	}
	defer c.Close()
	if !c.Next() {
		return "", c.Err()
	}
	return strings.Clone(c.Value(at).JSON()), nil
}

// An array has no place for more elements than it has: they are refused and never lost.
func TestLongArrays(t *testing.T) {
	eachGrids(t, func(t *testing.T, s *grids.Store, eng engine.Engine) {
		ctx := t.Context()
		row := wholeGrid()
		if err := s.Insert(ctx, &row); err != nil {
			t.Fatal(err)
		}
		p := provider.Of(s.Handle()).(provider.Mutable)
		for column, more := range map[string][]byte{
			"axes":  record.AppendFloat64s(nil, axesField, []float64{4}),
			"names": record.AppendString(nil, namesField, ""),
			"pair":  nested(nil, pairField, nil),
			"sides": record.AppendInts(record.AppendInts(nil, 2, []int{1, 2}), 2, []int{3, 4, 5}),
			"room":  nested(nil, roomField, nested(nil, 1, record.AppendFloat64s(nil, 1, make([]float64, 4)))), // in a struct of the schema
			"cells": nested(nil, 22, record.AppendInts(nil, 1, make([]int, 5))),                                // an array within a struct
		} {
			if err := storeBytes(ctx, s, func(b []byte) []byte { return append(bytes.Clone(b), more...) }); !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: too many elements are written: %v", column, err)
			}
			was := appendToRow(t, eng, more)
			if v, err := s.Get(ctx, 7); !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "more elements than the ") {
				t.Errorf("%s: read as %+v, %v", column, v, err)
			}
			if got, err := documentOf(ctx, p, column); !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "more elements than the ") {
				t.Errorf("%s: a provider reads %s, %v", column, got, err)
			}
			writeRow(t, eng, was)
		}
		axes := p.Def().ColumnNamed("axes")
		set := func(text string) error {
			return p.Update(ctx, provider.Scope{}, keys.AppendInt64(nil, 7), []provider.Assignment{{Column: axes, Value: provider.JSON(text)}})
		}
		if err := set("[1,2,3,4]"); !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), "has 4 elements, and an array of 3 in Go") {
			t.Errorf("four elements by a provider: %v", err)
		}
		equal(t, "the row", must(s.Get(ctx, 7)), wholeGrid())
		if err := set("[9]"); err != nil {
			t.Error(err)
		}
		want := wholeGrid()
		want.Axes = [3]float64{9}
		equal(t, "one element by a provider", must(s.Get(ctx, 7)), want)
	})
}

// A pair is what an engine holds.
type pair struct{ key, value []byte }

// appendToRow changes the bytes of the row with the note, which nothing but the row has,
// and returns what it was.
func appendToRow(t *testing.T, eng engine.Engine, more []byte) (was pair) {
	t.Helper()
	snap := must(eng.Snapshot(t.Context()))
	it := snap.Iterate(t.Context(), engine.Range{})
	for it.Next() {
		if bytes.Contains(it.Value(), []byte(note)) {
			was = pair{bytes.Clone(it.Key()), bytes.Clone(it.Value())}
		}
	}
	if err := errors.Join(it.Close(), snap.Close()); err != nil || was.key == nil {
		t.Fatalf("no row: %v", err)
	}
	writeRow(t, eng, pair{was.key, append(bytes.Clone(was.value), more...)})
	return was
}

func writeRow(t *testing.T, eng engine.Engine, p pair) {
	t.Helper()
	b := eng.NewBatch()
	b.Put(p.key, p.value)
	if err := eng.Write(t.Context(), b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A check with two ends leaves no NaN and no infinity in a column, which package json has
// no text for.
func TestFiniteNumbers(t *testing.T) {
	s, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (*grids.Store, error) { return grids.Open(ctx, db) })
	for weight, want := range map[float64]error{0: nil, -1e300: nil, math.Inf(1): store.ErrInvalid, math.Inf(-1): store.ErrInvalid, math.NaN(): store.ErrInvalid} {
		row := wholeGrid()
		row.Weight = weight
		if err := s.Put(t.Context(), &row); !errors.Is(err, want) {
			t.Errorf("%g: %v", weight, err)
		}
	}
	page := must(s.Scan().Page(t.Context(), 10, ""))
	if text, err := json.Marshal(page.Rows); err != nil || !strings.Contains(string(text), `"Axes":[1,0,2]`) {
		t.Errorf("%s, %v", text, err)
	}
}

// The columns say how long they are, so that opening with another length can tell.
func TestArrayLengths(t *testing.T) {
	got := map[string]int{}
	for _, f := range grids.Desc.Fields {
		if f.Type.Len > 0 {
			got[f.Name] = f.Type.Len
		}
	}
	want := map[string]int{"sides": 4, "axes": 3, "at": 3, "names": 2, "aliases": 2, "times": 4, "on": 2, "counts": 2, "few": 3, "bits": 2, "hashes": 2,
		"blobs": 2, "addrs": 2, "spans": 2, "zips": 2, "visits": 2, "roles": 2, "days": 2, "sums": 2, "pair": 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f := models.DescOfWall.Fields[0].Type; f.Len != len(plain.Vec{}) {
		t.Errorf("an array within a struct has the length %d", f.Len)
	}
}
