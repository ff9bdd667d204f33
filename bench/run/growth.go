package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/storegen/storegen/bench"
)

// growing are the operations whose cost is looked at as the table grows.
var growing = []string{"Get", "Insert", "Update", "ScanRole50"}

// onEngines are the pairs that growth can look at, by the name of the engine: the store
// by hand on it and the generated one. What is behind the names of the sections is for
// pebble only, as those of goleveldb were there first.
var onEngines = map[string]struct{ byHand, mine, section string }{
	"goleveldb": {bench.Twin, bench.Generated, ""},
	"pebble":    {"pebble by hand", bench.OnPebble, "-pebble"},
}

// stage is what was measured at one size, by contestant.
type stage struct {
	rows    int
	samples map[string]map[string][]sample
	disk    map[string]float64 // bytes a row
	peak    map[string]map[string]uint64
}

// growth measures a store by hand and the generated one at growing sizes.
func growth(out *reporter) error {
	on, ok := onEngines[*growOn]
	if !ok {
		return fmt.Errorf("-on %s: growth knows the engines goleveldb and pebble", *growOn)
	}
	var stages []*stage
	for rows := 10_000; rows <= *most; rows *= 10 {
		s, err := measureStage(rows, on.byHand, on.mine)
		if err != nil {
			return err
		}
		stages = append(stages, s)
		fmt.Fprintf(os.Stderr, "%d rows\n", rows)
	}
	if len(stages) == 0 {
		return fmt.Errorf("-most %d is less than the first size, 10000", *most)
	}
	for _, part := range []struct{ name, text string }{{"growth", growthTable(stages, on.byHand, on.mine)}, {"memory", memoryTable(stages, on.byHand, on.mine)}} {
		if err := out.section(part.name+on.section, part.text); err != nil {
			return err
		}
	}
	return nil
}

func pair() []bench.Entry { return named(bench.Twin, bench.Generated) }

// named are the contestants of some names, in the order of the list.
func named(names ...string) (entries []bench.Entry) {
	for _, e := range bench.Entries {
		if slices.Contains(names, e.Name) {
			entries = append(entries, e)
		}
	}
	return entries
}

