// Command storegen turns table schemas in YAML into Go packages: typed stores,
// indexes and providers over an embedded key-value store.
//
//	storegen generate [-config storegen.yaml]   write the packages and the lock
//	storegen check    [-config storegen.yaml]   check the schemas, write nothing
//	storegen diff     [-config storegen.yaml]   list what generate would change
//	storegen lines    [-config storegen.yaml]   count lines of YAML and Go, a row a table
//
// It is run by go generate from a line such as
//
//	//go:generate go tool storegen generate
//
// in a module that has it as a tool:
//
//	go get -tool github.com/storegen/storegen/cmd/storegen@latest
//
// The exit code is 0 when all is well, 1 when there is a finding (mistakes in a
// schema, files that are not current), and 2 when the call itself is wrong.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `storegen turns table schemas in YAML into Go packages.

usage: storegen <command> [-config storegen.yaml]

  generate   write the packages and the lock
  check      check the schemas, write nothing
  diff       list what generate would change
  lines      count lines of YAML and Go, a row a table
`

// errFinding is returned by a command that has printed what it found.
var errFinding = errors.New("finding")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main with its surroundings as arguments. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	commands := map[string]func(config string, stdout, stderr io.Writer) error{
		"generate": generate, "check": check, "diff": diff, "lines": lines,
	}
	name := args[0]
	command := commands[name]
	if command == nil {
		if name == "help" || name == "-h" || name == "-help" || name == "--help" {
			fmt.Fprint(stdout, usage)
			return 0
		}
		fmt.Fprintf(stderr, "storegen: no command %q\n\n%s", name, usage)
		return 2
	}
	flags := flag.NewFlagSet("storegen "+name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	config := flags.String("config", "storegen.yaml", "where schemas are and where packages go")
	if err := flags.Parse(args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "storegen %s takes no arguments, only flags\n", name)
		return 2
	}
	switch err := command(*config, stdout, stderr); {
	case errors.Is(err, errFinding):
		return 1
	case err != nil:
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}
