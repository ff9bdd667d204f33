package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/format"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates/output"
)

var fmtCommand = &command{
	name: "fmt", reports: true,
	short: "write the schema files in their canonical form",
	long: `Orders the keys of a file, indents it, and gives each simple field, type and index
one line. Comments, quotes and the order of fields stay. A file that cannot be
formatted without loss is named and left as it is.`,
	setup: func(flags *flag.FlagSet) func(*call) error {
		list := flags.Bool("l", false, "write nothing, print the names of the files that would change, and end with code 1 if there are any")
		return func(c *call) error { return formatFiles(c, *list) }
	},
}

func formatFiles(c *call, list bool) error {
	config, err := load.ReadConfigOnly(c.config)
	if err != nil {
		return err
	}
	sources, err := load.Sources(config)
	if err != nil {
		return err
	}
	var errs []error
	var fs []finding // of -l, for programs
	for _, f := range sources {
		formatted, err := format.Source(f)
		switch {
		case err != nil:
			errs = append(errs, err)
		case bytes.Equal(formatted, output.WithoutCR(f.Data)): // whatever a checkout has made of its ends of lines
		case list && (c.json || c.ci):
			fs = append(fs, finding{Rule: ruleNotFormatted, File: filepath.ToSlash(f.Path), Line: 1, Col: 1,
				Message: "the file is not in its canonical form", Help: "run " + diag.Command + " fmt"})
		case list:
			fmt.Fprintln(c.stdout, f.Path)
			errs = append(errs, errFinding)
		default:
			errs = append(errs, output.WriteFile(f.Path, formatted))
		}
	}
	if len(fs) > 0 {
		c.report(append(fs, findings(errors.Join(errs...))...))
		return errFinding
	}
	return errors.Join(errs...)
}
