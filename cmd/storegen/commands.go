package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

// plan is what a run is about to write.
type plan struct {
	config  *schema.Config
	set     *schema.Set
	files   []templates.File
	changes []output.Change
	lock    []byte // nil where it is current
}

func makePlan(file string) (*plan, error) {
	c, err := schema.LoadConfig(file)
	if err != nil {
		return nil, err
	}
	set, err := schema.Load(c)
	if err != nil {
		return nil, err
	}
	files, err := templates.Generate(set, c.Package)
	if err != nil {
		return nil, err
	}
	changes, err := output.Compare(c.Out, files)
	if err != nil {
		return nil, err
	}
	p := &plan{config: c, set: set, files: files, changes: changes, lock: set.Lock.Format()}
	old, err := os.ReadFile(c.Lock)
	if err == nil && bytes.Equal(old, p.lock) {
		p.lock = nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return p, nil
}

// generate writes what changed: the packages, then the lock.
func generate(config string, stdout, _ io.Writer) error {
	p, err := makePlan(config)
	if err != nil {
		return err
	}
	if err := output.Apply(p.config.Out, p.changes); err != nil {
		return err
	}
	if p.lock != nil {
		if err := output.WriteFile(p.config.Lock, p.lock); err != nil {
			return err
		}
	}
	if len(p.changes) > 0 {
		fmt.Fprintf(stdout, "storegen: %d tables, %d files, %d changed\n", len(p.set.Tables), len(p.files), len(p.changes))
	}
	return nil
}

// check only loads the schemas.
func check(config string, _, _ io.Writer) error {
	c, err := schema.LoadConfig(config)
	if err == nil {
		_, err = schema.Load(c)
	}
	return err
}

// diff lists what generate would change.
func diff(config string, stdout, stderr io.Writer) error {
	p, err := makePlan(config)
	if err != nil {
		return err
	}
	for _, c := range p.changes {
		word := "changed"
		switch {
		case c.Old == nil:
			word = "new"
		case c.New == nil:
			word = "removed"
		}
		fmt.Fprintf(stdout, "%-8s %s\n", word, filepath.Join(p.config.Out, c.Path))
	}
	if p.lock != nil {
		fmt.Fprintf(stdout, "%-8s %s\n", "changed", p.config.Lock)
	}
	if len(p.changes) > 0 || p.lock != nil {
		fmt.Fprintln(stderr, "generated files are not current: run storegen generate")
		return errFinding
	}
	return nil
}

// lines counts what people write and what they get for it.
func lines(config string, stdout, _ io.Writer) error {
	p, err := makePlan(config)
	if err != nil {
		return err
	}
	generated := map[string]int{}
	for _, f := range p.files {
		dir, _ := filepath.Split(f.Path)
		generated[strings.TrimSuffix(dir, "/")] += bytes.Count(f.Content, []byte("\n"))
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "table\tYAML\tGo\t")
	yaml, total := 0, 0
	for _, t := range p.set.Tables {
		text, err := os.ReadFile(filepath.Join(p.config.Schemas, filepath.FromSlash(t.File)))
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
