package logictest

import (
	"context"
	"fmt"
	"strings"
)

// Update runs the records of a file and returns its text with the results that they have on
// a target.
func Update(ctx context.Context, records []Record, t Target, name string) (string, error) {
	var b strings.Builder
	threshold := int64(0)
	for i := range records {
		r := &records[i]
		for _, l := range r.head {
			b.WriteString(l + "\n")
		}
		want := r.Want
		if r.Runs(name) {
			switch r.Kind {
			case Threshold:
				threshold = r.N
			case Statement:
				if _, err := t.Exec(ctx, r.SQL); (err != nil) != r.Fails {
					return "", fmt.Errorf("line %d: %s: error %v", r.Line, r.SQL, err)
				}
			case Query:
				width, rows, err := t.Query(ctx, r.SQL)
				if (err != nil) != r.Fails {
					return "", fmt.Errorf("line %d: %s: error %v", r.Line, r.SQL, err)
				}
				if err == nil && width != len(r.Types) {
					return "", fmt.Errorf("line %d: %s: %d columns, and types for %d", r.Line, r.SQL, width, len(r.Types))
				}
				want = result(rows, r.Types, r.Sort).Lines(threshold)
			case Unknown:
				return "", fmt.Errorf("line %d: %s", r.Line, r.Problem)
			}
		}
		for _, l := range r.text {
			if l == "----" {
				break
			}
			b.WriteString(l + "\n")
		}
		if r.Kind == Query && !r.Fails {
			b.WriteString("----\n")
			for _, l := range want {
				b.WriteString(l + "\n")
			}
		}
		if len(r.head)+len(r.text) > 0 && i < len(records)-1 {
			b.WriteString("\n")
		}
	}
	return b.String(), nil
}
