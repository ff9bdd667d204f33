package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/templates/docs"
	"github.com/storegen/storegen/templates/explain"
)

var explainCommand = &command{
	name: "explain", args: "TABLE", data: "it",
	short: "show the keys of an example row byte by byte, and what reading costs",
	long: `Shows what a store holds for one row of a table: its key, its index entries and
its expiry entry, part by part in hexadecimal. SS is the table's
space, a small number that each database gives.`,
	setup: simple(explainTable),
}

func explainTable(c *call) error {
	if len(c.args) != 1 {
		return usageError("it takes the name of one table")
	}
	_, set, err := c.load()
	if err != nil {
		return err
	}
	t := set.Table(c.args[0])
	if t == nil {
		var names []string
		for _, t := range set.Tables {
			names = append(names, t.Name)
		}
		best := diag.Nearest(c.args[0], names)
		for _, t := range set.Tables {
			if t.Pkg == c.args[0] {
				best = t.Name // without its group
			}
		}
		if best != "" {
			return usageError(fmt.Sprintf("there is no table %q: did you mean %q?", c.args[0], best))
		}
		return usageError(fmt.Sprintf("there is no table %q; there are: %s", c.args[0], strings.Join(names, ", ")))
	}
	described := describe.Table(t)
	if c.json {
		return c.printJSON(explanationOf(described))
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "%s, by %s\n", t.Name, strings.Join(keyNames(described), ", "))
	for _, e := range explain.Entries(described) {
		fmt.Fprintf(w, "\n%s\n", e.Name)
		for _, p := range e.Parts {
			fmt.Fprintf(w, "  %s\t%s\n", p.Hex(), p.What)
		}
		fmt.Fprintf(w, "  = %s\n", e.Value)
	}
	fmt.Fprintln(w, "\nreading")
	for _, cost := range docs.Costs(described) {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", cost.Call, cost.Reads, cost.Finds)
	}
	fmt.Fprintf(w, "\nA write costs %s.\n", docs.WriteCost(described))
	return w.Flush()
}

func keyNames(t *catalog.Table) []string {
	var out []string
	for _, f := range t.Key {
		out = append(out, t.Fields[f].Name)
	}
	return out
}

// The form of -json. Hex is SS where it is the table's space.
type (
	explanation struct {
		Table   string           `json:"table"`
		Key     []string         `json:"key"`
		Entries []explainedEntry `json:"entries"`
		Reading []explainedCost  `json:"reading"`
		Write   string           `json:"write"`
	}
	explainedEntry struct {
		Name  string          `json:"name"`
		Parts []explainedPart `json:"parts"`
		Value string          `json:"value"`
	}
	explainedPart struct {
		Hex  string `json:"hex"`
		What string `json:"what"`
	}
	explainedCost struct {
		Call  string `json:"call"`
		Reads string `json:"reads"`
		Finds string `json:"finds"`
	}
)

func explanationOf(described *catalog.Table) explanation {
	x := explanation{Table: described.Name, Key: keyNames(described), Write: docs.WriteCost(described)}
	for _, e := range explain.Entries(described) {
		entry := explainedEntry{Name: e.Name, Value: e.Value}
		for _, p := range e.Parts {
			entry.Parts = append(entry.Parts, explainedPart{p.Hex(), p.What})
		}
		x.Entries = append(x.Entries, entry)
	}
	for _, cost := range docs.Costs(described) {
		x.Reading = append(x.Reading, explainedCost{cost.Call, cost.Reads, cost.Finds})
	}
	return x
}
