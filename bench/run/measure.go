package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
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
func measure(p *bench.Player, op *bench.Operation, n int) (sample, error) {
	n, err := op.Prepare(p, n)
	if err != nil {
		return sample{}, err
	}
	return sampled(n, func() error { return op.Do(p, n) })
}

// sampled measures a function that does n units. The garbage of what was before
// is gone when it begins.
func sampled(n int, do func() error) (sample, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, wall := cpuTime(), time.Now()
	err := do()
	cpu, took := cpuTime()-cpu, time.Since(wall)
	runtime.ReadMemStats(&after)
	per := func(x float64) float64 { return x / float64(n) }
	return sample{
		units: n, cpu: per(float64(cpu)), wall: per(float64(took)),
		allocs: per(float64(after.Mallocs - before.Mallocs)), bytes: per(float64(after.TotalAlloc - before.TotalAlloc)),
	}, err
}

// profiled runs a function under the processor profiler, if profiles are wanted.
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
