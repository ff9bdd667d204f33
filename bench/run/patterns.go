package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/storegen/storegen/bench/patterns"
)

// patternsReport compares the access patterns of real programs, by the processor time of
// one thread in slices that alternate, as threads does.
func patternsReport(out *reporter) error {
	if _, err := threadTime(); err != nil {
		return out.section("patterns", fmt.Sprintf("Not measured: %v.\n", err))
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var players []*patterns.Player
	defer func() {
		for _, p := range players {
			_ = p.Close() // what it held is thrown away
		}
	}()
	n := *rows
	for _, e := range patterns.Entries {
		p, err := patterns.NewPlayer(e, n)
		if err != nil {
			return err
		}
		players = append(players, p)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Processor time of the thread that does it: by hand on goleveldb, and the others as a ratio to that, each the median of %d slices that alternate; %d rows in each table. %s.\n\n", *threadSlices, n, machine())
	b.WriteString("| | |")
	for _, p := range players {
		fmt.Fprintf(&b, " %s |", p.Name)
	}
	fmt.Fprintf(&b, "\n|---|---|%s\n", strings.Repeat("---|", len(players)))
	for i := range patterns.Patterns {
		t := &patterns.Patterns[i]
		if !selected(*only, t.Name) {
			continue
		}
		costs, err := patternCosts(players, t)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "| %s | %s | %s |", t.Program, t.Name, nanos(costs[0]))
		for _, c := range costs[1:] {
			fmt.Fprintf(&b, " %.2f |", c/costs[0])
		}
		b.WriteByte('\n')
		fmt.Fprintf(os.Stderr, "%s: %s\n", t.Program, t.Name)
	}
	return out.section("patterns", b.String())
}

// patternCosts is what a call costs each of the players, in nanoseconds.
func patternCosts(players []*patterns.Player, t *patterns.Pattern) ([]float64, error) {
	n := max(1, int(float64(t.N)**scale))
	taken := make([][]float64, len(players))
	for slice := range *threadSlices + 1 {
		for _, i := range rand.Perm(len(players)) {
			do := t.Prepare(players[i], n)
			before, _ := threadTime()
			err := do()
			after, _ := threadTime()
			if err != nil {
				return nil, err
			}
			if slice > 0 { // the first fills the caches
				taken[i] = append(taken[i], float64(after-before)/float64(n))
			}
		}
	}
	for _, p := range players {
		if t.Write { // what it leaves to the background is not to disturb the next
			if err := p.Rest(); err != nil {
				return nil, err
			}
		}
	}
	costs := make([]float64, len(players))
	for i, s := range taken {
		slices.Sort(s)
		costs[i] = s[len(s)/2]
	}
	return costs, nil
}
