package main

import (
	"flag"
	"fmt"

	"github.com/storegen/storegen/templates/output"
)

var generateCommand = &command{
	name: "generate", reports: true,
	short: "write the packages and the lock",
	long: `Writes what changed and nothing else, and only if every schema is right: the
packages first, then the lock. Generated files of what is gone are removed; files
that were not generated are never touched. Prints nothing where nothing changed.

A change after which stored rows could not be read is refused, and nothing is
written: see storegen plan.`,
	setup: func(flags *flag.FlagSet) func(*call) error {
		fresh := flags.Bool("fresh", false, "nothing is stored yet: take changes too after which stored rows could not be read")
		return func(c *call) error { return generate(c, *fresh) }
	},
}

func generate(c *call, fresh bool) error {
	b, err := c.build()
	if err != nil {
		return err
	}
	if !fresh {
		if err := c.forbid(b); err != nil {
			return err
		}
	}
	if err := output.Apply(b.config.Out, b.changes); err != nil {
		return err
	}
	rest := b.editor
	if b.lock != nil {
		rest = append(rest, *b.lock)
	}
	for _, ch := range rest {
		if err := output.WriteFile(ch.Path, ch.New); err != nil {
			return err
		}
	}
	if len(b.changes) > 0 && !c.json && !c.ci {
		fmt.Fprintf(c.stdout, "storegen: %d tables, %d files, %d changed\n", len(b.set.Tables), len(b.files), len(b.changes))
	}
	return nil
}
