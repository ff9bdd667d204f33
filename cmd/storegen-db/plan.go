package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/gostruct"
	"github.com/storegen/storegen/schema/load"
)

var planCommand = &command{
	name: "plan", args: "DATABASE",
	short: "say what the schemas beside it mean for this database",
	long: `Compares the tables of the database with the schemas, as a program that is generated
from them does when it opens the database. Nothing is changed. For each table:

  same      the database has it as the schemas do
  adopted   the program opens it, and the database takes the new description
  built     indexes have to be built or dropped: open it once with store.WithMigrate()
  rewritten the program has no place for something that rows hold: it is lost when they
            are written again, and only store.WithMigrate() opens it
  refused   the program cannot read the rows that are there
  new       the database does not have it; the program makes it
  unknown   no schema has it; it stays as it is

Lines with - are what the database has, and lines with + what the schemas have. The exit
code is 1 if something is built, rewritten or refused.`,
	examples: []string{"plan data", "plan data -config app/storegen.yaml", "plan data -config schema"},
	setup: func(flags *flag.FlagSet) func(*call) error {
		config := flags.String("config", "storegen.yaml", "the `file` that says where schemas are, or their folder")
		return with(func(c *call, d *database) error {
			if err := c.noMoreArgs(); err != nil {
				return err
			}
			tables, err := schemas(*config)
			if err != nil {
				return err
			}
			return c.plan(d, tables)
		})
	},
}

// schemas are the tables that the schemas have, with the numbers that generate gives them.
func schemas(name string) ([]*catalog.Table, error) {
	config := &load.Config{Schemas: name, Lock: filepath.Join(name, "storegen.lock")}
	var loader schema.GoLoader
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%w\nhelp: say with -config where storegen.yaml is, or the folder of the schemas", err)
	}
	if !info.IsDir() {
		if config, err = load.ReadConfigOnly(name); err != nil {
			return nil, err
		}
		models := config.Package
		if !config.OnePackage {
			models += "/models"
		}
		loader = gostruct.Loader(filepath.Dir(config.File), config.Package, models)
	}
	set, err := load.SchemasWithGo(config, loader)
	if err != nil {
		return nil, err
	}
	return describe.Set(set).Tables, nil
}

// verdict is what becomes of a table.
type verdict string

const (
	same      verdict = "same"
	adopted   verdict = "adopted"
	built     verdict = "built"
	rewritten verdict = "rewritten"
	refused   verdict = "refused"
	isNew     verdict = "new"
	unknown   verdict = "unknown"
)

// planned is what a plan says of a table.
type planned struct {
	Table       string   `json:"table"`
	Verdict     verdict  `json:"verdict"`
	Was         string   `json:"was,omitempty"` // its name in the database, if that is another
	Empty       bool     `json:"empty,omitempty"`
	Differences []string `json:"differences,omitempty"` // what keeps the program from opening it
	Changes     []string `json:"changes,omitempty"`     // all, as lines of a schema with - and +
}

func (c *call) plan(d *database, code []*catalog.Table) error {
	stored, err := d.Tables(c.ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	var plans []planned
	for _, t := range code {
		i := slices.IndexFunc(stored, func(s store.Stored) bool { return s.Table.Name == t.Name })
		if i < 0 {
			i = slices.IndexFunc(stored, func(s store.Stored) bool { return slices.Contains(t.Was, s.Table.Name) })
		}
		if i < 0 {
			plans = append(plans, planned{Table: t.Name, Verdict: isNew})
			continue
		}
		seen[stored[i].Table.Name] = true
		p, err := c.planTable(d, stored[i].Table, t)
		if err != nil {
			return err
		}
		plans = append(plans, p)
	}
	for _, s := range stored {
		if !seen[s.Table.Name] {
			plans = append(plans, planned{Table: s.Table.Name, Verdict: unknown})
		}
	}
	slices.SortFunc(plans, func(a, b planned) int { return strings.Compare(a.Table, b.Table) })
	todo := false
	for _, p := range plans {
		todo = todo || p.Verdict == built || p.Verdict == rewritten || p.Verdict == refused
		if err := c.printPlan(p); err != nil {
			return err
		}
	}
	if todo {
		return errFinding
	}
	return nil
}

// planTable compares a table as a program does that opens it.
func (c *call) planTable(d *database, stored, code *catalog.Table) (planned, error) {
	p := planned{Table: code.Name, Verdict: same}
	if stored.Name != code.Name {
		p.Was = stored.Name
	}
	if p.Changes = lineDiff(written(stored), written(code)); len(p.Changes) > 0 || p.Was != "" {
		p.Verdict = adopted
	}
	diffs := catalog.Compare(stored, code)
	for _, diff := range diffs {
		p.Differences = append(p.Differences, diff.String())
	}
	switch {
	case len(diffs) == 0:
	case slices.ContainsFunc(diffs, catalog.Difference.Refused):
		p.Verdict = refused
	default:
		p.Verdict = built
		if slices.ContainsFunc(diffs, func(d catalog.Difference) bool { return d.Lossy }) {
			p.Verdict = rewritten
		}
		var err error
		if p.Empty, err = c.empty(d, stored); err != nil {
			return p, err
		}
		if p.Empty {
			p.Verdict = adopted
		}
	}
	return p, nil
}

// empty reports whether a table, and each member of a family, has no rows. One whose rows only
// its program can read is not said to be.
func (c *call) empty(d *database, stored *catalog.Table) (bool, error) {
	for _, t := range d.tables {
		if t.desc.Name != stored.Name {
			continue
		}
		if err := t.open(c.ctx, d.DB); err != nil {
			return false, nil
		}
		cur, err := t.provider().Scan(c.ctx, &provider.ScanRequest{Limit: 1})
		if err != nil {
			return false, err
		}
		found := cur.Next()
		if err := cur.Close(); err != nil || found {
			return false, err
		}
	}
	return true, nil
}

func (c *call) printPlan(p planned) error {
	if c.json {
		return c.printJSON(p)
	}
	line := fmt.Sprintf("%-9s  %s", p.Verdict, p.Table)
	if p.Was != "" {
		line += ", which was " + p.Was
	}
	if p.Empty {
		line += ", which has no rows"
	}
	fmt.Fprintln(c.stdout, show.OneLine(line))
	if !p.Empty {
		for _, d := range p.Differences {
			fmt.Fprintln(c.stdout, "    "+show.OneLine(d))
		}
	}
	for _, l := range p.Changes {
		fmt.Fprintln(c.stdout, "    "+show.OneLine(l))
	}
	var err error
	switch p.Verdict {
	case same, adopted, isNew, unknown:
	case built, rewritten:
		_, err = fmt.Fprintln(c.stdout, "    help: open the database once with store.WithMigrate(); make a backup before")
	case refused:
		_, err = fmt.Fprintln(c.stdout, "    help: keep what is stored as it was in the schema, say renames (was: the former name), or make a new table and copy the rows")
	default:
		err = errors.New("no verdict: " + string(p.Verdict))
	}
	return err
}

// lineDiff is what two texts do not have in common, line by line, in their order.
func lineDiff(from, to string) (out []string) {
	a, b := strings.Split(from, "\n"), strings.Split(to, "\n")
	common := make([][]int, len(a)+1) // how many lines the rests have in common
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "- "+strings.TrimSpace(a[i]))
			i++
		default:
			out = append(out, "+ "+strings.TrimSpace(b[j]))
			j++
		}
	}
	return out
}
