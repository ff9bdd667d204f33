package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"pgregory.net/rapid"
)

// Unique values may change hands among rows that are written together, in an order in
// which they are free when they are taken.
func TestValuesChangeHandsTogether(t *testing.T) {
	row := func(id, name string) *users.User { return newUser(models.UserID(id), models.UserName(name), 0) }
	for _, c := range []struct {
		name   string
		before []*users.User
		rows   []*users.User
		want   string // the rows afterwards, or "unique"
	}{
		{"given up, then taken", []*users.User{row("a", "x")}, []*users.User{row("a", "y"), row("b", "x")}, "a=y b=x"},
		{"taken before it is given up", []*users.User{row("a", "x")}, []*users.User{row("b", "x"), row("a", "y")}, "unique"},
		{"given on in a chain", []*users.User{row("a", "x"), row("b", "y")}, []*users.User{row("a", "z"), row("b", "x"), row("c", "y")}, "a=z b=x c=y"},
		{"one row twice", nil, []*users.User{row("a", "x"), row("a", "y"), row("b", "x")}, "a=y b=x"},
		{"one row twice, back to what it was", nil, []*users.User{row("a", "x"), row("a", "y"), row("a", "x")}, "a=x"},
		{"one value twice", nil, []*users.User{row("a", "x"), row("b", "x")}, "unique"},
	} {
		for _, others := range []int{0, 30} { // so many that they are found by a table
			for _, shared := range []bool{false, true} {
				eng := open{memory.New()}
				var top engine.Engine = eng
				if shared {
					top = sharedEngine{eng}
				}
				db := must(store.Open(ctx, top))
				s := must(users.Open(ctx, db))
				if err := s.PutMany(ctx, c.before); err != nil {
					t.Fatal(err)
				}
				rows := slices.Clone(c.rows)
				for i := range others {
					rows = append(rows, row(fmt.Sprint("other", i), fmt.Sprint("other", i)))
				}
				err := s.PutMany(ctx, rows)
				got := "unique"
				if !errors.Is(err, store.ErrUnique) {
					if err != nil {
						t.Fatal(err)
					}
					var parts []string
					for _, u := range must(s.Scan().Rows(ctx)) {
						if !strings.HasPrefix(string(u.UserID), "other") {
							parts = append(parts, fmt.Sprintf("%s=%s", u.UserID, u.Username))
						}
					}
					got = strings.Join(parts, " ")
				}
				same(t, fmt.Sprintf("%s, %d others, shared=%v", c.name, others, shared), got, c.want)
			}
		}
	}
}

// Rows that are written together do what they do one after the other in a transaction:
// rows with one key among them, unique values that change hands, holders that have expired,
// and rows that are refused. What is read for them together must not be taken for what is
// there once one of them has been written.
func TestTogetherIsOneAfterTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SampledFrom([]int{3, 12, 60}).Draw(t, "keys")
		shared := rapid.Bool().Draw(t, "shared")
		draw := func(what string, least, most int) (out []*users.User) {
			for range rapid.IntRange(least, most).Draw(t, what) {
				id := rapid.IntRange(0, keys-1).Draw(t, "id")
				name := rapid.IntRange(0, keys-1).Draw(t, "name")
				u := newUser(models.UserID(fmt.Sprint("u", id)), models.UserName(fmt.Sprint("n", name)), models.RoleUser)
				switch rapid.IntRange(0, 30).Draw(t, "form") {
				case 0:
					u.Username = "" // which is refused
				case 1:
					u = nil
				case 2, 3, 4, 5:
					u.DeletedAt = ptr(start.Add(-31 * 24 * time.Hour)) // it has expired
				}
				out = append(out, u)
			}
			return out
		}
		before, rows := draw("before", 0, keys), draw("rows", 0, 2*keys)
		kind := rapid.SampledFrom([]string{"put", "insert", "delete"}).Draw(t, "kind")
		ends := [2]map[string]string{}
		errs := [2]error{}
		for i := range ends {
			eng := open{memory.New()}
			var top engine.Engine = eng
			if shared {
				top = sharedEngine{eng}
			}
			db := must(store.Open(ctx, top, store.WithClock(store.NewManualClock(start))))
			s := must(users.Open(ctx, db))
			for _, u := range before {
				if u != nil {
					_ = s.Put(ctx, u) // those that are refused are of no interest
				}
			}
			cursors := must(eng.Get(ctx, []byte{0, 6}))
			one := func(tx *store.Tx, u *users.User) error {
				if kind == "put" {
					return s.In(tx).Put(ctx, u)
				}
				return s.In(tx).Insert(ctx, u)
			}
			together := func() error {
				switch kind {
				case "put":
					return s.PutMany(ctx, rows)
				case "insert":
					return s.InsertMany(ctx, rows)
				}
				return second(s.Scan().Limit(len(rows)).Delete(ctx))
			}
			switch {
			case i == 0:
				errs[i] = together()
			case kind == "delete":
				errs[i] = db.Update(ctx, func(tx *store.Tx) error {
					for _, u := range must(s.In(tx).Scan().Limit(len(rows)).Rows(ctx)) {
						if _, err := s.In(tx).Delete(ctx, u.UserID); err != nil {
							return err
						}
					}
					return nil
				})
			default:
				errs[i] = db.Update(ctx, func(tx *store.Tx) error {
					for i, u := range rows {
						err := one(tx, u)
						if u == nil { // one alone does not tell which of them it is
							return errors.New(strings.Replace(err.Error(), "the row is nil", fmt.Sprintf("the row at index %d is nil", i), 1))
						}
						if err != nil {
							return err
						}
					}
					return nil
				})
			}
			ends[i] = dump(eng)
			for k, v := range ends[i] {
				if v == string(cursors) {
					delete(ends[i], k) // it is random
				}
			}
			if !errors.Is(errs[i], store.ErrInvalid) {
				if err := checkWhole(ctx, db); err != nil {
					t.Fatalf("not whole: %v", err)
				}
			}
		}
		if diff := cmp.Diff(fmt.Sprint(errs[1]), fmt.Sprint(errs[0])); diff != "" {
			t.Fatalf("error (-one after the other +together):\n%s", diff)
		}
		if diff := cmp.Diff(ends[1], ends[0]); diff != "" {
			t.Fatalf("stored (-one after the other +together):\n%s", diff)
		}
	})
}

