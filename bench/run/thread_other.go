//go:build !linux

package main

import (
	"errors"
	"time"
)

// threadTime is the processor time of the thread so far.
func threadTime() (time.Duration, error) {
	return 0, errors.New("the processor time of a thread is read on Linux only")
}
