package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/storegen/storegen/runtime/admin"
)

var backupCommand = &command{
	name: "backup", args: "DATABASE FILE",
	short:    "write all of a database to a file, which restore reads on any engine",
	long:     "A file that is there already is not overwritten. A backup that fails leaves no file.",
	examples: []string{"backup data monday.backup"},
	setup: simple(with(func(c *call, d *database) (err error) {
		if len(c.args) != 1 {
			return usageError("say which file to write")
		}
		c.stays = "the file that was begun is removed"
		return newFile(c.args[0], func(w io.Writer) error {
			return admin.Backup(c.ctx, d, c.progress.Writer(w))
		})
	})),
}

// newFile has a file written. One that is there is not overwritten, as it may be the only
// backup, and where writing fails none is left.
func newFile(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and is not overwritten: remove it, or choose another name", name)
	}
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

var restoreCommand = &command{
	name: "restore", args: "FILE DATABASE",
	short:    "make a database of a backup: leveldb:DIR or pebble:DIR",
	long:     newDatabaseHelp,
	examples: []string{"restore monday.backup leveldb:data", "restore monday.backup pebble:data"},
	setup: simple(func(c *call) error {
		if len(c.args) != 2 {
			return usageError("say which file, and the database to make")
		}
		f, err := os.Open(c.args[0])
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			c.progress.Of(info.Size())
		}
		return c.restore(bufio.NewReaderSize(c.progress.Reader(f), 1<<20), c.args[1])
	}),
}

const newDatabaseHelp = "The directory of the new database is not there yet, or is empty. Where the command fails or is\nended by a signal, it is as before."

// restore makes a database of a backup, or leaves nothing.
func (c *call) restore(r io.Reader, name string) (err error) {
	kind, dir, ok := strings.Cut(name, ":")
	e, known := engines[kind]
	if !ok || !known {
		return usagef("say which engine the new database is on: leveldb:%s or pebble:%s", name, name)
	}
	c.stays = "the database that was begun is removed"
	remove, err := makeDir(dir)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove())
		}
	}()
	eng, err := e.open(dir, openOptions{create: true})
	if err != nil {
		return err
	}
	return errors.Join(admin.Restore(c.ctx, eng, r), eng.Close())
}

// makeDir makes a directory for a database, or takes an empty one. remove makes it what it was.
func makeDir(dir string) (remove func() error, err error) {
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
		return func() error { return os.RemoveAll(dir) }, nil
	case err != nil:
		return nil, err
	case len(entries) > 0:
		return nil, fmt.Errorf("%s is not empty: a database is made in a new directory, or in an empty one", dir)
	}
	return func() error {
		entries, err := os.ReadDir(dir)
		for _, e := range entries {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
		return err
	}, nil
}

var copyCommand = &command{
	name: "copy", args: "DATABASE NEW",
	short:    "copy a database into a new one, of the same engine or another: leveldb:DIR or pebble:DIR",
	long:     newDatabaseHelp,
	examples: []string{"copy data pebble:data-new"},
	setup: func(*flag.FlagSet) func(*call) error {
		return with(func(c *call, d *database) error {
			if len(c.args) != 1 {
				return usageError("say which database to make")
			}
			r, w := io.Pipe()
			ended := make(chan struct{})
			go func() {
				w.CloseWithError(admin.Backup(c.ctx, d, w))
				close(ended)
			}()
			err := c.restore(c.progress.Reader(r), c.args[0])
			r.Close() // ends the writer, if it has not ended
			<-ended   // it reads from the database, which is closed next
			return err
		})
	},
}
