package kinds

import (
	"fmt"
	"slices"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

func (w *world) get() error {
	for i, r := range w.rows {
		got, err := w.table.Get(w.ctx, w.codec.Key(r))
		if err != nil || !sameFields(w.fields(), got.Fields, r.Fields) {
			return fmt.Errorf("row %d is %v, want %v: %w", i, got.Fields, r.Fields, err)
		}
	}
	return nil
}

// walk reads all rows in the orders of the key and of each index, both ways.
func (w *world) walk() error {
	indexes := w.codec.Desc().Indexes
	for i := -1; i < len(indexes); i++ {
		name, want, q := "key", slices.Clone(w.rows), w.table.Scan()
		if i >= 0 {
			ix := &indexes[i]
			name, want, q = ix.Name, w.entriesOf(ix), w.table.Index(i)
		}
		for _, reverse := range []bool{false, true} {
			if reverse {
				slices.Reverse(want)
				q = q.Reverse()
			}
			got, err := q.Rows(w.ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if len(got) != len(want) {
				return fmt.Errorf("%s has %d rows, want %d", name, len(got), len(want))
			}
			for n := range got {
				if !sameFields(w.fields(), got[n].Fields, want[n].Fields) {
					return fmt.Errorf("%s: row %d is %v, want %v", name, n, got[n].Fields, want[n].Fields)
				}
			}
		}
	}
	return nil
}

// entriesOf are the rows that an index shows, in its order.
func (w *world) entriesOf(ix *catalog.Index) []*dynamic.Row {
	type entry struct {
		row     *dynamic.Row
		columns []kind.Value
	}
	var all []entry
	for _, r := range w.rows {
		if ix.Where != nil && r.Fields[field].(kind.Value).Equal(w.literal()) {
			continue
		}
		if ix.Columns[0].Each {
			var seen []kind.Value
			for _, x := range r.Fields[list].([]any) {
				if v := x.(kind.Value); !slices.ContainsFunc(seen, v.Equal) {
					seen = append(seen, v)
					all = append(all, entry{r, []kind.Value{v}})
				}
			}
			continue
		}
		e := entry{row: r}
		for _, c := range ix.Columns {
			if v, ok := r.Fields[c.Field].(kind.Value); ok {
				e.columns = append(e.columns, v)
			}
		}
		if len(e.columns) == len(ix.Columns) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		for i, c := range ix.Columns {
			if d := a.columns[i].Compare(b.columns[i]); d != 0 && c.Desc {
				return -d
			} else if d != 0 {
				return d
			}
		}
		return 0 // the rows are in the order of their keys
	})
	var out []*dynamic.Row
	for _, e := range all {
		out = append(out, e.row)
	}
	return out
}

// columns compares what a scan shows of all rows.
func (w *world) columns() error {
	rows, err := w.run(&plan.Query{Columns: w.p.Def().All()}, nil)
	if err != nil {
		return err
	}
	if len(rows) != len(w.rows) {
		return fmt.Errorf("%d rows, want %d", len(rows), len(w.rows))
	}
	for n, got := range rows {
		if err := w.shows(got, w.rows[n], w.p.Def().All()); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
	}
	return nil
}

// shows compares the values of some columns with a row.
func (w *world) shows(got []provider.Value, r *dynamic.Row, columns provider.ColSet) error {
	want := w.values(r)
	for _, col := range columns.List() {
		if !got[col].Equal(want[col]) {
			return fmt.Errorf("%s is %s, want %s", w.p.Def().Columns[col].Name, got[col], want[col])
		}
	}
	return nil
}

// run gives the values of the rows that a query finds, by a plan or by the one that is
// chosen.
func (w *world) run(q *plan.Query, by *plan.Plan) (out [][]provider.Value, err error) {
	if by == nil {
		by = plan.Choose(w.p.Def(), *q)
	}
	if by.Err != nil {
		return nil, by.Err
	}
	c, err := by.Run(w.ctx, w.p, provider.Scope{}, nil)
	if err != nil {
		return nil, err
	}
	for c.Next() {
		values := make([]provider.Value, len(w.fields()))
		for _, col := range q.Columns.List() {
			values[col] = c.Value(col).Clone()
		}
		out = append(out, values)
	}
	return out, c.Close()
}
