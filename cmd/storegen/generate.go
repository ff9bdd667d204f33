package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/templates/output"
)

var generateCommand = &command{
	name: "generate", reports: true,
	short: "write the packages and the lock",
	long: `Writes what changed and nothing else, and only if every schema is right: the
packages first, then the lock. Generated files of what is gone are removed, and
named; files that were not generated, or by another configuration, are never
touched. Prints nothing where nothing changed.

A change after which stored rows could not be read is refused, and nothing is
written: see storegen plan. So is one that may be a rename that the schema does not
say, and a run that would lose what somebody has changed by hand in a generated
file. Where rows must be rewritten (migrate), everything is written, and the run
ends with code 1, so that nobody passes it by; -accept takes the rules of changes
that you know about, as plan names them: -accept enum-removed,field-replaced.

What has not changed since the last run is not made again: a record of that run in
the user's folder for caches says what it made, by hashes. STOREGEN_CACHE names
another folder, or is off.`,
	setup: func(flags *flag.FlagSet) func(*call) error {
		fresh := flags.Bool("fresh", false, "nothing is stored yet: take changes too after which stored rows could not be read")
		force := flags.Bool("force", false, "replace generated files too that were changed by hand")
		accept := flags.String("accept", "", "rules of changes that are known and meant, separated by commas: field-replaced")
		noCache := flags.Bool("no-cache", false, "make everything again, and do not use the record of the last run")
		return func(c *call) error { return generate(c, *accept, *fresh, *force, *noCache) }
	},
}

func generate(c *call, accept string, fresh, force, noCache bool) error {
	accepted, err := acceptedRules(accept)
	if err != nil {
		return err
	}
	b, err := c.build(noCache)
	if err != nil {
		return err
	}
	if b.set == nil { // nothing has changed
		return writeFiles(b.editor)
	}
	if err := b.folder.Clean(); err != nil {
		return err
	}
	var changes []evolve.Change
	if !fresh {
		if err := c.keepNumbers(b); err != nil {
			return err
		}
		if changes, err = c.hold(b, accepted); err != nil {
			if errors.Is(err, errFinding) {
				c.tell("nothing is written")
			}
			return err
		}
	}
	if !force {
		if err := c.keepEdited(b); err != nil {
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
	if err := writeFiles(rest); err != nil {
		return err
	}
	if b.cache != nil {
		b.cache.save(b.record)
	}
	if !c.json && !c.ci {
		for _, ch := range b.changes {
			if ch.New == nil {
				fmt.Fprintf(c.stdout, "removed %s\n", filepath.Join(b.config.Out, filepath.FromSlash(ch.Path)))
			}
		}
	}
	if len(b.changes) > 0 && !c.json && !c.ci {
		fmt.Fprintf(c.stdout, "storegen: %s, %s, %d changed\n", counted(len(b.set.Tables), "table"), counted(b.total, "file"), len(b.changes))
	}
	if b.lock != nil && len(changes) == 0 && !c.json {
		c.warnings(b.set)
	}
	if len(changes) > 0 {
		c.report(changeFindings(changes))
		c.tell("all is written. This is said once, with code 1, so that nobody passes it by: the next run has nothing to say")
		return errFinding
	}
	return nil
}

// tell says how a run with findings ended, to people.
func (c *call) tell(text string) {
	if !c.json && !c.ci {
		fmt.Fprintln(c.stderr, "storegen: "+text)
	}
}

// counted is a number of things, whose name takes an s.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func writeFiles(changes []output.Change) error {
	for _, ch := range changes {
		if err := output.WriteFile(ch.Path, ch.New); err != nil {
			return err
		}
	}
	return nil
}

// keepEdited reports the files that were changed by hand and would be replaced.
func (c *call) keepEdited(b *build) error {
	edited := slices.DeleteFunc(slices.Clone(b.changes), func(ch output.Change) bool { return !ch.Edited })
	if len(edited) == 0 {
		return nil
	}
	fs := make([]finding, len(edited))
	for i, ch := range edited {
		fs[i] = finding{
			Rule: ruleEdited, File: filepath.ToSlash(filepath.Join(b.config.Out, filepath.FromSlash(ch.Path))), Line: 1, Col: 1, EndCol: 1,
			Message: "the generated file was changed by hand, and the change would be lost",
			Help:    "keep what you need of it elsewhere, then run " + diag.Command + " generate -force",
		}
	}
	c.report(fs)
	return errFinding
}
