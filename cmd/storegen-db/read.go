package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/rowfile"
	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// with opens the database for a command, and closes it behind it.
func with(do func(c *call, d *database) error) func(*call) error {
	return func(c *call) (err error) {
		d, err := c.open()
		if err != nil {
			return err
		}
		defer func() {
			if closed := d.Close(); err == nil {
				err = closed
			}
		}()
		return do(c, d)
	}
}

func (c *call) noMoreArgs() error {
	if len(c.args) > 0 {
		return usagef("what is %q?", c.args[0])
	}
	return nil
}

var tablesCommand = &command{
	name: "tables", args: "DATABASE",
	short:    "list the tables, with their keys and indexes",
	examples: []string{"tables data"},
	setup: simple(with(func(c *call, d *database) error {
		if err := c.noMoreArgs(); err != nil {
			return err
		}
		for _, t := range d.tables {
			var indexes []string
			for i := range t.desc.Indexes {
				indexes = append(indexes, t.desc.Indexes[i].Name)
			}
			var key []string
			for _, f := range t.desc.Key {
				key = append(key, t.desc.Fields[f].Name)
			}
			if c.json {
				if err := c.printJSON(map[string]any{"table": t.name, "doc": t.desc.Doc, "access": t.desc.Access.String(), "key": key, "indexes": indexes}); err != nil {
					return err
				}
				continue
			}
			line := fmt.Sprintf("%s  key %s", t.name, strings.Join(key, ", "))
			if len(indexes) > 0 {
				line += "  indexes " + strings.Join(indexes, ", ")
			}
			fmt.Fprintln(c.stdout, show.OneLine(line))
			if t.desc.Doc != "" {
				fmt.Fprintln(c.stdout, "    "+show.Cell(t.desc.Doc, 100))
			}
		}
		return nil
	})),
}

// printJSON prints a document in a line.
func (c *call) printJSON(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := c.stdout.Write(show.SafeJSON(b.Bytes()))
	return err
}

var schemaCommand = &command{
	name: "schema", args: "DATABASE [TABLE]",
	short:    "print the schema of the tables, or of one, as the database has it",
	examples: []string{"schema data shop.orders"},
	long:     "It is as in a schema's YAML, but for comments and for what a database does not keep.\nWith -json it is the description that the catalog holds.",
	setup: simple(with(func(c *call, d *database) error {
		chosen := d.tables
		if len(c.args) > 0 {
			t, err := c.named(d)
			if err != nil {
				return err
			}
			chosen = []*table{t}
		}
		if err := c.noMoreArgs(); err != nil {
			return err
		}
		printed := map[*catalog.Table]bool{}
		for _, t := range chosen {
			if printed[t.desc] {
				continue // another member of a family
			}
			if c.json {
				if err := c.printJSON(t.desc); err != nil {
					return err
				}
			} else {
				if len(printed) > 0 {
					fmt.Fprintln(c.stdout)
				}
				fmt.Fprint(c.stdout, show.Safe(written(t.desc)))
			}
			printed[t.desc] = true
		}
		return nil
	})),
}

// written is a table as a schema has it.
func written(t *catalog.Table) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("table: %s", t.Name)
	if t.Doc != "" {
		line("doc: %q", t.Doc)
	}
	if t.Access == access.Owned && len(t.Key) > 0 {
		line("access: {owner: %s}", t.Fields[t.Key[0]].Name) // it begins the key
	} else {
		line("access: %s", t.Access)
	}
	fields := func(of []catalog.Field) {
		for i := range of {
			f := &of[i]
			typ := f.Type.Written()
			if f.Optional {
				typ += "?"
			}
			text := fmt.Sprintf("type: %q", typ)
			if d := f.WrittenDefault(); d != "" {
				text += ", default: " + d
			}
			if f.Type.Min > 0 {
				text += fmt.Sprintf(", min: %d", f.Type.Min)
			}
			if f.Type.Max > 0 {
				text += fmt.Sprintf(", max: %d", f.Type.Max)
			}
			if f.Hidden {
				text += ", hidden: true"
			}
			if f.Doc != "" {
				text += fmt.Sprintf(", doc: %q", f.Doc)
			}
			line("  %s: {%s}", f.Name, text)
		}
	}
	if len(t.Per) > 0 {
		line("per:")
		fields(t.Per)
	}
	var key []string
	for _, f := range t.Key {
		key = append(key, t.Fields[f].Name)
	}
	line("key: [%s]", strings.Join(key, ", "))
	line("fields:")
	fields(t.Fields)
	if len(t.Indexes) > 0 {
		line("indexes:")
	}
	for i := range t.Indexes {
		line("  %s: {%s}", t.Indexes[i].Name, writtenIndex(t, &t.Indexes[i]))
	}
	if ttl := t.TTL; ttl != nil {
		keep := kind.Of(kind.Duration).Written(kind.DurationOf(ttl.Keep))
		if ttl.KeepField > 0 {
			keep = t.Fields[ttl.KeepField-1].Name
		}
		line("ttl: {from: %s, keep: %s}", t.Fields[ttl.From].Name, keep)
	}
	if len(t.Checks) > 0 {
		line("check:")
	}
	for _, c := range t.Checks {
		if c.Doc != "" {
			line("  - {rule: %q, doc: %q}", c.Text, c.Doc)
		} else {
			line("  - %q", c.Text)
		}
	}
	return b.String()
}

