package provider_test

import (
	"slices"
	"testing"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"

	"github.com/storegen/storegen/runtime/admin"
	"pgregory.net/rapid"
)

// An index over the elements of a list finds a row by each of them, once, however often
// it is in the list and whatever the list was before.
func TestEntriesOfLists(t *testing.T) {
	tags := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b"}), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		e, err := testtable.OpenEnv()
		if err != nil {
			t.Fatal(err)
		}
		p := provider.New(e.Items)
		path := p.Def().PathNamed("tag")
		var has []string
		there := false
		key := testtable.ItemKey{Tenant: "t", Name: "n"}
		for range rapid.IntRange(1, 6).Draw(t, "writes") {
			list := tags.Draw(t, "tags")
			switch how := rapid.IntRange(0, 3).Draw(t, "how"); {
			case how == 0 && there:
				_, err = e.Items.Delete(ctx, key)
				list, there = nil, false
			case how == 1 && there:
				err = e.Items.Update(ctx, key, func(it *testtable.Item) error { it.Tags = list; return nil })
			default:
				err = e.Items.Put(ctx, &testtable.Item{Tenant: "t", Name: "n", Email: "e", Status: testtable.Active, Created: testtable.Start, Tags: list})
				there = true
			}
			if err != nil {
				t.Fatal(err)
			}
			has = list
			for _, tag := range []string{"", "a", "b", "c"} {
				c, err := p.Scan(ctx, &provider.ScanRequest{Path: path, Ranges: []provider.KeyRange{{Equal: []provider.Value{provider.String(tag)}}}})
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for c.Next() {
					n++
				}
				want := 0
				if slices.Contains(has, tag) {
					want = 1
				}
				if err := c.Close(); err != nil || n != want {
					t.Fatalf("%q: found by %q %d times, want %d, %v", has, tag, n, want, err)
				}
			}
			if v, err := admin.Verify(ctx, e.DB, admin.VerifyOptions{}); err != nil || v.Findings > 0 {
				t.Fatalf("%q: %d findings, %v", has, v.Findings, err)
			}
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
