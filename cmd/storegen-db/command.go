package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
)

// A command is one of the words that may follow storegen-db.
type command struct {
	name  string
	args  string // as the usage line shows them
	short string // one line
	long  string // further text for help; may be empty
	// examples are calls that help shows, without storegen-db before them.
	examples []string
	// writes says that it changes the database, and so needs -write.
	writes bool
	// mayWrite says that it can do so, with -write, and does not have to.
	mayWrite bool
	// setup declares the command's own flags, and returns what runs it.
	setup func(flags *flag.FlagSet) func(*call) error
}

// commands are all of them, in the order of help.
var commands []*command

func init() {
	commands = []*command{
		tablesCommand, schemaCommand, getCommand, scanCommand, countCommand, statsCommand,
		putCommand, deleteCommand, importCommand, exportCommand, dropCommand,
		verifyCommand, repairCommand, sweepCommand, compactCommand,
		backupCommand, restoreCommand, copyCommand, planCommand, sqlCommand, completionCommand, helpCommand,
	}
}

// A call is one run of a command.
type call struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool // stdout is one
	json           bool // of -json
	write          bool // of -write
	args           []string
	stays          string         // what a signal leaves behind, as a sentence
	progress       *show.Progress // of long work; nil where nobody would see it
	cutJournal     bool           // of repair -truncate-journal
}

func find(name string) *command {
	for _, c := range commands {
		if c.name == name {
			return c
		}
	}
	return nil
}

// simple is the setup of a command without flags of its own.
func simple(start func(*call) error) func(*flag.FlagSet) func(*call) error {
	return func(*flag.FlagSet) func(*call) error { return start }
}

// flags returns the flags of a command, bound to a call, and what runs it.
func (cmd *command) flags(c *call) (*flag.FlagSet, func(*call) error) {
	flags := flag.NewFlagSet("storegen-db "+cmd.name, flag.ContinueOnError)
	if cmd.name != "help" {
		flags.BoolVar(&c.json, "json", false, "print for programs: a JSON document in each line")
	}
	start := cmd.setup(flags)
	if cmd.writes || cmd.mayWrite {
		flags.BoolVar(&c.write, "write", false, "open the database for writing, without which nothing is changed")
	}
	if !cmd.writes {
		return flags, start
	}
	return flags, func(c *call) error {
		if !c.write {
			return usageError("it changes the database: say -write if that is meant")
		}
		return start(c)
	}
}

// parse takes flags before, between and behind the arguments. A negative number is an argument,
// and so is all that stands behind --.
func (c *call) parse(flags *flag.FlagSet, args []string) error {
	flags.SetOutput(io.Discard) // what is wrong is printed by who gets the error
	for len(args) > 0 {
		text := args[0]
		switch {
		case text == "--":
			c.args = append(c.args, args[1:]...)
			return nil
		case len(text) < 2 || text[0] != '-' || text[1] >= '0' && text[1] <= '9' || text[1] == '.':
			c.args, args = append(c.args, text), args[1:]
			continue
		}
		n, err := flagLength(flags, text)
		if err != nil {
			return err
		}
		n = min(n, len(args))
		if err := flags.Parse(args[:n]); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return usageError(err.Error())
		}
		args = args[n:]
	}
	return nil
}

// flagLength is how many arguments a flag is: one, or two where the next one is its value.
func flagLength(flags *flag.FlagSet, text string) (int, error) {
	name, _, hasValue := strings.Cut(strings.TrimPrefix(text[1:], "-"), "=")
	f := flags.Lookup(name)
	if f == nil {
		if name == "h" || name == "help" {
			return 1, nil
		}
		var names []string
		flags.VisitAll(func(f *flag.Flag) { names = append(names, "-"+f.Name) })
		return 0, usagef("there is no flag %q (%s); a value that begins with a dash stands behind --", text, show.Suggest("-"+name, names))
	}
	if b, ok := f.Value.(interface{ IsBoolFlag() bool }); hasValue || ok && b.IsBoolFlag() {
		return 1, nil
	}
	return 2, nil
}

// input is the standard input, whose end a signal is too: a read of a terminal or a pipe might
// never return.
func (c *call) input() io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(c.ctx, func() { w.CloseWithError(c.ctx.Err()) })
	go func() {
		_, err := io.Copy(w, c.stdin)
		w.CloseWithError(err)
	}()
	return r
}

// line is the usage of a command.
func (cmd *command) line() string {
	s := "storegen-db " + cmd.name
	flags, _ := cmd.flags(&call{})
	flags.VisitAll(func(f *flag.Flag) {
		name, _ := flag.UnquoteUsage(f)
		if name != "" {
			name = " " + name
		}
		s += " [-" + f.Name + name + "]"
	})
	if cmd.args != "" {
		s += " " + cmd.args
	}
	return s
}

func (cmd *command) writeHelp(w io.Writer) {
	fmt.Fprintf(w, "storegen-db %s: %s\n\nusage: %s\n", cmd.name, cmd.short, cmd.line())
	if cmd.long != "" {
		fmt.Fprintf(w, "\n%s\n", cmd.long)
	}
	for i, e := range cmd.examples {
		if i == 0 {
			fmt.Fprint(w, "\nfor example:\n")
		}
		fmt.Fprintf(w, "  storegen-db %s\n", e)
	}
	flags, _ := cmd.flags(&call{})
	first := true
	flags.VisitAll(func(*flag.Flag) {
		if first {
			fmt.Fprintln(w)
		}
		first = false
	})
	flags.SetOutput(w)
	flags.PrintDefaults()
}

func writeUsage(w io.Writer) {
	fmt.Fprint(w, "storegen-db looks into databases of storegen's tables, and changes them by their rules.\n\nusage: storegen-db COMMAND [flags] DATABASE …\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(t, "  %s\t%s\n", c.name, c.short)
	}
	// The writer below is the terminal: its errors cannot be reported.
	_ = t.Flush()
	fmt.Fprint(w, "\nDATABASE is a directory; leveldb:DIR and pebble:DIR say which engine a new one has.\nstoregen-db help COMMAND tells more.\nExit codes: 0 all is well, 1 there is a finding or an error, 2 the call is wrong,\n130 a signal ended it.\n")
}

var helpCommand = &command{
	name: "help", args: "[COMMAND]",
	short: "list the commands, or tell all about one",
	setup: simple(help),
}

func help(c *call) error {
	switch len(c.args) {
	case 0:
		writeUsage(c.stdout)
		return nil
	case 1:
		cmd := find(c.args[0])
		if cmd == nil {
			return usageError(noCommand(c.args[0]))
		}
		cmd.writeHelp(c.stdout)
		return nil
	}
	return usageError("it takes one command")
}