// writtenIndex is what a schema says of an index.
func writtenIndex(t *catalog.Table, ix *catalog.Index) string {
	var columns, include []string
	for _, col := range ix.Columns {
		columns = append(columns, col.Text(t.Fields[col.Field].Name))
	}
	text := "on: [" + strings.Join(columns, ", ") + "]"
	if ix.Unique {
		text += ", unique: true"
	}
	for _, f := range ix.Include {
		include = append(include, t.Fields[f].Name)
	}
	if len(include) > 0 {
		text += ", include: [" + strings.Join(include, ", ") + "]"
	}
	if ix.Where != nil {
		text += fmt.Sprintf(", where: %q", t.WrittenExpr(ix.Where))
	}
	if ix.Doc != "" {
		text += fmt.Sprintf(", doc: %q", ix.Doc)
	}
	return text
}

// keyOf is the encoded key of the row whose key's columns are the arguments.
func (c *call) keyOf(def *provider.TableDef) ([]byte, error) {
	if len(c.args) != len(def.Key) {
		var names []string
		for _, k := range def.Key {
			names = append(names, def.Columns[k].Name)
		}
		return nil, usagef("the key of %s is %s: give a value for each", def.Name, strings.Join(names, ", "))
	}
	values := make([]provider.Value, len(def.Key))
	for i, k := range def.Key {
		var err error
		if values[i], err = rowfile.ParseText(&def.Columns[k], c.args[i]); err != nil {
			return nil, err
		}
	}
	return def.EncodeKey(nil, values...)
}

var getCommand = &command{
	name: "get", args: "DATABASE TABLE KEY…",
	short:    "print the row of a key, a column in each line",
	examples: []string{"get data shop.orders ann 7", "get -json data shop.orders -- -ann 7"},
	long:     "A value is written as in JSON, without quotes: 7, true, 2026-01-31T12:00:00Z, alice.\nBytes may be 0x and hexadecimal.\n" + dashHelp,
	setup: simple(with(func(c *call, d *database) error {
		t, err := c.table(d)
		if err != nil {
			return err
		}
		p := t.provider()
		def := p.Def()
		key, err := c.keyOf(def)
		if err != nil {
			return err
		}
		equal, err := def.DecodeKey(key)
		if err != nil {
			return err
		}
		cur, err := p.Scan(c.ctx, &provider.ScanRequest{Columns: def.All(), Ranges: []provider.KeyRange{{Equal: equal}}})
		if err != nil {
			return err
		}
		defer cur.Close()
		if !cur.Next() {
			if err := cur.Err(); err != nil {
				return err
			}
			fmt.Fprintln(c.stderr, "storegen-db get: there is no such row")
			return errFinding
		}
		if c.json {
			w := &rowfile.JSONWriter{W: c.stdout}
			var values []provider.Value
			for i := range def.Columns {
				w.Names, values = append(w.Names, def.Columns[i].Name), append(values, cur.Value(i))
			}
			return w.Row(values)
		}
		width := 0
		for i := range def.Columns {
			width = max(width, len(def.Columns[i].Name))
		}
		for i := range def.Columns {
			if v := cur.Value(i); !v.IsNull() {
				fmt.Fprintf(c.stdout, "%-*s  %s\n", width, show.Safe(def.Columns[i].Name), strings.ReplaceAll(show.Safe(v.String()), "\n", "\n"+strings.Repeat(" ", width+2)))
			}
		}
		return nil
	})),
}

// selection is which rows scan and count are about.
type selection struct {
	index                           string
	prefix, from, after, to, before given
	limit                           int64
	reverse                         bool
}

// given is the value of a flag, which may be given as "".
type given struct {
	text string
	set  bool
}

func (g *given) String() string { return g.text }

func (g *given) Set(text string) error {
	*g = given{text, true}
	return nil
}

func (s *selection) flags(flags *flag.FlagSet) {
	flags.StringVar(&s.index, "index", "key", "go by the `index` of this name, in its order")
	flags.Var(&s.prefix, "prefix", "only where the next column begins with this `text`")
	flags.Var(&s.from, "from", "only from this `value` of the next column on")
	flags.Var(&s.after, "after", "only behind this `value` of the next column")
	flags.Var(&s.to, "to", "only up to this `value` of the next column")
	flags.Var(&s.before, "before", "only before this `value` of the next column")
	flags.Int64Var(&s.limit, "limit", 0, "end after so many `rows`; 0 is no limit")
	flags.BoolVar(&s.reverse, "reverse", false, "turn the order around")
}

const selectionHelp = "VALUE are values of the leading columns of the key, or of the index that -index names; -from and\nthe others are about the column behind them.\n" + dashHelp

const dashHelp = "A value that begins with a dash stands behind --, unless it is a number."

