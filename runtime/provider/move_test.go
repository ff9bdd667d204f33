package provider_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/store"
)

// A row that moves keeps all that is not assigned, what is hidden included.
func TestMove(t *testing.T) {
	e := testtable.Open(t)
	before := full("t", "a")
	insert(t, e, before, full("t", "b"))
	p := provider.Mover(provider.New(e.Items))
	def := p.Def()
	name, count := def.ColumnNamed("name"), def.ColumnNamed("count")
	moveTo := func(p provider.Mover, from string, set ...provider.Assignment) error {
		tx, err := e.DB.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := p.Move(ctx, provider.Scope{Tx: tx.Tx()}, keyOf(t, provider.New(e.Items), "t", from), set); err != nil {
			return err
		}
		return tx.Commit()
	}
	to := func(s string) provider.Assignment {
		return provider.Assignment{Column: name, Value: provider.String(s)}
	}
	for _, c := range []struct {
		what string
		p    provider.Mover
		from string
		set  []provider.Assignment
		want error
	}{
		{"to a key that is there", p, "a", []provider.Assignment{to("b")}, store.ErrExists},
		{"no row", p, "x", []provider.Assignment{to("y")}, store.ErrNotFound},
		{"to null", p, "a", []provider.Assignment{{Column: name}}, store.ErrInvalid},
		{"to another kind", p, "a", []provider.Assignment{{Column: name, Value: provider.Int64(1)}}, store.ErrInvalid},
		{"of a principal", provider.Secure(p, access.Principal{User: "u", Role: access.User}).(provider.Mover), "a", []provider.Assignment{to("c")}, store.ErrDenied},
		{"where it is", p, "a", []provider.Assignment{to("a"), {Column: count, Value: provider.Int64(5)}}, nil},
		{"away", p, "a", []provider.Assignment{to("c"), {Column: count, Value: provider.Int64(6)}}, nil},
	} {
		if err := moveTo(c.p, c.from, c.set...); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
	if _, err := p.Move(ctx, provider.Scope{}, keyOf(t, provider.New(e.Items), "t", "b"), []provider.Assignment{to("z")}); !errors.Is(err, store.ErrInvalid) {
		t.Error("outside of a transaction:", err)
	}
	got, err := e.Items.Get(ctx, testtable.ItemKey{Tenant: "t", Name: "c"})
	if err != nil {
		t.Fatal(err)
	}
	before.Name, before.Count = "c", 6
	if diff := cmp.Diff(before, got); diff != "" {
		t.Error(diff)
	}
	if n, err := e.Items.Count(ctx); err != nil || n != 2 {
		t.Error(n, err)
	}
}
