package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/storegen/storegen/bench"
)

// sample is what one operation cost, for a unit of it: nanoseconds, allocations
// and bytes allocated.
type sample struct {
	units                    int
	cpu, wall, allocs, bytes float64
}

// cpuTime is the processor time of the process so far, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs an operation, n units of it or what its preparation makes of that.
// What it leaves behind for the background to do is part of its processor time.
func measure(p *bench.Player, op *bench.Operation, n int) (sample, error) {
	n, err := op.Prepare(p, n)
	if err != nil {
		return sample{}, err
	}
	var after func()
	if op.Write {
		waitIdle() // of what the preparation wrote
		after = waitIdle
	}
	return sampled(n, func() error { return op.Do(p, n) }, after)
}

// waitIdle waits until the process has nothing more to do, as merging what was
// written, but not for ever.
func waitIdle() {
	const (
		look  = time.Millisecond
		quiet = look / 5 // of processor time; a look itself costs some of it
	)
	for calm, n, last := 0, 0, cpuTime(); calm < 3 && n < 5000; n++ {
		time.Sleep(look)
		now := cpuTime()
		if calm++; now-last > quiet {
			calm = 0
		}
		last = now
	}
}

// sampled measures a function that does n units, and of what comes after it, if that
// is not nil, the processor time.
func sampled(n int, do func() error, after func()) (sample, error) {
	var before, end runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, wall := cpuTime(), time.Now()
	err := do()
	took := time.Since(wall)
	runtime.ReadMemStats(&end)
	if after != nil {
		after()
	}
	cpu = cpuTime() - cpu
	per := func(x float64) float64 { return x / float64(n) }
	return sample{
		units: n, cpu: per(float64(cpu)), wall: per(float64(took)),
		allocs: per(float64(end.Mallocs - before.Mallocs)), bytes: per(float64(end.TotalAlloc - before.TotalAlloc)),
	}, err
}

// joined is the sample of several, of which each is one of a part.
func joined(parts []sample) (whole sample) {
	for _, s := range parts {
		whole.units += s.units
		for _, of := range []struct{ sum, part *float64 }{{&whole.cpu, &s.cpu}, {&whole.wall, &s.wall}, {&whole.allocs, &s.allocs}, {&whole.bytes, &s.bytes}} {
			*of.sum += *of.part * float64(s.units)
		}
	}
	for _, x := range []*float64{&whole.cpu, &whole.wall, &whole.allocs, &whole.bytes} {
		*x /= float64(max(1, whole.units))
	}
	return whole
}

// spins is how many times as much loops get done that share nothing, one for each
// processor, as one loop alone: what the machine has to give to work in parallel.
func spins() float64 {
	const steps = 10_000_000
	took := func(loops int) float64 {
		var wg sync.WaitGroup
		begin := time.Now()
		for i := range loops {
			wg.Go(func() {
				x := uint64(i + 1)
				for range steps {
					x ^= x << 13
					x ^= x >> 7
					x ^= x << 17
				}
				if x == 0 {
					panic("xorshift has come to its one dead end")
				}
			})
		}
		wg.Wait()
		return float64(time.Since(begin))
	}
	n := runtime.GOMAXPROCS(0)
	var got []float64
	for range 5 {
		got = append(got, float64(n)*took(1)/took(n))
	}
	return median(got)
}

// profiled runs a function under the processor profiler, if profiles are wanted. Of
// several by one name the last stays.
func profiled(name string, do func() error) error {
	if *profile == "" {
		return do()
	}
	if err := os.MkdirAll(*profile, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(*profile, strings.ReplaceAll(name, " ", "_")+".pprof"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return do()
}

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
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

func cpuOf(s sample) float64    { return s.cpu }
func wallOf(s sample) float64   { return s.wall }
func allocsOf(s sample) float64 { return s.allocs }
func bytesOf(s sample) float64  { return s.bytes }

// ratio is what a value of one is to that of another, pass by pass.
type ratio struct{ median, least, most float64 }

func ratioOf(mine, other []sample, of func(sample) float64) ratio {
	var xs []float64
	for i := range min(len(mine), len(other)) {
		if of(other[i]) > 0 {
			xs = append(xs, of(mine[i])/of(other[i]))
		}
	}
	if len(xs) == 0 {
		return ratio{}
	}
	return ratio{median(xs), slices.Min(xs), slices.Max(xs)}
}
