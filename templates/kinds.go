package templates

import (
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// gen is an expression of a kind's row for values of a type: x and y, or a text. All
// holes are filled at once, since a value may hold what looks like one.
func (g *generator) gen(t *schema.Type, expr string, values ...string) string {
	holes := []string{"$x", "$y"}
	if strings.Contains(expr, "$text") {
		holes = []string{"$text"}
	}
	var pairs []string
	for i, v := range values {
		pairs = append(pairs, holes[i], v)
	}
	if strings.Contains(expr, "$T") {
		pairs = append(pairs, "$T", g.goType(t))
	}
	return strings.NewReplacer(append(pairs, numbersOf(t)...)...).Replace(expr)
}

// numbersIn puts the numbers of a type into an expression.
func numbersIn(expr string, t *schema.Type) string {
	return strings.NewReplacer(numbersOf(t)...).Replace(expr)
}

// numbersOf are the holes for the numbers of a type, each with what fills it.
func numbersOf(t *schema.Type) []string {
	return []string{"$size", strconv.Itoa(t.Args.Size), "$precision", strconv.Itoa(t.Args.Precision), "$scale", strconv.Itoa(t.Args.Scale)}
}

// sizeOf is what a reader is told of a type: its size, where the bytes do not say it.
func sizeOf(t *schema.Type) []string {
	if rowOf(t).Gen.Array {
		return []string{strconv.Itoa(t.Args.Size)}
	}
	return nil
}

// rowOf is what generated code calls a kind in Go, keys and record; an empty row for a
// kind whose values have parts.
func rowOf(t *schema.Type) *kind.Scalar {
	if s := kind.Of(t.Kind); s != nil {
		return s
	}
	return &kind.Scalar{}
}
