package templates

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// rowOf is what generated code calls a kind in Go, keys and record; an empty row for a
// kind whose values have parts.
func rowOf(t *schema.Type) *kind.Scalar {
	if s := kind.Of(t.Kind); s != nil {
		return s
	}
	return &kind.Scalar{}
}
