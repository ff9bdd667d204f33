package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/storegen/storegen/bench"
)

// results are the samples of a comparison, pass by pass.
type results struct {
	passes  int
	rows    int
	players []bench.Entry
	samples map[string]map[string][]sample // by operation and contestant
	spins   []float64                      // see there; pass by pass
}

func (r *results) of(op, contestant string) []sample { return r.samples[op][contestant] }

// team is a contestant's database, and its synced one.
type team struct {
	entry         bench.Entry
	plain, synced *bench.Player
}

// compare measures all contestants.
func compare(out *reporter) error {
	res := &results{passes: *passes, rows: *rows, samples: map[string]map[string][]sample{}}
	var teams []team
	defer func() {
		for _, t := range teams {
			t.close()
		}
	}()
	for _, e := range bench.Entries {
		if e.Name != bench.Twin && e.Name != bench.TwinAgain && !selected(*names, e.Name) {
			continue
		}
		t, err := newTeam(e)
		if err != nil {
			return err
		}
		teams = append(teams, t)
		res.players = append(res.players, e)
	}
	for pass := range *passes {
		if *peers > 0 && pass == *peers {
			teams = slices.DeleteFunc(teams, func(t team) bool {
				if isClose(t.entry) {
					return false
				}
				t.close() // it is far from the twin, so that a few passes tell
				return true
			})
		}
		if err := play(teams, res); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "pass %d of %d\n", pass+1, *passes)
	}
	return res.report(out)
}

// isClose reports whether a contestant is one of those that are to be told apart.
func isClose(e bench.Entry) bool {
	return e.Name == bench.Twin || e.Name == bench.TwinAgain || e.Name == bench.Generated
}

func newTeam(e bench.Entry) (t team, err error) {
	t.entry = e
	plain, synced := false, false
	for i := range bench.Operations {
		if op := &bench.Operations[i]; wanted(op, e) {
			plain, synced = plain || !op.Sync, synced || op.Sync
		}
	}
	if plain {
		if t.plain, err = bench.NewPlayer(e, *rows, false); err != nil {
			return t, err
		}
	}
	if synced {
		if t.synced, err = bench.NewPlayer(e, *syncRows, true); err != nil {
			t.close()
			return t, err
		}
	}
	return t, nil
}

func (t team) close() {
	for _, p := range t.players() {
		p.Close()
	}
}

func (t team) players() (ps []*bench.Player) {
	for _, p := range []*bench.Player{t.plain, t.synced} {
		if p != nil {
			ps = append(ps, p)
		}
	}
	return ps
}

// wanted reports whether an operation is asked for, and of a contestant.
func wanted(op *bench.Operation, e bench.Entry) bool { return selected(*only, op.Name) && op.Of(e) }

// play is a pass: of each operation all contestants have their turns.
func play(teams []team, res *results) error {
	for _, t := range teams {
		for _, p := range t.players() {
			if err := p.Rest(); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
	}
	for i := range bench.Operations {
		op := &bench.Operations[i]
		var players []*bench.Player
		for _, t := range teams {
			p := t.plain
			if op.Sync {
				p = t.synced
			}
			if p != nil && wanted(op, t.entry) {
				players = append(players, p)
			}
		}
		got, err := interleave(players, op)
		if err != nil {
			return err
		}
		if res.samples[op.Name] == nil {
			res.samples[op.Name] = map[string][]sample{}
		}
		for name, s := range got {
			res.samples[op.Name][name] = append(res.samples[op.Name][name], s)
		}
		if op.Name == "ParallelGet" {
			res.spins = append(res.spins, spins())
		}
	}
	for _, t := range teams {
		for _, p := range t.players() {
			if err := p.Restore(); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
	}
	return nil
}

// slicesOf is how many slices an operation is cut into.
const slicesOf = 8

// interleave measures an operation of some contestants, slice by slice, in random
// order and round again, since the machine's own pace changes within seconds. All
// have slices of the same kind: what one finds in the processor's caches is little,
// as the others had their turns before.
func interleave(players []*bench.Player, op *bench.Operation) (map[string]sample, error) {
	parts := map[string][]sample{}
	runtime.GC() // of what was before; from here on garbage is part of what is measured
	for slice := range slicesOf {
		for _, i := range rand.Perm(len(players)) {
			p := players[i]
			n := float64(op.N) * *scale / slicesOf
			if p.Entry.Rows > 0 {
				n /= 50 // its costs grow with the table
			}
			err := profiled(fmt.Sprintf("%s-%s-%d", p.Name, op.Name, slice), func() error {
				s, err := measure(p, op, max(1, int(n)))
				parts[p.Name] = append(parts[p.Name], s)
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", p.Name, op.Name, err)
			}
		}
	}
	out := map[string]sample{}
	for name, ss := range parts {
		out[name] = joined(ss)
	}
	return out, nil
}

func (r *results) report(out *reporter) error {
	for _, e := range r.players {
		if err := out.file(fileName(e.Name)+".txt", r.benchstat(e.Name)); err != nil {
			return err
		}
	}
	for _, part := range []struct{ name, text string }{
		{"summary", r.summary()},
		{"goals", r.goals()},
		{"ratios", r.ratios()},
		{"wall", r.wall()},
		{"allocations", r.allocations()},
	} {
		if err := out.section(part.name, part.text); err != nil {
			return err
		}
	}
	return out.picture("performance.svg", r.plot())
}

// fileName makes a contestant's name one of a file.
func fileName(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
			return c
		}
		return -1
	}, name)
}

