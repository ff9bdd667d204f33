package load

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

// A Config is what storegen.yaml says: where schemas are and where the generated
// packages go. Paths are relative to the working directory, or absolute.
type Config struct {
	File    string // storegen.yaml itself; "" when there is none
	Schemas string // the folder of the schemas
	Out     string // the folder that generated packages go to
	Package string // the import path of Out
	Lock    string // storegen.lock
	// OnePackage says that all tables go to one package, that of Out, instead of one
	// for each.
	OnePackage bool
}

// ReadConfig reads a storegen.yaml. Paths in it are relative to its folder.
// Without "lock", the lock is storegen.lock in the schema folder; without
// "package", the import path comes from the nearest go.mod above Out. The error
// is [diag.Diagnostics].
func ReadConfig(file string) (*Config, error) { return loadConfig(file, true) }

// ReadConfigOnly is ReadConfig for those who generate nothing: without a go.mod,
// Package is "".
func ReadConfigOnly(file string) (*Config, error) { return loadConfig(file, false) }

func loadConfig(file string, needsPackage bool) (*Config, error) {
	r := diag.NewReporter()
	data, err := os.ReadFile(file)
	if err != nil {
		r.Report(rules.ConfigPath, diag.Pos{File: file, Line: 1, Col: 1}, "cannot read the configuration: %s", cause(err)).
			Help("run %s init, or write a storegen.yaml with schemas: and out:", diag.Command)
		return nil, r.Result()
	}
	src := diag.NewText(file, file, data)
	r.AddText(src)
	c := parseConfig(r, file, src, needsPackage)
	if ds := r.Result(); ds != nil {
		return nil, ds
	}
	return c, nil
}

func parseConfig(r *diag.Reporter, file string, src *diag.Text, needsPackage bool) *Config {
	root := syntax.Parse(r, src)
	if root == nil {
		return nil
	}
	d := ast.Decoder{Reporter: r}
	words := d.Root(root, lang.ConfigGrammar)
	if words == nil {
		return nil
	}
	c := &Config{File: file}
	folder := func(word string) string {
		n := words.Node(word)
		if n == nil {
			return ""
		}
		if p := filepath.FromSlash(n.Text); filepath.IsAbs(p) {
			return filepath.Clean(p)
		}
		return filepath.Join(filepath.Dir(file), filepath.FromSlash(n.Text))
	}
	c.Schemas, c.Out, c.Lock = folder(lang.WordSchemas), folder(lang.WordOut), folder(lang.WordLock)
	if n := words.Node(lang.WordSchemas); n != nil {
		if info, err := os.Stat(c.Schemas); err != nil {
			r.Report(rules.ConfigPath, n.Pos, "the folder %q cannot be read: %s", n.Text, cause(err)).Help("schemas is relative to the folder of this file")
		} else if !info.IsDir() {
			r.Report(rules.ConfigPath, n.Pos, "%q is no folder", n.Text).Help("name the folder that holds the schemas")
		}
	}
	if n := words.Node(lang.WordLayout); n != nil {
		switch {
		case !slices.Contains(lang.Layouts, n.Text):
			r.Report(rules.ConfigLayout, n.Pos, "unknown layout %q", n.Text).Suggest(n.Text, lang.Layouts)
		default:
			c.OnePackage = n.Text == lang.Layouts[1]
		}
	}
	if c.Lock == "" && c.Schemas != "" {
		c.Lock = filepath.Join(c.Schemas, "storegen.lock")
	}
	switch n := words.Node(lang.WordPackage); {
	case n != nil:
		if path.Clean(n.Text) != n.Text || strings.HasPrefix(n.Text, "/") || strings.HasPrefix(n.Text, ".") || strings.ContainsAny(n.Text, " \t\\\"'`") {
			r.Report(rules.ConfigPackage, n.Pos, "%q is no import path", n.Text).Help("write it as an import does: example.com/app/generated")
		}
		c.Package = n.Text
	case words.Node(lang.WordOut) != nil && words.At(lang.WordPackage) == nil:
		p, err := importPath(c.Out)
		if err != "" && needsPackage {
			r.Report(rules.ConfigPackage, words.Node(lang.WordOut).Pos, "the import path of %q is unknown: %s", words.Node(lang.WordOut).Text, err).
				Help("add package: with the import path of out")
		}
		c.Package = p
	}
	if name := path.Base(c.Package); c.OnePackage && c.Package != "" && !naming.Lower.MatchString(name) {
		r.Report(rules.ConfigLayout, words.Node(lang.WordLayout).Pos, "%q cannot be the name of a Go package", name).
			Help("give out, or package:, a last part of lower-case letters, digits and _")
	}
	return c
}

// importPath derives a folder's import path from the nearest go.mod at or above
// it; the folder itself need not exist. The second result says why it cannot.
func importPath(dir string) (string, string) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", cause(err)
	}
	for at := abs; ; {
		data, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil {
			module := modulePath(string(data))
			if module == "" {
				return "", "the go.mod above it names no module"
			}
			rel, err := filepath.Rel(at, abs)
			if err != nil {
				return "", cause(err)
			}
			return path.Join(module, filepath.ToSlash(rel)), ""
		}
		up := filepath.Dir(at)
		if up == at {
			return "", "there is no go.mod above it"
		}
		at = up
	}
}

// modulePath returns the module path in the text of a go.mod; "" if there is none.
func modulePath(text string) string {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[0] != "module" {
			continue
		}
		if s, err := strconv.Unquote(fields[1]); err == nil {
			return s
		}
		return fields[1]
	}
	return ""
}

// cause returns an error of the file system without path and operation.
func cause(err error) string {
	if p, ok := err.(*os.PathError); ok {
		err = p.Err
	}
	return err.Error()
}
