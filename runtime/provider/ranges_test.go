package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/record"
	"pgregory.net/rapid"
)

// A scan of any ranges of a path, however they lie to each other, shows each row that
// is in one of them once, in the order of the path, up to its limit.
func TestRangesModel(t *testing.T) {
	texts := rapid.SampledFrom([]string{"", "\x00", "a", "a\x00", "ab", "b", "\xff", "\xff\xff"})
	small := rapid.IntRange(0, 2)
	rapid.Check(t, func(t *rapid.T) {
		e, err := testtable.OpenEnv()
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}()
		for i := range rapid.IntRange(0, 12).Draw(t, "rows") {
			it := testtable.Item{
				Tenant: texts.Draw(t, "tenant"), Name: texts.Draw(t, "name"), Email: fmt.Sprint(i), Ref: [16]byte{byte(i), 0xFF},
				Status: testtable.Status(1 + small.Draw(t, "status")), Created: testtable.Start.AddDate(0, 0, small.Draw(t, "created")),
				N32: rapid.SampledFrom([]uint32{0, 1, 1<<32 - 1}).Draw(t, "n32"), N64: uint64(small.Draw(t, "n64")),
				Blob: []byte(texts.Draw(t, "blob")), Took: time.Duration(small.Draw(t, "took")),
			}
			if small.Draw(t, "has priority") > 0 {
				it.Priority = record.Ptr(int32(small.Draw(t, "priority") - 1))
			}
			if err := e.Items.Put(ctx, &it); err != nil {
				t.Fatal(err)
			}
		}
		p := provider.New(e.Items)
		all := rowValues(t, p)
		for at := range p.Def().Paths {
			path := &p.Def().Paths[at]
			if path.Where != nil || slices.ContainsFunc(path.Columns, func(c provider.PathColumn) bool { return c.Fold || c.Each }) {
				continue
			}
			ranges := make([]provider.KeyRange, rapid.IntRange(0, 4).Draw(t, "ranges"))
			for i := range ranges {
				ranges[i] = anyRange(t, p.Def(), path, all)
			}
			checkScan(t, p, at, ranges, all)
		}
	})
}

// rowValues are the values of all rows, in the order of their keys.
func rowValues(t *rapid.T, p *provider.Provider) (all [][]provider.Value) {
	c, err := p.Scan(ctx, &provider.ScanRequest{Columns: p.Def().All()})
	if err != nil {
		t.Fatal(err)
	}
	for c.Next() {
		row := make([]provider.Value, len(p.Def().Columns))
		for i := range row {
			row[i] = c.Value(i).Clone()
		}
		all = append(all, row)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

// anyRange is one about values that rows have, or about a null.
func anyRange(t *rapid.T, d *provider.TableDef, path *provider.Path, all [][]provider.Value) (r provider.KeyRange) {
	value := func(at int) provider.Value {
		if len(all) == 0 || rapid.IntRange(0, 19).Draw(t, "null") == 0 {
			return provider.Value{}
		}
		return rapid.SampledFrom(all).Draw(t, "value of row")[path.Columns[at].Column]
	}
	n := rapid.IntRange(0, len(path.Columns)).Draw(t, "equal")
	for i := range n {
		r.Equal = append(r.Equal, value(i))
	}
	if n == len(path.Columns) {
		return r
	}
	bound := func() provider.Bound {
		return provider.Bound{Value: value(n), Set: true, Open: rapid.Bool().Draw(t, "open")}
	}
	k := d.Columns[path.Columns[n].Column].Kind
	switch how := rapid.IntRange(0, 4).Draw(t, "bounds"); {
	case how == 1:
		r.Low = bound()
	case how == 2:
		r.High = bound()
	case how == 3:
		r.Low, r.High = bound(), bound()
	case how == 4 && k.Text():
		r.Prefix = provider.From(value(n))
	}
	return r
}

// in reports whether a row is in a range.
func in(path *provider.Path, r *provider.KeyRange, row []provider.Value) bool {
	for i, v := range r.Equal {
		if has := row[path.Columns[i].Column]; v.IsNull() || has.Compare(v) != 0 {
			return false
		}
	}
	if !r.Low.Set && !r.High.Set && !r.Prefix.Set {
		return true
	}
	has := row[path.Columns[len(r.Equal)].Column]
	for _, b := range []provider.Bound{r.Low, r.High, r.Prefix} {
		if b.Set && b.Value.IsNull() {
			return false
		}
	}
	low, high := has.Compare(r.Low.Value), has.Compare(r.High.Value)
	return !(r.Low.Set && (low < 0 || low == 0 && r.Low.Open)) && !(r.High.Set && (high > 0 || high == 0 && r.High.Open)) &&
		!(r.Prefix.Set && !strings.HasPrefix(has.Text(), r.Prefix.Value.Text()))
}

func checkScan(t *rapid.T, p *provider.Provider, at int, ranges []provider.KeyRange, all [][]provider.Value) {
	path := &p.Def().Paths[at]
	var want [][]provider.Value
	for _, row := range all { // in the order of keys, which a path has behind its columns
		onPath := !slices.ContainsFunc(path.Columns, func(c provider.PathColumn) bool { return row[c.Column].IsNull() })
		if onPath && (len(ranges) == 0 || slices.ContainsFunc(ranges, func(r provider.KeyRange) bool { return in(path, &r, row) })) {
			want = append(want, row)
		}
	}
	slices.SortStableFunc(want, func(a, b []provider.Value) int {
		for _, c := range path.Columns {
			if d := a[c.Column].Compare(b[c.Column]); d != 0 {
				if c.Desc {
					return -d
				}
				return d
			}
		}
		return 0
	})
	keys := func(rows [][]provider.Value) (out []string) {
		for _, row := range rows {
			out = append(out, fmt.Sprintf("%q %q", row[0].Text(), row[1].Text()))
		}
		return out
	}
	turned := slices.Clone(want)
	slices.Reverse(turned)
	for _, reverse := range []bool{false, true} {
		want := keys(want)
		if reverse {
			want = keys(turned)
		}
		for limit := range len(want) + 2 {
			c, err := p.Scan(ctx, &provider.ScanRequest{Path: at, Ranges: ranges, Columns: provider.Cols(0, 1), Reverse: reverse, Limit: int64(limit)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for c.Next() {
				got = append(got, fmt.Sprintf("%q %q", c.Value(0).Text(), c.Value(1).Text()))
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			limited := want
			if limit > 0 && limit < len(want) {
				limited = want[:limit]
			}
			if diff := cmp.Diff(limited, got); diff != "" {
				t.Fatalf("path %s, ranges %+v, reverse %v, limit %d: -want +got\n%s", path.Name, ranges, reverse, limit, diff)
			}
		}
	}
}
