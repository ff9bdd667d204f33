// Command storegen-db looks into databases that storegen's tables are in, and changes them,
// without the programs that have made them: by what the catalog of each database says.
//
//	storegen-db tables DIR           the tables, with their columns
//	storegen-db scan DIR TABLE       rows, as a table, JSON lines or CSV
//	storegen-db help [COMMAND]       all commands, or one in full
//
// A database is opened for reading alone, unless -write is said, and by one process at a
// time. The exit code is 0 when all is well, 1 when there is a finding or something went
// wrong, 2 when the call itself is wrong, and 130 when a signal ended it.
//
// The package holds flags and printing only: packages admin, dynamic and provider do the
// work.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/engine"
)

// The exit codes.
const (
	exitFine    = 0
	exitFinding = 1
	exitUsage   = 2
	exitStopped = 130 // by a signal
)

// errFinding is returned by a command that has printed what it found.
var errFinding = errors.New("finding")

// A usageError is a call that is wrong.
type usageError string

func (e usageError) Error() string { return string(e) }

func usagef(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for s := range signals {
			if s == os.Interrupt && interrupts.call() {
				continue // a statement has ended
			}
			signal.Stop(signals) // a second signal ends the process at once
			stop()
		}
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its surroundings as arguments. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		writeUsage(stderr)
		return exitUsage
	}
	switch args[0] {
	case completeWord:
		complete(ctx, stdout, args[1:])
		return exitFine
	case "-h", "-help", "--help":
		args[0] = "help"
	}
	cmd := find(args[0])
	if cmd == nil {
		fmt.Fprintf(stderr, "storegen-db: %s\n", noCommand(args[0]))
		return exitUsage
	}
	out := bufio.NewWriter(stdout)
	c := &call{ctx: ctx, stdin: stdin, stdout: out, stderr: stderr, terminal: isTerminal(stdout), stays: "nothing was changed"}
	if isTerminal(stderr) {
		c.progress = show.NewProgress(stderr, cmd.name, time.Now)
	}
	flags, start := cmd.flags(c)
	err := c.parse(flags, args[1:])
	if errors.Is(err, flag.ErrHelp) {
		cmd.writeHelp(stdout)
		return exitFine
	}
	if err == nil {
		if c.write {
			c.stays = "what was committed stays, and nothing else was written"
		}
		err = start(c)
		c.progress.Clear()
	}
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	var usage usageError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "storegen-db %s: %s\nusage: %s\n", cmd.name, show.Safe(usage.Error()), cmd.line())
		return exitUsage
	case errors.Is(err, errFinding):
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "storegen-db %s: ended by a signal; %s\n", cmd.name, c.stays)
		return exitStopped
	default:
		fmt.Fprintf(stderr, "storegen-db %s: %s\n", cmd.name, show.Safe(c.withHelp(err)))
	}
	return exitFinding
}

// withHelp is an error with what a person can do: messages name the options of programs.
func (c *call) withHelp(err error) string {
	text := err.Error()
	if errors.Is(err, engine.ErrReadOnly) && !c.write {
		text += "\nhelp: say -write to change the database"
	}
	switch {
	case !errors.Is(err, engine.ErrCorrupt):
	case strings.Contains(text, "Options.TruncateDamagedJournal"):
		text += "\nhelp: storegen-db repair -write -truncate-journal goes back so"
	case !strings.Contains(text, "backup"):
		text += "\nhelp: what the engine cannot read is lost; restore a backup"
	}
	return text
}

func noCommand(name string) string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.name
	}
	return fmt.Sprintf("there is no command %q; %s", name, show.Suggest(name, names))
}

// isTerminal reports whether a person reads what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
