package templates

import (
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// genOf is the expression of a kind's row for values x and y, or a text.
func genOf(expr string, values ...string) string {
	holes := []string{"$x", "$y", "$s"}
	if strings.Contains(expr, "$s") {
		holes = []string{"$s"}
	}
	for i, v := range values {
		expr = strings.ReplaceAll(expr, holes[i], v)
	}
	return expr
}

// rowOf is what generated code calls a kind in Go, keys and record; an empty row for a
// kind whose values have parts.
func rowOf(t *schema.Type) *kind.Scalar {
	if s := kind.Of(t.Kind); s != nil {
		return s
	}
	return &kind.Scalar{}
}
