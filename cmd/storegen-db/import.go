package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/rowfile"
	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// importBatch is how many rows of a file are one commit.
const importBatch = 500

var importCommand = &command{
	name: "import", args: "DATABASE TABLE [FILE]", writes: true,
	short: "write rows from a file, or from standard input: " + formatsHelp,
	long: "A CSV file has the names of columns in its first line; an empty cell is null, and \"\" a text without\n" +
		"characters. Rows are written 500 in a commit, by the rules of the table; those before a row that is\n" +
		"refused stay. A row whose key is there gets what is given, and keeps the rest.\n\n" +
		"With -load, all rows are sorted first and written in one go, all or none, for a quarter of the work;\n" +
		"no key may be there before. It takes temporary files of about the size of the rows.",
	examples: []string{"import -write data shop.orders orders.csv", "import -write -load data shop.orders orders.parquet", "import -write -insert data shop.orders - <orders.json"},
	setup: func(flags *flag.FlagSet) func(*call) error {
		var im importing
		flags.BoolVar(&im.insert, "insert", false, "refuse a row whose key is there")
		flags.BoolVar(&im.load, "load", false, "sort all rows first, and write all or none")
		flags.StringVar(&im.format, "format", "", "read a `format`: "+strings.Join(rowfile.Formats(), ", ")+"; without it, by the name of the file, or json")
		return with(func(c *call, d *database) error { return im.run(c, d) })
	},
}

const formatsHelp = "JSON lines, CSV, Arrow or Parquet"

// importing is a run of import.
type importing struct {
	insert, load bool
	format       string
	guessed      bool // the format was not said
	read         int
	counted      bool // the bytes of the file are the progress
}

func (im *importing) run(c *call, d *database) error {
	t, err := c.named(d)
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
	if im.format == "" {
		if im.format = rowfile.FormatOf(name); im.format == "" {
			im.format, im.guessed = "json", true
		}
	}
	if err := rowfile.CheckFormat(im.format, false); err != nil {
		return usageError(err.Error())
	}
	from := io.Reader(nil)
	if name == "-" {
		from = c.input()
	} else {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		from = f
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && im.format != "parquet" { // which is not read from its beginning on
			im.counted = true
			c.progress.Of(info.Size())
			from = c.progress.Reader(f)
		}
	}
	if im.load {
		return im.help(im.loadRows(c, d, t, from))
	}
	if err := t.open(c.ctx, d.DB); err != nil {
		return err
	}
	b := &batch{im: im, c: c, d: d, to: &putter{c: c, p: t.provider(), insertOnly: im.insert}}
	err = b.all(im.rows(c, from, b.to.p.Def()))
	c.stays = fmt.Sprintf("%s were written before, and stay", show.Rows(int64(b.written)))
	if err != nil {
		return im.help(fmt.Errorf("%w (%s before it are written)", err, show.Rows(int64(b.written))))
	}
	return c.did("written", b.written)
}

// progress tells how many rows are done, where no bytes are counted.
func (im *importing) progress(c *call, rows int) {
	if !im.counted {
		c.progress.To(int64(rows), show.Rows)
	}
}

// rows are those of the file.
func (im *importing) rows(c *call, from io.Reader, def *provider.TableDef) iter.Seq2[rowfile.Row, error] {
	return func(yield func(rowfile.Row, error) bool) {
		for row, err := range rowfile.Read(c.ctx, from, im.format, def) {
			im.read++
			if !yield(row, err) {
				return
			}
		}
	}
}

// help tells where a file that was taken for JSON is none.
func (im *importing) help(err error) error {
	var syntax *json.SyntaxError
	if im.guessed && im.read <= 1 && errors.As(err, &syntax) {
		return fmt.Errorf("%w\nhelp: rows are read as JSON; say -format if they are something else", err)
	}
	return err
}

// loadRows writes all rows at once, into a table that this program has not opened.
func (im *importing) loadRows(c *call, d *database, t *table, from io.Reader) error {
	c.stays = "nothing was written"
	def := provider.DefOf(t.desc)
	place := ""
	n, err := dynamic.Load(c.ctx, d.DB, t.desc, t.member, func(yield func(dynamic.EncodedRow, error) bool) {
		for row, err := range im.rows(c, from, def) {
			var r dynamic.EncodedRow
			if place = row.Place; err == nil {
				r.Key, r.Value, err = def.EncodeRow(row.Values)
			}
			if err != nil && place != "" {
				err = fmt.Errorf("%s: %w", place, err)
			}
			if !yield(r, err) {
				return
			}
			im.progress(c, im.read)
		}
		place = "" // what is wrong from here on is not about the last row
	})
	if err != nil {
		if place != "" && !strings.Contains(err.Error(), place) {
			err = fmt.Errorf("%s: %w", place, err)
		}
		return fmt.Errorf("%w (nothing was written)", err)
	}
	return c.did("written", n)
}

// batch collects rows for a commit.
type batch struct {
	im      *importing
	c       *call
	d       *database
	to      *putter
	rows    []rowfile.Row
	written int
}

// all writes rows.
func (b *batch) all(rows iter.Seq2[rowfile.Row, error]) error {
	for row, err := range rows {
		if err == nil {
			b.rows = append(b.rows, row)
			if len(b.rows) == importBatch {
				err = b.flush()
			}
		}
		if err != nil {
			return err
		}
	}
	return b.flush()
}

func (b *batch) flush() error {
	err := b.d.Update(b.c.ctx, func(tx *store.Tx) error {
		for _, r := range b.rows {
			if err := b.to.put(tx, r.Values, r.Given); err != nil {
				return fmt.Errorf("%s: %w", r.Place, err)
			}
		}
		return nil
	})
	if err == nil {
		b.written += len(b.rows)
		b.rows = b.rows[:0]
		b.im.progress(b.c, b.written)
	}
	return err
}
