package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/storegen/storegen/bench"
)

// ycsb measures the workloads of YCSB, after loading the rows.
func ycsb(out *reporter) error {
	var players []*bench.RecordsPlayer
	defer func() {
		for _, p := range players {
			_ = p.Close() // what it held is thrown away
		}
	}()
	costs := map[string][]float64{} // by contestant: of the load, then of each workload
	for _, e := range bench.RecordsEntries {
		if e.Name != bench.RawLevel && !selected(*names, e.Name) {
			continue
		}
		p, err := bench.NewRecordsPlayer(e)
		if err != nil {
			return err
		}
		players = append(players, p)
		s, err := sampled(*rows, func() error { return p.Load(*rows) }, waitIdle)
		if err != nil {
			return err
		}
		costs[p.Name] = []float64{s.cpu}
		fmt.Fprintf(os.Stderr, "%s: loaded\n", p.Name)
	}
	n := max(100, int(20_000**scale)/slicesOf)
	for _, w := range bench.Workloads {
		parts := map[string][]sample{}
		for range slicesOf {
			for _, i := range rand.Perm(len(players)) {
				p := players[i]
				s, err := sampled(n, func() error { return p.Do(w, n) }, waitIdle)
				if err != nil {
					return err
				}
				parts[p.Name] = append(parts[p.Name], s)
			}
		}
		for _, p := range players {
			costs[p.Name] = append(costs[p.Name], joined(parts[p.Name]).cpu)
		}
		fmt.Fprintf(os.Stderr, "%s\n", w.Name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Processor time of the process for an operation: that of %s, and of the others as a ratio to it; %d rows of 1,024 bytes, no commit is synced. %s.\n\n", bench.RawLevel, *rows, machine())
	header := []string{bench.RawLevel}
	for _, p := range players[1:] {
		header = append(header, p.Name)
	}
	fmt.Fprintf(&b, "| | %s |\n|---|%s\n", strings.Join(header, " | "), strings.Repeat("---|", len(header)))
	what := []string{"load: 100 inserts in a commit, for a row"}
	for _, w := range bench.Workloads {
		what = append(what, w.Name)
	}
	for i, name := range what {
		raw := costs[bench.RawLevel][i]
		fmt.Fprintf(&b, "| %s | %s |", name, nanos(raw))
		for _, p := range players[1:] {
			fmt.Fprintf(&b, " %s |", short(costs[p.Name][i]/raw))
		}
		b.WriteByte('\n')
	}
	return out.section("ycsb", b.String())
}
