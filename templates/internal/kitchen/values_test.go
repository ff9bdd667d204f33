package kitchen

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"encoding/json"
	"flag"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/storegen/storegen/internal/torture/inputs"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/everything"
)

// sameInJSON is same for what came from JSON, where an empty list is not nil.
func sameInJSON(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := gocmp.Diff(want, got, exactly, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// exactly compares values with a NaN in them, which equals another.
var exactly = gocmp.Options{
	cmpopts.EquateNaNs(), gocmp.Comparer(func(a, b models.MyFloat64) bool { return stdcmp.Compare(a, b) == 0 }),
	gocmp.Comparer(func(a, b models.MyFloat32) bool { return stdcmp.Compare(a, b) == 0 }),
	gocmp.Exporter(func(reflect.Type) bool { return true }),
}

// same compares whole values, also what their Equal methods do not look at.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	if diff := gocmp.Diff(want, got, exactly); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

var values = flag.Int("values", 250, "how many random rows are stored; make test-long stores 1000")

// Every kind in every form comes back as it was written, and lies in the
// database in the bytes that any reader of protobuf takes.
func TestValues(t *testing.T) {
	ctx := context.Background()
	def := table(t, "sink.everything")
	db, _ := open(t)
	s := must(everything.Open(ctx, db))
	random := newMaker(1, false)
	for i := range *values {
		var row everything.Thing
		if i > 0 { // the first is zero
			random.fill(def.Fields, reflect.ValueOf(&row).Elem())
		}
		row.ID = uint64(i)
		for _, c := range []*models.Colour{&row.Colour, &row.Every.Colour} {
			if *c == 0 {
				*c = models.ColourRed // must be set
			}
		}
		fillMandatory(&row)
		if err := s.Insert(ctx, &row); err != nil {
			t.Fatal(err)
		}
		got, err := s.Get(ctx, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "a row that was read", got, row)
		want := encode(def.Fields, reflect.ValueOf(row))
		if have := stored(t, db, def.Name, 1, 1); !bytes.Equal(have, want) {
			t.Fatalf("row %d is stored as\n% x\nwant\n% x", i, have, want)
		}
		if _, err := s.Delete(ctx, row.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// fillMandatory gives a row what the limits of its types ask for.
func fillMandatory(row *everything.Thing) {
	for _, s := range []*models.MyString{&row.MyString, &row.Every.MyString} {
		if *s == "" {
			*s = "x"
		}
	}
	for _, b := range []*models.MyBytes{&row.MyBytes, &row.Every.MyBytes} {
		if *b == "" {
			*b = "x"
		}
	}
}

// Rows are read whatever the order of their fields is, as other writers may have another
// one, and with fields between them that this program does not know.
func TestOrderOfFields(t *testing.T) {
	ctx := t.Context()
	db, _ := open(t)
	s := must(everything.Open(ctx, db))
	random := newMaker(5, false)
	def := table(t, "sink.everything")
	for range 100 {
		var row everything.Thing
		random.fill(def.Fields, reflect.ValueOf(&row).Elem())
		fillMandatory(&row)
		if err := s.Put(ctx, &row); err != nil {
			t.Fatal(err)
		}
		want := must(s.Get(ctx, row.ID))
		value := stored(t, db, def.Name, 0, 1)
		r := record.NewReader(value[1:]) // behind the format
		var fields [][]byte
		for last := 0; r.Next(); last = r.Num() {
			if r.Num() == last { // the elements of a list stay in their order
				fields[len(fields)-1] = r.AppendRaw(fields[len(fields)-1])
			} else {
				fields = append(fields, r.AppendRaw(nil))
			}
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		random.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
		at := random.IntN(len(fields))
		fields[at] = record.AppendString(fields[at], 4000, "of a newer program")
		it := db.Engine().Iterate(ctx, engine.Range{Start: []byte{8}})
		if !it.Next() {
			t.Fatal("the row is not there")
		}
		b := db.Engine().NewBatch()
		b.Put(bytes.Clone(it.Key()), append(value[:1:1], slices.Concat(fields...)...))
		if err := it.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Engine().Write(ctx, b, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		sameInJSON(t, "a row with its fields in another order", must(s.Get(ctx, row.ID)), want)
		if err := s.Put(ctx, &row); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(stored(t, db, def.Name, 0, 1), []byte("of a newer program")); n != 1 {
			t.Fatalf("a field that is not known is there %d times after a Put", n)
		}
		if _, err := s.Delete(ctx, row.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// A struct keeps what a newer program has written into it, at every depth.
func TestUnknownFields(t *testing.T) {
	ctx := context.Background()
	def := table(t, "sink.everything")
	unknown := protowire.AppendBytes(protowire.AppendTag(nil, 5000, protowire.BytesType), []byte("later"))
	var small models.Small
	if err := small.DecodeRecord(append(models.Small{Name: "s"}.AppendRecord(nil), unknown...)); err != nil {
		t.Fatal(err)
	}
	older := models.Every{Colour: models.ColourBlue, MyString: "x", MyBytes: "y", Small: small,
		SmallList: []models.Small{small, small}, SmallMap: map[string]models.Small{"k": small}}
	var every models.Every
	if err := every.DecodeRecord(append(older.AppendRecord(nil), unknown...)); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(every.AppendRecord(nil), unknown); n != 5 {
		t.Fatalf("the unknown field is there %d times, not 5", n)
	}
	db, _ := open(t)
	s := must(everything.Open(ctx, db))
	row := everything.Thing{ID: 1, Colour: models.ColourRed, MyString: "x", MyBytes: "y", Every: every,
		EveryOpt: &every, EveryList: []models.Every{every}, EveryMap: map[string]models.Every{"k": every}}
	if err := s.Insert(ctx, &row); err != nil {
		t.Fatal(err)
	}
	err := s.Update(ctx, 1, func(v *everything.Thing) error {
		v.Int32 = 7
		v.Every.Int32 = 8
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(stored(t, db, def.Name, 1, 1), unknown); n != 20 {
		t.Errorf("after a rewrite the unknown field is there %d times, not 20", n)
	}
	got := must(s.Get(ctx, 1))
	if got.Int32 != 7 || got.Every.Int32 != 8 {
		t.Errorf("the update is lost: %d, %d", got.Int32, got.Every.Int32)
	}
	if small, other := got.Every.Small, (models.Small{Name: "s"}); small.Equal(other) || !small.Equal(got.Every.SmallList[0]) {
		t.Error("Equal does not see what a newer program wrote")
	}
}

// What is malformed is an error, at every depth, and never a panic.
func FuzzDecodeRecord(tf *testing.F) {
	f := inputs.New(tf)
	random := newMaker(2, false)
	set := must(kitchen())
	for range 20 {
		var v models.Every
		random.fill(set.Type("Every").Fields, reflect.ValueOf(&v).Elem())
		f.Add(v.AppendRecord(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v, again models.Every
		if v.DecodeRecord(b) != nil {
			return
		}
		once := v.AppendRecord(nil)
		if err := again.DecodeRecord(once); err != nil {
			t.Fatalf("what AppendRecord wrote is refused: %v\n% x", err, once)
		}
		if twice := again.AppendRecord(nil); !bytes.Equal(once, twice) {
			t.Fatalf("written again, a value changes:\n% x\n% x", once, twice)
		}
	})
}

// Rows go through JSON.
func TestJSON(t *testing.T) {
	row := everything.Thing{ID: 7, Int64: -5, Colour: models.ColourGreen, MyString: "x", MyBytes: "\x00\xff",
		UUIDList: nil, MyStringMap: map[models.MyString]models.MyString{"a": "b"}, ColourList: []models.Colour{1, 9},
		MyBytesOpt: record.Ptr(models.MyBytes("\x01")), Every: models.Every{Colour: 2, MyUint64: 1 << 60, MyString: "x", MyBytes: "y"}}
	random := newMaker(3, false)
	row.Timestamp, row.UUID, row.JSON = random.time(), random.uuid(), json.RawMessage(`{"a":[1,2]}`)
	row.Every.JSON, row.JSONMap = json.RawMessage("null"), map[string]json.RawMessage{"k": json.RawMessage("1")}
	b, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var got everything.Thing
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	sameInJSON(t, "a row that went through JSON", got, row)
}

// No list or map is null in JSON, in rows and in the structs within them; those without
// elements come back empty. What JSON does not name stays.
func TestEmptyJSON(t *testing.T) {
	row := leastThing(1)
	row.ColourList = []models.Colour{}
	b, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Fatal(err)
	}
	typ := reflect.TypeFor[everything.Thing]()
	for i := range typ.NumField() {
		name := typ.Field(i).Tag.Get("json")
		want := ""
		switch {
		case strings.HasSuffix(name, "_list"):
			want = "[]"
		case strings.HasSuffix(name, "_map"):
			want = "{}"
		}
		if got := string(fields[name]); want != "" && got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	var got everything.Thing
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	sameInJSON(t, "an empty row that went through JSON", got, leastThing(1))

	got = everything.Thing{ID: 7, StringList: []string{"a"}, Uint32List: []uint32{1}}
	if err := json.Unmarshal([]byte(`{"id": 8, "uint32_list": []}`), &got); err != nil {
		t.Fatal(err)
	}
	sameInJSON(t, "a row that a part was read into", got, everything.Thing{ID: 8, StringList: []string{"a"}})
	if err := json.Unmarshal([]byte(`{"string_list": 1}`), &got); err == nil {
		t.Error("a number is taken for a list")
	}
	// The options of a decoder hold in rows.
	strict := json.NewDecoder(strings.NewReader(`{"id": 8, "string_lists": []}`))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&got); err == nil {
		t.Error("a field that is not there is read")
	}
}

// leastThing has nothing but what a row must have, and JSON that is not null.
func leastThing(id uint64) everything.Thing {
	null := json.RawMessage("null")
	return everything.Thing{ID: id, Colour: models.ColourRed, MyString: "x", MyBytes: "y", JSON: null,
		Every: models.Every{Colour: models.ColourRed, MyString: "x", MyBytes: "y", JSON: null}}
}

// A page is JSON as rows are, one without rows too.
func TestPageJSON(t *testing.T) {
	db, _ := open(t)
	ctx := t.Context()
	s := must(everything.Open(ctx, db))
	page := must(s.Scan().Page(ctx, 1, ""))
	if got := string(must(json.Marshal(page))); got != `{"rows":[],"next":""}` {
		t.Errorf("an empty page is %s", got)
	}
	for id := range uint64(2) {
		row := leastThing(id)
		if err := s.Put(ctx, &row); err != nil {
			t.Fatal(err)
		}
	}
	page = must(s.Scan().Page(ctx, 1, ""))
	var fields struct {
		Rows []everything.Thing
		Next string
	}
	if err := json.Unmarshal(must(json.Marshal(page)), &fields); err != nil {
		t.Fatal(err)
	}
	sameInJSON(t, "rows of a page", fields.Rows, page.Rows)
	if fields.Next == "" || fields.Next != string(page.Next) {
		t.Errorf("the next page is %q, want %q", fields.Next, page.Next)
	}
	var again store.Page[everything.Thing]
	if err := json.Unmarshal(must(json.Marshal(page)), &again); err != nil {
		t.Fatal(err)
	}
	sameInJSON(t, "a page that went through JSON", again, page)
}

// A struct that is zero and optional is there where it was put, and an optional or plain
// -0 is the value that it was.
func TestZeroValuesStay(t *testing.T) {
	db, _ := open(t)
	ctx := t.Context()
	s := must(everything.Open(ctx, db))
	negative := math.Copysign(0, -1)
	row := everything.Thing{ID: 1, Colour: models.ColourRed, MyString: "x", MyBytes: "y", Float64: negative, Float64Opt: &negative,
		Every: models.Every{Colour: models.ColourRed, MyString: "x", MyBytes: "y", Float64: negative}, SmallOpt: &models.Small{}}
	for range 2 {
		if err := s.Put(ctx, &row); err != nil {
			t.Fatal(err)
		}
		row = must(s.Get(ctx, 1))
		if row.SmallOpt == nil {
			t.Error("an optional struct that is zero reads as absent")
		}
		for name, f := range map[string]float64{"plain": row.Float64, "optional": *row.Float64Opt, "in a struct": row.Every.Float64} {
			if f != 0 || !math.Signbit(f) {
				t.Errorf("%s: -0 reads as %v", name, f)
			}
		}
	}
	row.SmallOpt = nil
	if err := s.Put(ctx, &row); err != nil {
		t.Fatal(err)
	}
	if got := must(s.Get(ctx, 1)); got.SmallOpt != nil {
		t.Error("an absent struct is there")
	}
}
