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

// A Source is one file of a schema.
type Source struct {
	Name string // relative to the schema folder, with slashes: system/users.yaml
	Path string // as messages show it; empty is Name
	Data []byte
}

// Load reads every *.yaml below the configured folder, checks all of it, and
// gives everything its number from the lock. Files and folders whose names begin
// with a dot are passed over. Nothing is written: what the lock must hold
// afterwards is the Set's Lock.
//
// The error is Diagnostics, with every mistake that was found; the Set is nil
// then.
func Load(c *Config) (*Set, error) { return LoadGo(c, nil) }

// LoadGo is Load for schemas whose rows may be structs of Go source, which it asks
// for.
func LoadGo(c *Config, load GoLoader) (*Set, error) {
	r := newReporter()
	return r.inputs(c).parse(r, c, load)
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
	in := r.inputs(c)
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
	r.onePackage = c.OnePackage
	return r.parse(in.Sources, in.Lock, load)
}

func (r *reporter) inputs(c *Config) *Inputs {
	in := &Inputs{Sources: r.readSources(c.Schemas)}
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
func Parse(files []Source, lock *Source) (*Set, error) { return ParseGo(files, lock, nil) }

// ParseGo is Parse for schemas whose rows may be structs of Go source.
func ParseGo(files []Source, lock *Source, load GoLoader) (*Set, error) {
	return newReporter().parse(files, lock, load)
}

// readSources reads the schema files below a folder, in order of their names.
func (r *reporter) readSources(dir string) []Source {
	var out []Source
	at := func(name string) Pos {
		return Pos{File: filepath.Join(dir, filepath.FromSlash(name)), Line: 1, Col: 1}
	}
	// The walk goes on after a mistake, so that all of them are found; the
	// function below returns no error but SkipDir.
	_ = fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			r.report(ruleFileRead, at(name), "cannot read it: %s", cause(err)).mend("make it a file that you may read, or remove it")
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case name != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		}
		switch path.Ext(name) {
		case ".yml":
			r.report(ruleFileName, at(name), "a schema file ends in .yaml, and this one in .yml").mend("rename it to %s.yaml", strings.TrimSuffix(entry.Name(), ".yml"))
		case ".yaml":
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				r.report(ruleFileRead, at(name), "cannot read it: %s", cause(err)).mend("make it a file that you may read, or remove it")
				return nil
			}
			out = append(out, Source{Name: name, Path: filepath.Join(dir, filepath.FromSlash(name)), Data: data})
		}
		return nil
	})
	if len(out) == 0 && len(r.diags) == 0 {
		r.report(ruleSetEmpty, at("."), "there are no schema files (*.yaml) in this folder").mend("write one: table: users, with access, key and fields")
	}
	return out
}

func (r *reporter) parse(files []Source, lockFile *Source, load GoLoader) (*Set, error) {
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
		root := r.parseYAML(src)
		if root == nil || !d.file(src, root) {
			typesMissing = true
		}
	}
	r.goTypes(d, load)
	set := resolve(r, d, typesMissing)
	if d.found != nil {
		set.GoInputs = d.found.Inputs
	}
	lock := newLock()
	if lockFile != nil {
		name := lockFile.Path
		if name == "" {
			name = lockFile.Name
		}
		lock = r.lock(name, lockFile.Data)
	}
	if len(r.diags) == 0 {
		r.assign(lock, set)
		set.Lock = lock
		for _, src := range r.sources {
			set.sources = append(set.sources, src)
		}
	}
	if ds := r.result(); ds != nil {
		return nil, ds
	}
	return set, nil
}
