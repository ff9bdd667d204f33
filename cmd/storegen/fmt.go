package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates/output"
)

var fmtCommand = &command{
	name:  "fmt",
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
	config, err := schema.LoadConfig(c.config)
	if err != nil {
		return err
	}
	sources, err := schema.Sources(config)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range sources {
		formatted, err := schema.Format(f)
		switch {
		case err != nil:
			errs = append(errs, err)
		case bytes.Equal(formatted, f.Data):
		case list:
			fmt.Fprintln(c.stdout, f.Path)
			errs = append(errs, errFinding)
		default:
			errs = append(errs, output.WriteFile(f.Path, formatted))
		}
	}
	return errors.Join(errs...)
}
