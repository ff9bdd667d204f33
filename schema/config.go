package schema

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Config is what storegen.yaml says: where schemas are and where the generated
// packages go. Paths are relative to the working directory, or absolute.
type Config struct {
	File    string // storegen.yaml itself; "" when there is none
	Schemas string // the folder of the schemas
	Out     string // the folder that generated packages go to
	Package string // the import path of Out
	Lock    string // storegen.lock
	// OnePackage says that all tables go to one package, that of Out, in place of
	// one for each.
	OnePackage bool
}

// LoadConfig reads a storegen.yaml. Paths in it are relative to its folder.
// Without "lock", the lock is storegen.lock in the schema folder; without
// "package", the import path comes from the nearest go.mod above Out. The error
// is Diagnostics.
func LoadConfig(file string) (*Config, error) { return loadConfig(file, true) }

// LoadConfigOnly is LoadConfig for those who generate nothing: without a go.mod,
// Package is "".
func LoadConfigOnly(file string) (*Config, error) { return loadConfig(file, false) }

func loadConfig(file string, needsPackage bool) (*Config, error) {
	r := newReporter()
	data, err := os.ReadFile(file)
	if err != nil {
		r.report(ruleConfigPath, Pos{File: file, Line: 1, Col: 1}, "cannot read the configuration: %s", cause(err)).
			mend("run storegen init, or write a storegen.yaml with schemas: and out:")
		return nil, r.result()
	}
	src := newSource(file, file, data)
	r.source(src)
	c := parseConfig(r, file, src, needsPackage)
	if ds := r.result(); ds != nil {
		return nil, ds
	}
	return c, nil
}

func parseConfig(r *reporter, file string, src *source, needsPackage bool) *Config {
	root := parseYAML(r, src)
	d := decoder{reporter: r}
	if root == nil || !d.mapping(root, "the configuration", "write schemas: folder and out: folder") {
		return nil
	}
	c := &Config{File: file}
	values := map[string]*node{}
	for _, p := range root.pairs {
		if !slices.Contains(configKeys, p.key.text) {
			d.unknownKey(p.key, "the configuration", configKeys...)
			continue
		}
		values[p.key.text] = d.text(p.value, p.key.text)
	}
	for _, key := range configGrammar.neededNames() {
		if missing(root, key, nil, configKeys) {
			r.report(ruleValueMissing, root.pos, "the configuration has no %s", key).mend("add %s: folder", key)
		}
	}
	folder := func(key string) string {
		n := values[key]
		if n == nil {
			return ""
		}
		if p := filepath.FromSlash(n.text); filepath.IsAbs(p) {
			return filepath.Clean(p)
		}
		return filepath.Join(filepath.Dir(file), filepath.FromSlash(n.text))
	}
	c.Schemas, c.Out, c.Lock = folder("schemas"), folder("out"), folder("lock")
	if n := values["schemas"]; n != nil {
		if info, err := os.Stat(c.Schemas); err != nil {
			r.report(ruleConfigPath, n.pos, "the folder %q cannot be read: %s", n.text, cause(err)).mend("schemas is relative to the folder of this file")
		} else if !info.IsDir() {
			r.report(ruleConfigPath, n.pos, "%q is no folder", n.text).mend("name the folder that holds the schemas")
		}
	}
	if n := values["layout"]; n != nil {
		switch {
		case !slices.Contains(layouts, n.text):
			r.report(ruleConfigLayout, n.pos, "unknown layout %q", n.text).meant(n.text, layouts)
		default:
			c.OnePackage = n.text == layouts[1]
		}
	}
	if c.Lock == "" && c.Schemas != "" {
		c.Lock = filepath.Join(c.Schemas, "storegen.lock")
	}
	switch n := values["package"]; {
	case n != nil:
		if path.Clean(n.text) != n.text || strings.HasPrefix(n.text, "/") || strings.HasPrefix(n.text, ".") || strings.ContainsAny(n.text, " \t\\\"'`") {
			r.report(ruleConfigPackage, n.pos, "%q is no import path", n.text).mend("write it as an import does: example.com/app/generated")
		}
		c.Package = n.text
	case values["out"] != nil && root.get("package") == nil:
		p, err := importPath(c.Out)
		if err != "" && needsPackage {
			r.report(ruleConfigPackage, values["out"].pos, "the import path of %q is unknown: %s", values["out"].text, err).
				mend("add package: with the import path of out")
		}
		c.Package = p
	}
	if name := path.Base(c.Package); c.OnePackage && c.Package != "" && !lowerName.MatchString(name) {
		r.report(ruleConfigLayout, values["layout"].pos, "%q cannot be the name of a Go package", name).
			mend("give out, or package:, a last part of lower-case letters, digits and _")
	}
	return c
}

// importPath derives a folder's import path from the nearest go.mod at or above
// it; the folder itself need not be there yet. The second result says why it
// cannot.
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

// modulePath returns what the module line of a go.mod names; "" when there is
// none.
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

// cause is an error of the file system without the path and the operation, which
// the message around it says.
func cause(err error) string {
	if p, ok := err.(*os.PathError); ok {
		err = p.Err
	}
	return err.Error()
}
