package behaviour

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
)

// Table is a table of a file's schema.
type Table = store.Table[string, dynamic.Row]

// World is where the commands of a file work.
type World struct {
	engines Engines

	eng    *meter
	db     *store.DB
	clock  *store.ManualClock
	set    *schema.Set // of the program that runs, or that was defined last
	last   string
	sets   map[string]*schema.Set // of all programs, by name
	tables map[string]*Table
	codecs map[string]*dynamic.Codec
	txs    map[string]*store.Transaction
	next   store.Cursor[dynamic.Row]
}

// Engines is where a world keeps its database.
type Engines struct {
	Open  func() (engine.Engine, error) // with what was there when it was closed
	Crash func()                        // it loses its power
	Erase func()                        // it is empty from then on
}

// NewWorld makes one over an engine.
func NewWorld(engines Engines) *World {
	return &World{engines: engines, clock: store.NewManualClock(start), sets: map[string]*schema.Set{}}
}

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
	"open":     {"opens the database and all tables, of the last program or of `program=NAME`; `migrate`, `readonly`, `cut=N` as cut does, `only=TABLE`", (*World).openAll},
	"new":      {"closes the database, and begins with an empty engine", (*World).fresh},
	"fill":     {"puts `n=N` rows in one commit, all by one line, in which %03[1]d is the number of the row", (*World).fill},
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
	"drop":     {"drops tables", (*World).drop},
	"verify":   {"verifies the database", (*World).verify},
	"repair":   {"repairs it", (*World).verify},
	"damage":   {"changes what the engine holds: lines `KEY`, which goes, or `KEY = VALUE`, with bytes as `engine` prints them, without quotes", (*World).damage},
	"engine":   {"what the engine holds behind the catalog", (*World).dump},
	"cut":      {"the power goes off behind so many commits: `cut behind=N`", (*World).cut},
	"crash":    {"the power is off, and on again; open has to follow", (*World).crashed},
}

