package owned

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/owned/db/models"
	"github.com/storegen/storegen/templates/internal/owned/db/shapes"
	"github.com/storegen/storegen/templates/internal/owned/model"
	"github.com/storegen/storegen/templates/internal/owned/plain"
)

func openShapes(ctx context.Context, db *store.DB) (*shapes.Store, error) {
	return shapes.Open(ctx, db)
}

// wholeShape is a row with something in every field.
func wholeShape() model.Shape {
	part := func(n int) *model.Part {
		return &model.Part{Stamp: plain.Stamp{By: "bo"}, Size: n, Parts: []*plain.Zip{{Country: "IS", Code: 1}, {}}}
	}
	visit := &models.Visit{From: addr("::1"), Spot: plain.Zip{Code: 7}}
	s := model.Shape{
		Base: model.Base{ID: plain.NewID(3), Made: storetest.Start}, Stamp: plain.Stamp{By: "ann", Note: "n"}, Name: "the label",
		Parts: []*model.Part{part(1), {}}, ByKind: map[string]*model.Part{"a": part(2), "b": {}},
		Visits: []*models.Visit{visit}, Tours: map[plain.Name]*models.Visit{"t": visit},
		Blobs: [][]byte{{1}, {2, 3}}, Named: map[string][]byte{"x": {9}}, Last: part(4),
		ByNumber: map[uint64]*model.Part{0: part(1), math.MaxUint64: {}, 256: {}}, ByWord: map[model.Word][]byte{-1: {1}, 2: {}},
		ByCount: map[plain.Count]plain.Zip{math.MinInt64: {Code: 1}}, ByFew: map[plain.Few]models.Visit{7: *visit}, Small: map[int32]string{-3: "c", 0: "", 2: "a"},
		Hash: plain.Hash{1, 19: 2}, Maybe: &plain.Hash{9}, Hashes: []plain.Hash{{}, {3}}, ByName: map[string]plain.Hash{"h": {4}}, Raw: [4]byte{1, 2, 3, 4}, Text: plain.Hash{5},
		Tiny: -7, Port: 65535, Half: 0.5, Bits: []uint16{1, 1000}, Day: must(civil.DateOf(storetest.Start)),
	}
	s.Kept = "kept"
	return s
}

// Fields of embedded structs are columns of the row, and elements are what pointers
// point to.
func TestShapes(t *testing.T) {
	s, _ := storetest.New(t, openShapes)
	want := wholeShape()
	if err := s.Insert(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	equalShape(t, "the row", must(s.Get(t.Context(), want.ID)), wholeShape())
	equalShape(t, "by its hash", must(s.ByHash.Hash(plain.Hash{1, 19: 2}).RawFrom([4]byte{1}).First(t.Context())), wholeShape())
	equalShape(t, "by a hash that may be absent", must(s.ByMaybe.Get(t.Context(), plain.Hash{9})), wholeShape())
	equalShape(t, "by an embedded field", must(s.ByKept.Kept("kept").First(t.Context())), wholeShape())
	for e, err := range s.ByMade.Entries(t.Context(), s.ByMade.Made(storetest.Start).Note("n")) {
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Parts) != 2 || e.Parts[0].Size != 1 || len(e.Blobs) != 2 {
			t.Errorf("the entry is %+v", e)
		}
	}
	var names []string
	for _, f := range shapes.Desc.Fields {
		names = append(names, f.Name)
	}
	equal(t, "the columns", names, []string{"id", "made", "by", "remark", "kept", "label", "parts", "by_kind", "visits", "tours", "blobs", "named", "last", "by_number", "by_word", "by_count", "by_few", "small", "hash", "maybe", "hashes", "by_name", "raw", "text", "tiny", "port", "half", "bits", "day"})
}

