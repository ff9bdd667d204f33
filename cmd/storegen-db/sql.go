package main

import (
	"bufio"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/storegen/storegen/cmd/storegen-db/internal/sqlshell"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/sqlstore"
)

var sqlCommand = &command{
	name: "sql", args: "DATABASE [STATEMENT…]", mayWrite: true,
	short: "ask in SQL: statements from the command line or standard input, or typed one by one",
	long: `The table system.jobs has the names system_jobs and system.jobs; a member of a family is
"shared[app/orders]". Without statements and on a terminal, they are typed, with completion
by the tab key and a history (in ` + sqlshell.HistoryVariable + `, or not at all where that is empty).
Nothing is changed without -write. SQL is that of SQLite, and documented by package sqlstore.`,
	examples: []string{`sql data "select status, count(*) from system_jobs group by status"`, "sql data", "sql -json data <report.sql"},
	setup: func(flags *flag.FlagSet) func(*call) error {
		format := flags.String("format", "", "print as a `format`: "+strings.Join(sqlshell.Formats, ", ")+"; without it table")
		return with(func(c *call, d *database) error { return c.sql(d, *format) })
	},
}

func (c *call) sql(d *database, format string) (err error) {
	if format == "" {
		if format = "table"; c.json {
			format = "json"
		}
	}
	if !slices.Contains(sqlshell.Formats, format) {
		return usagef("there is no format %q: use one of %s", format, strings.Join(sqlshell.Formats, ", "))
	}
	var options []sqlstore.Option
	if !c.write {
		options = append(options, sqlstore.ReadOnly())
	}
	shell := &sqlshell.Shell{Out: c.stdout.(*bufio.Writer), Err: c.stderr, Format: format, Terminal: c.terminal, Said: c.withHelp}
	schemas := map[string]*table{}
	families := map[string]bool{}
	for _, t := range d.tables {
		if len(t.desc.Per) > 0 && !families[t.desc.Name] {
			families[t.desc.Name] = true
			options = append(options, sqlstore.Members(t.desc.Name))
		}
		st := sqlTable(t)
		schemas[st.Name] = t
		shell.Tables = append(shell.Tables, st)
	}
	shell.Schema = func(name string) (string, error) { return written(schemas[name].desc), nil }
	db, err := sqlstore.Open(d.DB, options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if shell.DB, err = db.Conn(c.ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shell.DB.Close()) }()
	switch {
	case len(c.args) > 0:
		for _, text := range c.args {
			if err := shell.Run(c.ctx, text); err != nil {
				return err
			}
		}
		return nil
	case c.stdin == os.Stdin && c.terminal && sqlshell.OnTerminal():
		return shell.Interactive(c.ctx, sqlshell.OpenHistory(), interrupts.take)
	}
	return shell.Script(c.ctx, c.input())
}

// sqlTable is a table as statements name it.
func sqlTable(t *table) sqlshell.Table {
	out := sqlshell.Table{Name: strings.ReplaceAll(t.name, ".", "_"), Doc: t.desc.Doc}
	if t.member != nil {
		out.Name = `"` + strings.ReplaceAll(t.name, `"`, `""`) + `"`
	}
	def := provider.DefOf(t.desc)
	for i := range def.Columns {
		out.Columns = append(out.Columns, def.Columns[i].Name)
	}
	return out
}

// interrupts is who gets Ctrl-C, if not the whole command.
var interrupts holder

// holder holds a function that is called in place of what is usual.
type holder struct {
	mu sync.Mutex
	f  func()
}

// take has f called, until the function that it returns is called.
func (h *holder) take(f func()) (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.f = f
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.f = nil
	}
}

// call calls the function, and reports whether there is one.
func (h *holder) call() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.f == nil {
		return false
	}
	h.f()
	return true
}
