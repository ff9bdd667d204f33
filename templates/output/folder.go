package output

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/storegen/storegen/templates"
)

// A Folder is what stands in a folder: the sums of the generated files that are its
// own, and those that are not.
type Folder struct {
	dir     string
	sums    map[string]Sum
	foreign map[string]string // of another configuration, which is there: its path
	left    []string          // what an interrupted run has left
}

// ReadFolder reads the generated files below a folder. One that is not there is empty.
// A file that another configuration has generated is not the folder's own: config is
// the path of the folder's own one, or "" where every generated file is. What lies in
// folders that the go command does not take for packages of the same module (vendor,
// testdata, modules within, names that begin with a dot or underscore) is passed over.
func ReadFolder(dir, config string) (*Folder, error) {
	f := &Folder{dir: dir, sums: map[string]Sum{}, foreign: map[string]string{}}
	paths, err := f.walk()
	if err != nil {
		return nil, err
	}
	if config, err = absolute(config); err != nil {
		return nil, err
	}
	sums, errs := make([]Sum, len(paths)), make([]error, len(paths))
	ours, others := make([]bool, len(paths)), make([]string, len(paths))
	workers := min(runtime.GOMAXPROCS(0), len(paths))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var buf bytes.Buffer
			for i := w; i < len(paths); i += workers {
				if errs[i] = readInto(&buf, paths[i]); generated(buf.Bytes()) {
					others[i] = foreignConfig(paths[i], buf.Bytes(), config)
					sums[i], ours[i] = sha256.Sum256(buf.Bytes()), others[i] == ""
				}
			}
		})
	}
	wg.Wait()
	for i, path := range paths {
		rel, err := filepath.Rel(dir, path)
		if err := errors.Join(err, errs[i]); err != nil {
			return nil, err
		}
		switch {
		case ours[i]:
			f.sums[filepath.ToSlash(rel)] = sums[i]
		case others[i] != "":
			f.foreign[filepath.ToSlash(rel)] = others[i]
		}
	}
	return f, nil
}

func absolute(config string) (string, error) {
	if config == "" {
		return "", nil
	}
	return filepath.Abs(config)
}

// walk finds the Go files below the folder, and what interrupted runs have left.
func (f *Folder) walk() (paths []string, err error) {
	err = filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist) && path == f.dir:
			return fs.SkipAll
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), stagePrefix) && !d.IsDir():
			if abandoned(d.Name()) {
				f.left = append(f.left, path)
			}
		case d.IsDir() && path != f.dir && notOurs(path, d.Name()):
			return fs.SkipDir
		case d.Type().IsRegular() && strings.HasSuffix(path, ".go"):
			paths = append(paths, path)
		}
		return nil
	})
	return paths, err
}

// notOurs reports whether a folder holds no packages of the same module.
func notOurs(path, name string) bool {
	if name == "vendor" || name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

// foreignConfig is the configuration that has generated a file, where it is another one
// and is still there.
func foreignConfig(path string, content []byte, config string) string {
	said := templates.ConfigOf(content)
	if said == "" || config == "" {
		return ""
	}
	abs, err := filepath.Abs(filepath.Join(filepath.Dir(path), filepath.FromSlash(said)))
	if err != nil || abs == config {
		return ""
	}
	if info, err := os.Stat(abs); err != nil || info.IsDir() {
		return "" // it has been moved or removed
	}
	return abs
}

func readInto(buf *bytes.Buffer, path string) error {
	buf.Reset()
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = buf.ReadFrom(file)
	return err
}

// Holds reports whether the folder holds what was made of a unit.
func (f *Folder) Holds(u UnitRecord) bool {
	for path, sum := range u.Files {
		if got, ok := f.sums[path]; !ok || got != sum {
			return false
		}
	}
	return true
}

// HoldsAll reports whether the folder holds what was made of all units, and no
// other generated file of its own, and nothing that an interrupted run has left.
func (f *Folder) HoldsAll(r *Record) bool {
	files := 0
	for _, u := range r.Units {
		if !f.Holds(u) {
			return false
		}
		files += len(u.Files)
	}
	return files == len(f.sums) && len(f.left) == 0
}

// Clean removes what interrupted runs have left.
func (f *Folder) Clean() error {
	var errs []error
	for _, path := range f.left {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	f.left = nil
	return errors.Join(errs...)
}
