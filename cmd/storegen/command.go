package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
)

// A command is one of the words that may follow storegen.
type command struct {
	name  string
	args  string // as the usage line shows them; "" takes none
	short string // one line
	long  string // further text for help; may be empty
	free  bool   // needs no storegen.yaml, and so has no -config
	// reports says that findings can be had as JSON and as annotations.
	reports bool
	// data says that what is printed can be had as JSON; "" is not.
	data string
	// setup declares the command's own flags, and returns what runs it.
	setup func(flags *flag.FlagSet) func(*call) error
}

// commands are all of them, in the order of help.
var commands []*command

func init() {
	commands = []*command{
		initCommand, newCommand, generateCommand, checkCommand, fmtCommand, diffCommand, planCommand, lockCommand,
		protoCommand, docsCommand, explainCommand, linesCommand, schemaCommand, dbCommand, completionCommand, versionCommand, helpCommand,
	}
}

// A call is one run of a command.
type call struct {
	stdout, stderr io.Writer
	config         string   // of -config
	json, ci       bool     // of -json and -ci
	args           []string // what is left after the flags
	reported       bool     // something was printed by report
	failed         error    // the first that writing to stdout has met
}

// checked keeps the first error of a writer: what could not be printed is no success.
type checked struct {
	to     io.Writer
	failed *error
}

// Write implements io.Writer.
func (w *checked) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err != nil && *w.failed == nil {
		*w.failed = err
	}
	return n, err
}

// Unwrap is what is written to, for those who ask whether it is a terminal.
func (w *checked) Unwrap() io.Writer { return w.to }

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
	flags := flag.NewFlagSet("storegen "+cmd.name, flag.ContinueOnError)
	if !cmd.free {
		flags.StringVar(&c.config, "config", "storegen.yaml", "the `file` that says where schemas are and where packages go; without it, storegen.yaml is looked for in the folders above too")
	}
	if cmd.reports {
		flags.BoolVar(&c.json, "json", false, "print findings as a JSON array")
		flags.BoolVar(&c.ci, "ci", false, "print findings as annotations of a CI log")
	}
	if cmd.data != "" {
		flags.BoolVar(&c.json, "json", false, "print "+cmd.data+" as JSON")
	}
	return flags, cmd.setup(flags)
}

// printJSON prints a value for programs.
func (c *call) printJSON(v any) error {
	e := json.NewEncoder(c.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// line is the usage of a command.
func (cmd *command) line() string {
	s := "storegen " + cmd.name
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
	fmt.Fprintf(w, "storegen %s: %s\n\nusage: %s\n", cmd.name, cmd.short, cmd.line())
	if cmd.long != "" {
		fmt.Fprintf(w, "\n%s\n", cmd.long)
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
	fmt.Fprint(w, "storegen turns table schemas in YAML into Go packages.\n\nusage: storegen COMMAND [flags]\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(t, "  %s\t%s\n", c.name, c.short)
	}
	// The writer below is the terminal: its errors cannot be reported.
	_ = t.Flush()
	fmt.Fprint(w, "\nstoregen help COMMAND tells more.\nExit codes: 0 all is well, 1 there is a finding, 2 the call is wrong.\n")
}
