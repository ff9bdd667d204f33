package main

import (
	"flag"

	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/templates/docs"
)

var docsCommand = &command{
	name:  "docs",
	short: "print a page about all tables",
	long: `Prints fields, keys, indexes, expiry, access and rules of every table, what each
way of reading costs, and a diagram of tables, keys and references: as Markdown
with Mermaid, or as one page of HTML that needs nothing else.`,
	setup: func(flags *flag.FlagSet) func(*call) error {
		html := flags.Bool("html", false, "print one self-contained page of HTML")
		return func(c *call) error {
			_, set, err := c.load()
			if err != nil {
				return err
			}
			page := docs.Markdown(describe.Set(set))
			if *html {
				if page, err = docs.HTML(describe.Set(set)); err != nil {
					return err
				}
			}
			_, err = c.stdout.Write(page)
			return err
		}
	},
}