// A pointer that is nil is no element: it would read back as an empty struct.
func TestNilElements(t *testing.T) {
	s, _ := storetest.New(t, openShapes)
	for field, change := range map[string]func(*model.Shape){
		"parts":         func(v *model.Shape) { v.Parts[1] = nil },
		"by_kind":       func(v *model.Shape) { v.ByKind["b"] = nil },
		"visits":        func(v *model.Shape) { v.Visits[0] = nil },
		"tours":         func(v *model.Shape) { v.Tours["t"] = nil },
		"by_number":     func(v *model.Shape) { v.ByNumber[256] = nil },
		"last.parts":    func(v *model.Shape) { v.Last.Parts[0] = nil },
		"by_kind.parts": func(v *model.Shape) { v.ByKind["a"].Parts[1] = nil },
	} {
		row := wholeShape()
		change(&row)
		err := s.Put(t.Context(), &row)
		var invalid *record.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if n := must(s.ByKey.Scan().Count(t.Context())); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

// Slices and maps without elements read back as nil, whether or not they were.
func TestNilAndEmpty(t *testing.T) {
	s, _ := storetest.New(t, openShapes)
	row := model.Shape{Base: model.Base{ID: plain.NewID(1)}, Parts: []*model.Part{}, ByKind: map[string]*model.Part{}, Blobs: [][]byte{nil, {}}, Named: map[string][]byte{"x": nil}}
	if err := s.Put(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	want := model.Shape{Base: model.Base{ID: plain.NewID(1)}, Stamp: plain.Stamp{By: "nobody"}, Blobs: [][]byte{{}, {}}, Named: map[string][]byte{"x": {}}}
	equalShape(t, "the row", must(s.Get(t.Context(), row.ID)), want)
}

func TestRandomShapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	s, _ := storetest.New(t, openShapes)
	links := []any{*must(url.Parse("https://example.com/x"))}
	kept := 0
	for range 300 {
		var row model.Shape
		storetest.Fill(rng, s, &row, append(links, plain.NewID(1), plain.NewID(2), addr("192.0.2.1"))...)
		if row.Kept != "" {
			kept++
		}
		if err := s.Put(t.Context(), &row); errors.Is(err, store.ErrUnique) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if row.By == "" {
			row.By = "nobody"
		}
		equalShape(t, "the row", must(s.Get(t.Context(), row.ID)), row)
	}
	if kept == 0 {
		t.Error("no row has something in a field of an embedded struct")
	}
}

// Keys of maps that are numbers are stored as those, in their order, and are digits in
// documents.
func TestNumbersAsKeys(t *testing.T) {
	s, _ := storetest.New(t, openShapes)
	row := model.Shape{Base: model.Base{ID: plain.NewID(3)}, Small: map[int32]string{2: "a", -3: "c", 0: "", 10: "b"}}
	if err := s.Put(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	var want []byte
	for _, e := range []struct {
		key  int32
		text string
	}{{-3, "c"}, {0, ""}, {2, "a"}, {10, "b"}} {
		const small = 18 // the number of the field
		want = nested(want, small, record.AppendString(record.AppendInt32(nil, 1, e.key), 2, e.text))
	}
	if got := must(rawstore.Of(s.Handle()).Get(t.Context(), []byte("n0003"))); !bytes.HasSuffix(got, want) {
		t.Errorf("stored as\n% x\nwant at its end\n% x", got, want)
	}
	p := provider.Of(s.Handle()).(provider.Mutable)
	small := p.Def().ColumnNamed("small")
	c := must(p.Scan(t.Context(), &provider.ScanRequest{Columns: provider.Cols(small)}))
	if !c.Next() {
		t.Fatal(c.Err())
	}
	key := bytes.Clone(c.Key())
	if got := c.Value(small).JSON(); got != `{"-3":"c","0":"","2":"a","10":"b"}` {
		t.Errorf("the document is %s", got)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	set := func(text string) error {
		return p.Update(t.Context(), provider.Scope{}, key, []provider.Assignment{{Column: small, Value: provider.JSON(text)}})
	}
	if err := set(`{"9":"i","-5":"x","10":"j"}`); err != nil {
		t.Error(err)
	}
	equal(t, "what was set", must(s.Get(t.Context(), row.ID)).Small, map[int32]string{-5: "x", 9: "i", 10: "j"})
	for _, bad := range []string{`{"a":"x"}`, `{"":"x"}`, `{"2147483648":"x"}`, `{"1":"x","01":"y"}`, `{"-0":"x"}`, `{"+1":"x"}`, `{" 1":"x"}`, `{"1.0":"x"}`} {
		if err := set(bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// Providers show the columns of embedded structs, and structs for pointers.
func TestShapesProvided(t *testing.T) {
	s, _ := storetest.New(t, openShapes)
	row := wholeShape()
	if err := s.Put(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	p := provider.Of(s.Handle())
	kept, parts := p.Def().ColumnNamed("kept"), p.Def().ColumnNamed("parts")
	c := must(p.Scan(t.Context(), &provider.ScanRequest{Columns: provider.Cols(kept, parts)}))
	defer c.Close()
	if !c.Next() {
		t.Fatal(c.Err())
	}
	const want = `[{"by":"bo","remark":"","size":1,"parts":[{"country":"IS","code":1},{"country":"","code":0}]},{"by":"","remark":"","size":0,"parts":[]}]`
	if c.Value(kept).Text() != "kept" || c.Value(parts).JSON() != want {
		t.Errorf("%s\n%s\n%s", c.Value(kept), c.Value(parts), want)
	}
}
