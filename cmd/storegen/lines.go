package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

var linesCommand = &command{
	name:  "lines",
	short: "count lines of YAML and Go, a row a table",
	setup: simple(lines),
}

// lines counts what people write and what they get for it.
func lines(c *call) error {
	b, err := c.build()
	if err != nil {
		return err
	}
	generated := map[string]int{}
	for _, f := range b.files {
		dir, _ := filepath.Split(f.Path)
		generated[strings.TrimSuffix(dir, "/")] += bytes.Count(f.Content, []byte("\n"))
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "table\tYAML\tGo\t")
	yaml, total := 0, 0
	for _, t := range b.set.Tables {
		text, err := os.ReadFile(filepath.Join(b.config.Schemas, filepath.FromSlash(t.File)))
		if err != nil {
			return err
		}
		dir := strings.TrimPrefix(t.Group+"/"+t.Pkg, "/")
		n := bytes.Count(text, []byte("\n"))
		fmt.Fprintf(w, "%s\t%d\t%d\t\n", t.Name, n, generated[dir])
		yaml, total = yaml+n, total+generated[dir]
	}
	fmt.Fprintf(w, "all\t%d\t%d\t\n", yaml, total)
	return w.Flush()
}
