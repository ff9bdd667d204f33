package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
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
"shared_rows[app/orders]". Without statements and on a terminal, they are typed, with completion
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
	shell := &sqlshell.Shell{Out: c.stdout.(*bufio.Writer), Err: c.stderr, Format: format, Terminal: c.terminal, Said: c.withHelp, Greeting: "Statements end with a semicolon; .help lists what else there is."}
	if !c.write {
		shell.Greeting += "\nNothing can be changed; -write opens the database for that."
	}
	families := map[string]bool{}
	for _, t := range d.tables {
		if len(t.desc.Per) > 0 && !families[t.desc.Name] {
			families[t.desc.Name] = true
			options = append(options, sqlstore.Members(t.desc.Name))
		}
	}
	db, err := sqlstore.Open(d.DB, options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if shell.DB, err = db.Conn(c.ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shell.DB.Close()) }()
	if err := c.sqlTables(d, shell); err != nil {
		return err
	}
	defer func() {
		// It is an error where no transaction is open.
		if _, none := shell.DB.ExecContext(context.WithoutCancel(c.ctx), "ROLLBACK"); none == nil && c.write {
			fmt.Fprintln(c.stderr, "storegen-db sql: the last transaction was not committed, and is rolled back")
			if err == nil {
				err = errFinding
			}
		}
	}()
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

// sqlTables tells a shell the tables that SQL has, under the names that it has for them.
func (c *call) sqlTables(d *database, shell *sqlshell.Shell) error {
	rows, err := shell.DB.QueryContext(c.ctx, "SELECT name FROM sqlite_schema")
	if err != nil {
		return err
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		there[name] = true
	}
	if err := rows.Err(); err != nil {
		return err
	}
	schemas := map[string]*table{}
	for _, t := range d.tables {
		for _, name := range []string{strings.ReplaceAll(t.name, ".", "_"), t.name} {
			if !there[name] {
				continue
			}
			st := sqlshell.Table{Name: name, Doc: t.desc.Doc}
			if t.member != nil || name == t.name && strings.Contains(name, ".") {
				st.Name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
			}
			def := provider.DefOf(t.desc)
			for i := range def.Columns {
				st.Columns = append(st.Columns, def.Columns[i].Name)
			}
			shell.Tables = append(shell.Tables, st)
			schemas[st.Name] = t
			break
		}
	}
	shell.Schema = func(name string) (string, error) { return written(schemas[name].desc), nil }
	return nil
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
