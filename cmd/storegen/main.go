// Command storegen turns table schemas in YAML into Go packages: typed stores,
// indexes and providers over an embedded key-value store.
//
//	storegen init               begin a project
//	storegen generate           write the packages and the lock
//	storegen diff               show what generate would change
//	storegen help [COMMAND]     all commands, or one in full
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
//
// The package holds flags and printing only: schema, templates and their
// neighbours do the work.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/templates/output"
)

// The exit codes.
const (
	exitFine    = 0
	exitFinding = 1
	exitUsage   = 2
)

// errFinding is returned by a command that has printed what it found.
var errFinding = errors.New("finding")

// A usageError is a call that is wrong.
type usageError string

func (e usageError) Error() string { return string(e) }

func main() {
	// A run is short, and most are small: collecting seldom saves a third of their
	// time. Reading 1,000 schemas takes 20 MB more than at 800, and a tenth less time.
	debug.SetGCPercent(2000)
	abandonOnSignal()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// abandonOnSignal removes what was written beside its place, and ends the process with
// the code that a shell expects, when it is told to end.
func abandonOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		output.Abandon()
		fmt.Fprintf(os.Stderr, "storegen: ended by %s; a file is written whole or not at all, and the next run goes on\n", s)
		code := 130
		if s == syscall.SIGTERM {
			code = 143
		}
		os.Exit(code)
	}()
}

// run is main with its surroundings as arguments. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		writeUsage(stderr)
		return exitUsage
	}
	switch args[0] {
	case "-h", "-help", "--help":
		args = []string{"help"}
	case "-version", "--version":
		args = []string{"version"}
	case completeWord: // asked by the scripts of completion
		if len(args) > 2 && args[1] == dbCommand.name {
			return database(append([]string{completeWord}, args[2:]...), stdout, io.Discard)
		}
		(&call{stdout: stdout, stderr: stderr}).complete(args[1:])
		return exitFine
	}
	if handsOver(args) {
		return database(args[1:], stdout, stderr)
	}
	cmd := find(args[0])
	if cmd == nil {
		fmt.Fprintf(stderr, "storegen: %s\n", noCommand(args[0]))
		return exitUsage
	}
	c := &call{stderr: stderr}
	c.stdout = &checked{to: stdout, failed: &c.failed}
	flags, start := cmd.flags(c)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	if err := c.parse(flags, args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			cmd.writeHelp(stdout)
			return exitFine
		}
		// The flag package has said what is wrong.
		if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
			if best := diag.Nearest(strings.TrimLeft(name, "-"), flagNames(flags)); best != "" {
				fmt.Fprintf(stderr, "did you mean -%s?\n", best)
			}
		}
		fmt.Fprintf(stderr, "usage: %s\n", cmd.line())
		return exitUsage
	}
	var err error
	switch {
	case c.json && c.ci:
		err = usageError("-json and -ci exclude each other")
	case len(c.args) > 0 && cmd.args == "":
		err = usageError("it takes no arguments, only flags")
	default:
		c.findConfig(flags)
		err = start(c)
	}
	var usage usageError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "storegen %s: %s\nusage: %s\n", cmd.name, usage, cmd.line())
		return exitUsage
	case err == nil && c.json && !c.reported:
		c.report(nil) // an array in any case
	case err != nil && err != errFinding:
		c.report(findings(err))
	}
	if c.failed != nil {
		fmt.Fprintf(stderr, "storegen %s: cannot write: %v\n", cmd.name, c.failed)
	}
	if err != nil || c.failed != nil {
		return exitFinding
	}
	return exitFine
}

// findConfig looks for storegen.yaml in the folders above, where it is not in this one
// and no other file was named.
func (c *call) findConfig(flags *flag.FlagSet) {
	named := false
	flags.Visit(func(f *flag.Flag) { named = named || f.Name == "config" })
	if named || c.config == "" {
		return
	}
	above := c.config
	for range 100 { // no folder is deeper
		if _, err := os.Stat(above); err == nil {
			c.config = above
			return
		}
		dir, err := filepath.Abs(filepath.Dir(above))
		if err != nil || filepath.Dir(dir) == dir {
			return
		}
		above = filepath.Join("..", above)
	}
}

// parse reads flags wherever they stand between the arguments; after -- there
// are none.
func (c *call) parse(flags *flag.FlagSet, args []string) error {
	for {
		if err := flags.Parse(args); err != nil {
			return err
		}
		read := len(args) - flags.NArg()
		rest := flags.Args()
		if len(rest) == 0 || read > 0 && args[read-1] == "--" {
			c.args = append(c.args, rest...)
			return nil
		}
		c.args = append(c.args, rest[0])
		args = rest[1:]
	}
}

// otherCommands are names that other tools have for what a command here does.
var otherCommands = map[string]string{
	"validate": "check", "lint": "check", "verify": "check", "vet": "check", "format": "fmt",
	"build": "generate", "migrate": "plan", "migration": "plan", "status": "plan", "create": "new", "add": "new",
}

// noCommand says that there is no command of a name, and which may be meant.
func noCommand(name string) string {
	names := make([]string, len(commands))
	for i, cmd := range commands {
		names[i] = cmd.name
	}
	best := diag.Nearest(name, names)
	for _, other := range names {
		if len(name) > 1 && strings.HasPrefix(other, name) {
			best = other
		}
	}
	if other := otherCommands[name]; other != "" {
		best = other
	}
	if best != "" {
		return fmt.Sprintf("no command %q: did you mean %q?", name, best)
	}
	return fmt.Sprintf("no command %q: storegen help lists them", name)
}

func flagNames(flags *flag.FlagSet) []string {
	var out []string
	flags.VisitAll(func(f *flag.Flag) { out = append(out, f.Name) })
	return out
}
