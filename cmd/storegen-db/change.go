package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
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
	short: "write rows, as JSON objects from the command line or standard input",
	long:  "A row whose key is there gets the columns that are given, and keeps the others. Defaults,\nlimits, checks and unique indexes hold. All rows are one transaction.",
	setup: func(flags *flag.FlagSet) func(*call) error {
		insert := flags.Bool("insert", false, "refuse a row whose key is there")
		return with(func(c *call, d *database) error {
			t, err := c.table(d)
			if err != nil {
				return err
			}
			w := &putter{c: c, p: t.provider(), insertOnly: *insert}
			var texts []json.RawMessage
			from := io.Reader(strings.NewReader(strings.Join(c.args, "\n")))
			if len(c.args) == 0 {
				from = c.stdin
			}
			err = rows(from, func(text json.RawMessage) error {
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
	word := "rows"
	if n == 1 {
		word = "row"
	}
	_, err := fmt.Fprintf(c.stdout, "%d %s %s\n", n, word, what)
	return err
}

var deleteCommand = &command{
	name: "delete", args: "DATABASE TABLE KEY…", writes: true,
	short: "remove the row of a key",
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
	long:  "A CSV file has the names of columns in its first line. Rows are written 500 in a commit, by the\nrules of the table; those before a row that is refused stay. scan -format json or csv writes such files.",
	setup: func(flags *flag.FlagSet) func(*call) error {
		insert := flags.Bool("insert", false, "refuse a row whose key is there")
		format := flags.String("format", "", "read a `format`: json or csv; without it, by the name of the file")
		return with(func(c *call, d *database) error {
			t, err := c.table(d)
			if err != nil {
				return err
			}
			from := c.stdin
			if len(c.args) > 0 {
				f, err := os.Open(c.args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				if from = f; *format == "" && strings.HasSuffix(c.args[0], ".csv") {
					*format = "csv"
				}
				c.args = c.args[1:]
			}
			if err := c.noMoreArgs(); err != nil {
				return err
			}
			b := &batch{c: c, d: d, to: &putter{c: c, p: t.provider(), insertOnly: *insert}}
			switch *format {
			case "", "json":
				err = b.json(from)
			case "csv":
				err = b.csv(from)
			default:
				return usagef("there is no format %q: use json or csv", *format)
			}
			if err == nil {
				err = b.flush()
			}
			if err != nil {
				return fmt.Errorf("%w (%d rows before it are written)", err, b.written)
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
	values  [][]provider.Value
	given   [][]bool
	written int
}

func (b *batch) add(values []provider.Value, given []bool, err error) error {
	if err != nil {
		return err
	}
	b.values, b.given = append(b.values, values), append(b.given, given)
	if len(b.values) < importBatch {
		return nil
	}
	return b.flush()
}

func (b *batch) flush() error {
	err := b.d.Update(b.c.ctx, func(tx *store.Tx) error {
		for i := range b.values {
			if err := b.to.put(tx, b.values[i], b.given[i]); err != nil {
				return fmt.Errorf("row %d: %w", b.written+i+1, err)
			}
		}
		return nil
	})
	if err == nil {
		b.written += len(b.values)
		b.values, b.given = b.values[:0], b.given[:0]
	}
	return err
}

func (b *batch) json(r io.Reader) error {
	return rows(r, func(text json.RawMessage) error { return b.add(parseRow(b.to.p.Def(), text)) })
}

func (b *batch) csv(r io.Reader) error {
	in := csv.NewReader(r)
	head, err := in.Read()
	if err != nil {
		return fmt.Errorf("the names of columns in the first line: %w", err)
	}
	columns := make([]int, len(head))
	for i, name := range head {
		if columns[i], err = columnOf(b.to.p.Def(), name); err != nil {
			return err
		}
	}
	for {
		cells, err := in.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := b.add(cellsRow(b.to.p.Def(), columns, cells)); err != nil {
			return err
		}
	}
}

var dropCommand = &command{
	name: "drop", args: "DATABASE TABLE", writes: true,
	short: "remove a table, or a member of a family, with all its rows",
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
			fmt.Fprintf(c.stdout, "%s is gone\n", safe(t.name))
			return nil
		})
	},
}
