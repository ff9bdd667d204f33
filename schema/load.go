package schema

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Load reads every *.yaml below the configured folder, checks all of it, and
// gives everything its number from the lock. Linked files and folders are read as if
// they were there; what has a name that begins with a dot is passed over. Nothing is written: what the lock must hold
// afterwards is the Set's Lock.
//
// The error is Diagnostics, with every mistake that was found; the Set is nil
// then.
func Load(c *Config) (*Set, error) { return LoadGo(c, nil) }

// LoadGo is Load for schemas whose rows may be structs of Go source, which it asks
// for.
func LoadGo(c *Config, load GoLoader) (*Set, error) {
	r := newReporter()
	return readInputs(r, c).parse(r, c, load)
}

// Inputs are the files that a set is made of.
type Inputs struct {
	Sources []Source // the schemas, in order of their names
	Lock    *Source  // nil where there is none yet
}

// ReadInputs reads what Load reads, for those who look at the files before they
// are parsed. The error is Diagnostics.
func ReadInputs(c *Config) (*Inputs, error) {
	r := newReporter()
	in := readInputs(r, c)
	if ds := r.result(); ds != nil {
		return nil, ds
	}
	return in, nil
}

// Parse is LoadGo for files that have been read.
func (in *Inputs) Parse(c *Config, load GoLoader) (*Set, error) {
	return in.parse(newReporter(), c, load)
}

func (in *Inputs) parse(r *reporter, c *Config, load GoLoader) (*Set, error) {
	set, err := parse(r, in.Sources, in.Lock, load, c.OnePackage)
	if set != nil {
		set.Config = c.fromOut()
	}
	return set, err
}

// fromOut is the path of the configuration from the folder of the packages.
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

func readInputs(r *reporter, c *Config) *Inputs {
	in := &Inputs{Sources: readSources(r, c.Schemas)}
	data, err := os.ReadFile(c.Lock)
	switch {
	case err == nil:
		in.Lock = &Source{Name: path.Base(filepath.ToSlash(c.Lock)), Path: c.Lock, Data: data}
	case !errors.Is(err, fs.ErrNotExist):
		r.report(ruleFileRead, Pos{File: c.Lock, Line: 1, Col: 1}, "cannot read the lock: %s", cause(err)).
			mend("make it a file that you may read")
	}
	return in
}

// Parse is Load for files that are in memory. A nil lock is one that is not
// there yet, so that all numbers are new.
func Parse(files []Source, lockFile *Source) (*Set, error) { return ParseGo(files, lockFile, nil) }

// ParseGo is Parse for schemas whose rows may be structs of Go source.
func ParseGo(files []Source, lockFile *Source, load GoLoader) (*Set, error) {
	return parse(newReporter(), files, lockFile, load, false)
}

// readSources reads the schema files below a folder, in order of their names.
func readSources(r *reporter, dir string) []Source {
	s := &sourceReader{reporter: r, dir: dir, seen: map[string]bool{}}
	s.folder(".")
	slices.SortFunc(s.out, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	if len(s.out) == 0 && !r.failed() {
		r.report(ruleSetEmpty, s.at("."), "there are no schema files (*.yaml) in this folder").mend("write one: table: users, with access, key and fields")
	}
	return s.out
}

// A sourceReader walks over the folder of the schemas. It goes on after a mistake, so
// that all of them are found.
type sourceReader struct {
	*reporter
	dir  string
	out  []Source
	seen map[string]bool // the folders on the way, without links, so that none is within itself
}

// path is where a file or folder below the folder of the schemas is.
func (s *sourceReader) path(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(name))
}

func (s *sourceReader) at(name string) Pos { return Pos{File: s.path(name), Line: 1, Col: 1} }

func (s *sourceReader) unreadable(name string, err error) {
	s.report(ruleFileRead, s.at(name), "cannot read it: %s", cause(err)).mend("make it a file that you may read, or remove it")
}

func (s *sourceReader) folder(name string) {
	real, err := filepath.EvalSymlinks(s.path(name))
	if err != nil {
		s.unreadable(name, err)
		return
	}
	if s.seen[real] {
		s.report(ruleFileRead, s.at(name), "the link leads to a folder that it is in").mend("remove the link, or let it lead elsewhere")
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

// entry reads what a folder holds, links followed.
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
		s.report(ruleFileName, s.at(name), "a schema file ends in .yaml, and this one in .yml").mend("rename it to %s.yaml", strings.TrimSuffix(path.Base(name), ".yml"))
	case path.Ext(name) != ".yaml":
	case !info.Mode().IsRegular():
		s.report(ruleFileRead, s.at(name), "it is no file that can be read whole: %s", kindOfFile(info.Mode())).mend("make it a plain file, or remove it")
	default:
		data, err := os.ReadFile(s.path(name))
		if err != nil {
			s.unreadable(name, err)
			return
		}
		s.out = append(s.out, Source{Name: name, Path: s.path(name), Data: data})
	}
}

// kindOfFile says what a file is that is none.
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

func parse(r *reporter, files []Source, lockFile *Source, load GoLoader, onePackage bool) (*Set, error) {
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	d := &decoder{reporter: r}
	typesMissing := false
	for _, f := range sorted {
		src := newSource(f.Name, f.Path, f.Data)
		if src.path == "" {
			src.path = f.Name
		}
		r.source(src)
		root := parseYAML(r, src)
		if root == nil || !d.file(src, root) {
			typesMissing = true
		}
	}
	d.goTypes(load)
	set := resolve(r, d, typesMissing, onePackage)
	if d.found != nil {
		set.GoInputs = d.found.Inputs
	}
	numbers := newLock()
	if lockFile != nil {
		name := lockFile.Path
		if name == "" {
			name = lockFile.Name
		}
		numbers = readLock(r, name, lockFile.Data)
	}
	if !r.failed() {
		assign(r, numbers, set)
		set.Lock = numbers
		set.Warnings, set.sources = r.warnings(), r.texts()
	}
	if ds := r.result(); ds != nil {
		return nil, ds
	}
	return set, nil
}

// Sources reads the files that Load would read. The error is Diagnostics.
func Sources(c *Config) ([]Source, error) {
	r := newReporter()
	sources := readSources(r, c.Schemas)
	if ds := r.result(); ds != nil {
		return nil, ds
	}
	return sources, nil
}
