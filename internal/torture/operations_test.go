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
// with all the rest, and compared with a map. What an index should hold is told by a file
// that calls none.
var randomPrograms = []string{"drive/drive.go", "drive/crash.go", "../../runtime/store/model_test.go"}

// elsewhere are operations that random programs do not call, with the file that
// does and why it is there.
var elsewhere = map[string]string{
	"DB.Define":                  "../../generated/system/system_group.go: what a group of tables does when it is opened",
	"DB.Members":                 "../../generated/stream/stream_store.go: what generated families call; families_test.go and concurrency_test.go hold it",
	"DB.Tables":                  "../../runtime/store/define_test.go: it lists the catalog",
	"DB.Engine":                  "../../runtime/store/support_test.go: it changes nothing",
	"DB.Clock":                   "../../runtime/store/verify_test.go: it changes nothing",
	"DB.Internal":                "../../runtime/admin/verify.go: what the packages of this module work on",
	"admin.StartSweeper":         "../../runtime/store/sweep_test.go: programs sweep themselves, so that they can be repeated; the histories run with it",
	"DB.OnCommit":                "../../runtime/store/hooks_test.go: histories of hooks are checked there",
	"DB.WaitHooks":               "../../runtime/store/hooks_test.go: as OnCommit",
	"admin.Aside":                "../behaviour/trial.go: it needs a damaged database",
	"DB.DropTable":               "../../runtime/store/drop_test.go: broken off at every commit, and held against what was there without the table",
	"DB.DropMember":              "../../runtime/store/drop_test.go: as DropTable",
	"Transaction.Savepoint":      "../../runtime/store/savepoint_test.go: random programs of their own",
	"Transaction.RollbackTo":     "../../runtime/store/savepoint_test.go: random programs of their own",
	"Transaction.Release":        "../../runtime/store/savepoint_test.go: random programs of their own",
	"Handle.Name":                "../../runtime/store/access_test.go: it changes nothing",
	"Handle.TableAccess":         "../../runtime/store/mistakes_test.go: access has tests of its own",
	"Handle.CanRead":             "../../runtime/store/access_test.go: access has tests of its own",
	"Handle.With":                "../../runtime/store/tableof.go: what In and As of tables are made of",
	"Handle.Bind":                "../../generated/system/users/users_store.go: what In and As of generated stores are made of",
	"Handle.Slot":                "../../generated/system/users/users_store.go: what their methods on one row are made of",
	"Handle.WriteMany":           "../../runtime/store/tableof.go: what InsertMany and PutMany are made of",
	"Handle.OnCommit":            "../../runtime/store/hooks_test.go: as that of DB",
	"TypedStore.OnCommit":        "../../runtime/store/hooks_test.go: as that of DB",
	"Table.TableAccess":          "../../runtime/store/mistakes_test.go: as that of Handle",
	"Table.CanRead":              "../../runtime/store/access_test.go: as that of Handle",
	"rawstore.Of":                "../../runtime/provider/provider.go: providers are compared with stores in their own tests",
	"rawstore.Table.Space":       "../../cmd/storegen-db/stats.go: scripts compare what it counts with the rows that are there",
	"rawstore.Table.Name":        "../../runtime/provider/provider.go: providers are compared with stores in their own tests",
	"rawstore.Table.TableAccess": "../../runtime/provider/provider.go: providers are compared with stores in their own tests",
	"rawstore.Table.Principal":   "../../runtime/store/raw_test.go: it changes nothing",
	"rawstore.Table.Kept":        "../../runtime/provider/provider.go: providers are compared with stores in their own tests",
	"rawstore.Table.Keep":        "../../runtime/provider/provider.go: providers are compared with stores in their own tests",
	"rawstore.Table.Allow":       "../../runtime/provider/provider.go: providers are compared with stores in their own tests",
	"rawstore.Table.Estimate":    "../../runtime/provider/provider.go: providers are compared with stores in their own tests",
	"rawstore.Cursor.Columns":    "../../runtime/provider/decode.go: providers are compared with stores in their own tests",
	"rawstore.Cursor.Include":    "../../runtime/provider/decode.go: providers are compared with stores in their own tests",
	"rawstore.Cursor.Fields":     "../../runtime/provider/decode.go: providers are compared with stores in their own tests",
	"rawstore.Cursor.Corrupt":    "../../runtime/provider/cursor.go: providers are compared with stores in their own tests",
	"rawstore.Cursor.Err":        "../../runtime/store/raw_test.go: providers take what Close says",
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
	ops := slices.Concat(
		methods(t, "../../runtime/store", "", "DB", "Table", "TypedStore", "Query", "Tx", "Snapshot", "Transaction"),
		methods(t, "../../runtime/internal/entity", "", "Handle"),
		methods(t, "../../runtime/rawstore", "rawstore.", "Table", "Cursor"),
		functions(t, "../../runtime/rawstore", "rawstore.", "Of"),
		functions(t, "../../runtime/admin", "admin."))
	if len(ops) < 90 {
		t.Fatalf("only %d operations are found: %v", len(ops), ops)
	}
	seen := map[string]bool{}
	for _, op := range ops {
		seen[op] = true
		name := op[strings.LastIndex(op, ".")+1:]
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

// functions are the exported functions of a package, or those of some names.
func functions(t *testing.T, dir, prefix string, names ...string) []string {
	t.Helper()
	var out []string
	for _, f := range parse(t, filepath.Join(dir, "*.go")) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.IsExported() && (len(names) == 0 || slices.Contains(names, fn.Name.Name)) {
				out = append(out, prefix+fn.Name.Name)
			}
		}
	}
	return out
}

// methods are the exported methods of some types of a package, as "Type.Method", and
// the exported functions that begin with one as a type with parameters.
func methods(t *testing.T, dir, prefix string, types ...string) []string {
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
				out = append(out, prefix+id.Name+"."+fn.Name.Name)
			}
		}
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