// benchstat is a contestant's samples in the form of go test's benchmarks, a line
// for each pass, for benchstat to compare.
func (r *results) benchstat(name string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: github.com/storegen/storegen/bench\ncpu: %s\n", runtime.GOOS, runtime.GOARCH, processor())
	for i := range bench.Operations {
		op := bench.Operations[i].Name
		for _, s := range r.of(op, name) {
			fmt.Fprintf(&b, "Benchmark%s-%d\t%d\t%.1f ns/op\t%.1f cpu-ns/op\t%.0f B/op\t%.2f allocs/op\n", op, runtime.GOMAXPROCS(0), s.units, s.wall, s.cpu, s.bytes, s.allocs)
		}
	}
	return b.Bytes()
}

func (r *results) head(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| | %s |\n|---|%s\n", strings.Join(cells, " | "), strings.Repeat("---|", len(cells)))
}

// inSummary are the contestants of the short table, beside the twin.
var inSummary = []string{bench.Generated, "pebble by hand", "bbolt by hand", "badger by hand", "SQLite (modernc)", "bolthold"}

// summary is the short table of processor time: medians, of the contestants that most
// people know.
func (r *results) summary() string {
	var names []string
	for _, p := range r.players {
		if slices.Contains(inSummary, p.Name) {
			names = append(names, p.Name)
		}
	}
	var b strings.Builder
	r.head(&b, append([]string{bench.Twin}, names...)...)
	for i := range bench.Operations {
		op := bench.Operations[i].Name
		twin := r.of(op, bench.Twin)
		if twin == nil {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s |", op, nanos(median(pick(twin, cpuOf))))
		for _, name := range names {
			if got := r.of(op, name); got != nil {
				fmt.Fprintf(&b, " %s |", short(ratioOf(got, twin, cpuOf).median))
			} else {
				fmt.Fprint(&b, " – |")
			}
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// ratios is the table of processor time.
func (r *results) ratios() string {
	var b strings.Builder
	fewer := ""
	if *peers > 0 && *peers < r.passes {
		fewer = fmt.Sprintf(" (of %d where it is not the generated store)", *peers)
	}
	fmt.Fprintf(&b, "Processor time of a unit: the twin's, and that of the others as a ratio to it, the median of %d passes%s, with the least and the most; %d rows. %s.\n\n", r.passes, fewer, r.rows, machine())
	for _, l := range bench.LeftOut {
		fmt.Fprintf(&b, "%s.\n\n", l)
	}
	var names []string
	for _, p := range r.players {
		names = append(names, p.Name)
	}
	r.head(&b, names...)
	for i := range bench.Operations {
		op := &bench.Operations[i]
		twin := r.of(op.Name, bench.Twin)
		if twin == nil {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s |", op.Name, nanos(median(pick(twin, cpuOf))))
		for _, p := range r.players[1:] {
			got := r.of(op.Name, p.Name)
			if got == nil {
				fmt.Fprint(&b, " – |")
				continue
			}
			q := ratioOf(got, twin, cpuOf)
			fmt.Fprintf(&b, " %s (%s–%s) |", short(q.median), short(q.least), short(q.most))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// wall is the table of elapsed time, of the operations whose subject it is.
func (r *results) wall() string {
	var b strings.Builder
	fmt.Fprint(&b, "Elapsed time of a unit where locks and the disk are the subject: the twin's, and that of the others as a ratio to it.\n\n")
	var names []string
	for _, p := range r.players {
		names = append(names, p.Name)
	}
	r.head(&b, names...)
	for i := range bench.Operations {
		op := &bench.Operations[i]
		twin := r.of(op.Name, bench.Twin)
		if twin == nil || !op.Wall {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s |", op.Name, nanos(median(pick(twin, wallOf))))
		for _, p := range r.players[1:] {
			got := r.of(op.Name, p.Name)
			if got == nil {
				fmt.Fprint(&b, " – |")
				continue
			}
			q := ratioOf(got, twin, wallOf)
			fmt.Fprintf(&b, " %s (%s–%s) |", short(q.median), short(q.least), short(q.most))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// short prints a ratio with as many digits as it is worth.
func short(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// nanos prints a time.
func nanos(ns float64) string {
	switch {
	case ns >= 1e6:
		return fmt.Sprintf("%.2f ms", ns/1e6)
	case ns >= 1e4:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	case ns >= 1e3:
		return fmt.Sprintf("%.2f µs", ns/1e3)
	}
	return fmt.Sprintf("%.0f ns", ns)
}

// allocations is the table of what is allocated.
func (r *results) allocations() string {
	var b strings.Builder
	fmt.Fprint(&b, "Allocations of a unit, and bytes allocated.\n\n")
	var names []string
	for _, p := range r.players {
		names = append(names, p.Name)
	}
	r.head(&b, names...)
	for i := range bench.Operations {
		op := &bench.Operations[i]
		if r.samples[op.Name] == nil {
			continue
		}
		fmt.Fprintf(&b, "| %s |", op.Name)
		for _, p := range r.players {
			ss := r.of(op.Name, p.Name)
			if ss == nil {
				fmt.Fprint(&b, " – |")
				continue
			}
			fmt.Fprintf(&b, " %s, %.0f B |", short(median(pick(ss, allocsOf))), median(pick(ss, bytesOf)))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
