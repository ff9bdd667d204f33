package main

import (
	"flag"
	"fmt"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/templates/output"
)

var diffCommand = &command{
	name: "diff", reports: true,
	short: "show what generate would change",
	long: `Prints a unified diff of the packages and the lock, writes nothing, and ends with
code 1 where something would change, or where generate would refuse: the check for
CI.`,
	setup: func(flags *flag.FlagSet) func(*call) error {
		list := flags.Bool("list", false, "print the names of the files only")
		noCache := flags.Bool("no-cache", false, "make everything again, and do not use the record of the last run")
		return func(c *call) error { return showDiff(c, *list, *noCache) }
	},
}

func showDiff(c *call, list, noCache bool) error {
	b, err := c.build(noCache)
	if err != nil {
		return err
	}
	if b.set != nil {
		if err := c.keepNumbers(b); err != nil {
			return err
		}
		if _, err := c.hold(b, nil); err != nil {
			return err
		}
	}
	var changes []output.Change
	for _, ch := range b.changes {
		ch.Path = filepath.Join(b.config.Out, filepath.FromSlash(ch.Path))
		changes = append(changes, ch)
	}
	if b.lock != nil {
		changes = append(changes, *b.lock)
	}
	changes = append(changes, b.editor...)
	if len(changes) == 0 {
		return nil
	}
	if c.json || c.ci {
		var fs []finding
		for _, ch := range changes {
			f := finding{Rule: ruleNotCurrent, File: filepath.ToSlash(ch.Path), Line: 1, Col: 1, Help: "run " + diag.Command + " generate"}
			switch changeWord(ch) {
			case "new":
				f.Message = "the generated file is not there"
			case "removed":
				f.Message = "the generated file is of something that is gone"
			case "edited":
				f.Message = "the generated file was changed by hand"
				f.Help = "keep what you need of it elsewhere, then run " + diag.Command + " generate -force"
			default:
				f.Message = "the generated file is not current"
			}
			fs = append(fs, f)
		}
		c.report(fs)
		return errFinding
	}
	p := newPainter(c.stdout)
	for _, ch := range changes {
		if list {
			fmt.Fprintf(c.stdout, "%-8s %s\n", changeWord(ch), ch.Path)
			continue
		}
		slashed := filepath.ToSlash(ch.Path)
		before, after := "a/"+slashed, "b/"+slashed
		switch {
		case ch.Old == nil:
			before = "/dev/null"
		case ch.New == nil:
			after = "/dev/null"
		}
		fmt.Fprint(c.stdout, p.diff(string(diff.Diff(before, ch.Old, after, ch.New))))
	}
	for _, ch := range changes {
		if ch.Edited {
			fmt.Fprintf(c.stderr, "%s was changed by hand: keep what you need of it elsewhere, then run %s generate -force\n", ch.Path, diag.Command)
		}
	}
	fmt.Fprintln(c.stderr, "generated files are not current: run "+diag.Command+" generate")
	return errFinding
}

// changeWord says what happens to a file.
func changeWord(c output.Change) string {
	switch {
	case c.Edited:
		return "edited"
	case c.Old == nil:
		return "new"
	case c.New == nil:
		return "removed"
	}
	return "changed"
}
