//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// become makes this process another program, which so gets the signals that are meant for it,
// and has the time that it needs to end. It returns only where that fails.
func become(path string, args []string, _, stderr io.Writer) int {
	err := syscall.Exec(path, append([]string{path}, args...), os.Environ())
	fmt.Fprintf(stderr, "storegen: %s: %v\n", path, err)
	return exitUsage
}
