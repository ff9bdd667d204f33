package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/storegen/storegen/bench"
)

// load measures how many rows come into an empty table, by processor time until the
// database is closed.
func load(out *reporter) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows with two indexes into an empty table, in an order that is not that of the keys: processor time of the process until the database is closed, with what makes the rows. %s.\n\n", *most, machine())
	b.WriteString("| | processor time | of the twin's | elapsed |\n|---|---|---|---|\n")
	var twin time.Duration
	for i, w := range bench.LoadWays {
		waitIdle()
		cpu, begun := cpuTime(), time.Now()
		if err := w.Run(*most); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		cost, took := cpuTime()-cpu, time.Since(begun)
		if i == 0 {
			twin = cost
		}
		fmt.Fprintf(&b, "| %s | %.1f s | %.2f | %.1f s |\n", w.Name, cost.Seconds(), float64(cost)/float64(twin), took.Seconds())
		fmt.Fprintf(os.Stderr, "%s\n", w.Name)
	}
	return out.section("load", b.String())
}
