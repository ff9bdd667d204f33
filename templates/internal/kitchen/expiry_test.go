package kitchen

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/family"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/duration_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/fixed_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/int32_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/int64_opt_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/myduration_opt_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/myint32_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/uint32_opt_keep"
	"github.com/storegen/storegen/templates/internal/kitchen/db/ttl/uint64_keep"
)

// testExpiry writes a row and asks when it is gone; 0 is never.
func testExpiry[V any, S store.EntityStore[string, V]](t *testing.T, name string, open_ opener[S], row V, after time.Duration, opts ...store.TableOption) {
	t.Run(name, func(t *testing.T) {
		ctx := context.Background()
		db, clock := open(t)
		s := must(open_(ctx, db, opts...))
		if err := s.Insert(ctx, &row); err != nil {
			t.Fatal(err)
		}
		there := func(at time.Time) bool {
			clock.Set(at)
			return must(s.Has(ctx, ""))
		}
		if after == 0 {
			if !there(start.AddDate(100, 0, 0)) {
				t.Error("the row expires, and should not")
			}
			return
		}
		if !there(start.Add(after - time.Nanosecond)) {
			t.Errorf("the row is gone before %v", after)
		}
		if there(start.Add(after)) {
			t.Errorf("the row is there after %v", after)
		}
	})
}

func TestExpiry(t *testing.T) {
	at, keep := &start, store.WithTTL(time.Hour)
	testExpiry(t, "int32", int32_keep.Open, int32_keep.Row{At: start, Keep: 5}, 5*time.Second)
	testExpiry(t, "int64", int64_opt_keep.Open, int64_opt_keep.Row{At: at, Keep: record.Ptr(int64(6))}, 6*time.Second)
	testExpiry(t, "int64 without from", int64_opt_keep.Open, int64_opt_keep.Row{Keep: record.Ptr(int64(6))}, 0)
	testExpiry(t, "int64 without keep", int64_opt_keep.Open, int64_opt_keep.Row{At: at}, 0)
	testExpiry(t, "int64 by the store's default", int64_opt_keep.Open, int64_opt_keep.Row{At: at}, time.Hour, keep)
	testExpiry(t, "uint32", uint32_opt_keep.Open, uint32_opt_keep.Row{At: start, Keep: record.Ptr(uint32(7))}, 7*time.Second)
	testExpiry(t, "uint64", uint64_keep.Open, uint64_keep.Row{At: at, Keep: 8}, 8*time.Second)
	testExpiry(t, "uint64 of the longest", uint64_keep.Open, uint64_keep.Row{At: at, Keep: 1<<64 - 1}, 0)
	testExpiry(t, "duration", duration_keep.Open, duration_keep.Row{At: start, Keep: 9 * time.Millisecond}, 9*time.Millisecond)
	testExpiry(t, "named duration", myduration_opt_keep.Open, myduration_opt_keep.Row{At: at, Keep: record.Ptr(10 * time.Minute)}, 10*time.Minute)
	testExpiry(t, "named duration by the store's default", myduration_opt_keep.Open, myduration_opt_keep.Row{At: at}, time.Hour, keep)
	testExpiry(t, "named int32", myint32_keep.Open, myint32_keep.Row{At: start, Keep: 11}, 11*time.Second)
	testExpiry(t, "fixed", fixed_keep.Open, fixed_keep.Row{At: at}, 90*time.Minute)
	testExpiry(t, "fixed without from", fixed_keep.Open, fixed_keep.Row{}, 0)
}

// The tables of a group are opened at once, and share transactions.
func TestGroup(t *testing.T) {
	ctx := context.Background()
	base, _ := open(t)
	db := must(ttl.Open(ctx, base))
	err := db.Update(ctx, func(tx *ttl.Tx) error {
		if err := tx.FixedKeep.Insert(ctx, &fixed_keep.Row{ID: "a"}); err != nil {
			return err
		}
		return tx.Int32Keep.Insert(ctx, &int32_keep.Row{ID: "a", At: start, Keep: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(ctx, func(tx *ttl.Tx) error {
		if _, err := tx.FixedKeep.Get(ctx, "a"); err != nil {
			return err
		}
		_, err := tx.Int32Keep.Get(ctx, "a")
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The members of a family share no rows, and are told apart by parameters of
// every kind.
func TestFamily(t *testing.T) {
	ctx := context.Background()
	db, _ := open(t)
	def := table(t, "sink.family")
	openMember := func(m family.Member) (*family.Store, error) {
		args := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(db)}
		for i := range reflect.TypeOf(m).NumField() {
			args = append(args, reflect.ValueOf(m).Field(i))
		}
		out := reflect.ValueOf(family.Open).Call(args)
		err, _ := out[1].Interface().(error)
		return out[0].Interface().(*family.Store), err
	}
	random := newMaker(10, false)
	var want []family.Member
	for i := range 12 {
		var m family.Member
		random.fill(def.Per, reflect.ValueOf(&m).Elem())
		m.Tenant, m.Colour, m.Place.Colour = models.MyString("t"+strings.Repeat("\x00", i)), models.ColourBlue, models.ColourRed
		s, err := openMember(m)
		if err != nil {
			t.Fatal(err)
		}
		for n := range i + 1 {
			if err := s.Insert(ctx, &family.Row{Key: start.Add(time.Duration(n))}); err != nil {
				t.Fatal(err)
			}
		}
		want = append(want, m)
	}
	got, err := family.Members(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "members", got, want)
	for i, m := range got {
		s := must(openMember(m))
		if n := must(s.Count(ctx)); n != i+1 {
			t.Errorf("%v has %d rows, want %d", m, n, i+1)
		}
		var parts []string
		for _, f := range def.Per {
			parts = append(parts, textOf(f.Type, reflect.ValueOf(m).FieldByName(f.GoName))...)
		}
		if got, want := m.String(), keys.JoinText(parts...); got != want {
			t.Errorf("a member's name is %s, want %s", got, want)
		}
	}
	low := want[0]
	low.Tenant = ""
	if _, err := openMember(low); err == nil {
		t.Error("a parameter below its limit is taken")
	}
}
