package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/rowfile"
	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
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
			err = rowfile.Objects(from, func(_ int, text json.RawMessage) error {
				texts = append(texts, text)
				return nil
			})
			if err != nil {
				return err
			}
			err = d.Update(c.ctx, func(tx *store.Tx) error {
				for i, text := range texts {
					values, given, err := rowfile.ParseRow(w.p.Def(), text)
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
	_, err := fmt.Fprintf(c.stdout, "%s %s\n", show.Rows(int64(n)), what)
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
			if c.json {
				return c.printJSON(map[string]any{"dropped": t.name})
			}
			_, err = fmt.Fprintf(c.stdout, "%s is gone\n", show.OneLine(t.name))
			return err
		})
	},
}
