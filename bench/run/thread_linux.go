package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the processor time of the thread so far, user and system.
func threadTime() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0, err
	}
	return time.Duration(t.Nano()), nil
}
