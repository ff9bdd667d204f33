package store_test

import (
	"fmt"
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// A table whose schema says what it was called keeps its rows, and a program of
// the old name is told, in place of beginning an empty one.
func TestRenamedTable(t *testing.T) {
	eng := filled(t, pairDesc("pairs", "a"), 10)
	renamed := pairDesc("couples", "a")
	renamed.Was = []string{"duos", "pairs"}
	for range 2 { // the second time there is nothing to do
		db, s, err := pairs(eng, renamed)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rows", must(s.Count(ctx)), 10)
		same(t, "name", s.Handle().Name(), "couples")
		same(t, "tables", len(must(db.Tables(ctx))), 1)
		found := must(db.Verify(ctx, store.VerifyOptions{Found: func(f store.Finding) { t.Error(f) }}))
		same(t, "rows verified", found.Rows, 10)
	}
	_, _, err := pairs(eng, pairDesc("pairs", "a"))
	isErr(t, err, store.ErrSchema)
}

func TestRenamedFamily(t *testing.T) {
	family := func(name string, was ...string) pairCodec {
		d := pairDesc(name, "a")
		d.Was = was
		d.Per = []catalog.Field{{Name: "app", Type: catalog.Type{Kind: catalog.String}}}
		return pairCodec{desc: d}
	}
	eng := open{memory.New()}
	db := must(store.Open(ctx, eng))
	for i, name := range []string{"x", "y"} {
		s := must(store.OpenTypedMember(ctx, db, family("things"), keys.AppendString(nil, name), name))
		for k := range i + 1 {
			if err := s.Insert(ctx, &pairRow{K: fmt.Sprint(k), A: name}); err != nil {
				t.Fatal(err)
			}
		}
	}
	db = must(store.Open(ctx, eng))
	now := family("items", "things")
	for i, name := range []string{"x", "y"} {
		s := must(store.OpenTypedMember(ctx, db, now, keys.AppendString(nil, name), name))
		same(t, "rows of "+name, must(s.Count(ctx)), i+1)
	}
	same(t, "members", len(must(db.Members(ctx, now.desc))), 2)
	_, err := store.OpenTypedMember(ctx, must(store.Open(ctx, eng)), family("things"), keys.AppendString(nil, "x"), "x")
	isErr(t, err, store.ErrSchema)
}
