package bench

import "testing"

// Each way of loading ends without an error, with a last batch that is not full, and none.
func TestLoadWays(t *testing.T) {
	for _, w := range LoadWays {
		for _, rows := range []int{0, 1500} {
			parts := 0
			if err := w.Run(rows, func() {}, func() { parts++ }); err != nil || parts != loadParts {
				t.Errorf("%s, %d rows: %d parts, %v", w.Name, rows, parts, err)
			}
		}
	}
}
