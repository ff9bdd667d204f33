package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/storegen/storegen/runtime/admin"
)

var backupCommand = &command{
	name: "backup", args: "DATABASE FILE",
	short: "write all of a database to a file, which restore reads on any engine",
	setup: simple(with(func(c *call, d *database) (err error) {
		if len(c.args) != 1 {
			return usageError("say which file to write")
		}
		// A file that is there is not overwritten: it may be the only backup.
		f, err := os.OpenFile(c.args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(f, 1<<20)
		if err = admin.Backup(c.ctx, d, w); err == nil {
			err = w.Flush()
		}
		if err == nil {
			err = f.Sync()
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return errors.Join(err, os.Remove(c.args[0]))
		}
		return nil
	})),
}

var restoreCommand = &command{
	name: "restore", args: "FILE DATABASE",
	short: "make a database of a backup: leveldb:DIR or pebble:DIR",
	setup: simple(func(c *call) error {
		if len(c.args) != 2 {
			return usageError("say which file, and the database to make")
		}
		f, err := os.Open(c.args[0])
		if err != nil {
			return err
		}
		defer f.Close()
		return c.restore(bufio.NewReaderSize(f, 1<<20), c.args[1])
	}),
}

// restore makes a database of a backup.
func (c *call) restore(r io.Reader, name string) error {
	eng, err := openEngine(name, openOptions{create: true})
	if err != nil {
		return fmt.Errorf("%w\nhelp: say on which engine it is to be, leveldb:%s or pebble:%s", err, name, name)
	}
	return errors.Join(admin.Restore(c.ctx, eng, r), eng.Close())
}

var copyCommand = &command{
	name: "copy", args: "DATABASE NEW",
	short: "copy a database into a new one, of the same engine or another: leveldb:DIR or pebble:DIR",
	setup: func(*flag.FlagSet) func(*call) error {
		return with(func(c *call, d *database) error {
			if len(c.args) != 1 {
				return usageError("say which database to make")
			}
			r, w := io.Pipe()
			go func() { w.CloseWithError(admin.Backup(c.ctx, d, w)) }()
			err := c.restore(r, c.args[0])
			r.CloseWithError(err) // ends the writer, if it has not ended
			return err
		})
	},
}
