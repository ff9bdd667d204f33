package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates"
)

var linesCommand = &command{
	name:  "lines",
	short: "count lines of YAML, of generated and of hand-written Go, a row a table",
	setup: simple(lines),
}

// lines counts what people write, what they get for it, and about how much they
// would write by hand.
func lines(c *call) error {
	b, err := c.build(true)
	if err != nil {
		return err
	}
	generated := map[string]int{}
	for _, f := range b.files {
		generated[f.Unit] += bytes.Count(f.Content, []byte("\n"))
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "table\tYAML\tgenerated\tby hand\tsaved\t")
	yaml, total, hand, once := 0, 0, 0, 0
	for _, t := range b.set.Tables {
		text, err := os.ReadFile(filepath.Join(b.config.Schemas, filepath.FromSlash(t.File)))
		if err != nil {
			return err
		}
		unit := "table " + t.Name
		n := bytes.Count(text, []byte("\n"))
		own, shared := templates.HandLines(t)
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t\n", t.Name, n, generated[unit], own+shared, own+shared-n)
		yaml, total, hand, once = yaml+n, total+generated[unit], hand+own+shared, once+own
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%d\t%d\t\n", yaml, total, hand, hand-yaml)
	if err := w.Flush(); err != nil {
		return err
	}
	// The hand-written lines that do not depend on the row could be written once.
	_, shared := templates.HandLines(&schema.Table{TTL: &schema.TTL{}})
	_, err = fmt.Fprintf(c.stdout, "\nby hand with what tables share written once: %d, saved: %d\n", once+shared, once+shared-yaml)
	return err
}