// offline are the commands that need no open database.
var offline = []string{"schema", "open", "new", "close", "crash", "expire"}

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
	if w.eng != nil && d.Cmd != "engine" && d.Cmd != "damage" {
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

func (w *World) schema(_ context.Context, d *datadriven.TestData) (string, error) {
	var files []schema.Source
	for _, line := range lines(d) {
		if name, ok := strings.CutPrefix(line, "-- "); ok {
			files = append(files, schema.Source{Name: name})
			continue
		}
		if len(files) == 0 {
			return "", errors.New("the first line is `-- NAME.yaml`")
		}
		f := &files[len(files)-1]
		f.Data = append(f.Data, line+"\n"...)
	}
	from := w.last
	if name, ok := arg(d, "from"); ok {
		from = name
	}
	var lock *schema.Source
	if before := w.sets[from]; before != nil {
		lock = &schema.Source{Name: "storegen.lock", Data: before.Lock.Format()}
	}
	set, err := load.Parse(files, lock)
	if err != nil {
		return "", err
	}
	w.last = ""
	if len(d.CmdArgs) > 0 && d.CmdArgs[0].Key != "from" {
		w.last = d.CmdArgs[0].Key
	}
	w.set, w.sets[w.last] = set, set
	return "", nil
}

func (w *World) fresh(ctx context.Context, d *datadriven.TestData) (string, error) {
	out, err := w.closeAll(ctx, d)
	w.engines.Erase()
	return out, err
}

func (w *World) fill(ctx context.Context, d *datadriven.TestData) (string, error) {
	t, codec, err := w.table(d)
	if err != nil {
		return "", err
	}
	n, err := number(d, "n")
	if err != nil {
		return "", err
	}
	rows := make([]*dynamic.Row, n)
	for i := range rows {
		if rows[i], err = parseRow(codec.Desc(), fmt.Sprintf(d.Input, i)); err != nil {
			return "", err
		}
	}
	return "", t.PutMany(ctx, rows)
}

func (w *World) openAll(ctx context.Context, d *datadriven.TestData) (string, error) {
	if w.db != nil {
		return "", errors.New("it is open")
	}
	if name, ok := arg(d, "program"); ok {
		w.set = w.sets[name]
	}
	if w.set == nil {
		return "", errors.New("there is no such schema")
	}
	eng, err := w.engines.Open()
	if err != nil {
		return "", err
	}
	w.eng = newMeter(eng)
	if has(d, "readonly") {
		w.eng.cut(0, engine.ErrReadOnly)
	}
	opts := []store.Option{store.WithClock(w.clock)}
	if has(d, "migrate") {
		opts = append(opts, store.WithMigrate())
	}
	if n, ok := arg(d, "cut"); ok {
		behind, err := strconv.Atoi(n)
		if err != nil {
			return "", err
		}
		w.eng.cut(behind, errPower)
	}
	w.db, err = store.Open(ctx, w.eng, opts...)
	if err != nil {
		return "", errors.Join(err, eng.Close())
	}
	w.tables, w.codecs, w.txs = map[string]*Table{}, map[string]*dynamic.Codec{}, map[string]*store.Transaction{}
	out := ""
	for _, t := range w.set.Tables {
		if only, ok := arg(d, "only"); ok && only != t.Name {
			continue
		}
		codec := dynamic.New(t)
		table, err := storeimpl.OpenTyped(ctx, w.db, codec)
		if err != nil {
			out += err.Error() + "\n"
			continue
		}
		w.tables[t.Name], w.codecs[t.Name] = table, codec
	}
	return out, nil
}

func (w *World) closeAll(context.Context, *datadriven.TestData) (string, error) {
	if w.db == nil {
		return "", nil
	}
	for _, tx := range w.txs {
		_ = tx.Rollback() // its outcome is not asked for
	}
	err := w.db.Close()
	w.db, w.eng = nil, nil
	return "", err
}

// table is the table that a command is about, in its transaction and for its principal.
func (w *World) table(d *datadriven.TestData) (*Table, *dynamic.Codec, error) {
	name := first(d)
	t := w.tables[name]
	if t == nil {
		return nil, nil, fmt.Errorf("table %q is not open", name)
	}
	if tx, ok := arg(d, "tx"); ok {
		if w.txs[tx] == nil {
			return nil, nil, fmt.Errorf("there is no transaction %q", tx)
		}
		t = t.In(w.txs[tx].Tx())
	}
	if user, ok := arg(d, "as"); ok {
		role := access.User
		if text, ok := arg(d, "role"); ok {
			var err error
			if role, err = access.ParseRole(text); err != nil {
				return nil, nil, err
			}
		}
		t = t.As(access.Principal{User: user, Role: role})
	}
	return t, w.codecs[name], nil
}

// each runs fn for the row of each line, and prints what it returns.
func (w *World) each(d *datadriven.TestData, fn func(t *Table, c *dynamic.Codec, row *dynamic.Row) (string, error)) (string, error) {
	t, codec, err := w.table(d)
	if err != nil {
		return "", err
	}
	out := ""
	for _, line := range lines(d) {
		row, err := parseRow(codec.Desc(), line)
		if err != nil {
			return out, err
		}
		text, err := fn(t, codec, row)
		if err != nil {
			text = "error: " + err.Error()
		}
		if text != "" {
			out += text + "\n"
		}
	}
	return out, nil
}

func (w *World) write(ctx context.Context, d *datadriven.TestData) (string, error) {
	insert := d.Cmd == "insert"
	var all []*dynamic.Row
	var of *Table
	out, err := w.each(d, func(t *Table, _ *dynamic.Codec, row *dynamic.Row) (string, error) {
		of, all = t, append(all, row)
		switch {
		case has(d, "together"):
			return "", nil
		case insert:
			return "", t.Insert(ctx, row)
		}
		return "", t.Put(ctx, row)
	})
	if err != nil || !has(d, "together") || of == nil {
		return out, err
	}
	if insert {
		return out, of.InsertMany(ctx, all)
	}
	return out, of.PutMany(ctx, all)
}

func (w *World) update(ctx context.Context, d *datadriven.TestData) (string, error) {
	return w.each(d, func(t *Table, c *dynamic.Codec, set *dynamic.Row) (string, error) {
		return "", t.Update(ctx, c.Key(set), func(row *dynamic.Row) error {
			for i, v := range set.Fields {
				if v != nil && !c.Desc().IsKey(i) {
					row.Fields[i] = v
				}
			}
			return nil
		})
	})
}

func (w *World) delete(ctx context.Context, d *datadriven.TestData) (string, error) {
	return w.each(d, func(t *Table, c *dynamic.Codec, row *dynamic.Row) (string, error) {
		return "", t.Delete(ctx, c.Key(row))
	})
}

func (w *World) get(ctx context.Context, d *datadriven.TestData) (string, error) {
	var ks []string
	out, err := w.each(d, func(t *Table, c *dynamic.Codec, row *dynamic.Row) (string, error) {
		ks = append(ks, c.Key(row))
		if has(d, "together") {
			return "", nil
		}
		got, err := t.Get(ctx, c.Key(row))
		return formatRow(c.Desc(), &got), err
	})
	if err != nil || !has(d, "together") {
		return out, err
	}
	t, codec, err := w.table(d)
	if err != nil {
		return "", err
	}
	rows, err := t.GetMany(ctx, ks)
	for _, row := range rows {
		if row == nil {
			out += "none\n"
		} else {
			out += formatRow(codec.Desc(), row) + "\n"
		}
	}
	return out, err
}

// run is the query of a command without conditions.
func (w *World) run(d *datadriven.TestData) (store.Query[string, dynamic.Row], *dynamic.Codec, error) {
	var none store.Query[string, dynamic.Row]
	t, codec, err := w.table(d)
	if err != nil {
		return none, nil, err
	}
	q := t.Scan()
	if by, ok := arg(d, "by"); ok {
		at := -1
		for i := range codec.Desc().Indexes {
			if codec.Desc().Indexes[i].Name == by {
				at = i
			}
		}
		if at < 0 {
			return none, nil, fmt.Errorf("there is no index %q", by)
		}
		q = t.Index(at)
	}
	limit, err := number(d, "limit")
	if err != nil {
		return none, nil, err
	}
	if q = q.Limit(limit); has(d, "reverse") {
		q = q.Reverse()
	}
	return q, codec, nil
}

func (w *World) scan(ctx context.Context, d *datadriven.TestData) (string, error) {
	q, codec, err := w.run(d)
	if err != nil {
		return "", err
	}
	out := ""
	switch n, err := number(d, "page"); {
	case err != nil:
		return "", err
	case has(d, "count"):
		rows, err := q.Count(ctx)
		return some(rows, "row") + "\n", err
	case n > 0:
		var from store.Cursor[dynamic.Row]
		if has(d, "next") {
			from = w.next
		}
		page, err := q.Page(ctx, n, from)
		for i := range page.Rows {
			out += formatRow(codec.Desc(), &page.Rows[i]) + "\n"
		}
		if has(d, "quiet") {
			out = some(len(page.Rows), "row") + "\n"
		}
		if w.next = page.Next; page.Next != "" {
			out += "and more\n"
		}
		return out, err
	case has(d, "keys"):
		for k, err := range q.Keys(ctx) {
			if err != nil {
				return out, err
			}
			var row dynamic.Row
			codec.SetKey(&row, k)
			out += formatRow(codec.Desc(), &row) + "\n"
		}
		return out, nil
	}
	rows := 0
	for row, err := range q.All(ctx) {
		if err != nil {
			return out, err
		}
		rows++
		out += formatRow(codec.Desc(), &row) + "\n"
	}
	if has(d, "quiet") {
		out = some(rows, "row") + "\n"
	}
	return out, nil
}

func (w *World) erase(ctx context.Context, d *datadriven.TestData) (string, error) {
	q, _, err := w.run(d)
	if err != nil {
		return "", err
	}
	n, err := q.Delete(ctx)
	return some(n, "row") + "\n", err
}

func (w *World) query(ctx context.Context, d *datadriven.TestData) (string, error) {
	t, _, err := w.table(d)
	if err != nil {
		return "", err
	}
	p := provider.New(t)
	q, err := parseQuery(p.Def(), lines(d))
	if err != nil {
		return "", err
	}
	chosen := plan.Choose(p.Def(), q)
	if d.Cmd == "explain" {
		return chosen.Explain(), nil
	}
	if chosen.Err != nil {
		return "", chosen.Err
	}
	out := "by " + p.Def().Paths[chosen.Path].Name + ":\n"
	c, err := chosen.Run(ctx, p, provider.Scope{}, nil)
	if err != nil {
		return out, err
	}
	for c.Next() {
		var words []string
		for _, col := range q.Columns.List() {
			words = append(words, p.Def().Columns[col].Name+"="+formatColumn(c.Value(col)))
		}
		out += strings.Join(words, " ") + "\n"
	}
	return out, c.Close()
}

// operators are those of conditions.
var operators = map[string]plan.Op{"=": plan.Eq, "<": plan.Lt, "<=": plan.Le, ">": plan.Gt, ">=": plan.Ge,
	"in": plan.In, "prefix": plan.Prefix, "contains": plan.Contains, "null": plan.IsNull, "notnull": plan.NotNull}

func parseQuery(def *provider.TableDef, lines []string) (plan.Query, error) {
	q := plan.Query{Columns: def.All()}
	for _, line := range lines {
		words, err := split(line)
		if err != nil || len(words) < 2 {
			return q, fmt.Errorf("%q is no part of a query", line)
		}
		if words[0] == "limit" {
			q.Limit, err = strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				return q, err
			}
			continue
		}
		if words[0] == "columns" {
			q.Columns = def.Set(words[1:]...)
			continue
		}
		col := def.ColumnNamed(words[1])
		if col < 0 {
			return q, fmt.Errorf("there is no column %q", words[1])
		}
		switch words[0] {
		case "order":
			q.Order = append(q.Order, plan.OrderBy{Column: col, Desc: slices.Contains(words, "desc")})
		case "where":
			c, err := parseConstraint(def, col, words[2:])
			if err != nil {
				return q, fmt.Errorf("%q: %w", line, err)
			}
			q.Where = append(q.Where, c)
		default:
			return q, fmt.Errorf("%q is no part of a query", line)
		}
	}
	return q, nil
}

