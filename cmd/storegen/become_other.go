//go:build !unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
)

// become runs another program in the place of this one, and returns its exit code. Signals
// are for the other one alone, which has the time that it needs to end.
func become(path string, args []string, stdout, stderr io.Writer) int {
	signal.Reset()
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintf(stderr, "storegen: %s: %v\n", path, err)
		return exitUsage
	}
	return exitFine
}
