//go:build !linux

package main

import "time"

var started = time.Now()

// processorTime is time by the wall here: that of a thread is read on Linux only.
func processorTime() time.Duration { return time.Since(started) }
