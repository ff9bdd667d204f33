package proof

import (
	"fmt"
	"slices"
	"strings"
)

// Compare tells how two answers to one query differ, "" where they do not. full is what the
// native table answers without the limit, for a query whose order is partial.
func Compare(q *Query, want, got, full Answer) string {
	if (want.Err != nil) != (got.Err != nil) {
		return fmt.Sprintf("native: error %v\nours: error %v", want.Err, got.Err)
	}
	if want.Err != nil {
		return ""
	}
	if !slices.Equal(want.Columns, got.Columns) {
		return fmt.Sprintf("native: columns %q\nours: columns %q", want.Columns, got.Columns)
	}
	loose := q.Loose || q.Limit != nil
	if diff := sameOrder(q, want, got, full); diff != "" {
		return diff
	}
	if q.Partial && q.Limit != nil {
		return within(got, full, loose)
	}
	return sameRows(want, got, loose)
}

// sameRows compares two answers as multisets.
func sameRows(want, got Answer, loose bool) string {
	count := map[string]int{}
	for _, r := range want.Rows {
		count[rowText(r, loose)]++
	}
	for _, r := range got.Rows {
		count[rowText(r, loose)]--
	}
	var missing, surplus []string
	for r, n := range count {
		for ; n > 0; n-- {
			missing = append(missing, r)
		}
		for ; n < 0; n++ {
			surplus = append(surplus, r)
		}
	}
	if len(missing)+len(surplus) == 0 {
		return ""
	}
	slices.Sort(missing)
	slices.Sort(surplus)
	return fmt.Sprintf("native has %d rows, ours %d\nonly native: %s\nonly ours: %s", len(want.Rows), len(got.Rows), few(missing), few(surplus))
}

// within tells whether all rows of an answer are among others.
func within(got, full Answer, loose bool) string {
	count := map[string]int{}
	for _, r := range full.Rows {
		count[rowText(r, loose)]++
	}
	for _, r := range got.Rows {
		if count[rowText(r, loose)]--; count[rowText(r, loose)] < 0 {
			return "ours has a row that the query without its limit does not have, or more often: " + rowText(r, false)
		}
	}
	return ""
}

// sameOrder compares what the rows of two answers are ordered by, row by row.
func sameOrder(q *Query, want, got, full Answer) string {
	if len(q.Order) == 0 {
		if q.Limit != nil && len(want.Rows) != len(got.Rows) {
			return fmt.Sprintf("native has %d rows, ours %d", len(want.Rows), len(got.Rows))
		}
		return ""
	}
	if len(want.Rows) != len(got.Rows) {
		return sameRows(want, got, false) + fmt.Sprintf("\nnative has %d rows, ours %d", len(want.Rows), len(got.Rows))
	}
	for i := range want.Rows {
		for _, o := range q.Order {
			v, w := want.Rows[i][o.Item], got.Rows[i][o.Item]
			if !equal(v, w, o.Collate) {
				return fmt.Sprintf("row %d is at another place:\nnative: %s\nours: %s", i, rowText(want.Rows[i], false), rowText(got.Rows[i], false))
			}
		}
	}
	return ""
}

func rowText(row []Value, loose bool) string {
	var parts []string
	for _, v := range row {
		parts = append(parts, text(v, loose))
	}
	return strings.Join(parts, " | ")
}

func few(rows []string) string {
	if len(rows) > 6 {
		rows = append(slices.Clone(rows[:6]), fmt.Sprintf("and %d more", len(rows)-6))
	}
	if len(rows) == 0 {
		return "none"
	}
	return "\n  " + strings.Join(rows, "\n  ")
}
