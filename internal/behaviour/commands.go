package behaviour

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"
)

// command is what a word of the language does. It returns what it prints.
type command struct {
	help string
	run  func(w *World, ctx context.Context, d *datadriven.TestData) (string, error)
}

// commands are the words of the language. Those that work on rows take `tx=NAME`, for a
// transaction that begin has opened, and `as=NAME` with `role=ROLE`, for a principal. What
// they read and commit stands behind what they print.
var commands = map[string]command{
	"schema":   {"the tables of a program, `schema NAME`: YAML files, each behind a line `-- NAME.yaml`, numbered by the lock of the program before, or of `from=NAME`; open has to follow", (*World).schema},
	"open":     {"opens the database and all tables, of the last program or of `program=NAME`; `migrate`, `readonly`, `cut=N` as cut does, `only=TABLE`, also of a database that is open; members of families are opened by `member`", (*World).openAll},
	"new":      {"closes the database, and begins with an empty engine", (*World).fresh},
	"fill":     {"puts `n=N` rows in one commit, all by one line, in which %03[1]d is the number of the row", (*World).fill},
	"load":     {"loads `n=N` rows as fill makes them, in reverse, into a table that is not open: `open only=none` opens the database alone", (*World).load},
	"member":   {"opens a member of a family, by its parameters, which are text: `member TABLE VALUE...`; commands on rows know it as TABLE/VALUE", (*World).member},
	"members":  {"the members of a family, as they are stored", (*World).members},
	"close":    {"closes it", (*World).closeAll},
	"insert":   {"inserts the rows of the lines, each in a commit of its own; `together`: all in one", (*World).write},
	"put":      {"puts them, as insert", (*World).write},
	"update":   {"sets the fields of a line in the row that has its key fields", (*World).update},
	"delete":   {"deletes the rows that have the key fields of the lines", (*World).delete},
	"get":      {"the rows that have the key fields of the lines; `together`: by one GetMany", (*World).get},
	"scan":     {"a table in the order of its key, or of an index: `by=INDEX`; `reverse`, `limit=N`, `keys`, `count`; `quiet`: how many rows alone; `page=N`, with `next` from where the last page ended", (*World).scan},
	"select":   {"a query: lines `where COLUMN OP VALUE`, `order COLUMN [desc]`, `limit N`, `columns NAME...`; with the path that is taken", (*World).query},
	"explain":  {"the plan of a query, as select takes it", (*World).query},
	"erase":    {"deletes the rows of a table in the order of its key, or of an index, in as many commits as it takes; `by=INDEX`, `limit=N`", (*World).erase},
	"begin":    {"opens a transaction, or a view: `begin NAME [view]`", (*World).begin},
	"commit":   {"commits it", (*World).end},
	"rollback": {"drops it", (*World).end},
	"expire":   {"moves the clock: `expire 1h`", (*World).expire},
	"sweep":    {"removes expired rows; `limit=N`", (*World).sweep},
	"drop":     {"drops tables, and members of families, by TABLE/VALUE", (*World).drop},
	"verify":   {"verifies the database", (*World).verify},
	"repair":   {"repairs it", (*World).verify},
	"damage":   {"changes what the engine holds: lines `KEY`, which goes, or `KEY = VALUE`, with bytes as `engine` prints them, without quotes", (*World).damage},
	"trial":    {"a case of damage, with lines as damage takes them: what verify finds and repair does, what that leaves and puts aside, what verify finds then, and the pairs that came (+) and went (-) since before the damage; all is put back behind it. An error, if a repair changes what is right again by the time that it is to be repaired", (*World).trial},
	"engine":   {"what the engine holds behind the catalog", (*World).dump},
	"cut":      {"the power goes off behind so many commits: `cut behind=N`", (*World).cut},
	"crash":    {"the power is off, and on again; open has to follow", (*World).crashed},
}

// offline are the commands that need no open database.
var offline = []string{"schema", "open", "new", "close", "crash", "expire", "damage", "engine"}

// uncounted are the commands whose cost is of no interest.
var uncounted = []string{"engine", "damage", "trial"}

// Run runs a command.
func (w *World) Run(ctx context.Context, d *datadriven.TestData) string {
	c, ok := commands[d.Cmd]
	if !ok {
		return fmt.Sprintf("there is no command %s", d.Cmd)
	}
	if w.db == nil && !slices.Contains(offline, d.Cmd) {
		return "error: the database is not open\n"
	}
	if w.eng != nil {
		w.eng.take()
	}
	out, err := c.run(w, ctx, d)
	if err != nil {
		out += "error: " + err.Error() + "\n"
	}
	if w.eng != nil && !slices.Contains(uncounted, d.Cmd) {
		if n := w.eng.take().String(); n != "" {
			out += "(" + n + ")\n"
		}
	}
	if out == "" {
		return "ok\n"
	}
	return out
}

// arg is the value of an argument; ok says that it is there.
func arg(d *datadriven.TestData, name string) (value string, ok bool) {
	for _, a := range d.CmdArgs {
		if a.Key == name {
			return strings.Join(a.Vals, ","), true
		}
	}
	return "", false
}

func has(d *datadriven.TestData, name string) bool {
	_, ok := arg(d, name)
	return ok
}

func number(d *datadriven.TestData, name string) (int, error) {
	text, ok := arg(d, name)
	if !ok {
		return 0, nil
	}
	return strconv.Atoi(text)
}

// first is the first argument, which is a name.
func first(d *datadriven.TestData) string {
	if len(d.CmdArgs) == 0 {
		return ""
	}
	return d.CmdArgs[0].Key
}

func lines(d *datadriven.TestData) []string {
	if d.Input == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(d.Input, "\n"), "\n")
}
