package gostruct

import (
	"crypto/sha256"
	"encoding/binary"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/go/packages"
)

// environment is the input that stands for what the go command goes by beside
// files: its own version, and its variables.
const environment = "environment"

// variables of the go command that have a part in which source a package is.
var variables = []string{
	"CGO_ENABLED", "GO111MODULE", "GOARCH", "GOENV", "GOEXPERIMENT", "GOFLAGS", "GOMODCACHE", "GOOS", "GOPATH", "GOROOT", "GOTOOLCHAIN", "GOWORK",
	"GOPACKAGESDRIVER", "PATH",
}

// inputs are what the packages were read from, as far as it can change while the
// versions of modules stay: the folders of packages, whether or not they are there,
// the files that say which versions, and the environment. They are nil where
// something else has a part in it, or something has changed since start.
func (l *loader) inputs(dir string, start time.Time) []string {
	if flags := os.Getenv("GOFLAGS"); strings.Contains(flags, "-modfile") || strings.Contains(flags, "-overlay") || os.Getenv("GOPACKAGESDRIVER") != "" {
		return nil
	}
	found := map[string]bool{environment: true}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	// A file that says which versions may come to be in any folder above.
	versions := func(dir string) {
		for ; ; dir = filepath.Dir(dir) {
			for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum", "vendor/modules.txt"} {
				found[filepath.Join(dir, filepath.FromSlash(name))] = true
			}
			if dir == filepath.Dir(dir) {
				return
			}
		}
	}
	versions(abs)
	mains := map[string]string{} // folders of modules, by path
	for _, p := range l.packages {
		if m := p.Module; m != nil && mutable(m) && m.Dir != "" {
			mains[m.Path] = m.Dir
			found[filepath.Join(m.Dir, "go.mod")] = true
		}
	}
	for _, p := range l.packages {
		switch {
		case len(p.GoFiles)+len(p.OtherFiles)+len(p.IgnoredFiles) > 0:
			first, _, _ := strings.Cut(p.PkgPath, "/")
			if p.Module != nil && mutable(p.Module) || p.Module == nil && strings.Contains(first, ".") {
				found[filepath.Dir(slices.Concat(p.GoFiles, p.OtherFiles, p.IgnoredFiles)[0])] = true
			}
		default: // one that is not there
			for module, at := range mains {
				if rest, ok := strings.CutPrefix(p.PkgPath, module+"/"); ok {
					found[filepath.Join(at, filepath.FromSlash(path.Clean(rest)))] = true
				}
			}
		}
	}
	var out []string
	for input := range found {
		if strings.ContainsAny(input, "\n\r") || changedSince(input, start) {
			return nil
		}
		out = append(out, input)
	}
	slices.Sort(out)
	return out
}

// mutable reports whether the files of a module are not those of a version.
func mutable(m *packages.Module) bool {
	if m.Replace != nil {
		return m.Replace.Version == ""
	}
	return m.Main || m.Version == ""
}

// goFiles are the files of a folder that may be part of its package; nil where it
// is none.
func goFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			out = append(out, name)
		}
	}
	return out
}

func changedSince(input string, start time.Time) bool {
	newer := func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.ModTime().After(start)
	}
	if newer(input) {
		return true
	}
	return slices.ContainsFunc(goFiles(input), func(name string) bool { return newer(filepath.Join(input, name)) })
}

// Sum is a hash of an input of a schema.GoSource as it is now: types that were read
// from inputs are the same as long as the sums of all of them are.
func Sum(input string) [sha256.Size]byte {
	h := sha256.New()
	add := func(text []byte) {
		h.Write(binary.AppendUvarint(nil, uint64(len(text))))
		h.Write(text)
	}
	file := func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			add([]byte("none"))
			return
		}
		add([]byte("file"))
		add(data)
	}
	if input == environment {
		for _, name := range variables {
			add([]byte(name + "=" + os.Getenv(name)))
		}
		if at, err := exec.LookPath("go"); err == nil {
			if info, err := os.Stat(at); err == nil { // of another version it is another file
				add([]byte(at + " " + info.ModTime().String() + " " + info.Mode().String()))
				add(binary.AppendVarint(nil, info.Size()))
			}
		}
		if config := os.Getenv("GOENV"); config != "" {
			file(config)
		} else if dir, err := os.UserConfigDir(); err == nil {
			file(filepath.Join(dir, "go", "env"))
		}
		return [sha256.Size]byte(h.Sum(nil))
	}
	if info, err := os.Stat(input); err != nil || info.Mode().Type() != fs.ModeDir {
		file(input)
		return [sha256.Size]byte(h.Sum(nil))
	}
	for _, name := range goFiles(input) {
		add([]byte(name))
		file(filepath.Join(input, name))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
