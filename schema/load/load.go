package load

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/internal/resolve"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
	"github.com/storegen/storegen/schema/rules"
)

// Schemas reads every *.yaml below the configured folder, checks all of it, and
// gives everything its number from the lock. Links are followed; files and folders
// whose name begins with a dot are skipped. Nothing is written: the Set's Lock is what
// the lock must hold afterwards.
//
// The error is [diag.Diagnostics] with all mistakes; the Set is nil then.
func Schemas(c *Config) (*schema.Set, error) { return SchemasWithGo(c, nil) }

// SchemasWithGo is Schemas for schemas with Go types, which the loader finds.
func SchemasWithGo(c *Config, load schema.GoLoader) (*schema.Set, error) {
	r := diag.NewReporter()
	return readInputs(r, c).parse(r, c, load)
}

// Inputs are the files that a Set is made from.
type Inputs struct {
	Sources []schema.Source // the schema files, by name
	Lock    *schema.Source  // nil if there is none yet
}

// ReadInputs reads the files that Schemas reads, without parsing them. The error is
// [diag.Diagnostics].
func ReadInputs(c *Config) (*Inputs, error) {
	r := diag.NewReporter()
	in := readInputs(r, c)
	if ds := r.Result(); ds != nil {
		return nil, ds
	}
	return in, nil
}

// Parse is SchemasWithGo for files that were read.
func (in *Inputs) Parse(c *Config, load schema.GoLoader) (*schema.Set, error) {
	return in.parse(diag.NewReporter(), c, load)
}

func (in *Inputs) parse(r *diag.Reporter, c *Config, load schema.GoLoader) (*schema.Set, error) {
	set, err := parse(r, in.Sources, in.Lock, load, c.OnePackage)
	if set != nil {
		set.Config = c.fromOut()
	}
	return set, err
}

// fromOut returns the path of the configuration relative to the folder of the
// packages.
func (c *Config) fromOut() string {
	out, err := filepath.Abs(c.Out)
	if err != nil || c.File == "" {
		return ""
	}
	file, err := filepath.Abs(c.File)
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(out, file)
	if err != nil {
		return "" // on another drive
	}
	return filepath.ToSlash(rel)
}

func readInputs(r *diag.Reporter, c *Config) *Inputs {
	in := &Inputs{Sources: readSources(r, c.Schemas)}
	data, err := os.ReadFile(c.Lock)
	switch {
	case err == nil:
		in.Lock = &schema.Source{Name: path.Base(filepath.ToSlash(c.Lock)), Path: c.Lock, Data: data}
	case !errors.Is(err, fs.ErrNotExist):
		r.Report(rules.FileRead, diag.Pos{File: c.Lock, Line: 1, Col: 1}, "cannot read the lock: %s", cause(err)).
			Help("make it a file that you may read")
	}
	return in
}

// Parse is Schemas for files in memory. A nil lock means that there is none yet, so
// that all numbers are new.
func Parse(files []schema.Source, lockFile *schema.Source) (*schema.Set, error) {
	return ParseWithGo(files, lockFile, nil)
}

// ParseWithGo is Parse for schemas with Go types.
func ParseWithGo(files []schema.Source, lockFile *schema.Source, load schema.GoLoader) (*schema.Set, error) {
	return parse(diag.NewReporter(), files, lockFile, load, false)
}

// readSources reads the schema files below a folder, sorted by name.
func readSources(r *diag.Reporter, dir string) []schema.Source {
	s := &sourceReader{Reporter: r, dir: dir, seen: map[string]bool{}}
	s.folder(".")
	slices.SortFunc(s.out, func(a, b schema.Source) int { return strings.Compare(a.Name, b.Name) })
	if len(s.out) == 0 && !r.Failed() {
		r.Report(rules.SetEmpty, s.at("."), "there are no schema files (*.yaml) in this folder").Help("write one: table: users, with access, key and fields")
	}
	return s.out
}

