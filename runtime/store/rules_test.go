package store_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// ruledCodec holds the texts of a pair to a length.
type ruledCodec struct {
	pairCodec
	most int
}

func (c ruledCodec) Check(v *pairRow) error {
	var broken record.Broken
	broken.Add(record.Length("a", len(v.A), 0, c.most))
	broken.Add(record.Length("b", len(v.B), 0, c.most))
	return broken.Err()
}

// Rows of before a rule came stay, and their other fields can be updated. Nothing new
// may break it, and a row that is written whole must meet it.
func TestUpdateOfRowsOfBeforeARule(t *testing.T) {
	eng := open{memory.New()}
	_, before, err := pairs(eng, pairDesc("pairs", "a"))
	same(t, "error", err, nil)
	same(t, "error", before.Insert(ctx, &pairRow{K: "k", A: "much too long", B: "b"}), nil)

	db := must(store.Open(ctx, eng))
	s, err := storeimpl.OpenTyped(ctx, db, ruledCodec{pairCodec{desc: pairDesc("pairs", "a")}, 3})
	same(t, "error", err, nil)
	for _, c := range []struct {
		name   string
		update func(r *pairRow)
		want   string // in the error; "" is none
	}{
		{"another field", func(r *pairRow) { r.B = "c" }, ""},
		{"nothing", func(r *pairRow) {}, ""},
		{"the other field breaks the rule too", func(r *pairRow) { r.B = "long too" }, "invalid b: has 8 bytes, the most is 3"},
		{"to another value that breaks it", func(r *pairRow) { r.A = "too long" }, "invalid a: has 8 bytes, the most is 3"},
		{"both", func(r *pairRow) { r.A, r.B = "1234", "12345" }, "invalid a: has 4 bytes, the most is 3; invalid b: has 5 bytes, the most is 3"},
		{"to one that meets it", func(r *pairRow) { r.A = "a" }, ""},
		{"and then back", func(r *pairRow) { r.A = "much too long" }, "invalid a: has 13 bytes, the most is 3"},
	} {
		was := must(s.Get(ctx, "k"))
		var is pairRow
		err := s.Update(ctx, "k", func(r *pairRow) error {
			c.update(r)
			is = *r
			return nil
		})
		if c.want == "" {
			same(t, c.name, err, nil)
		} else if isErr(t, err, record.ErrInvalid); !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if err != nil {
			is = was
		}
		same(t, c.name, must(s.Get(ctx, "k")), is)
	}
	isErr(t, s.Put(ctx, &pairRow{K: "k", A: "much too long"}), record.ErrInvalid)
	// In a transaction, the row is that of the transaction.
	same(t, "error", before.Put(ctx, &pairRow{K: "k", A: "much too long"}), nil)
	isErr(t, db.Update(ctx, func(tx *store.Tx) error {
		in := s.In(tx)
		if err := in.Update(ctx, "k", func(r *pairRow) error { r.A = "a"; return nil }); err != nil {
			t.Error(err)
		}
		return in.Update(ctx, "k", func(r *pairRow) error { r.A = "much too long"; return nil })
	}), record.ErrInvalid)
	isWhole(t, db)
}

// A row that is no row is an error, and not a panic.
func TestNilRow(t *testing.T) {
	db, s, err := pairs(open{memory.New()}, pairDesc("pairs", "a"))
	same(t, "error", err, nil)
	late := make([]*pairRow, 1500) // more than are made ready together
	for i := range late[:1400] {
		late[i] = &pairRow{K: fmt.Sprint(i)}
	}
	const one = "the row is nil"
	for _, c := range []struct {
		name string
		err  error
		says string
	}{
		{"put", s.Put(ctx, nil), one},
		{"insert", s.Insert(ctx, nil), one},
		{"check", s.Check(nil), one},
		{"put many", s.PutMany(ctx, []*pairRow{{K: "a"}, nil}), "the row at index 1 is nil"},
		{"insert many", s.InsertMany(ctx, []*pairRow{nil}), "the row at index 0 is nil"},
		{"insert many more", s.InsertMany(ctx, late), "the row at index 1400 is nil"},
		{"in a transaction", db.Update(ctx, func(tx *store.Tx) error { return s.In(tx).Put(ctx, nil) }), one},
	} {
		if isErr(t, c.err, record.ErrInvalid); !strings.Contains(fmt.Sprint(c.err), c.says) {
			t.Errorf("%s: %v, want %q", c.name, c.err, c.says)
		}
	}
	same(t, "rows", must(s.Count(ctx)), 0)
}

// A message tells the beginning of a long value, and how long it is.
func TestLongValuesInErrors(t *testing.T) {
	desc := pairDesc("pairs", "a")
	desc.Indexes[0].Unique = true
	_, s, err := pairs(open{memory.New()}, desc)
	same(t, "error", err, nil)
	long := strings.Repeat("ä", 5000)
	same(t, "error", s.Insert(ctx, &pairRow{K: "k" + long, A: long}), nil)
	for name, err := range map[string]error{
		"key": s.Insert(ctx, &pairRow{K: "k" + long}), "value": s.Insert(ctx, &pairRow{K: "l" + long, A: long}),
	} {
		text := fmt.Sprint(err)
		if err == nil || len(text) > 500 || !strings.Contains(text, "bytes)") || !utf8.ValidString(text) {
			t.Errorf("%s: %d bytes: %.600s", name, len(text), text)
		}
	}
}
