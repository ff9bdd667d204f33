package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// A cost is what a process took: itself, and those it waited for.
type cost struct {
	cpu, wall time.Duration
	peak      int64 // bytes, of the largest of the processes
}

// slow is how long one process may take.
const slow = 8 * time.Minute

// measure runs a program in a folder.
func measure(dir string, env []string, name string, args ...string) (cost, error) {
	ctx, cancel := context.WithTimeout(context.Background(), slow)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s %q: %w\n%s", name, args, err, out.Bytes())
	}
	c := cost{wall: time.Since(begin), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peak = usage.Maxrss * 1024 // Linux counts kilobytes
	}
	return c, nil
}

// shortTimes is how often what takes less than a second is run.
const shortTimes = 12

// least runs something a few times and returns the run with the least CPU time:
// what disturbs a run only ever adds to it.
func least(times int, run func() (cost, error)) (best cost, err error) {
	for i := range times {
		if err := best.least(i, run); err != nil {
			return cost{}, err
		}
	}
	return best, nil
}

// least runs something for the i-th time, and keeps what it cost if it is the first
// or the least.
func (best *cost) least(i int, run func() (cost, error)) error {
	c, err := run()
	if err == nil && (i == 0 || c.cpu < best.cpu) {
		*best = c
	}
	return err
}
