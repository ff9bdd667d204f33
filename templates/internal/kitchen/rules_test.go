package kitchen

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/checked"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/defaults"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/literals"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/ordered"
)

// Just those rows are refused that break a limit or a rule, and each is refused
// by some row.
func TestChecks(t *testing.T) {
	ctx := context.Background()
	def := table(t, "sink.checked")
	db, _ := open(t)
	s := must(checked.Open(ctx, db))
	random := newMaker(5, true)
	random.nans = true
	refused, limits, taken := make([]int, len(def.Checks)), 0, 0
	for range 8000 {
		var row checked.Entry
		v := reflect.ValueOf(&row).Elem()
		random.fill(def.Fields, v)
		row.Text = "t" // most random texts are "full" or too long
		if random.IntN(3) == 0 {
			row.Text = []string{"full", "123456789", "1234567890", "12345678901"}[random.IntN(4)]
		}
		valid := keepAll(def.Fields, v)
		if !valid {
			limits++
		}
		for i, c := range def.Checks {
			if !holds(c.Expr, v) {
				if valid {
					refused[i]++
				}
				valid = false
			}
		}
		if valid {
			taken++
		}
		err := s.Put(ctx, &row)
		if valid != (err == nil) || err != nil && !errors.Is(err, store.ErrInvalid) {
			t.Fatalf("%+v\nis valid: %v; got %v", row, valid, err)
		}
	}
	t.Logf("%d rows break limits, %v the rules, %d neither", limits, refused, taken)
	if limits == 0 || taken == 0 {
		t.Error("the rows at random are all alike")
	}
	for i, n := range refused {
		if n == 0 {
			t.Errorf("no row breaks the rule %s alone", def.Checks[i].Text)
		}
	}
}

// An error names the field, down to the part of a struct, or the rule.
func TestCheckErrors(t *testing.T) {
	ctx := context.Background()
	db, _ := open(t)
	s := must(checked.Open(ctx, db))
	good := func() *checked.Entry {
		return &checked.Entry{ID: "1", Raw: []byte("r"), Code: "c", Colour: models.ColourRed, IDA: uuid.Max}
	}
	if err := s.Put(ctx, good()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func(v *checked.Entry)
		field  string
		rule   string
	}{
		{func(v *checked.Entry) { v.Colour = 0 }, "colour", "is not set"},
		{func(v *checked.Entry) { v.Text = "12345678901" }, "text", "has 11 bytes, the most is 10"},
		{func(v *checked.Entry) { v.CodeOpt = record.Ptr(models.MyString("ab")) }, "code_opt", "has 2 bytes, the least is 3"},
		{func(v *checked.Entry) { v.CodeOpt = record.Ptr(models.MyString(strings.Repeat("x", 65))) }, "code_opt", "has 65 bytes, the most is 64"},
		{func(v *checked.Entry) { v.Small.Name = "long" }, "small.name", "has 4 bytes, the most is 3"},
		{func(v *checked.Entry) { v.SmallOpt = &models.Limited{Notes: []models.MyString{"x", ""}} }, "small_opt.notes", "has 0 bytes, the least is 1"},
		{func(v *checked.Entry) { v.ByName = map[string]models.Limited{"k": {Colour: new(models.Colour)}} }, "by_name.colour", "is not set"},
		{func(v *checked.Entry) { v.BodyOpt = []byte("{") }, "body_opt", "is not JSON"},
		{func(v *checked.Entry) { v.N = 13 }, "", `breaks the check "n != 13": Thirteen is unlucky`},
		{func(v *checked.Entry) { v.F = 1e9 }, "", `breaks the check "f < 1e9 and f_opt != -1.5"`},
	} {
		v := good()
		test.change(v)
		err := s.Put(ctx, v)
		var invalid *store.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != test.field || invalid.Rule != test.rule {
			t.Errorf("got %v, want %q: %s", err, test.field, test.rule)
		}
	}
}

// A rule with a literal refuses just the values that it should, for every kind that has
// literals.
func TestLiterals(t *testing.T) {
	ctx := context.Background()
	def := table(t, "sink.literals")
	db, _ := open(t)
	s := must(literals.Open(ctx, db))
	random := newMaker(11, true)
	random.nans = true
	for i, f := range def.Fields[1:] {
		// The rule of a kind is over two fields, of which the first is compared with ==.
		check := def.Checks[slices.IndexFunc(def.Checks, func(c *schema.Check) bool {
			return slices.Contains(strings.Fields(c.Text), f.Name) || strings.Contains(c.Text, "("+f.Name)
		})]
		good, bad := 0, 0
		for n := range 200 {
			var row literals.Rule
			v := reflect.ValueOf(&row).Elem()
			random.fill([]*schema.Field{f}, v)
			if x, there := deref(v.FieldByName(f.GoName), f); there && n%3 == 0 {
				x.Set(literal(literalOf(check.Expr)).Convert(x.Type()))
			}
			if !keepAll(def.Fields[1:], v) {
				continue
			}
			valid := holds(check.Expr, v)
			if valid {
				good++
			} else {
				bad++
			}
			if err := s.Put(ctx, &row); valid != (err == nil) || err != nil && !errors.Is(err, store.ErrInvalid) {
				t.Fatalf("%s: %v is valid by %q: %v; got %v", f.Name, v.FieldByName(f.GoName), check.Text, valid, err)
			}
		}
		if good == 0 || bad == 0 {
			t.Errorf("field %d, %s: %d good rows, %d bad ones", i, f.Name, good, bad)
		}
	}
}

