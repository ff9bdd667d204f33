package kinds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// queries asks for ranges of each column that has the type alone, and for rows in its
// order.
func (w *world) queries() error {
	for _, col := range []int{part, field, optional, single, given} {
		for _, v := range w.subject.values {
			for op, holds := range map[plan.Op]func(order int) bool{
				plan.Eq: func(o int) bool { return o == 0 }, plan.Lt: func(o int) bool { return o < 0 }, plan.Le: func(o int) bool { return o <= 0 },
				plan.Gt: func(o int) bool { return o > 0 }, plan.Ge: func(o int) bool { return o >= 0 },
			} {
				q := plan.Query{Where: []plan.Constraint{{Column: col, Op: op, Value: v}}, Columns: w.p.Def().All(), Order: []plan.OrderBy{{Column: number}}}
				err := w.query(&q, func(r *dynamic.Row) bool {
					x, ok := r.Fields[col].(kind.Value)
					return ok && holds(x.Compare(v))
				})
				if err != nil {
					return fmt.Errorf("%s %s %s: %w", w.fields()[col].Name, op, v, err)
				}
				if op == plan.Eq {
					if text := plan.Choose(w.p.Def(), q).Explain(); !strings.Contains(text, " = "+w.text(v)) {
						return fmt.Errorf("the explanation does not tell %s:\n%s", w.text(v), text)
					}
				}
			}
		}
		for _, desc := range []bool{false, true} {
			q := plan.Query{Columns: provider.Cols(col), Order: []plan.OrderBy{{Column: col, Desc: desc}}}
			rows, err := w.run(&q, nil)
			if err != nil {
				return err
			}
			if !slices.IsSortedFunc(rows, func(a, b []provider.Value) int {
				if d := a[col].Compare(b[col]); !desc {
					return d
				} else {
					return -d
				}
			}) {
				return fmt.Errorf("rows by %s, desc=%t, are out of order", w.fields()[col].Name, desc)
			}
		}
	}
	return nil
}

// text is a value as explanations have it.
func (s *subject) text(v kind.Value) string {
	if s.row.Quote {
		return strconv.Quote(v.Text())
	}
	return v.String()
}

// query runs a query, which is ordered by the number of rows, by every path, for all
// columns and for those that an index covers.
func (w *world) query(q *plan.Query, holds func(*dynamic.Row) bool) error {
	var want []*dynamic.Row
	for _, r := range w.rows {
		if holds(r) {
			want = append(want, r)
		}
	}
	for _, columns := range []provider.ColSet{w.p.Def().All(), provider.Cols(field, optional, list, number)} {
		q.Columns = columns
		chosen := plan.Choose(w.p.Def(), *q)
		for _, by := range append(chosen.Alternatives(), chosen) {
			got, err := w.run(q, by)
			if err != nil {
				return fmt.Errorf("%w\n%s", err, by.Explain())
			}
			if len(got) != len(want) {
				return fmt.Errorf("%d rows, want %d\n%s", len(got), len(want), by.Explain())
			}
			for n := range got {
				if err := w.shows(got[n], want[n], columns); err != nil {
					return fmt.Errorf("row %d: %w\n%s", n, err, by.Explain())
				}
			}
		}
	}
	return nil
}

// contains asks for lists that have a value.
func (w *world) contains() error {
	for _, v := range w.shown {
		q := plan.Query{Where: []plan.Constraint{{Column: list, Op: plan.Contains, Value: v}}, Order: []plan.OrderBy{{Column: number}}}
		err := w.query(&q, func(r *dynamic.Row) bool {
			return slices.ContainsFunc(r.Fields[list].([]any), func(x any) bool { return x.(kind.Value).Equal(v) })
		})
		if err != nil {
			return fmt.Errorf("%s: %w", v, err)
		}
	}
	return nil
}