func parseConstraint(def *provider.TableDef, col int, words []string) (plan.Constraint, error) {
	c := plan.Constraint{Column: col}
	if len(words) == 0 || operators[words[0]] == 0 {
		return c, errors.New("an operator is missing")
	}
	c.Op = operators[words[0]]
	t := def.Columns[col].Type
	if c.Op == plan.Contains {
		t = t.Elem
	}
	for _, word := range words[1:] {
		v, err := parseValue(t, word)
		if err != nil {
			return c, err
		}
		c.Value = value(t, v)
		c.Values = append(c.Values, c.Value)
	}
	if c.Op != plan.In {
		c.Values = nil
	}
	return c, nil
}

func (w *World) begin(ctx context.Context, d *datadriven.TestData) (string, error) {
	tx, err := w.db.Begin(ctx)
	if err == nil {
		w.txs[first(d)] = tx
	}
	return "", err
}

func (w *World) end(_ context.Context, d *datadriven.TestData) (string, error) {
	tx := w.txs[first(d)]
	if tx == nil {
		return "", fmt.Errorf("there is no transaction %q", first(d))
	}
	delete(w.txs, first(d))
	if d.Cmd == "commit" {
		return "", tx.Commit()
	}
	return "", tx.Rollback()
}

func (w *World) expire(_ context.Context, d *datadriven.TestData) (string, error) {
	by, err := time.ParseDuration(first(d))
	if err != nil {
		return "", err
	}
	w.clock.Advance(by)
	return formatTime(w.clock.Now()) + "\n", nil
}

