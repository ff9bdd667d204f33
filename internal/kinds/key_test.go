package kinds

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// keyTables writes tables whose keys are the type alone, or a struct of it, and reads
// them in their order and by ranges.
func (w *world) keyTables() error {
	for _, ofStruct := range []bool{false, true} {
		if !w.keyed {
			return nil
		}
		codec := dynamic.New(w.keyTable(ofStruct))
		table, err := storeimpl.OpenTyped(w.ctx, w.db, codec)
		if err != nil {
			return err
		}
		var want [][]kind.Value
		for _, v := range w.subject.values {
			seconds := w.subject.values
			if !ofStruct {
				seconds = seconds[:1]
			}
			for _, second := range seconds {
				row := &dynamic.Row{Fields: []any{v}}
				key := []kind.Value{v}
				if ofStruct {
					key = append(key, second)
					row.Fields[0] = &dynamic.Struct{Fields: []any{v, second}}
				}
				if err := table.Insert(w.ctx, row); err != nil {
					return err
				}
				want = append(want, key)
			}
		}
		p := provider.New(table)
		if err := keysAre(w.ctx, p, nil, want); err != nil {
			return err
		}
		for _, v := range w.subject.values {
			for name, r := range map[string]struct {
				is    provider.KeyRange
				holds func(order int) bool
			}{
				"=":  {provider.KeyRange{Equal: []kind.Value{v}}, func(o int) bool { return o == 0 }},
				"<":  {provider.KeyRange{High: provider.Beyond(v)}, func(o int) bool { return o < 0 }},
				">=": {provider.KeyRange{Low: provider.From(v)}, func(o int) bool { return o >= 0 }},
			} {
				some := slices.DeleteFunc(slices.Clone(want), func(key []kind.Value) bool { return !r.holds(key[0].Compare(v)) })
				if err := keysAre(w.ctx, p, []provider.KeyRange{r.is}, some); err != nil {
					return fmt.Errorf("struct=%t: %s %s: %w", ofStruct, name, v, err)
				}
			}
		}
	}
	return nil
}

// keysAre compares the keys that a scan shows.
func keysAre(ctx context.Context, p *provider.Provider, ranges []provider.KeyRange, want [][]kind.Value) error {
	c, err := p.Scan(ctx, &provider.ScanRequest{Ranges: ranges, Columns: p.Def().All()})
	if err != nil {
		return err
	}
	defer c.Close()
	n := 0
	for ; c.Next(); n++ {
		decoded, err := p.Def().DecodeKey(c.Key())
		if err != nil {
			return err
		}
		if n == len(want) {
			return fmt.Errorf("more than %d keys", n)
		}
		again, err := p.Def().EncodeKey(nil, want[n]...)
		if err != nil || string(again) != string(c.Key()) {
			return fmt.Errorf("key %d is % x, and its values make % x, %w", n, c.Key(), again, err)
		}
		for i, v := range want[n] {
			if !c.Value(i).Equal(v) || !decoded[i].Equal(v) {
				return fmt.Errorf("part %d of key %d is %s and %s, want %s", i, n, c.Value(i), decoded[i], v)
			}
		}
	}
	if n != len(want) {
		return cmp.Or(c.Err(), fmt.Errorf("%d keys, want %d", n, len(want)))
	}
	return c.Err()
}
