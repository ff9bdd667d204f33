// Run measures the contestants of package bench and prints a Markdown table of
// ratios to the hand-written twin.
//
//	go run ./run [-rows 100000] [-passes 8] [-only Get,Insert] [-scale 1]
//
// Each pass takes all contestants in a random order. What is compared is the
// processor time of the process, user and system, so that compaction and garbage
// collection count; allocations are those of the operations. The twin stands in
// the list twice: the spread of its second entry is the noise of the run.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/storegen/storegen/bench"
)

var (
	rows   = flag.Int("rows", 100_000, "rows that are there before")
	passes = flag.Int("passes", 8, "passes over all contestants")
	only   = flag.String("only", "", "operations to run, separated by commas; all if empty")
	names  = flag.String("contestants", "", "contestants to run beside the twins, separated by commas; all if empty")
	scale  = flag.Float64("scale", 1, "how much longer each operation is run")
)

func main() {
	flag.Parse()
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// player is a contestant at work.
type player struct {
	bench.Entry
	c    bench.Contestant
	dir  string
	rows int
	next int // number of the next new row
	rng  *rand.Rand
}

// operation is something to measure: n units of work.
type operation struct {
	name  string
	n     int
	write bool
	do    func(p *player, n int) error
	index bool // needs an index
}

var errWrong = errors.New("wrong answer")

func want(ok bool, err error) error {
	if err == nil && !ok {
		return errWrong
	}
	return err
}

func (p *player) id() string { return bench.Row(p.rng.IntN(p.rows)).ID }

func each(n int, do func() error) error {
	for range n {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// parallel spreads n units over goroutines, one at a time.
func parallel(n int, do func(rng *rand.Rand) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for g := range 32 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(g), 3))
			for next.Add(1) <= int64(n) {
				if err := do(rng); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func count(n *int) func(*bench.User) { return func(*bench.User) { *n++ } }

var operations = []operation{
	{name: "Get", n: 10_000, do: func(p *player, n int) error {
		var u bench.User
		return each(n, func() error { return want(p.c.Get(p.id(), &u)) })
	}},
	{name: "Has", n: 10_000, do: func(p *player, n int) error {
		return each(n, func() error { return want(p.c.Has(p.id())) })
	}},
	{name: "GetMany100", n: 100, do: func(p *player, n int) error {
		ids := make([]string, 100)
		return each(n, func() error {
			for i := range ids {
				ids[i] = p.id()
			}
			got := 0
			err := p.c.GetMany(ids, count(&got))
			return want(got == len(ids), err)
		})
	}},
	{name: "GetByUsername", n: 5_000, index: true, do: func(p *player, n int) error {
		var u bench.User
		return each(n, func() error { return want(p.c.GetByUsername(bench.Row(p.rng.IntN(p.rows)).Username, &u)) })
	}},
	{name: "ScanRole50", n: 200, index: true, do: func(p *player, n int) error {
		return each(n, func() error {
			got := 0
			err := p.c.ScanRole(bench.Roles[p.rng.IntN(len(bench.Roles))], 50, count(&got))
			return want(got == 50, err)
		})
	}},
	{name: "ScanAll of a row", n: 100_000, do: func(p *player, n int) error {
		for done := 0; done < n; {
			got := 0
			if err := want(true, p.c.ScanAll(count(&got))); err != nil {
				return err
			}
			if got < p.rows {
				return errWrong
			}
			done += got
		}
		return nil
	}},
	{name: "PrefixScan100", n: 200, do: func(p *player, n int) error {
		return each(n, func() error {
			got := 0
			err := p.c.ScanPrefix(p.id()[:11], count(&got))
			return want(got == 100, err)
		})
	}},
	{name: "ParallelGet", n: 10_000, do: func(p *player, n int) error {
		return parallel(n, func(rng *rand.Rand) error {
			var u bench.User
			return want(p.c.Get(bench.Row(rng.IntN(p.rows)).ID, &u))
		})
	}},
	{name: "Update", n: 4_000, write: true, do: func(p *player, n int) error {
		return each(n, func() error { return p.c.Update(p.id(), bench.Roles[p.rng.IntN(len(bench.Roles))]) })
	}},
	{name: "ParallelUpdate", n: 4_000, write: true, do: func(p *player, n int) error {
		return parallel(n, func(rng *rand.Rand) error {
			return p.c.Update(bench.Row(rng.IntN(p.rows)).ID, bench.Roles[rng.IntN(len(bench.Roles))])
		})
	}},
	{name: "Insert", n: 4_000, write: true, do: func(p *player, n int) error {
		return each(n, func() error {
			p.next++
			return p.c.Insert(bench.Row(p.next - 1))
		})
	}},
	{name: "InsertBatch100", n: 40, write: true, do: func(p *player, n int) error {
		return each(n, func() error {
			us := make([]*bench.User, 100)
			for i := range us {
				us[i] = bench.Row(p.next + i)
			}
			p.next += len(us)
			return p.c.InsertBatch(us)
		})
	}},
	// What was inserted goes again, so that each pass begins with the same rows.
	{name: "Delete", n: 8_000, write: true, do: func(p *player, n int) error {
		return each(n, func() error {
			if p.next == p.rows {
				return nil
			}
			p.next--
			return p.c.Delete(bench.Row(p.next).ID)
		})
	}},
}

// sample is what one operation cost, for a unit of it.
type sample struct{ cpu, wall, allocs, bytes float64 }

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func measure(p *player, op operation, n int) (sample, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, wall := cpuTime(), time.Now()
	err := op.do(p, n)
	cpu, took := cpuTime()-cpu, time.Since(wall)
	runtime.ReadMemStats(&after)
	per := func(x float64) float64 { return x / float64(n) }
	return sample{
		cpu: per(float64(cpu)), wall: per(float64(took)),
		allocs: per(float64(after.Mallocs - before.Mallocs)), bytes: per(float64(after.TotalAlloc - before.TotalAlloc)),
	}, err
}

func selected(list, name string) bool {
	return list == "" || slices.Contains(strings.Split(list, ","), name)
}

func run(out io.Writer) error {
	var players []*player
	for _, e := range bench.Entries {
		if !strings.HasPrefix(e.Name, "twin") && !selected(*names, e.Name) {
			continue
		}
		p, err := newPlayer(e)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		defer os.RemoveAll(p.dir)
		defer p.c.Close()
		players = append(players, p)
	}
	samples := map[string]map[string][]sample{}
	for pass := range *passes {
		order := rand.Perm(len(players))
		for _, i := range order {
			p := players[i]
			if err := rest(p); err != nil {
				return err
			}
			for _, op := range operations {
				if op.index && p.Floor || !selected(*only, op.name) {
					continue
				}
				n := int(float64(op.n) * *scale)
				if p.Rows > 0 {
					n = max(1, n/50) // those that grow with their table
				}
				s, err := measure(p, op, n)
				if err != nil {
					return fmt.Errorf("%s: %s: %w", p.Name, op.name, err)
				}
				if samples[op.name] == nil {
					samples[op.name] = map[string][]sample{}
				}
				samples[op.name][p.Name] = append(samples[op.name][p.Name], s)
			}
		}
		fmt.Fprintf(os.Stderr, "pass %d of %d\n", pass+1, *passes)
	}
	report(out, players, samples)
	return nil
}

func newPlayer(e bench.Entry) (*player, error) {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return nil, err
	}
	p := &player{Entry: e, dir: dir, rows: *rows, rng: rand.New(rand.NewPCG(1, 2))}
	if e.Rows > 0 {
		p.rows = min(p.rows, e.Rows)
	}
	p.next = p.rows
	if p.c, err = e.Open(bench.Options{Dir: dir}); err != nil {
		return nil, err
	}
	numbers := rand.New(rand.NewPCG(3, 4)).Perm(p.rows)
	for len(numbers) > 0 {
		n := min(100, len(numbers))
		us := make([]*bench.User, n)
		for i, k := range numbers[:n] {
			us[i] = bench.Row(k)
		}
		if err := p.c.InsertBatch(us); err != nil {
			return nil, err
		}
		numbers = numbers[n:]
	}
	return p, nil
}

// rest lets a contestant finish what it has to do in the background.
func rest(p *player) error {
	if c, ok := p.c.(bench.Compacter); ok {
		return c.Compact()
	}
	return nil
}

func median(xs []float64) float64 {
	xs = slices.Sorted(slices.Values(xs))
	return (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
}

func pick(ss []sample, of func(sample) float64) []float64 {
	var xs []float64
	for _, s := range ss {
		xs = append(xs, of(s))
	}
	return xs
}

// ratios are those of a contestant to the twin, pass by pass.
func ratios(mine, twin []sample) []float64 {
	var out []float64
	for i := range mine {
		out = append(out, mine[i].cpu/twin[i].cpu)
	}
	return out
}

func report(out io.Writer, players []*player, samples map[string]map[string][]sample) {
	fmt.Fprintf(out, "Processor time as a ratio to the twin: median of %d passes, least and most in parentheses; %d rows.\n\n", *passes, *rows)
	fmt.Fprint(out, "| | twin |")
	for _, p := range players[1:] {
		fmt.Fprintf(out, " %s |", p.Name)
	}
	fmt.Fprintf(out, "\n|---|---|%s\n", strings.Repeat("---|", len(players)-1))
	for _, op := range operations {
		got := samples[op.name]
		if got == nil {
			continue
		}
		twin := got["twin"]
		fmt.Fprintf(out, "| %s | %s |", op.name, time.Duration(median(pick(twin, func(s sample) float64 { return s.cpu }))).Round(10*time.Nanosecond))
		for _, p := range players[1:] {
			if got[p.Name] == nil {
				fmt.Fprint(out, " – |")
				continue
			}
			r := ratios(got[p.Name], twin)
			fmt.Fprintf(out, " %.2f (%.2f–%.2f) |", median(r), slices.Min(r), slices.Max(r))
		}
		fmt.Fprintln(out)
	}
	fmt.Fprint(out, "\nAllocations and bytes allocated, a unit:\n\n| |")
	for _, p := range players {
		fmt.Fprintf(out, " %s |", p.Name)
	}
	fmt.Fprintf(out, "\n|---|%s\n", strings.Repeat("---|", len(players)))
	for _, op := range operations {
		if samples[op.name] == nil {
			continue
		}
		fmt.Fprintf(out, "| %s |", op.name)
		for _, p := range players {
			ss := samples[op.name][p.Name]
			if ss == nil {
				fmt.Fprint(out, " – |")
				continue
			}
			fmt.Fprintf(out, " %.1f, %.0f B |", median(pick(ss, func(s sample) float64 { return s.allocs })), median(pick(ss, func(s sample) float64 { return s.bytes })))
		}
		fmt.Fprintln(out)
	}
}
