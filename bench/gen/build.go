package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// built is how many tables the project has that go build is measured on.
const built = 20

// build measures what go build costs for a table, with a package for each and with all in
// one: the compiler, and what go build does beside it, as hashing, linking packages
// together and writing into its cache. What the tables import is there already.
func (b *bench) build() error {
	sum, err := os.ReadFile(filepath.Join(b.root, "go.sum"))
	if err != nil {
		return err
	}
	fmt.Printf("\ngo build of %d tables, all changed; CPU and time in seconds for a table\n", built)
	w := newTable()
	fmt.Fprintln(w, "layout\tpackages\tCPU\ttime\tof which one table changed: CPU\t")
	cache := filepath.Join(b.tmp, "gocache")
	env := []string{"GOCACHE=" + cache, "GOFLAGS=-mod=mod", "GOWORK=off"}
	for _, layout := range []string{"packages", "one"} {
		b.projects++
		dir := filepath.Join(b.tmp, fmt.Sprintf("build%d", b.projects))
		if err := writeFiles(dir, map[string]string{
			"go.mod":        "module " + module + "\n\ngo 1.26\n\nrequire github.com/storegen/storegen v0.0.0\n\nreplace github.com/storegen/storegen => " + b.root + "\n",
			"go.sum":        string(sum),
			"storegen.yaml": "schemas: schema\nout: db\n" + map[string]string{"one": "layout: one\n"}[layout],
		}); err != nil {
			return err
		}
		run := func(changed int, note string) func() (cost, error) {
			n := 0
			return func() (cost, error) {
				n++
				for i := range built {
					_, table := tableName(i)
					text := schemaOf(i, "")
					if i < changed {
						text = schemaOf(i, fmt.Sprint(note, n))
					}
					text = strings.Replace(text, "row: Thing", fmt.Sprintf("row: Thing%d", i), 1) // all in one package have their own
					if err := writeFiles(dir, map[string]string{"schema/" + table + ".yaml": text}); err != nil {
						return cost{}, err
					}
				}
				if _, err := measure(dir, []string{"STOREGEN_CACHE=" + dir + "-cache"}, b.storegen, "generate"); err != nil {
					return cost{}, err
				}
				return measure(dir, env, "go", "build", "./db/...")
			}
		}
		if _, err := run(built, "first ")(); err != nil { // with all that is imported
			return err
		}
		all, err := least(b.times, run(built, "all "))
		if err != nil {
			return err
		}
		if _, err := run(1, "none ")(); err != nil { // with the others as they were at first
			return err
		}
		one, err := least(b.times, run(1, "one "))
		if err != nil {
			return err
		}
		packages, err := countPackages(filepath.Join(dir, "db"))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%.3f\t%.3f\t%.2f\t\n", layout, packages, all.cpu.Seconds()/built, all.wall.Seconds()/built, one.cpu.Seconds())
	}
	return w.Flush()
}

// countPackages counts the folders with Go files in and below a folder.
func countPackages(dir string) (int, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			found[filepath.Dir(path)] = true
		}
		return err
	})
	return len(found), err
}