func measureStage(rows int, names ...string) (*stage, error) {
	s := &stage{rows: rows, samples: map[string]map[string][]sample{}, disk: map[string]float64{}, peak: map[string]map[string]uint64{}}
	var players []*bench.Player
	for _, e := range named(names...) {
		p, err := bench.NewUsersPlayer(e, rows)
		if err != nil {
			return nil, err
		}
		defer p.Close()
		players = append(players, p)
		if err := p.Rest(); err != nil {
			return nil, err
		}
		size, err := diskSize(p.Dir)
		if err != nil {
			return nil, err
		}
		s.disk[p.Name] = float64(size) / float64(rows)
	}
	for range *passes {
		for _, p := range players {
			if err := p.Rest(); err != nil {
				return nil, err
			}
		}
		for _, name := range growing {
			op := bench.OperationNamed(name)
			got, err := interleave(players, op)
			if err != nil {
				return nil, err
			}
			if s.samples[name] == nil {
				s.samples[name] = map[string][]sample{}
			}
			for player, x := range got {
				s.samples[name][player] = append(s.samples[name][player], x)
			}
		}
		for _, p := range players {
			if err := p.Restore(); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range players {
		var err error
		if s.peak[p.Name], err = peaks(p.Contestant(), rows); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return s, nil
}

// hungry are the operations whose memory is looked at as the table grows.
var hungry = []string{"ScanAll", "ScanColumns", "ScanRole, a fifth of the rows", "InsertBatch100", "Sweep, a tenth of the rows"}

// peaks is how far the heap rises during operations over much of the table.
func peaks(c bench.Contestant, rows int) (map[string]uint64, error) {
	const batch = 100
	for at := 0; at < rows/10; at += batch {
		var ss []*bench.Session
		for i := at; i < min(at+batch, rows/10); i++ {
			ss = append(ss, bench.SessionRow(i, true))
		}
		if err := c.AddSessions(ss); err != nil {
			return nil, err
		}
	}
	if co, ok := c.(bench.Compacter); ok {
		if err := co.Compact(); err != nil {
			return nil, err
		}
	}
	out := map[string]uint64{}
	for i, do := range []func(look func()) error{
		func(look func()) error { return c.ScanAll(func(*bench.User) { look() }) },
		func(look func()) error { return c.ScanColumns(func(string, string) { look() }) },
		func(look func()) error { return c.ScanRole(bench.Roles[0], rows, func(*bench.User) { look() }) },
		func(func()) error {
			us := make([]*bench.User, batch)
			for i := range us {
				us[i] = bench.Row(2*rows + i)
			}
			return c.InsertBatch(us)
		},
		func(func()) error {
			n, err := c.Sweep()
			if err == nil && n != rows/10 {
				err = fmt.Errorf("swept %d rows, not %d", n, rows/10)
			}
			return err
		},
	} {
		// Once before, where that changes nothing, so that the caches are full.
		if i < 3 {
			if err := do(func() {}); err != nil {
				return nil, err
			}
		}
		var err error
		if out[hungry[i]], err = peak(rows/16, do); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// peak is how far the memory in use rises above where it was while a function
// runs. It is looked at in each call of look that is a multiple of every, when
// nothing else goes on, and from time to time beside, when what is allocated
// during the look counts too.
func peak(every int, do func(look func()) error) (uint64, error) {
	before := live()
	var most atomic.Uint64
	note := func() {
		runtime.GC()
		for n, old := used(), most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
	}
	var calls atomic.Int64
	stop := make(chan struct{})
	var beside sync.WaitGroup
	look := func() {
		if n := calls.Add(1); n%int64(max(1, every)) == 0 {
			note()
		}
	}
	beside.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				if calls.Load() == 0 { // it does not look by itself
					note()
				}
			}
		}
	})
	err := do(look)
	close(stop)
	beside.Wait()
	note()
	return max(most.Load(), before) - before, err
}

// used is the bytes of the objects that the last collection found in use.
func used() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// live is the bytes of objects that are in use.
func live() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools let go of
	return used()
}

// diskSize is the size of the tables of a database. The journals of a database at rest
// hold nothing that counts, and some engines keep them to write over.
func diskSize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(d.Name()); err != nil || ext != ".ldb" && ext != ".sst" {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

func sizesHead(b *strings.Builder, stages []*stage, first string) {
	fmt.Fprintf(b, "| %s |", first)
	for _, s := range stages {
		fmt.Fprintf(b, " %d rows |", s.rows)
	}
	fmt.Fprintf(b, "\n|---|%s\n", strings.Repeat("---|", len(stages)))
}

func growthTable(stages []*stage, byHand, mine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Processor time of a unit, the median of %d passes: %s, %s, and their ratio. %s.\n\n", *passes, byHand, mine, machine())
	sizesHead(&b, stages, "")
	for _, op := range growing {
		fmt.Fprintf(&b, "| %s |", op)
		for _, s := range stages {
			hand, made := s.samples[op][byHand], s.samples[op][mine]
			fmt.Fprintf(&b, " %s, %s, %s |", nanos(median(pick(hand, cpuOf))), nanos(median(pick(made, cpuOf))), short(ratioOf(made, hand, cpuOf).median))
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprint(&b, "| bytes on disk, a row with its index entries |")
	for _, s := range stages {
		fmt.Fprintf(&b, " %.0f, %.0f, %s |", s.disk[byHand], s.disk[mine], short(s.disk[mine]/s.disk[byHand]))
	}
	fmt.Fprintln(&b)
	return b.String()
}

func memoryTable(stages []*stage, byHand, mine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "How far the memory of Go in use rises during an operation: %s, %s.\n\n", byHand, mine)
	sizesHead(&b, stages, "")
	for _, op := range hungry {
		fmt.Fprintf(&b, "| %s |", op)
		for _, s := range stages {
			fmt.Fprintf(&b, " %s, %s |", mega(s.peak[byHand][op]), mega(s.peak[mine][op]))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

func mega(n uint64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
