package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// putter writes rows: new ones, and in the place of those that have their key.
type putter struct {
	c          *call
	p          *provider.Provider
	insertOnly bool
}

// put writes a row in a transaction, or by itself where that is nil.
func (w *putter) put(tx *store.Tx, values []provider.Value, given []bool) error {
	s := provider.Scope{Tx: tx}
	_, err := w.p.Insert(w.c.ctx, s, values)
	if w.insertOnly || !errors.Is(err, store.ErrExists) {
		return err
	}
	def := w.p.Def()
	parts := make([]provider.Value, len(def.Key))
	for i, k := range def.Key {
		parts[i] = values[k]
	}
	key, err := def.EncodeKey(nil, parts...)
	if err != nil {
		return err
	}
	var set []provider.Assignment
	for i := range def.Columns {
		if c := &def.Columns[i]; !c.InKey && given[i] {
			set = append(set, provider.Assignment{Column: i, Value: values[i]})
		}
	}
	return w.p.Update(w.c.ctx, s, key, set)
}

var putCommand = &command{
	name: "put", args: "DATABASE TABLE [ROW…]", writes: true,
	short:    "write rows, as JSON objects from the command line or standard input",
	long:     "A row whose key is there gets the columns that are given, and keeps the others. Defaults,\nlimits, checks and unique indexes hold. All rows are one transaction.",
	examples: []string{`put -write data shop.orders '{"customer": "ann", "number": 7, "status": "open"}'`},
	setup: func(flags *flag.FlagSet) func(*call) error {
		insert := flags.Bool("insert", false, "refuse a row whose key is there")
		return with(func(c *call, d *database) error {
			t, err := c.table(d)
			if err != nil {
				return err
			}
			w := &putter{c: c, p: t.provider(), insertOnly: *insert}
			c.stays = "nothing was written"
			var texts []json.RawMessage
			from := io.Reader(strings.NewReader(strings.Join(c.args, "\n")))
			if len(c.args) == 0 {
				from = c.input()
			}
			err = rows(from, func(_ int, text json.RawMessage) error {
				texts = append(texts, text)
				return nil
			})
			if err != nil {
				return err
			}
			err = d.Update(c.ctx, func(tx *store.Tx) error {
				for i, text := range texts {
					values, given, err := parseRow(w.p.Def(), text)
					if err == nil {
						err = w.put(tx, values, given)
					}
					if err != nil {
						return fmt.Errorf("row %d: %w", i+1, err)
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return c.did("written", len(texts))
		})
	},
}

// did says how many rows something was done with.
func (c *call) did(what string, n int) error {
	if c.json {
		return c.printJSON(map[string]any{what: n})
	}
	_, err := fmt.Fprintf(c.stdout, "%s %s\n", rowsText(int64(n)), what)
	return err
}

var deleteCommand = &command{
	name: "delete", args: "DATABASE TABLE KEY…", writes: true,
	short:    "remove the row of a key",
	long:     dashHelp,
	examples: []string{"delete -write data shop.orders ann 7"},
	setup: simple(with(func(c *call, d *database) error {
		t, err := c.table(d)
		if err != nil {
			return err
		}
		p := t.provider()
		key, err := c.keyOf(p.Def())
		if err != nil {
			return err
		}
		there, err := p.Delete(c.ctx, provider.Scope{}, key)
		if err != nil {
			return err
		}
		if !there {
			fmt.Fprintln(c.stderr, "storegen-db delete: there is no such row")
			return errFinding
		}
		return c.did("removed", 1)
	})),
}

// importBatch is how many rows of a file are one commit.
const importBatch = 500

var importCommand = &command{
	name: "import", args: "DATABASE TABLE [FILE]", writes: true,
	short: "write rows from a file of JSON lines or CSV, or from standard input",
	long: "A CSV file has the names of columns in its first line; an empty cell is null, and \"\" a text without\n" +
		"characters. Rows are written 500 in a commit, by the rules of the table; those before a row that is\n" +
		"refused stay. scan -format json or csv writes such files.",
	examples: []string{"import -write data shop.orders orders.csv", "import -write -insert data shop.orders - <orders.json"},
	setup: func(flags *flag.FlagSet) func(*call) error {
		insert := flags.Bool("insert", false, "refuse a row whose key is there")
		format := flags.String("format", "", "read a `format`: json or csv; without it, by the name of the file")
		return with(func(c *call, d *database) error {
			t, err := c.table(d)
			if err != nil {
				return err
			}
			b := &batch{c: c, d: d, to: &putter{c: c, p: t.provider(), insertOnly: *insert}}
			read, from := b.json, io.Reader(nil)
			switch {
			case *format == "csv", *format == "" && len(c.args) > 0 && strings.EqualFold(filepath.Ext(c.args[0]), ".csv"):
				read = b.csv
			case *format != "" && *format != "json":
				return usagef("there is no format %q: use json or csv", *format)
			}
			if len(c.args) > 1 {
				return usagef("what is %q?", c.args[1])
			}
			if len(c.args) == 0 || c.args[0] == "-" {
				from = c.input()
			} else {
				f, err := os.Open(c.args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				from = f
			}
			if err = read(from); err == nil {
				err = b.flush()
			}
			c.stays = fmt.Sprintf("%s were written before, and stay", rowsText(int64(b.written)))
			if err != nil {
				var syntax *json.SyntaxError
				if *format == "" && b.read == 0 && errors.As(err, &syntax) {
					return fmt.Errorf("%w\nhelp: rows are read as JSON; say -format csv if they are CSV", err)
				}
				return fmt.Errorf("%w (%s before it are written)", err, rowsText(int64(b.written)))
			}
			return c.did("written", b.written)
		})
	},
}

// batch collects rows for a commit.
type batch struct {
	c       *call
	d       *database
	to      *putter
	rows    []batchRow
	read    int
	written int
}

type batchRow struct {
	place  string // in the file
	values []provider.Value
	given  []bool
}

func (b *batch) add(place string, values []provider.Value, given []bool, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	b.read++
	if b.rows = append(b.rows, batchRow{place, values, given}); len(b.rows) < importBatch {
		return nil
	}
	return b.flush()
}

func (b *batch) flush() error {
	err := b.d.Update(b.c.ctx, func(tx *store.Tx) error {
		for _, r := range b.rows {
			if err := b.to.put(tx, r.values, r.given); err != nil {
				return fmt.Errorf("%s: %w", r.place, err)
			}
		}
		return nil
	})
	if err == nil {
		b.written += len(b.rows)
		b.rows = b.rows[:0]
		b.c.progress.to(int64(b.written), rowsText)
	}
	return err
}

func (b *batch) json(r io.Reader) error {
	return rows(r, func(n int, text json.RawMessage) error {
		values, given, err := parseRow(b.to.p.Def(), text)
		return b.add(fmt.Sprintf("row %d", n), values, given, err)
	})
}

func (b *batch) csv(r io.Reader) error {
	in := newCSVReader(r)
	def := b.to.p.Def()
	head, err := in.read()
	if err == io.EOF {
		return errors.New("the file is empty, where the names of columns are to be")
	}
	if err != nil {
		return err
	}
	columns := make([]int, len(head))
	seen := map[int]bool{}
	for i, name := range head {
		if columns[i], err = columnOf(def, name.text); err != nil {
			return fmt.Errorf("line %d: %w", in.line, err)
		}
		if seen[columns[i]] {
			return fmt.Errorf("line %d: the column %q is there twice", in.line, name.text)
		}
		seen[columns[i]] = true
	}
	for {
		cells, err := in.read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		values, given, err := cellsRow(def, columns, cells)
		if err := b.add(fmt.Sprintf("line %d", in.line), values, given, err); err != nil {
			return err
		}
	}
}

var dropCommand = &command{
	name: "drop", args: "DATABASE TABLE", writes: true,
	short:    "remove a table, or a member of a family, with all its rows",
	examples: []string{"drop -write -yes data shop.orders"},
	setup: func(flags *flag.FlagSet) func(*call) error {
		sure := flags.Bool("yes", false, "do not ask whether it is meant")
		return with(func(c *call, d *database) error {
			t, err := c.named(d)
			if err != nil {
				return err
			}
			if err := c.noMoreArgs(); err != nil {
				return err
			}
			if !*sure {
				return usagef("all rows of %s would be gone: say -yes if that is meant", t.name)
			}
			if t.member != nil {
				err = d.DropMember(c.ctx, t.desc.Name, t.member)
			} else {
				err = d.DropTable(c.ctx, t.name)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(c.stdout, "%s is gone\n", oneLine(t.name))
			return nil
		})
	},
}