// The same with several unique indexes, whose entries a row that is put may have to look up
// when all that was read ahead is taken.
func TestTogetherWithSeveralUniqueIndexes(t *testing.T) {
	desc := pairDesc("pairs", "a", "b", "both")
	desc.Indexes[0].Columns = []catalog.Column{{Field: 1}}
	desc.Indexes[1].Columns = []catalog.Column{{Field: 2}}
	desc.Indexes[2].Columns = []catalog.Column{{Field: 2}, {Field: 1, Options: catalog.Options{Desc: true}}}
	for i := range desc.Indexes {
		desc.Indexes[i].Unique = true
	}
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SampledFrom([]int{3, 12, 60}).Draw(t, "keys")
		shared := rapid.Bool().Draw(t, "shared")
		insert := rapid.Bool().Draw(t, "insert")
		values := keys * rapid.SampledFrom([]int{2, 50}).Draw(t, "spread") // many that clash, or few
		one := func(what string) string { return fmt.Sprint(what, rapid.IntRange(0, values).Draw(t, what)) }
		draw := func(what string) (out []*pairRow) {
			for range rapid.IntRange(0, keys).Draw(t, what) {
				out = append(out, &pairRow{K: one("k"), A: one("a"), B: one("b")})
			}
			return out
		}
		before, rows := draw("before"), draw("rows")
		ends := [2]map[string]string{}
		errs := [2]error{}
		for i := range ends {
			eng := open{memory.New()}
			var top engine.Engine = eng
			if shared {
				top = sharedEngine{eng}
			}
			db, s, err := pairs(top, desc)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range before {
				_ = s.Put(ctx, v) // those that are refused are of no interest
			}
			cursors := must(eng.Get(ctx, []byte{0, 6}))
			errs[i] = db.Update(ctx, func(tx *store.Tx) error {
				in := s.In(tx)
				switch {
				case i == 0 && insert:
					return in.InsertMany(ctx, rows)
				case i == 0:
					return in.PutMany(ctx, rows)
				}
				for _, v := range rows {
					write := in.Put
					if insert {
						write = in.Insert
					}
					if err := write(ctx, v); err != nil {
						return err
					}
				}
				return nil
			})
			ends[i] = dump(eng)
			for k, v := range ends[i] {
				if v == string(cursors) {
					delete(ends[i], k) // it is random
				}
			}
			if err := checkWhole(ctx, db); err != nil {
				t.Fatalf("not whole: %v", err)
			}
		}
		if diff := cmp.Diff(fmt.Sprint(errs[1]), fmt.Sprint(errs[0])); diff != "" {
			t.Fatalf("error (-one after the other +together):\n%s", diff)
		}
		if diff := cmp.Diff(ends[1], ends[0]); diff != "" {
			t.Fatalf("stored (-one after the other +together):\n%s", diff)
		}
	})
}
