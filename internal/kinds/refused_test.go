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

// wrong makes sure that a value of another kind is refused, with a message that tells
// both.
func (w *world) wrong() error {
	other := kind.Int64Of(7)
	if w.row.Kind == kind.Int64 {
		other = kind.BoolOf(true)
	}
	values := w.values(w.rows[0])
	values[number], values[field] = kind.Int64Of(-1), other
	_, err := w.p.Insert(w.ctx, provider.Scope{}, values)
	if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), w.row.Name) || !strings.Contains(err.Error(), other.Kind().String()) {
		return fmt.Errorf("a value of another kind: %v", err)
	}
	if v := w.literal(); w.row.Kind != kind.Int64 {
		values := w.values(w.rows[0])
		values[number] = v
		if _, err := w.p.Insert(w.ctx, provider.Scope{}, values); !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), v.String()) {
			return fmt.Errorf("%s as an int64: %v", v, err)
		}
	}
	pl := plan.Choose(w.p.Def(), plan.Query{Where: []plan.Constraint{{Column: field, Op: plan.Eq, Value: other}}})
	if pl.Err == nil || !strings.Contains(pl.Err.Error(), w.row.Name) {
		return fmt.Errorf("a comparison with another kind: %v", pl.Err)
	}
	if w.row.Kind == kind.JSON {
		return nil // of which any document is one
	}
	values = w.values(w.rows[0])
	values[number], values[list] = kind.Int64Of(-1), provider.JSON("[{}]")
	want := w.row.WantJSON(&w.typ.Params)
	if _, err := w.p.Insert(w.ctx, provider.Scope{}, values); !errors.Is(err, store.ErrInvalid) || want == "" || !strings.Contains(err.Error(), want) {
		return fmt.Errorf("an element that is none: %v", err)
	}
	return nil
}
