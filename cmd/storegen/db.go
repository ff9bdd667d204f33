package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

var dbCommand = &command{
	name: "db", args: "COMMAND …", free: true,
	short: "look into a database; storegen-db does it, which is a program of its own",
	long:  "All arguments are handed over to storegen-db, which links the engines. To get it:\n\n    " + getDB,
	setup: simple(func(*call) error { return errors.New("the arguments are those of storegen-db") }),
}

const getDB = "go install github.com/storegen/storegen/cmd/storegen-db@latest"

// database hands a call over to storegen-db, and returns its exit code.
func database(args []string, stdout, stderr io.Writer) int {
	path, err := exec.LookPath("storegen-db")
	if err != nil {
		fmt.Fprintf(stderr, "storegen db: storegen-db is not installed; get it with: %s\n", getDB)
		return exitUsage
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	err = cmd.Run() // a signal of the terminal reaches both
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintf(stderr, "storegen db: %v\n", err)
		return exitUsage
	}
	return exitFine
}

// handsOver reports whether a call is for storegen-db.
func handsOver(args []string) bool {
	return args[0] == dbCommand.name && !(len(args) == 2 && (args[1] == "-h" || args[1] == "-help"))
}
