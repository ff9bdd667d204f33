package templates_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// generatedFolders hold all that is generated of the schemas of the repository.
var generatedFolders = []string{"../generated", "internal/kitchen/db", "internal/owned/db", "testdata", "../bench/db", "../bench/patterns/db"}

// Each exported name of generated code has a comment of its own that begins with it,
// also a field, where the schema says something of it: the reference tables do of all.
// No comment is wider than a screen.
func TestComments(t *testing.T) {
	files := 0
	for _, root := range generatedFolders {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			files++
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, path, src, parser.ParseComments)
			if err != nil {
				return err
			}
			c := comments{t: t, fset: fset, fields: root == "../generated"}
			for _, decl := range f.Decls {
				c.decl(decl)
			}
			for i, line := range strings.Split(string(src), "\n") {
				if text := strings.ReplaceAll(line, "\t", "    "); strings.HasPrefix(strings.TrimSpace(text), "// ") &&
					utf8.RuneCountInString(text) > 100 && strings.Count(strings.TrimSpace(text), " ") > 1 {
					t.Errorf("%s:%d: a comment of %d columns", path, i+1, utf8.RuneCountInString(text))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Fatalf("only %d files are looked at", files)
	}
}

// comments looks for the comments of declarations.
type comments struct {
	t      *testing.T
	fset   *token.FileSet
	fields bool // those of structs too
}

// needs reports a name that has no comment, or one that does not begin with the name
// where begins is set.
func (c comments) needs(name *ast.Ident, doc *ast.CommentGroup, begins bool) {
	switch {
	case !name.IsExported():
	case doc.Text() == "":
		c.t.Errorf("%s: %s has no comment", c.fset.Position(name.Pos()), name.Name)
	case begins && !strings.HasPrefix(doc.Text(), name.Name+" "):
		c.t.Errorf("%s: the comment of %s begins with %.20q", c.fset.Position(name.Pos()), name.Name, doc.Text())
	}
}

func (c comments) decl(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if receiver := receiver(d); receiver == "" || ast.IsExported(receiver) {
			c.needs(d.Name, d.Doc, true)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				c.needs(s.Name, d.Doc, true)
				ast.Inspect(s.Type, c.members)
			case *ast.ValueSpec:
				doc := s.Doc
				if !d.Lparen.IsValid() {
					doc = d.Doc
				}
				for _, name := range s.Names {
					c.needs(name, doc, d.Tok == token.VAR)
				}
			}
		}
	}
}

// members looks at the fields of a struct and the methods of an interface.
func (c comments) members(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.InterfaceType:
		for _, m := range n.Methods.List {
			for _, name := range m.Names {
				c.needs(name, m.Doc, true)
			}
		}
	case *ast.StructType:
		for _, f := range n.Fields.List {
			for _, name := range f.Names {
				if c.fields {
					c.needs(name, f.Doc, false)
				}
			}
		}
	}
	return true
}

// receiver is the type that a method is of.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	return typ.(*ast.Ident).Name
}
