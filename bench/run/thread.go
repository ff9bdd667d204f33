package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/storegen/storegen/bench"
)

// threads compares by the processor time of one thread, in short slices that alternate: what
// runs beside them, in this process or in others, is not counted, so that the twin differs
// from itself by about 1 %. What an operation leaves to the background is not counted
// either: compare does that.
func threads(out *reporter) error {
	if _, err := threadTime(); err != nil {
		return out.section("threads", fmt.Sprintf("Not measured: %v.\n", err))
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var players []*bench.Player
	defer func() {
		for _, p := range players {
			p.Close()
		}
	}()
	for _, e := range bench.Entries {
		if e.Name == bench.Twin || e.Name == bench.TwinAgain || selected(*names, e.Name) && e.Rows == 0 {
			p, err := bench.NewPlayer(e, *rows, false)
			if err != nil {
				return err
			}
			players = append(players, p)
			if err := p.Rest(); err != nil {
				return err
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Processor time of the thread that runs the operation: the twin's, and that of the others as a ratio to it, each the median of %d slices that alternate; %d rows. %s.\n\n", *threadSlices, *rows, machine())
	header := []string{bench.Twin}
	for _, p := range players[1:] {
		header = append(header, p.Name)
	}
	fmt.Fprintf(&b, "| | %s |\n|---|%s\n", strings.Join(header, " | "), strings.Repeat("---|", len(header)))
	for i := range bench.Operations {
		op := &bench.Operations[i]
		if op.Sync || op.Wall || !selected(*only, op.Name) {
			continue
		}
		cost, err := threadCosts(players, op)
		if err != nil {
			return err
		}
		twin := cost[bench.Twin]
		fmt.Fprintf(&b, "| %s | %s |", op.Name, nanos(twin))
		for _, p := range players[1:] {
			if c, ok := cost[p.Name]; ok {
				fmt.Fprintf(&b, " %.3f |", c/twin)
			} else {
				b.WriteString(" – |")
			}
		}
		b.WriteByte('\n')
		fmt.Fprintf(os.Stderr, "%s\n", op.Name)
	}
	return out.section("threads", b.String())
}

// threadCosts is what a unit of an operation costs each of the players, in nanoseconds.
func threadCosts(players []*bench.Player, op *bench.Operation) (map[string]float64, error) {
	slots := map[string][]float64{}
	for slice := range *threadSlices + 1 {
		for _, i := range rand.Perm(len(players)) {
			p := players[i]
			if !op.Of(p.Entry) {
				continue
			}
			n, err := op.Prepare(p, max(1, int(float64(op.N)**scale/40)))
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", p.Name, op.Name, err)
			}
			before, _ := threadTime()
			err = op.Do(p, n)
			after, _ := threadTime()
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", p.Name, op.Name, err)
			}
			if slice > 0 { // the first fills the caches
				slots[p.Name] = append(slots[p.Name], float64(after-before)/float64(n))
			}
		}
	}
	for _, p := range players {
		if op.Write {
			if err := p.Restore(); err != nil {
				return nil, err
			}
		}
	}
	cost := map[string]float64{}
	for name, s := range slots {
		slices.Sort(s)
		cost[name] = s[len(s)/2]
	}
	return cost, nil
}
