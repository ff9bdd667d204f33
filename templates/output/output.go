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
	f, err := ReadFolder(dir, "")
	if err != nil {
		return nil, err
	}
	return f.Compare(files, nil)
}

// Compare is the function Compare for a folder that has been read. The files in kept
// stay, and are not looked at.
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
		if owner := folder.foreign[f.Path]; owner != "" {
			errs = append(errs, &BlockedError{Path: filepath.Join(dir, filepath.FromSlash(f.Path)), Config: owner})
			continue
		}
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			changes = append(changes, Change{Path: f.Path, New: f.Content})
		case err != nil:
			errs = append(errs, err)
		case sameText(old, f.Content):
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
	rest, ok := bytes.CutPrefix(content, []byte(templates.Header))
	return ok && (bytes.HasPrefix(rest, []byte("\n")) || bytes.HasPrefix(rest, []byte("\r\n")))
}

// sameText reports whether a file holds a content, with line ends of either form.
func sameText(old, content []byte) bool {
	return bytes.Equal(old, content) || bytes.Equal(WithoutCR(old), content)
}

// WithoutCR is a text with line ends of one character, also where git has written two.
func WithoutCR(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// leftovers are generated files that no schema asks for any more.
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
			unstage(tmp)
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
		if err := place(staged[path], path); err != nil {
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
	if err := place(tmp, path); err != nil {
		unstage(tmp)
		return err
	}
	return nil
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
