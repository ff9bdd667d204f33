package main

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/rawstore"
)

// part is the rows of a table or the entries of an index, and how much there is of them.
type part struct {
	Table string `json:"table"`
	Index string `json:"index,omitempty"` // "" for the rows
	Pairs int    `json:"pairs"`
	Bytes int    `json:"bytes"` // of keys and values, before the engine compresses them
}

var statsCommand = &command{
	name: "stats", args: "DATABASE [TABLE]",
	short:    "count rows, index entries and their bytes, by table and index",
	examples: []string{"stats data", "stats data shop.orders"},
	long:     "All of them are read. Bytes are those of keys and values before the engine compresses them;\nrows that have expired and were not swept yet are among them.",
	setup: simple(with(func(c *call, d *database) error {
		chosen := d.tables
		if len(c.args) > 0 {
			t, err := c.table(d)
			if err != nil {
				return err
			}
			chosen = []*table{t}
		} else {
			c.openAll(d)
		}
		if err := c.noMoreArgs(); err != nil {
			return err
		}
		snap, err := d.Engine().Snapshot(c.ctx)
		if err != nil {
			return err
		}
		defer snap.Close()
		var parts []part
		most := 0
		for _, t := range chosen {
			if t.handle == nil {
				continue // it was told of
			}
			space := rawstore.Of(t.handle.Handle()).Space()
			for i := -1; i < len(t.desc.Indexes); i++ {
				p, number := part{Table: t.name}, uint64(0)
				if i >= 0 {
					p.Index, number = t.desc.Indexes[i].Name, uint64(t.desc.Indexes[i].Number)
				}
				prefix := keys.AppendUvarint(keys.AppendUvarint(nil, space), number)
				it := snap.Iterate(c.ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
				for it.Next() {
					p.Pairs++
					p.Bytes += len(it.Key()) + len(it.Value())
				}
				if err := it.Close(); err != nil {
					return err
				}
				most = max(most, p.Bytes)
				parts = append(parts, p)
			}
		}
		return c.printParts(parts, most)
	})),
}

func (c *call) printParts(parts []part, most int) error {
	const bar = 30
	width := 0
	for _, p := range parts {
		width = max(width, len([]rune(show.OneLine(p.Table))), 2+len([]rune(show.OneLine(p.Index))))
	}
	for _, p := range parts {
		if c.json {
			if err := c.printJSON(p); err != nil {
				return err
			}
			continue
		}
		name, of := show.OneLine(p.Table), "rows"
		if p.Index != "" {
			name, of = "  "+show.OneLine(p.Index), "entries"
		}
		full := 0
		if most > 0 {
			full = (p.Bytes*bar + most - 1) / most
		}
		fmt.Fprintf(c.stdout, "%-*s  %10d %-7s  %10s  %s\n", width, name, p.Pairs, of, show.Size(p.Bytes), strings.Repeat("█", full))
	}
	return nil
}
