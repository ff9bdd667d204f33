package owned_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/owned/db/blocks"
	"github.com/storegen/storegen/templates/internal/owned/model"
)

// Arrays, small numbers, dates and decimals of a struct that is there already become
// the scalars that are made for them, by themselves or by a tag.
func TestBlocks(t *testing.T) {
	var got []string
	for _, f := range blocks.Desc.Fields {
		typ := &f.Type
		prefix := ""
		for typ.Elem != nil {
			prefix, typ = prefix+typ.Kind.String()+" of ", typ.Elem
		}
		got = append(got, f.Name+" "+prefix+kind.TypeText(typ.Kind, &typ.Params))
	}
	want := []string{"hash bytes[32]", "height uvarint", "parent bytes[32]", "uncles list of bytes[32]", "roots map of bytes[32]", "magic bytes[4]",
		"tip int8", "drift int16", "kind uint8", "port uint16", "score float32", "offset varint", "day date", "at time_of_day",
		"fee decimal(20,8)", "reward decimal(20,8)", "days list of date"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("columns (-want +got):\n%s", diff)
	}

	ctx := t.Context()
	var db *store.DB
	s, _ := storetest.New(t, func(ctx context.Context, opened *store.DB) (*blocks.Store, error) {
		db = opened
		return blocks.Open(ctx, opened)
	})
	rng := rand.New(rand.NewPCG(15, 4))
	var all []model.Block
	for range 200 {
		var v model.Block
		storetest.Fill(rng, s, &v)
		if err := s.Insert(ctx, &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
		got, err := s.ByHash.Get(ctx, v.Hash)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("a block (-want +got):\n%s", diff)
		}
	}
	uncle := all[slices.IndexFunc(all, func(v model.Block) bool { return len(v.Uncles) > 0 })].Uncles[0]
	if n, err := s.ByUncle.Uncles(uncle).Scan().Count(ctx); err != nil || n < 1 {
		t.Errorf("%d blocks have an uncle, %v", n, err)
	}
	last := model.Block{Height: 0}
	for v, err := range s.Scan().All(ctx) {
		if err != nil || v.Height < last.Height {
			t.Fatalf("height %d comes behind %d: %v", v.Height, last.Height, err)
		}
		last = v
	}
	if err := s.Insert(ctx, &model.Block{Hash: model.Hash{1}, Fee: decimal.MustParse("0.123456789")}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a fee of nine digits: %v", err)
	}
	v := model.Block{Hash: model.Hash{2}}
	if err := s.Insert(ctx, &v); err != nil || v.Fee != decimal.MustParse("0.5") {
		t.Errorf("the default is %s, %v", v.Fee, err)
	}
	if v, err := admin.Verify(ctx, db, admin.VerifyOptions{}); err != nil || v.Findings > 0 {
		t.Errorf("%+v, %v", v, err)
	}
}
