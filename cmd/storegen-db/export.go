package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/rowfile"
	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/provider"
)

var exportCommand = &command{
	name: "export", args: "DATABASE [TABLE [FILE]]",
	short: "write a table, or all into a directory, to files: " + formatsHelp,
	long: "With -dir, each table and member of a family becomes a file in a new directory. Without FILE, or\n" +
		"with -, the rows go to standard output. No file is overwritten. An export that fails leaves nothing.\n" +
		"import reads what export writes; hidden columns are not in it, and a backup is what backup makes.",
	examples: []string{"export data shop.orders orders.parquet", "export data shop.orders -format csv", "export data -dir all -format arrow"},
	setup: func(flags *flag.FlagSet) func(*call) error {
		format := flags.String("format", "", "write a `format`: "+strings.Join(rowfile.Formats(), ", ")+" (arrows is Arrow's stream format); without it, by the name of the file, or json")
		dir := flags.String("dir", "", "write all tables into this new `directory`")
		return with(func(c *call, d *database) error {
			if *dir != "" {
				if err := c.noMoreArgs(); err != nil {
					return err
				}
				return c.exportAll(d, *dir, *format)
			}
			t, err := c.table(d)
			if err != nil {
				return err
			}
			name := "-"
			if len(c.args) > 0 {
				name, c.args = c.args[0], c.args[1:]
			}
			if err := c.noMoreArgs(); err != nil {
				return err
			}
			n, err := c.export(t, name, *format)
			if err != nil || name == "-" {
				return err
			}
			return c.did("written", int(n))
		})
	},
}

// export writes a table to a file that is not there yet, or to standard output.
func (c *call) export(t *table, name, format string) (n int64, err error) {
	if format == "" {
		if format = rowfile.FormatOf(name); format == "" {
			format = "json"
		}
	}
	if err := rowfile.CheckFormat(format, false); err != nil {
		return 0, usageError(err.Error())
	}
	p := t.provider()
	s := rowfile.Scan{Table: p, Request: &provider.ScanRequest{}, Columns: p.Def().All().List(), Format: format}
	if name == "-" {
		s.Terminal = c.terminal
		return rowfile.Write(c.ctx, c.stdout, s)
	}
	c.stays = "the files that were begun are removed"
	if c.progress != nil {
		if stats, err := p.Stats(c.ctx); err == nil && stats.Known {
			c.progress.Of(stats.Rows) // about
		}
		s.Progress = func(n int64) { c.progress.To(n, show.Rows) }
	}
	err = newFile(name, func(w io.Writer) error {
		n, err = rowfile.Write(c.ctx, w, s)
		return err
	})
	return n, err
}

// exportAll writes each table to a file of a new directory.
func (c *call) exportAll(d *database, dir, format string) (err error) {
	if format == "" {
		return usageError("say which -format the files have")
	}
	if err := rowfile.CheckFormat(format, false); err != nil {
		return usageError(err.Error())
	}
	if err := os.Mkdir(dir, 0o755); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and nothing in it is overwritten: choose another name", dir)
	} else if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	c.openAll(d)
	for _, t := range d.tables {
		if t.handle == nil {
			continue // it was told of
		}
		n, err := c.export(t, filepath.Join(dir, fileName(t.name)+"."+format), format)
		c.progress.Clear()
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if c.json {
			err = c.printJSON(map[string]any{"table": t.name, "written": n})
		} else {
			_, err = fmt.Fprintf(c.stdout, "%s  %s\n", show.OneLine(t.name), show.Rows(n))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fileName is the name of a table as one of a file: what else a path might mean is escaped.
func fileName(table string) string { return url.PathEscape(table) }
