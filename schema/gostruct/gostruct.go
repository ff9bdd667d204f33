// Package gostruct reads types of Go packages, to be rows of tables and types of
// columns: it says which column each field of a struct is, as what the values of a
// type are stored, and what stands in the way of one that cannot be stored.
//
// It knows Go types and the names of the schema language's own, and neither
// tables nor what is generated. The packages are loaded together, once, and need
// not compile: what imports a package that is yet to be generated is read as far
// as it goes.
package gostruct

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"golang.org/x/tools/go/packages"
)

// Loader returns what finds types from a folder of the user's module. base is the
// import path of the generated packages, and models that of the named types of the
// schema, whether or not they have been generated yet.
func Loader(dir, base, models string) schema.GoLoader {
	return func(ask schema.GoAsk) *schema.GoSource {
		l := &loader{
			base: base, models: models, packages: map[string]*packages.Package{}, declared: map[string]schema.GoNamed{}, nested: map[string]*schema.GoDecl{},
			out: &schema.GoSource{Rows: map[string]*schema.GoDecl{}, Types: map[string]*schema.GoDecl{}, Package: base, Uses: map[string][]string{}},
		}
		start := time.Now()
		l.load(dir, ask)
		for _, t := range ask.Types {
			l.declared[t.Go] = t
		}
		for _, t := range ask.Types {
			d := &schema.GoDecl{Name: t.Name, For: t.Go}
			l.out.Types[t.Name] = d
			l.read(d, t.Go, func(r *reader, name string) { r.typeOf(name, t.As) })
		}
		for _, name := range ask.Rows {
			if l.out.Rows[name] != nil {
				continue // of two tables
			}
			d := &schema.GoDecl{For: name}
			l.out.Rows[name] = d
			l.read(d, name, func(r *reader, name string) { r.structOf(name, true) })
		}
		for _, own := range ask.Own {
			d := &schema.GoDecl{For: own.Go}
			l.out.Rows[own.Key()] = d
			l.read(d, own.Go, func(r *reader, name string) { r.ownOf(name, own.Gets) })
		}
		for _, name := range ask.Messages {
			if l.out.Rows[name] != nil {
				continue
			}
			d := &schema.GoDecl{For: name}
			l.out.Rows[name] = d
			l.read(d, name, func(r *reader, name string) { r.messageOf(name) })
		}
		for p := range l.out.Uses {
			l.out.Uses[p] = l.generated(p)
		}
		l.out.Inputs = l.inputs(dir, start)
		return l.out
	}
}

// A loader reads all that one schema asks for.
type loader struct {
	base, models string
	packages     map[string]*packages.Package // all that were loaded, by import path
	err          error
	declared     map[string]schema.GoNamed // named types of the schema, by Go type
	nested       map[string]*schema.GoDecl // structs that have no name in the schema, by Go type
	out          *schema.GoSource
}

func (l *loader) load(dir string, ask schema.GoAsk) {
	var paths []string
	add := func(name string) {
		if p, _ := split(name); !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	for _, t := range ask.Types {
		add(t.Go)
	}
	for _, name := range append(slices.Clone(ask.Rows), ask.Messages...) {
		add(name)
	}
	for _, own := range ask.Own {
		add(own.Go)
	}
	// Types of all dependencies come from their source, so that nothing has to
	// compile.
	const mode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
		packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedModule
	found, err := packages.Load(&packages.Config{Mode: mode, Dir: dir, Fset: token.NewFileSet(), ParseFile: declarations}, paths...)
	l.err = err
	packages.Visit(found, func(p *packages.Package) bool {
		l.packages[p.PkgPath] = p
		return true
	}, nil)
}

// declarations parses a file and drops the bodies of its functions: no type of a field is
// declared in one, and to check them all, of all that is imported, takes most of the time.
func declarations(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.AllErrors|parser.SkipObjectResolution)
	if file == nil {
		return nil, err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			f.Body = nil
		}
	}
	return file, err
}

// read reads a type of a package into d, or says why the package is not there.
func (l *loader) read(d *schema.GoDecl, name string, of func(r *reader, name string)) {
	p, typ := split(name)
	d.Type = schema.GoType{Path: p, Package: path.Base(p), Name: typ}
	pkg := l.packages[p]
	switch {
	case l.err != nil:
		d.Problems = append(d.Problems, schema.GoProblem{
			Message: fmt.Sprintf("Go packages cannot be loaded: %v", l.err), Help: "see that the go command runs here, and that there is a go.mod"})
	case pkg == nil || pkg.Name == "":
		d.Problems = append(d.Problems, schema.GoProblem{
			Message: "there is no Go package " + p + why(pkg), Help: "write its import path, and go get it where it is in another module"})
	default:
		d.Type.Package = pkg.Name
		l.out.Uses[p] = nil
		of(&reader{loader: l, pkg: pkg, out: d}, typ)
	}
}

