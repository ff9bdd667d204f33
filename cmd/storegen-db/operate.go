package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/admin"
)

// found prints damage, a line each.
func (c *call) found(f admin.Finding) {
	c.progress.Clear()
	if c.json {
		_ = c.printJSON(map[string]any{"fault": f.Fault, "table": f.Table, "index": f.Index, "row": show.Safe(f.Row), "text": show.Safe(f.String())})
		return
	}
	fmt.Fprintln(c.stdout, show.OneLine(f.String()))
	if w, ok := c.stdout.(*bufio.Writer); ok && c.terminal {
		_ = w.Flush() // the last flush has the error too
	}
}

// verifyOptions have findings printed, and show how far a verification is.
func (c *call) verifyOptions(d *database) admin.VerifyOptions {
	o := admin.VerifyOptions{Found: c.found}
	if c.progress != nil {
		c.progress.Of(d.size(c.ctx))
		o.Progress = func(v admin.Verified) {
			c.progress.To(int64(v.Rows+v.Entries), func(n int64) string { return fmt.Sprintf("%d rows and entries", n) })
		}
	}
	return o
}

var verifyCommand = &command{
	name: "verify", args: "DATABASE",
	short:    "read every row and index entry, and compare them with each other",
	examples: []string{"verify data"},
	long:     "The exit code is 1 if there is damage. Rows that only their own program can read are not read.",
	setup: func(flags *flag.FlagSet) func(*call) error {
		lookups := flags.Bool("lookups", false, "look each entry and row up, and not only those that differ by their hashes")
		return with(func(c *call, d *database) error {
			if err := c.noMoreArgs(); err != nil {
				return err
			}
			c.openAll(d)
			o := c.verifyOptions(d)
			o.Lookups = *lookups
			v, err := admin.Verify(c.ctx, d, o)
			if err != nil {
				return err
			}
			if c.json {
				err = c.printJSON(map[string]any{"rows": v.Rows, "entries": v.Entries, "findings": v.Findings, "skipped": v.Skipped})
			} else {
				fmt.Fprintf(c.stdout, "%d rows and %d entries were read: %d findings\n", v.Rows, v.Entries, v.Findings)
				if v.Skipped > 0 {
					fmt.Fprintf(c.stdout, "%d tables were not read\n", v.Skipped)
				}
			}
			if err == nil && v.Findings > 0 {
				err = errFinding
			}
			return err
		})
	},
}

var repairCommand = &command{
	name: "repair", args: "DATABASE", writes: true,
	short:    "make index entries and the order of expiry what the rows say",
	examples: []string{"repair -write data"},
	long:     "Rows that cannot be read are put aside, where no table sees them; their bytes stay in the database.\nThe exit code is 1 if something could not be repaired.",
	setup: func(flags *flag.FlagSet) func(*call) error {
		cut := flags.Bool("truncate-journal", false, "open a goleveldb whose journal is damaged as it was before the damage; the commits behind it are lost for good")
		do := with(repair)
		return func(c *call) error {
			c.cutJournal = *cut
			return do(c)
		}
	},
}

func repair(c *call, d *database) error {
	if err := c.noMoreArgs(); err != nil {
		return err
	}
	c.openAll(d)
	r, err := admin.Repair(c.ctx, d, c.verifyOptions(d))
	if err != nil {
		return err
	}
	if c.json {
		err = c.printJSON(map[string]any{"rows": r.Rows, "entries": r.Entries, "findings": r.Findings, "fixed": r.Fixed, "aside": r.Aside, "left": len(r.Left)})
	} else {
		fmt.Fprintf(c.stdout, "%d findings: %d entries were written or removed, %d rows put aside, %d left as they are\n", r.Findings, r.Fixed, r.Aside, len(r.Left))
	}
	if err == nil && len(r.Left) > 0 {
		err = errFinding
	}
	return err
}

var sweepCommand = &command{
	name: "sweep", args: "DATABASE", writes: true,
	short:    "remove rows that have expired, to give their room back",
	examples: []string{"sweep -write data"},
	setup: simple(with(func(c *call, d *database) error {
		if err := c.noMoreArgs(); err != nil {
			return err
		}
		c.openAll(d)
		s, err := admin.Sweep(c.ctx, d, 0)
		if err != nil {
			return err
		}
		return c.did("removed", s.Removed)
	})),
}

var compactCommand = &command{
	name: "compact", args: "DATABASE", writes: true,
	short:    "have the engine merge its files, to give room back",
	examples: []string{"compact -write data"},
	setup: simple(with(func(c *call, d *database) error {
		if err := c.noMoreArgs(); err != nil {
			return err
		}
		e, ok := d.Engine().(interface {
			Compact(ctx context.Context, start, end []byte) error
		})
		if !ok {
			return fmt.Errorf("the engine has nothing to compact")
		}
		return e.Compact(c.ctx, nil, nil)
	})),
}
