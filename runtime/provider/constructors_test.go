package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/kind"
)

// A value of every scalar is made by a function of this package.
func TestConstructors(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "value.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	makes := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			makes[strings.TrimSuffix(sel.Sel.Name, "Of")] = true
		}
		return true
	})
	for _, row := range kind.Scalars() {
		if !makes[row.Ident] {
			t.Errorf("nothing makes a %s", row.Name)
		}
	}
}
