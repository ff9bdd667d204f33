package output

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// New content is written beside its place first, into files and folders with this
// prefix and the number of the process, so that a full disk leaves all as it was and a
// later run knows what an interrupted one has left.
const stagePrefix = ".storegen-"

// stages are what this process has written beside its places, to be removed should it be
// told to end.
var stages struct {
	sync.Mutex
	paths map[string]bool
}

// Abandon removes what was written beside its place and not moved there yet: for a
// process that is told to end.
func Abandon() {
	stages.Lock()
	defer stages.Unlock()
	for path := range stages.paths {
		os.Remove(path)
	}
	clear(stages.paths)
}

// stage writes content beside its place, and returns where.
func stage(path string, content []byte) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), stagePrefix+strconv.Itoa(os.Getpid())+"-*")
	if err != nil {
		return "", err
	}
	keep(f.Name(), true)
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		unstage(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// unstage removes what stage has written.
func unstage(path string) {
	os.Remove(path)
	keep(path, false)
}

// place moves what stage has written to its place.
func place(staged, path string) error {
	if err := os.Rename(staged, path); err != nil {
		return err
	}
	keep(staged, false)
	return nil
}

func keep(path string, there bool) {
	stages.Lock()
	defer stages.Unlock()
	if !there {
		delete(stages.paths, path)
		return
	}
	if stages.paths == nil {
		stages.paths = map[string]bool{}
	}
	stages.paths[path] = true
}

// abandoned reports whether the process that has staged something is not there any
// more. Names without a number are of a version that gave none.
func abandoned(name string) bool {
	digits, _, _ := strings.Cut(strings.TrimPrefix(name, stagePrefix), "-")
	pid, err := strconv.Atoi(digits)
	return err != nil || pid == os.Getpid() || !running(pid)
}
