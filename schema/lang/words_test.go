package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// grammars are all of them.
var grammars = []*Grammar{
	TypesGrammar, TypeGrammar, EnumValueGrammar, TableGrammar, DeclaredTable, GoTable, MessageTable, OwnTable, RowGrammar, AccessGrammar, KeyGrammar, PerGrammar,
	FieldGrammar, GoFieldGrammar, MessageFieldGrammar, OwnFieldGrammar, StructFieldGrammar, hexForm.Words, IndexGrammar, TTLGrammar, CheckGrammar, ConfigGrammar,
}

// A word is written once, in words.go: a literal of it elsewhere is another word when
// it is renamed.
func TestWordsAreWrittenOnce(t *testing.T) {
	known := map[string]bool{}
	for _, g := range grammars {
		for _, w := range g.Words {
			known[w.Name] = true
			if w.Needed && w.Help == "" && w.Name != WordTable && w.Name != WordTypes { // which make a file one of a table or of types
				t.Errorf("%s: there is no help where %s is missing", g.What, w.Name)
			}
		}
		if g.Short != "" && g.Word(g.Short) == nil {
			t.Errorf("%s: what is short for %s has no such word", g.What, g.Short)
		}
	}
	constants, files := map[string]bool{}, 0
	for _, dir := range []string{".", "../internal/ast", "../internal/resolve", "../format", "../load"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || dir == "." && name != "words.go" && name != "grammar.go" && name != "defaults.go" {
				continue
			}
			files++
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Examples" {
						return false
					}
				case *ast.BasicLit:
					text, err := strconv.Unquote(n.Value)
					switch {
					case n.Kind != token.STRING || err != nil:
					case name == "words.go":
						constants[text] = true
					case known[text]:
						t.Errorf("%s: %q has a constant", set.Position(n.Pos()), text)
					}
				}
				return true
			})
		}
	}
	if files < 20 {
		t.Errorf("only %d files were read", files)
	}
	for w := range known {
		if !constants[w] {
			t.Errorf("%s has no constant", w)
		}
	}
	for w := range constants {
		if !known[w] {
			t.Errorf("%s is in no grammar", w)
		}
	}
}