func (w *World) sweep(ctx context.Context, d *datadriven.TestData) (string, error) {
	limit, err := number(d, "limit")
	if err != nil {
		return "", err
	}
	did, err := admin.Sweep(ctx, w.db, limit)
	return fmt.Sprintf("%+v\n", did), err
}

func (w *World) drop(ctx context.Context, d *datadriven.TestData) (string, error) {
	for _, a := range d.CmdArgs {
		if err := w.db.DropTable(ctx, a.Key); err != nil {
			return "", err
		}
	}
	return "", nil
}

func (w *World) verify(ctx context.Context, d *datadriven.TestData) (string, error) {
	out := ""
	o := admin.VerifyOptions{Found: func(f admin.Finding) { out += f.String() + "\n" }}
	if d.Cmd == "repair" {
		did, err := admin.Repair(ctx, w.db, o)
		return out + fmt.Sprintf("%d fixed, %d put aside, %d left\n", did.Fixed, did.Aside, len(did.Left)), err
	}
	did, err := admin.Verify(ctx, w.db, o)
	return out + fmt.Sprintf("%d rows, %d entries, %d findings\n", did.Rows, did.Entries, did.Findings), err
}

func (w *World) damage(ctx context.Context, d *datadriven.TestData) (string, error) {
	b := w.eng.NewBatch()
	for _, line := range lines(d) {
		key, value, set := strings.Cut(line, " = ")
		k, err := unhex(key)
		if err != nil {
			return "", err
		}
		if !set {
			b.Delete(k)
			continue
		}
		v, err := unhex(value)
		if err != nil {
			return "", err
		}
		b.Put(k, v)
	}
	return "", w.eng.Engine.Write(ctx, b, engine.WriteOptions{})
}

// unhex reads bytes as the engine command prints them.
func unhex(text string) ([]byte, error) {
	var out []byte
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], `\x`) && i+4 <= len(text) {
			n, err := strconv.ParseUint(text[i+2:i+4], 16, 8)
			if err != nil {
				return nil, err
			}
			out = append(out, byte(n))
			i += 4
			continue
		}
		out = append(out, text[i])
		i++
	}
	return out, nil
}

func (w *World) dump(ctx context.Context, _ *datadriven.TestData) (string, error) {
	out := ""
	it := w.eng.Engine.Iterate(ctx, engine.Range{Start: keys.AppendUvarint(nil, 1)})
	for it.Next() {
		out += keys.Format(it.Key()) + " = " + keys.Format(it.Value()) + "\n"
	}
	return out, it.Close()
}

func (w *World) cut(_ context.Context, d *datadriven.TestData) (string, error) {
	n, err := number(d, "behind")
	w.eng.cut(n, errPower)
	return "", err
}

func (w *World) crashed(context.Context, *datadriven.TestData) (string, error) {
	w.engines.Crash()
	if w.db != nil {
		_ = w.db.Close() // what it says is lost with the power
	}
	w.db, w.eng, w.next = nil, nil, ""
	return "", nil
}
