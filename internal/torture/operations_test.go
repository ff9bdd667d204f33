package torture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// randomPrograms are the files of random programs: what they call is run in any order
// with all the rest, and held against a map.
var randomPrograms = []string{"drive/*.go", "../../runtime/store/model_test.go"}

// elsewhere are operations that random programs do not call, with the file that
// does and why it is there.
var elsewhere = map[string]string{
	"DB.Define":           "../../generated/system/system_group.go: what a group of tables does when it is opened",
	"DB.Members":          "../../generated/stream/stream_store.go: what generated families call; rename_test.go and concurrency_test.go hold it",
	"DB.Tables":           "../../runtime/store/rename_test.go: it lists the catalog",
	"DB.Engine":           "../../runtime/store/support_test.go: it changes nothing",
	"DB.Clock":            "../../runtime/store/verify_test.go: it changes nothing",
	"DB.StartSweeper":     "../../runtime/store/sweep_test.go: programs sweep themselves, so that they can be repeated; the histories run with it",
	"DB.OnCommit":         "../../runtime/store/hooks_test.go: histories of hooks are checked there",
	"DB.WaitHooks":        "../../runtime/store/hooks_test.go: as OnCommit",
	"DB.Aside":            "../../runtime/store/verify_test.go: it needs a damaged database",
	"DB.DropTable":        "../../runtime/store/drop_test.go: broken off at every commit, and held against what was there without the table",
	"DB.DropMember":       "../../runtime/store/drop_test.go: as DropTable",
	"Handle.Name":         "../../runtime/store/rename_test.go: it changes nothing",
	"Handle.TableAccess":  "../../runtime/store/mistakes_test.go: access has tests of its own",
	"Handle.CanRead":      "../../runtime/store/access_test.go: access has tests of its own",
	"Handle.With":         "../../runtime/store/tableof.go: what In and As of tables are made of",
	"Handle.Bind":         "../../generated/system/users/users_store.go: what In and As of generated stores are made of",
	"Handle.Slot":         "../../generated/system/users/users_store.go: what their methods on one row are made of",
	"Handle.WriteMany":    "../../runtime/store/tableof.go: what InsertMany and PutMany are made of",
	"Handle.OnCommit":     "../../runtime/store/hooks_test.go: as that of DB",
	"TypedStore.OnCommit": "../../runtime/store/hooks_test.go: as that of DB",
	"Table.TableAccess":   "../../runtime/store/mistakes_test.go: as that of Handle",
	"Table.CanRead":       "../../runtime/store/access_test.go: as that of Handle",
	"Table.Raw":           "../../runtime/provider/provider.go: as Handle.Raw",
	"Handle.Raw":          "../../runtime/provider/provider.go: providers are held against stores in their own tests",
	"Raw.Name":            "../../runtime/provider/provider.go: as Handle.Raw",
	"Raw.TableAccess":     "../../runtime/provider/provider.go: as Handle.Raw",
	"Raw.Principal":       "../../runtime/store/raw_test.go: it changes nothing",
	"Raw.Bound":           "../../runtime/provider/provider.go: as Handle.Raw",
	"Raw.Allow":           "../../runtime/provider/provider.go: as Handle.Raw",
	"Raw.Estimate":        "../../runtime/provider/provider.go: as Handle.Raw",
	"RawCursor.Columns":   "../../runtime/provider/decode.go: as Handle.Raw",
	"RawCursor.Include":   "../../runtime/provider/decode.go: as Handle.Raw",
	"RawCursor.Corrupt":   "../../runtime/provider/cursor.go: as Handle.Raw",
	"RawCursor.Err":       "../../runtime/store/raw_test.go: providers take what Close says",
}

// TestOperations holds the methods that a program can call on a database, a
// table, a query or a transaction against those that random programs call. A new
// one belongs into them, or into the list above with a reason.
func TestOperations(t *testing.T) {
	called := map[string]bool{}
	for _, pattern := range randomPrograms {
		for name := range calls(t, pattern) {
			called[name] = true
		}
	}
	types := []string{"DB", "Table", "TypedStore", "Handle", "Query", "Tx", "Snapshot", "Transaction", "Raw", "RawCursor"}
	seen := map[string]bool{}
	for _, op := range methods(t, "../../runtime/store", types) {
		seen[op] = true
		_, name, _ := strings.Cut(op, ".")
		file, listed := elsewhere[op]
		switch {
		case called[name] && listed:
			t.Errorf("%s is called by random programs, and listed all the same", op)
		case called[name]:
		case !listed:
			t.Errorf("%s is called by no random program, and no other test is named for it", op)
		default:
			file, _, _ = strings.Cut(file, ":")
			if !calls(t, file)[name] {
				t.Errorf("%s does not call %s", file, op)
			}
		}
	}
	for op := range maps.Keys(elsewhere) {
		if !seen[op] {
			t.Errorf("%s is listed, and is no operation", op)
		}
	}
}

// methods are the exported methods of some types of a package, as "Type.Method", and
// the exported functions that begin with one as a type with parameters.
func methods(t *testing.T, dir string, types []string) []string {
	t.Helper()
	var out []string
	for _, f := range parse(t, filepath.Join(dir, "*.go")) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() {
				continue
			}
			var typ ast.Expr
			switch {
			case fn.Recv != nil:
				typ = fn.Recv.List[0].Type
			case len(fn.Type.Params.List) > 0:
				if typ, ok = fn.Type.Params.List[0].Type.(*ast.IndexListExpr); !ok {
					continue
				}
			default:
				continue
			}
			if star, ok := typ.(*ast.StarExpr); ok {
				typ = star.X
			}
			switch x := typ.(type) {
			case *ast.IndexExpr:
				typ = x.X
			case *ast.IndexListExpr:
				typ = x.X
			}
			if id, ok := typ.(*ast.Ident); ok && slices.Contains(types, id.Name) {
				out = append(out, id.Name+"."+fn.Name.Name)
			}
		}
	}
	if len(out) < 50 {
		t.Fatalf("only %d methods are found: %v", len(out), out)
	}
	return out
}

// calls are the names of the methods and functions that files call.
func calls(t *testing.T, pattern string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, f := range parse(t, pattern) {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
					out[sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	return out
}

// parse parses the files of a pattern; those of packages without their tests.
func parse(t *testing.T, pattern string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v, %v", pattern, paths, err)
	}
	var out []*ast.File
	for _, path := range paths {
		if strings.Contains(pattern, "*") && strings.HasSuffix(path, "_test.go") {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}
