package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/storegen/storegen/bench"
)

// load measures how many rows come into an empty table, and then as many into one that has
// these, by processor time until the database is closed.
func load(out *reporter) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows with two indexes into an empty table, in an order that is not that of the keys, and then as many again, which come between them: processor time of the process until the database is closed, with what makes the rows. %s.\n\n", *most, machine())
	b.WriteString("| | into an empty table | of the twin's | elapsed | into one that has as many | of the twin's | elapsed |\n|---|---|---|---|---|---|---|\n")
	var twin []time.Duration
	for i, w := range bench.LoadWays {
		var cpu time.Duration
		var begun time.Time
		var cost, took []time.Duration
		err := w.Run(*most, func() {
			waitIdle()
			cpu, begun = cpuTime(), time.Now()
		}, func() { cost, took = append(cost, cpuTime()-cpu), append(took, time.Since(begun)) })
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		if i == 0 {
			twin = cost
		}
		fmt.Fprintf(&b, "| %s |", w.Name)
		for part := range cost {
			fmt.Fprintf(&b, " %.1f s | %.2f | %.1f s |", cost[part].Seconds(), float64(cost[part])/float64(twin[part]), took[part].Seconds())
		}
		b.WriteString("\n")
		fmt.Fprintf(os.Stderr, "%s\n", w.Name)
	}
	return out.section("load", b.String())
}
