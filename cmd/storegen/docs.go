package main

import "github.com/storegen/storegen/templates/docs"

var docsCommand = &command{
	name:  "docs",
	short: "print a page of Markdown about all tables",
	long: `Prints fields, keys, indexes, expiry, access and rules of every table, what each
way of reading costs, and a Mermaid diagram of tables and keys.`,
	setup: simple(func(c *call) error {
		_, set, err := c.load()
		if err != nil {
			return err
		}
		_, err = c.stdout.Write(docs.Markdown(set))
		return err
	}),
}