// why is what the go command says of a package that it does not find.
func why(pkg *packages.Package) string {
	if pkg == nil || len(pkg.Errors) == 0 {
		return ""
	}
	text, _, _ := strings.Cut(pkg.Errors[0].Msg, "\n")
	return ": " + strings.TrimSuffix(text, "; to add it:")
}

// generated are the generated packages that a package imports, directly or not,
// whether or not they are there.
func (l *loader) generated(of string) []string {
	var out []string
	seen := map[string]bool{}
	var visit func(p string)
	visit = func(p string) {
		if seen[p] {
			return
		}
		seen[p] = true
		if p == l.base || strings.HasPrefix(p, l.base+"/") {
			out = append(out, p)
		}
		pkg := l.packages[p]
		if pkg == nil {
			return
		}
		for _, file := range pkg.Syntax {
			for _, imp := range file.Imports {
				if p, err := strconv.Unquote(imp.Path.Value); err == nil {
					visit(p)
				}
			}
		}
	}
	visit(of)
	slices.Sort(out)
	return out
}

// split takes example.com/app/model.User apart.
func split(name string) (pkg, typ string) {
	dot := strings.LastIndexByte(name, '.')
	return name[:dot], name[dot+1:]
}

// reader reads one type.
type reader struct {
	*loader
	pkg  *packages.Package
	out  *schema.GoDecl
	file *ast.File // that the type is in
	row  bool      // the type is a row
}

func (r *reader) problem(at token.Pos, help, format string, args ...any) {
	p := schema.GoProblem{Message: fmt.Sprintf(format, args...), Help: help}
	if at.IsValid() {
		p.Pos, p.Source = r.place(at)
	}
	r.out.Problems = append(r.out.Problems, p)
}

// place is a position as messages have it, and its line.
func (r *reader) place(at token.Pos) (diag.Pos, string) {
	p := r.pkg.Fset.Position(at)
	file := p.Filename
	if dir, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
			file = rel
		}
	}
	line := ""
	if data, err := os.ReadFile(p.Filename); err == nil {
		if lines := strings.Split(string(data), "\n"); p.Line <= len(lines) {
			line = strings.TrimSuffix(lines[p.Line-1], "\r")
		}
	}
	// Columns of Go count bytes, those of messages characters.
	col := 1 + len([]rune(line[:min(p.Column-1, len(line))]))
	return diag.Pos{File: file, Line: p.Line, Col: col, EndCol: 1 + len([]rune(strings.TrimRight(line, " \t")))}, line
}

// find returns the declaration of a type, and notes where it is and what its
// comment says; nil, with a problem, where there is none that has values.
func (r *reader) find(name string) *ast.TypeSpec {
	for _, file := range r.pkg.Syntax {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				spec, ok := s.(*ast.TypeSpec)
				if !ok || spec.Name.Name != name {
					continue
				}
				r.file = file
				r.out.Pos, r.out.Source = r.place(spec.Name.Pos())
				r.out.Pos.EndCol = r.out.Pos.Col + len([]rune(name))
				r.out.Doc = strings.TrimSpace(spec.Doc.Text())
				if r.out.Doc == "" && len(g.Specs) == 1 {
					r.out.Doc = strings.TrimSpace(g.Doc.Text())
				}
				if spec.TypeParams != nil {
					r.problem(spec.Name.Pos(), "name a type without type parameters", "%s has type parameters", name)
					return nil
				}
				return spec
			}
		}
	}
	help := "name an exported type of it"
	if r.row {
		help = "name an exported struct of it"
	}
	if left := leftOut(r.pkg); left != "" {
		r.problem(token.NoPos, "declare it in a file that is built on every machine, or run the command where those are built (CGO_ENABLED=1, GOOS, tags)",
			"the Go package %s has no type %s in the files that are built here; left out: %s", r.pkg.PkgPath, name, left)
		return nil
	}
	r.problem(token.NoPos, help, "the Go package %s has no type %s", r.pkg.PkgPath, name)
	return nil
}

// leftOut are the Go files of a package that are not built here, as those that use cgo
// where it is switched off.
func leftOut(pkg *packages.Package) string {
	var names []string
	for _, file := range pkg.IgnoredFiles {
		if strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") {
			names = append(names, filepath.Base(file))
		}
	}
	return strings.Join(names, ", ")
}

// structOf reads the fields of a struct.
func (r *reader) structOf(name string, row bool) {
	r.row = row
	spec := r.find(name)
	if spec == nil {
		return
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok && spec.Assign.IsValid() {
		r.problem(spec.Name.Pos(), "name the type itself, or declare a struct of its own", "%s is another name of %s", name, text(spec.Type))
		return
	}
	if !ok {
		r.problem(spec.Name.Pos(), "make it a struct, or name the fields in the schema", "%s is no struct", name)
		return
	}
	r.fields(st, spec)
}
