// Package typecheck type-checks Go packages within a test, in a tenth of the time that
// the go command takes to compile them: generated code, and what users write around it.
//
// It must not know how code is generated.
package typecheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const module = "github.com/storegen/storegen/"

// Usual are the packages that generated code and small programs on it import.
var Usual = []string{
	module + "keys", module + "runtime/record", module + "runtime/store", module + "runtime/storeimpl", module + "runtime/catalog", module + "runtime/access",
	module + "runtime/provider", module + "runtime/admin", module + "runtime/engine/memory", module + "runtime/engine/leveldb", "github.com/google/uuid",
	"bytes", "context", "encoding/json", "errors", "fmt", "image", "iter", "log", "log/slog", "math/big", "net", "net/mail", "net/netip", "net/url", "strconv", "strings", "sync", "time",
}

// Compiled returns an importer of packages, and of those that they import, which has the
// go command compile what is not compiled yet. It is for one goroutine.
func Compiled(fset *token.FileSet, packages ...string) (types.Importer, error) {
	found, err := exports(packages)
	if err != nil {
		return nil, err
	}
	return importer.ForCompiler(fset, "gc", func(p string) (io.ReadCloser, error) {
		if found[p] == "" {
			return nil, fmt.Errorf("%s is imported, which the test does not have compiled", p)
		}
		return os.Open(found[p])
	}), nil
}

// exports are the files of compiled packages.
func exports(packages []string) (map[string]string, error) {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, packages...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.Bytes())
	}
	found := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		found[p.ImportPath] = p.Export
	}
}

// A Module is a module on disk.
type Module struct {
	Dir, Path string
	Compiled  types.Importer // of what is not in it
	Fset      *token.FileSet

	done   map[string]*types.Package
	errors []error
}

// Check type-checks the packages that patterns name, as . or ./db/... do, without their
// tests, and what of the module they import.
func (m *Module) Check(patterns ...string) error {
	m.done, m.errors = map[string]*types.Package{}, nil
	for _, pattern := range patterns {
		root, all := strings.CutSuffix(pattern, "/...")
		if !all {
			m.Import(path.Join(m.Path, root))
			continue
		}
		err := filepath.WalkDir(filepath.Join(m.Dir, root), func(dir string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if base := d.Name(); dir != m.Dir && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			rel, err := filepath.Rel(m.Dir, dir)
			if err != nil {
				return err
			}
			if files, err := filepath.Glob(filepath.Join(dir, "*.go")); err == nil && len(files) > 0 {
				m.Import(path.Join(m.Path, filepath.ToSlash(rel)))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(m.done) == 0 {
		return fmt.Errorf("there are no packages in %v", patterns)
	}
	return errors.Join(m.errors...)
}

// Import implements types.Importer.
func (m *Module) Import(p string) (*types.Package, error) {
	rel, ours := strings.CutPrefix(p+"/", m.Path+"/")
	if !ours {
		return m.Compiled.Import(p)
	}
	if pkg, done := m.done[p]; done {
		if pkg == nil {
			return nil, fmt.Errorf("%s imports itself, or is not there", p)
		}
		return pkg, nil
	}
	m.done[p] = nil
	files, err := m.parse(filepath.Join(m.Dir, filepath.FromSlash(rel)))
	if err != nil {
		m.errors = append(m.errors, err)
		return nil, err
	}
	config := types.Config{Importer: m, Error: func(err error) { m.errors = append(m.errors, err) }}
	m.done[p], err = config.Check(p, m.Fset, files, nil)
	return m.done[p], err
}

// parse reads the files of a package that are built on the machine.
func (m *Module) parse(dir string) ([]*ast.File, error) {
	pkg, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	var out []*ast.File
	for _, name := range slices.Sorted(slices.Values(pkg.GoFiles)) {
		file, err := parser.ParseFile(m.Fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	return out, nil
}
