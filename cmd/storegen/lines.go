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
	name: "lines", data: "the counts",
	short: "count lines of YAML, of generated and of hand-written Go, a row a table",
	setup: simple(lines),
}

// lineCount is the lines of a table, in the form of -json.
type lineCount struct {
	Table     string `json:"table"`
	YAML      int    `json:"yaml"`
	Generated int    `json:"generated"`
	ByHand    int    `json:"byHand"`
}

func (n *lineCount) add(m lineCount) {
	n.YAML, n.Generated, n.ByHand = n.YAML+m.YAML, n.Generated+m.Generated, n.ByHand+m.ByHand
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
	counts := []lineCount{}
	all, once := lineCount{Table: "all"}, 0
	for _, t := range b.set.Tables {
		text, err := os.ReadFile(filepath.Join(b.config.Schemas, filepath.FromSlash(t.File)))
		if err != nil {
			return err
		}
		own, shared := templates.HandLines(t)
		n := lineCount{Table: t.Name, YAML: bytes.Count(text, []byte("\n")), Generated: generated["table "+t.Name], ByHand: own + shared}
		counts = append(counts, n)
		all.add(n)
		once += own
	}
	if c.json {
		return c.printJSON(counts)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "table\tYAML\tgenerated\tby hand\tsaved\t")
	for _, n := range append(counts, all) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t\n", n.Table, n.YAML, n.Generated, n.ByHand, n.ByHand-n.YAML)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	// The hand-written lines that do not depend on the row could be written once.
	_, shared := templates.HandLines(&schema.Table{TTL: &schema.TTL{}})
	_, err = fmt.Fprintf(c.stdout, "\nby hand with what tables share written once: %d, saved: %d\n", once+shared, once+shared-all.YAML)
	return err
}