// literalOf is the first literal of an expression.
func literalOf(e schema.Expr) *schema.Literal {
	switch e := e.(type) {
	case schema.And:
		return literalOf(e.L)
	case schema.Compare:
		return e.Right.Lit
	}
	panic("an expression without a literal")
}

// Each default is the one of the schema, and a value that is there stays.
func TestDefaults(t *testing.T) {
	ctx := context.Background()
	def := table(t, "sink.defaults")
	db, _ := open(t)
	s := must(defaults.Open(ctx, db))
	var empty defaults.Preset
	if err := s.Insert(ctx, &empty); err != nil {
		t.Fatal(err)
	}
	same(t, "what Insert wrote", must(s.Get(ctx, empty.ID)), empty)
	v := reflect.ValueOf(empty)
	for _, f := range def.Fields {
		x, there := deref(v.FieldByName(f.GoName), f)
		switch {
		case !there:
			t.Errorf("%s has no value", f.Name)
		case f.Default.Now:
			if got := x.Interface().(time.Time); !got.Equal(start) || got.Location() != time.UTC {
				t.Errorf("%s is %v, not the time of the write", f.Name, got)
			}
		case f.Default.New:
			if got := x.Interface().(uuid.UUID); got.Version() != 7 {
				t.Errorf("%s is %v, no new UUID", f.Name, got)
			}
		case f.Type.Kind == kind.JSON:
			if got := string(x.Bytes()); got != f.Default.Value.Text() {
				t.Errorf("%s is %s", f.Name, got)
			}
		default:
			if compare(f.Type, x, literal(f.Default)) != 0 {
				t.Errorf("%s is %v, want %v", f.Name, x, f.Default)
			}
		}
	}
	var full defaults.Preset
	random := newMaker(6, false)
	for !allSet(def, reflect.ValueOf(full)) {
		for _, f := range def.Fields {
			if v := reflect.ValueOf(&full).Elem(); v.FieldByName(f.GoName).IsZero() {
				random.fill([]*schema.Field{f}, v)
			}
		}
	}
	full.ZeroOpt = new(int64)
	want := full
	if err := s.Insert(ctx, &full); err != nil {
		t.Fatal(err)
	}
	same(t, "a row that has all its values", full, want)
}

func allSet(def *schema.Table, v reflect.Value) bool {
	for _, f := range def.Fields {
		if v.FieldByName(f.GoName).IsZero() {
			return false
		}
	}
	return true
}

// Conditions have the order of keys: a NaN is the least float and equals itself, and
// -0 is 0.
func TestOrderOfFloats(t *testing.T) {
	ctx := context.Background()
	db, _ := open(t)
	s := must(ordered.Open(ctx, db))
	nan, minus := math.NaN(), math.Copysign(0, -1)
	for i, f := range []float64{nan, math.Inf(-1), minus, 0, 1.5, 2} {
		row := ordered.Row{ID: int32(i), F: f, FOpt: &f, My: models.MyFloat64(f), MyOpt: new(models.MyFloat64(f)), Colour: models.ColourBlue, Name: new("x")}
		if err := s.Insert(ctx, &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name string
		rows *ordered.Query
		want []int32
	}{
		{"f < 1.5", s.ByLess.Scan(), []int32{0, 1, 2, 3}},
		{"not (f < 1.5)", s.ByNotLess.Scan(), []int32{5, 4}},
		{"f <= 0", s.ByMost.Scan(), []int32{0, 1, 2, 3}},
		{"f_opt < 1.5", s.ByOpt.Scan(), []int32{0, 1, 2, 3}},
		{"f_opt != 0", s.ByOptNot.Scan(), []int32{0, 1, 4, 5}},
		{"f == f", s.BySame.Scan(), []int32{0, 1, 2, 3, 4, 5}},
		{"my >= 0 and not (my_opt > my)", s.ByMy.Scan(), []int32{2, 3, 4, 5}},
		{"f > 0", s.ByNamed.Scan(), []int32{4, 5}},
	} {
		var got []int32
		for row, err := range test.rows.All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row.ID)
		}
		same(t, "rows where "+test.name, got, test.want)
	}
}
