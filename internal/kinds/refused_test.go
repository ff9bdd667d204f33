package kinds

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
	"github.com/storegen/storegen/runtime/store"
)

// unique makes sure that a value which another row has is refused, with a message that
// tells it.
func (w *world) unique() error {
	if !w.keyed {
		return nil
	}
	for n, r := range w.rows {
		v, ok := r.Fields[single].(kind.Value)
		if !ok {
			continue
		}
		again := &dynamic.Row{Fields: slices.Clone(r.Fields)}
		again.Fields[number] = kind.Int64Of(1e6 + int64(n))
		err := w.table.Insert(w.ctx, again)
		if !errors.Is(err, store.ErrUnique) {
			return fmt.Errorf("%s is there twice: %v", v, err)
		}
		text := w.text(v)
		if v.Kind() == kind.Bytes {
			text = keys.Format(v.Bytes())
		}
		if want := "(" + text + ", " + text + ")"; !strings.Contains(err.Error(), want) && len(text) < 100 {
			return fmt.Errorf("%q does not tell %s", err, want)
		}
	}
	return nil
}

// wrong makes sure that a value of another kind is refused, and so one of the same kind
// that keys and rows hold in another form, with a message that tells both.
func (w *world) wrong() error {
	others := []kind.Value{kind.Int64Of(7)}
	if w.row.Kind == kind.Int64 {
		others[0] = kind.BoolOf(true)
	}
	if w.row.FormStored {
		for _, size := range []int{w.typ.Size - 1, w.typ.Size + 1} {
			others = append(others, w.row.Zero(&kind.Params{Size: size}))
		}
	}
	tells := func(err error, other kind.Value) bool {
		return err != nil && strings.Contains(err.Error(), kind.TypeText(w.row.Kind, &w.typ.Params)) && strings.Contains(err.Error(), other.TypeText())
	}
	for _, other := range others {
		for _, at := range []int{part, field, optional} {
			if at == part && !w.keyed {
				continue
			}
			values := w.values(w.rows[0])
			values[number], values[at] = kind.Int64Of(-1), other
			if _, err := w.p.Insert(w.ctx, provider.Scope{}, values); !tells(err, other) || !errors.Is(err, store.ErrInvalid) {
				return fmt.Errorf("%s, a value of another type, in a row: %v", other, err)
			}
		}
		for _, c := range []plan.Constraint{
			{Column: field, Op: plan.Eq, Value: other}, {Column: optional, Op: plan.Gt, Value: other}, {Column: field, Op: plan.In, Values: []kind.Value{w.literal(), other}},
			{Column: list, Op: plan.Contains, Value: other},
		} {
			if c.Op == plan.Contains && w.row.Kind == kind.JSON {
				continue // whose lists are compared with documents
			}
			if pl := plan.Choose(w.p.Def(), plan.Query{Where: []plan.Constraint{c}}); !tells(pl.Err, other) {
				return fmt.Errorf("%s %s, a value of another type: %v", c.Op, other, pl.Err)
			}
		}
		for n, path := range w.p.Def().Paths {
			if path.Columns[0].Column != field || path.Columns[0].Fold {
				continue
			}
			bound := provider.Bound{Value: other, Set: true}
			for _, r := range []provider.KeyRange{{Equal: []kind.Value{other}}, {Low: bound}, {High: bound}} {
				if _, err := w.p.Scan(w.ctx, &provider.ScanRequest{Path: n, Ranges: []provider.KeyRange{r}}); !tells(err, other) {
					return fmt.Errorf("%s, a value of another type, in a range: %v", other, err)
				}
			}
		}
	}
	if v := w.literal(); w.row.Kind != kind.Int64 {
		values := w.values(w.rows[0])
		values[number] = v
		if _, err := w.p.Insert(w.ctx, provider.Scope{}, values); !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), v.String()) {
			return fmt.Errorf("%s as an int64: %v", v, err)
		}
	}
	if w.row.Kind == kind.JSON {
		return nil // of which any document is one
	}
	values := w.values(w.rows[0])
	values[number], values[list] = kind.Int64Of(-1), provider.JSON("[{}]")
	want := w.row.WantJSON(&w.typ.Params)
	if _, err := w.p.Insert(w.ctx, provider.Scope{}, values); !errors.Is(err, store.ErrInvalid) || want == "" || !strings.Contains(err.Error(), want) {
		return fmt.Errorf("an element that is none: %v", err)
	}
	return nil
}
