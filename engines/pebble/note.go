package pebble

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// noteName is the file in which a clean Close notes down what journals and manifests hold:
// a line for each, with its length and checksum. Pebble takes damage near the end of the
// last journal, and of the manifest, for what a crash has torn; with the note it shows
// that there was no crash. The next opening removes it.
const noteName = "CLOSED"

var noteTable = crc32.MakeTable(crc32.Castagnoli)

// noted are the lines of the note for the files that are there.
func noted(files vfs.FS, dir string) (string, error) {
	names, err := files.List(dir)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range names {
		if !isJournal(name) && !strings.HasPrefix(name, "MANIFEST-") {
			continue
		}
		data, err := readFile(files, files.PathJoin(dir, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s %d %08x\n", name, len(data), crc32.Checksum(data, noteTable))
	}
	return b.String(), nil
}

func readFile(files vfs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	return data, errors.Join(err, f.Close())
}

// writeNote writes the note. It is there as a whole or does not end in a full stop.
func writeNote(files vfs.FS, dir string) error {
	text, err := noted(files, dir)
	if err != nil {
		return err
	}
	f, err := files.Create(files.PathJoin(dir, noteName), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text + "."))
	return errors.Join(err, f.Sync(), f.Close(), syncDir(files, dir))
}

// checkNote compares the files with the note, if there is one. What is no whole note, or
// names a file that is gone, is not used: the directory says what is missing.
func checkNote(files vfs.FS, dir, manifest string) error {
	data, err := readFile(files, files.PathJoin(dir, noteName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	text, whole := strings.CutSuffix(string(data), ".")
	if !whole || !strings.Contains(text, manifest+" ") {
		return nil // written by a Close that a crash has ended, or for an older state
	}
	now, err := noted(files, dir)
	if err != nil {
		return err
	}
	lines := map[string]bool{}
	for line := range strings.Lines(now) {
		lines[line] = true
	}
	for line := range strings.Lines(text) {
		if !lines[line] {
			name, _, _ := strings.Cut(line, " ")
			return misfit("%s is not what it was when the database was closed (if you have changed it on purpose, remove %s)", name, noteName)
		}
	}
	return nil
}

// removeNote removes the note before anything changes.
func removeNote(files vfs.FS, dir string) error {
	err := files.Remove(files.PathJoin(dir, noteName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(files, dir)
}

// syncDir makes the names in a directory durable.
func syncDir(files vfs.FS, dir string) error {
	d, err := files.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
