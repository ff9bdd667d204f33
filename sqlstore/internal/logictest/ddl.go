package logictest

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNot is wrapped by errors for what a store's tables cannot be told by SQL to do.
var ErrNot = errors.New("not made by this runner")

func not(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrNot)
}

// change is a statement that changes tables.
type change struct {
	verb   string // create and drop of a table, an index or a view, or reindex
	name   string
	exists bool // IF EXISTS, or IF NOT EXISTS
	table  tableDef
	index  indexDef
	view   string // the statement from the name on
}

type tableDef struct {
	columns []columnDef
	key     []string
	unique  [][]string
}

type columnDef struct {
	name, typ string
	notNull   bool
	deflt     *token // a literal
}

type indexDef struct {
	table   string
	unique  bool
	columns []indexColumn
}

type indexColumn struct {
	name string
	desc bool
}

// ddl reads a statement that changes tables. ok is false for any other.
func ddl(sql string) (c change, ok bool, err error) {
	first := strings.TrimLeft(sql, " \t\r\n;(")
	if len(first) < 4 || !strings.EqualFold(first[:4], "crea") && !strings.EqualFold(first[:4], "drop") && !strings.EqualFold(first[:4], "alte") && !strings.EqualFold(first[:4], "rein") {
		return c, false, nil
	}
	all, err := tokens(sql)
	if err != nil {
		return c, true, err
	}
	for len(all) > 0 && all[len(all)-1].is(";") {
		all = all[:len(all)-1]
	}
	r := &reader{tokens: all}
	switch {
	case r.take("create"):
		temp := r.take("temp") || r.take("temporary")
		unique := r.take("unique")
		switch {
		case r.take("table"):
			c.verb = "create table"
			if temp {
				return c, false, nil // SQLite's own
			}
		case r.take("index"):
			c.verb, c.index.unique = "create index", unique
		case r.take("view"):
			c.verb = "create view"
		default:
			return c, true, not("CREATE %s", strings.ToUpper(r.peek().text))
		}
		c.exists = r.take("if", "not", "exists")
		at := r.peek().at
		c.name = r.next().text
		switch c.verb {
		case "create table":
			err = c.table.read(r)
		case "create index":
			err = c.index.read(r)
		default:
			c.view = sql[at:]
		}
		return c, true, err
	case r.take("drop"):
		for _, what := range []string{"table", "index", "view"} {
			if r.take(what) {
				c.verb, c.exists = "drop "+what, r.take("if", "exists")
				c.name = r.next().text
				if c.name == "" || r.peek().text != "" {
					return c, true, fmt.Errorf("near %q: syntax error", r.peek().text)
				}
				return c, true, nil
			}
		}
		return c, true, not("DROP %s", strings.ToUpper(r.peek().text))
	case r.take("reindex"):
		c.verb, c.name = "reindex", r.next().text
		return c, true, nil
	case r.take("alter"):
		return c, true, not("ALTER")
	}
	return c, false, nil
}

func (t *tableDef) read(r *reader) error {
	if r.take("as") {
		return not("CREATE TABLE AS")
	}
	if err := r.want("("); err != nil {
		return err
	}
	for {
		if err := t.part(r); err != nil {
			return err
		}
		if r.take(",") {
			continue
		}
		if err := r.want(")"); err != nil {
			return err
		}
		break
	}
	if r.take("without", "rowid") || r.take("strict") {
		r.take(",")
	}
	if r.peek().text != "" {
		return fmt.Errorf("near %q: syntax error", r.peek().text)
	}
	return nil
}

// part reads a column or a constraint of the table.
func (t *tableDef) part(r *reader) error {
	if r.take("constraint") {
		r.next()
	}
	switch {
	case r.take("primary", "key"):
		names, err := list(r)
		t.key = names
		return err
	case r.take("unique"):
		names, err := list(r)
		t.unique = append(t.unique, names)
		return err
	case r.take("check"):
		return not("CHECK")
	case r.take("foreign", "key"):
		for !r.peek().is(",") && !r.peek().is(")") && r.peek().text != "" {
			if r.skip() == nil {
				r.next()
			}
		}
		return nil
	}
	c := columnDef{name: r.next().text}
	for ; ; r.next() {
		w := r.peek()
		if w.text == "" || w.is(",") || w.is(")") || w.is("(") || constraint(w) {
			break
		}
		c.typ += " " + strings.ToUpper(w.text)
	}
	r.skip() // (10), (10, 2)
	if err := t.constraints(r, &c); err != nil {
		return err
	}
	c.typ = strings.TrimSpace(c.typ)
	t.columns = append(t.columns, c)
	return nil
}

func constraint(w token) bool {
	for _, word := range []string{"primary", "unique", "not", "null", "default", "check", "collate", "references", "constraint", "generated", "as", "autoincrement"} {
		if w.is(word) {
			return true
		}
	}
	return false
}

// constraints reads those of a column.
func (t *tableDef) constraints(r *reader, c *columnDef) error {
	for {
		switch w := r.peek(); {
		case w.text == "" || w.is(",") || w.is(")"):
			return nil
		case r.take("constraint"):
			r.next()
		case r.take("primary", "key"):
			t.key = []string{c.name}
			if !r.take("asc") {
				r.take("desc")
			}
			r.take("autoincrement")
		case r.take("unique"):
			t.unique = append(t.unique, []string{c.name})
		case r.take("not", "null"):
			c.notNull = true
		case r.take("null"):
		case r.take("default"):
			lit := r.next()
			if lit.is("(") {
				return not("DEFAULT with an expression")
			}
			if lit.is("-") || lit.is("+") {
				sign := lit.text
				lit = r.next()
				lit.text = strings.TrimPrefix(sign, "+") + lit.text
			}
			c.deflt = &lit
		case r.take("references"):
			r.next()
			r.skip()
		case r.take("collate"):
			if w := r.next(); !w.is("binary") {
				return not("COLLATE %s", w.text)
			}
		default:
			return not("%s", strings.ToUpper(w.text))
		}
	}
}

// list reads names in parentheses.
func list(r *reader) (out []string, err error) {
	if err := r.want("("); err != nil {
		return nil, err
	}
	for {
		out = append(out, r.next().text)
		if !r.take("asc") {
			r.take("desc")
		}
		if r.take(",") {
			continue
		}
		return out, r.want(")")
	}
}

func (ix *indexDef) read(r *reader) error {
	if err := r.want("on"); err != nil {
		return err
	}
	ix.table = r.next().text
	if err := r.want("("); err != nil {
		return err
	}
	for {
		c := indexColumn{name: r.next().text}
		if r.take("collate") && !r.take("binary") {
			return not("COLLATE %s", r.peek().text)
		}
		if c.desc = r.take("desc"); !c.desc {
			r.take("asc")
		}
		if w := r.peek(); !w.is(",") && !w.is(")") {
			return not("an index over an expression")
		}
		ix.columns = append(ix.columns, c)
		if r.take(",") {
			continue
		}
		if err := r.want(")"); err != nil {
			return err
		}
		if r.take("where") {
			return not("an index with WHERE")
		}
		return nil
	}
}