// request is the scan of a selection; the arguments are values of the leading columns.
func (s *selection) request(def *provider.TableDef, args []string) (*provider.ScanRequest, error) {
	if s.limit < 0 {
		return nil, usagef("-limit is a number of rows, and %d is below 0; 0 is no limit", s.limit)
	}
	path := def.PathNamed(s.index)
	if path < 0 {
		var names []string
		for _, p := range def.Paths {
			names = append(names, p.Name)
		}
		return nil, fmt.Errorf("%s has no index %q; %s", def.Name, s.index, show.Suggest(s.index, names))
	}
	columns := def.Paths[path].Columns
	if len(args) > len(columns) {
		return nil, usagef("the index %s has %d columns, and there are %d values", s.index, len(columns), len(args))
	}
	parse := func(at int, text string) (provider.Value, error) {
		if at >= len(columns) {
			return provider.Value{}, usagef("all columns of the index %s have values, and none is left for a bound", s.index)
		}
		col := &def.Columns[columns[at].Column]
		if columns[at].Each {
			return rowfile.ParseScalar(col.Name, col.Type.Elem, text)
		}
		return rowfile.ParseText(col, text)
	}
	var r provider.KeyRange
	for i, text := range args {
		v, err := parse(i, text)
		if err != nil {
			return nil, err
		}
		r.Equal = append(r.Equal, v)
	}
	for _, b := range []struct {
		given
		to   *provider.Bound
		make func(provider.Value) provider.Bound
	}{
		{s.from, &r.Low, provider.From}, {s.after, &r.Low, provider.Beyond}, {s.to, &r.High, provider.From},
		{s.before, &r.High, provider.Beyond}, {s.prefix, &r.Prefix, provider.From},
	} {
		if !b.set {
			continue
		}
		if b.to.Set {
			return nil, usageError("-from and -after exclude each other, and so do -to and -before")
		}
		v, err := parse(len(args), b.text)
		if err != nil {
			return nil, err
		}
		*b.to = b.make(v)
	}
	if r.Prefix.Set && (r.Low.Set || r.High.Set) {
		return nil, usageError("-prefix excludes bounds")
	}
	return &provider.ScanRequest{Path: path, Ranges: []provider.KeyRange{r}, Limit: s.limit, Reverse: s.reverse}, nil
}

var scanCommand = &command{
	name: "scan", args: "DATABASE TABLE [VALUE…]",
	short:    "print rows, by key or by an index",
	examples: []string{"scan data shop.orders ann -limit 10", "scan data shop.orders -index status open -from 2026-05-01T00:00:00Z", "scan data shop.orders -format csv -o orders.csv"},
	long:     selectionHelp,
	setup: func(flags *flag.FlagSet) func(*call) error {
		var s selection
		s.flags(flags)
		file := flags.String("o", "", "write to a `file` that is not there yet, and not to standard output")
		format := flags.String("format", "", "print as a `format`: table, json (an object in each line), csv, arrow, arrows (its stream format) or parquet; without it by the name of -o, or table")
		names := flags.String("columns", "", "print these `columns` only, separated by commas")
		return with(func(c *call, d *database) error {
			t, err := c.table(d)
			if err != nil {
				return err
			}
			p := t.provider()
			def := p.Def()
			req, err := s.request(def, c.args)
			if err != nil {
				return err
			}
			columns, err := rowfile.Columns(def, *names)
			if err != nil {
				return err
			}
			out := rowfile.Scan{Table: p, Request: req, Columns: columns, Format: *format}
			if out.Format == "" {
				if out.Format = "table"; c.json {
					out.Format = "json"
				} else if f := rowfile.FormatOf(*file); f != "" {
					out.Format = f
				}
			}
			if err := rowfile.CheckFormat(out.Format, true); err != nil {
				return usageError(err.Error())
			}
			if *file == "" || *file == "-" {
				out.Terminal = c.terminal
				_, err := rowfile.Write(c.ctx, c.stdout, out)
				return err
			}
			c.stays = "the file that was begun is removed"
			out.Progress = func(n int64) { c.progress.To(n, show.Rows) }
			return newFile(*file, func(w io.Writer) error {
				_, err := rowfile.Write(c.ctx, w, out)
				return err
			})
		})
	},
}

var countCommand = &command{
	name: "count", args: "DATABASE TABLE [VALUE…]",
	short:    "count rows, by key or by an index, whose entries are counted then",
	examples: []string{"count data shop.orders -index status open"},
	long:     selectionHelp,
	setup: func(flags *flag.FlagSet) func(*call) error {
		var s selection
		s.flags(flags)
		return with(func(c *call, d *database) error {
			t, err := c.table(d)
			if err != nil {
				return err
			}
			p := t.provider()
			req, err := s.request(p.Def(), c.args)
			if err != nil {
				return err
			}
			cur, err := p.Scan(c.ctx, req)
			if err != nil {
				return err
			}
			defer cur.Close()
			n := 0
			for cur.Next() {
				n++
			}
			if err := cur.Err(); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(map[string]any{"count": n})
			}
			fmt.Fprintln(c.stdout, n)
			return nil
		})
	},
}
