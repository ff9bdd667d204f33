package output

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storegen/storegen/templates"
)

// Change is what has to be done to a file.
type Change struct {
	Path     string // below the folder, with slashes
	Old, New []byte // nil where there is none
	Edited   bool   // Old is not as it was generated: somebody has changed it by hand
}

// Compare lists what would have to change in a folder for it to hold just the
// files, in the order of their paths. A file that is in the way and was not
// generated is a BlockedError: it is never overwritten. All of them come together.
func Compare(dir string, files []templates.File) ([]Change, error) {
	f, err := ReadFolder(dir)
	if err != nil {
		return nil, err
	}
	return f.Compare(files, nil)
}

// Compare is Compare for a folder that has been read, and that shall keep some
// files beside: it does not look at them.
func (folder *Folder) Compare(files []templates.File, kept []string) ([]Change, error) {
	dir := folder.dir
	var changes []Change
	var errs []error
	wanted := make(map[string]bool, len(files)+len(kept))
	for _, path := range kept {
		wanted[path] = true
	}
	for _, f := range files {
		if wanted[f.Path] {
			errs = append(errs, fmt.Errorf("two things would be written to %s: rename one", f.Path))
		}
		wanted[f.Path] = true
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			changes = append(changes, Change{Path: f.Path, New: f.Content})
		case err != nil:
			errs = append(errs, err)
		case bytes.Equal(old, f.Content):
		case !generated(old):
			errs = append(errs, &BlockedError{Path: filepath.Join(dir, filepath.FromSlash(f.Path))})
		default:
			changes = append(changes, Change{Path: f.Path, Old: old, New: f.Content})
		}
	}
	stale, err := folder.leftovers(wanted)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	changes = append(changes, stale...)
	for i, c := range changes {
		changes[i].Edited = c.Old != nil && templates.Edited(c.Old)
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes, nil
}

func generated(content []byte) bool {
	return bytes.HasPrefix(content, []byte(templates.Header+"\n"))
}

// leftovers are generated files that are wanted no more.
func (folder *Folder) leftovers(wanted map[string]bool) (out []Change, err error) {
	for path := range folder.sums {
		if wanted[path] {
			continue
		}
		old, err := os.ReadFile(filepath.Join(folder.dir, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		out = append(out, Change{Path: path, Old: old})
	}
	return out, nil
}

// Apply makes changes to a folder. All new content is written beside its place
// first, so that a full disk leaves the folder as it was.
func Apply(dir string, changes []Change) (err error) {
	staged := map[string]string{}
	defer func() {
		for _, tmp := range staged {
			os.Remove(tmp)
		}
	}()
	for _, c := range changes {
		if c.New == nil {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(c.Path))
		tmp, err := stage(path, c.New)
		if err != nil {
			return err
		}
		staged[path] = tmp
	}
	for _, c := range changes {
		path := filepath.Join(dir, filepath.FromSlash(c.Path))
		if c.New == nil {
			if err := os.Remove(path); err != nil {
				return err
			}
			removeEmpty(dir, filepath.Dir(path))
			continue
		}
		if err := os.Rename(staged[path], path); err != nil {
			return err
		}
		delete(staged, path)
	}
	return nil
}

// WriteFile replaces a file by way of one beside it, so that it is never half
// written.
func WriteFile(path string, content []byte) error {
	tmp, err := stage(path, content)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return err
	}
	return nil
}

func stage(path string, content []byte) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".storegen-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// removeEmpty removes folders that have become empty, up to dir.
func removeEmpty(dir, at string) {
	for at != dir && strings.HasPrefix(at, dir) {
		if os.Remove(at) != nil {
			return // not empty
		}
		at = filepath.Dir(at)
	}
}
