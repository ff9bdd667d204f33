package leveldb

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// dirOf makes a directory of files.
func dirOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// filesOf returns the files of a directory, but for the log of what was done.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.Name() == "LOG" || e.Name() == "LOCK" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

// stepFiles are the files of a directory at each step of a storage in it.
type stepFiles struct {
	storage.Storage
	step func()
}

type stepWriter struct {
	storage.Writer
	step func()
}

func (s stepFiles) Create(fd storage.FileDesc) (storage.Writer, error) {
	s.step()
	w, err := s.Storage.Create(fd)
	return stepWriter{w, s.step}, err
}

func (s stepFiles) SetMeta(fd storage.FileDesc) error {
	s.step()
	return s.Storage.SetMeta(fd)
}

func (s stepFiles) Remove(fd storage.FileDesc) error {
	s.step()
	return s.Storage.Remove(fd)
}

func (s stepFiles) Rename(from, to storage.FileDesc) error {
	s.step()
	return s.Storage.Rename(from, to)
}

func (w stepWriter) Write(p []byte) (int, error) {
	w.step()
	return w.Writer.Write(p)
}

// A process may be killed while it makes a database, at any step and in the middle
// of any write: the next one makes it.
func TestKilledWhileMade(t *testing.T) {
	var left []map[string]string
	dir := t.TempDir()
	stor, err := storage.OpenFile(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	db, err := OpenStorage(stepFiles{stor, func() { left = append(left, filesOf(t, dir)) }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Close(), stor.Close()); err != nil {
		t.Fatal(err)
	}
	if len(left) < 6 {
		t.Fatalf("%d steps", len(left))
	}
	// Within the first manifest, and within the switch to it.
	const current = "MANIFEST-000000\n"
	manifest := string(firstManifest())
	for n := range len(manifest) + 1 {
		if !*everyByte && n%5 != 0 && n != len(manifest) {
			continue
		}
		left = append(left,
			map[string]string{"MANIFEST-000000": manifest[:n]},
			map[string]string{"MANIFEST-000000": strings.Repeat("\x00", n)}) // the length was written, and not the content
	}
	for n := range len(current) + 1 {
		left = append(left,
			map[string]string{"MANIFEST-000000": manifest, "CURRENT.0": current[:n]},
			map[string]string{"CURRENT.0": current[:n]}) // the switch failed, and the manifest was removed
	}
	left = append(left, map[string]string{"MANIFEST-000000": manifest, "CURRENT": current})
	for _, files := range left {
		for _, o := range []Options{{}, {MustExist: true}, {ReadOnly: true}} {
			dir := dirOf(t, files)
			db, err := Open(dir, &o)
			if o.MustExist || o.ReadOnly {
				if err == nil {
					if err := db.Close(); err != nil {
						t.Errorf("%+v: close: %v", o, err)
					}
				} else if !errors.Is(err, os.ErrNotExist) || !maps.Equal(filesOf(t, dir), files) {
					t.Errorf("%+v opens what is left: %v: %q", o, err, files)
				}
				continue
			}
			if err != nil {
				t.Errorf("what is left does not open: %v: %q", err, files)
				continue
			}
			b := db.NewBatch()
			b.Put([]byte("k"), []byte("v"))
			if err := errors.Join(db.Write(background, b, engine.WriteOptions{}), db.Close()); err != nil {
				t.Fatal(err)
			}
			if db, err = Open(dir, &Options{MustExist: true}); err != nil {
				t.Fatalf("again: %v", err)
			}
			if _, err := db.Get(background, []byte("k")); err != nil {
				t.Error(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What is no unfinished creation is not taken for one: it is refused, and nothing
// is deleted.
func TestNotUnfinished(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, smallFiles)
	if err != nil {
		t.Fatal(err)
	}
	fillDB(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole := filesOf(t, dir)
	manifest, first := "", string(firstManifest())
	for name := range whole {
		if strings.HasPrefix(name, "MANIFEST") {
			manifest = name
		}
	}
	if manifest != "MANIFEST-000000" || !strings.HasPrefix(whole[manifest], first) || len(whole[manifest]) == len(first) {
		t.Fatalf("the manifest is %s: %q", manifest, whole[manifest])
	}
	without := func(gone ...string) map[string]string {
		files := maps.Clone(whole)
		for name := range files {
			for _, g := range gone {
				if ok, _ := filepath.Match(g, name); ok {
					delete(files, name)
				}
			}
		}
		return files
	}
	with := func(files map[string]string, pairs ...string) map[string]string {
		files = maps.Clone(files)
		for pair := range slices.Chunk(pairs, 2) {
			files[pair[0]] = pair[1]
		}
		return files
	}
	cases := map[string]map[string]string{
		"no CURRENT":                    without("CURRENT"),
		"no CURRENT, first manifest":    with(without("CURRENT"), manifest, first),
		"no CURRENT, empty manifest":    with(without("CURRENT"), manifest, ""),
		"no CURRENT, no manifest":       without("CURRENT", "MANIFEST*"),
		"tables alone":                  without("CURRENT", "MANIFEST*", "*.log", "*.tmp"),
		"journal alone":                 without("CURRENT", "MANIFEST*", "*.ldb", "*.tmp"),
		"manifest alone":                without("CURRENT", "*.log", "*.ldb", "*.tmp"),
		"note alone":                    without("CURRENT", "MANIFEST*", "*.log", "*.ldb"),
		"CURRENT alone":                 {"CURRENT": "MANIFEST-000000\n"},
		"CURRENT of another alone":      {"CURRENT": "MANIFEST-000007\n"},
		"CURRENT empty":                 {"CURRENT": ""},
		"CURRENT.bak alone":             {"CURRENT.bak": "MANIFEST-000007\n"},
		"CURRENT.7 alone":               {"CURRENT.7": "MANIFEST-000007\n"},
		"later manifest alone":          {"MANIFEST-000007": first},
		"first manifest and garbage":    {"MANIFEST-000000": first + "garbage"},
		"first manifest of other bytes": {"MANIFEST-000000": "\x01" + first[1:]},
		"first manifest, CURRENT.7":     {"MANIFEST-000000": first, "CURRENT.7": ""},
		"first manifest and a journal":  {"MANIFEST-000000": first, "000001.log": ""},
	}
	for n := range len("MANIFEST-000000\n") {
		cases["CURRENT cut"] = with(whole, "CURRENT", whole["CURRENT"][:n])
		cases["CURRENT cut, and another"] = with(whole, "CURRENT", whole["CURRENT"][:n], "CURRENT.bak", whole["CURRENT"])
		for name, files := range cases {
			dir := dirOf(t, files)
			_, err := Open(dir, nil)
			if !errors.Is(err, engine.ErrCorrupt) || !strings.Contains(err.Error(), "restore a backup") {
				t.Errorf("%s: %v, want ErrCorrupt and a way to help", name, err)
			}
			if !maps.Equal(filesOf(t, dir), files) {
				t.Errorf("%s: it was refused, and changed", name)
			}
		}
		if n == 0 {
			clear(cases)
		}
	}
}

// A database of pebble is no damaged one, and stays as it is. Its own module opens one that
// pebble has made: here are names of files only.
func TestFolderOfPebble(t *testing.T) {
	files := map[string]string{"MANIFEST-000001": "m", "marker.manifest.000001.MANIFEST-000001": "", "000002.log": "", "CLOSED": "c"}
	for _, o := range []*Options{nil, {ReadOnly: true}, {MustExist: true}} {
		dir := dirOf(t, files)
		_, err := Open(dir, o)
		if !errors.Is(err, engine.ErrInvalid) || errors.Is(err, engine.ErrCorrupt) || !strings.Contains(err.Error(), "open it with engines/pebble") {
			t.Errorf("%+v: Open: %v", o, err)
		}
		if got := filesOf(t, dir); !maps.Equal(got, files) {
			t.Errorf("%+v: left %v", o, slices.Sorted(maps.Keys(got)))
		}
	}
}
