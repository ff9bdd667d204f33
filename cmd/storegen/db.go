package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
)

var dbCommand = &command{
	name: "db", args: "COMMAND …", free: true,
	short: "look into a database; storegen-db does it, which is a program of its own",
	long:  "All arguments are handed over to storegen-db, which links the engines. To get it:\n\n    " + getDB,
	setup: simple(func(*call) error { return errors.New("the arguments are those of storegen-db") }),
}

const getDB = "go install github.com/storegen/storegen/cmd/storegen-db@latest"

// database hands a call over to storegen-db, and returns its exit code, if it returns.
func database(args []string, stdout, stderr io.Writer) int {
	path, err := exec.LookPath("storegen-db")
	if err != nil {
		fmt.Fprintf(stderr, "storegen db: storegen-db is not installed; get it with: %s\n", getDB)
		return exitUsage
	}
	return become(path, args, stdout, stderr)
}

// handsOver reports whether a call is for storegen-db.
func handsOver(args []string) bool {
	return args[0] == dbCommand.name && !(len(args) == 2 && (args[1] == "-h" || args[1] == "-help"))
}