// A sourceReader reads the schema files below a folder. It continues after a mistake,
// so that all mistakes are found.
type sourceReader struct {
	*diag.Reporter
	dir  string
	out  []schema.Source
	seen map[string]bool // the folders being read, with links resolved, to find cycles
}

// path returns the path of a file or folder below the folder of the schemas.
func (s *sourceReader) path(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(name))
}

func (s *sourceReader) at(name string) diag.Pos { return diag.Pos{File: s.path(name), Line: 1, Col: 1} }

func (s *sourceReader) unreadable(name string, err error) {
	s.Report(rules.FileRead, s.at(name), "cannot read it: %s", cause(err)).Help("make it a file that you may read, or remove it")
}

func (s *sourceReader) folder(name string) {
	real, err := filepath.EvalSymlinks(s.path(name))
	if err != nil {
		s.unreadable(name, err)
		return
	}
	if s.seen[real] {
		s.Report(rules.FileRead, s.at(name), "the link leads to a folder that it is in").Help("remove the link, or let it lead elsewhere")
		return
	}
	s.seen[real] = true
	defer delete(s.seen, real)
	entries, err := os.ReadDir(s.path(name))
	if err != nil {
		s.unreadable(name, err)
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			s.entry(path.Join(name, e.Name()))
		}
	}
}

// entry reads an entry of a folder; links are followed.
func (s *sourceReader) entry(name string) {
	info, err := os.Stat(s.path(name))
	if err != nil {
		if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" || ext == "" {
			s.unreadable(name, err)
		}
		return
	}
	switch {
	case info.IsDir():
		s.folder(name)
	case path.Ext(name) == ".yml":
		s.Report(rules.FileName, s.at(name), "a schema file ends in .yaml, and this one in .yml").Help("rename it to %s.yaml", strings.TrimSuffix(path.Base(name), ".yml"))
	case path.Ext(name) != ".yaml":
	case !info.Mode().IsRegular():
		s.Report(rules.FileRead, s.at(name), "it is no file that can be read whole: %s", kindOfFile(info.Mode())).Help("make it a plain file, or remove it")
	default:
		data, err := os.ReadFile(s.path(name))
		if err != nil {
			s.unreadable(name, err)
			return
		}
		s.out = append(s.out, schema.Source{Name: name, Path: s.path(name), Data: data})
	}
}

// kindOfFile says what a file is that is not a regular one.
func kindOfFile(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

func parse(r *diag.Reporter, files []schema.Source, lockFile *schema.Source, load schema.GoLoader, onePackage bool) (*schema.Set, error) {
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b schema.Source) int { return strings.Compare(a.Name, b.Name) })
	d := &ast.Decoder{Reporter: r}
	typesMissing := false
	for _, f := range sorted {
		src := diag.NewText(f.Name, f.Path, f.Data)
		if src.Path == "" {
			src.Path = f.Name
		}
		r.AddText(src)
		root := syntax.Parse(r, src)
		if root == nil || !d.File(src, root) {
			typesMissing = true
		}
	}
	d.GoTypes(load)
	set := resolve.Declarations(r, d, typesMissing, onePackage)
	if d.Found != nil {
		set.GoInputs = d.Found.Inputs
	}
	numbers := lock.New()
	if lockFile != nil {
		name := lockFile.Path
		if name == "" {
			name = lockFile.Name
		}
		numbers = lock.Read(r, name, lockFile.Data)
	}
	if !r.Failed() {
		numbering.AssignWith(r, numbers, set)
		set.Lock = numbers
		set.Warnings, set.Texts = r.Warnings(), r.Texts()
	}
	if ds := r.Result(); ds != nil {
		return nil, ds
	}
	return set, nil
}

// Sources reads the schema files that Schemas reads. The error is
// [diag.Diagnostics].
func Sources(c *Config) ([]schema.Source, error) {
	r := diag.NewReporter()
	sources := readSources(r, c.Schemas)
	if ds := r.Result(); ds != nil {
		return nil, ds
	}
	return sources, nil
}
