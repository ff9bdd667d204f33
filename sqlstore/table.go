package sqlstore

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// table is a table as SQL has it. It is made once, for all connections.
type table struct {
	name    string // of the store: system.users
	flat    string // in SQL's main schema: system_users
	def     *provider.TableDef
	rows    provider.Table
	columns []column // as those of def
	// key is the position of the one column that is the key, or -1 where a hidden column
	// behind the others has the encoded key.
	key     int
	keyName string          // of the hidden column
	nulls   provider.ColSet // columns that show NULL for what the store does not have as null
	equal   provider.ColSet // columns that SQL has in another order
}

// mostColumns is how many columns a table of SQLite has.
const mostColumns = 2000

// newTable makes the table of a provider.
func newTable(rows provider.Table) (*table, error) {
	def := rows.Def()
	t := &table{name: def.Name, flat: flatName(def.Name), def: def, rows: rows, key: -1}
	for i := range def.Columns {
		c, err := newColumn(&def.Columns[i])
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", def.Name, err)
		}
		switch c.form {
		case formFloat:
			t.nulls.Add(i)
		case formEnum:
			t.equal.Add(i)
		}
		t.columns = append(t.columns, c)
	}
	if len(def.Key) == 1 && isSingleKey(t.columns[def.Key[0]].kind) {
		t.key = def.Key[0]
	} else {
		t.keyName = freeName("_key", func(s string) bool {
			for i := range def.Columns {
				if strings.EqualFold(def.Columns[i].Name, s) {
					return true
				}
			}
			return false
		})
	}
	// What SQLite cannot make would keep each connection from being made.
	n := len(t.columns)
	if t.keyName != "" {
		n++
	}
	if n > mostColumns {
		return nil, fmt.Errorf("table %s has %d columns, and SQLite's tables have at most %d with the key", def.Name, len(t.columns), mostColumns)
	}
	if reserved(t.flat) {
		if t.flat == t.name {
			return nil, fmt.Errorf("SQLite keeps names as %s to itself", t.name)
		}
		t.flat = t.name
	}
	return t, nil
}

// isSingleKey reports whether a column of a kind can stand for the key: SQL shows each value
// in one way, and none as NULL.
func isSingleKey(k kind.Kind) bool {
	switch forms[k].form {
	case formInt, formText, formBlob, formUUID:
		return true
	}
	return false
}

// declaration is the statement that tells SQLite of the columns.
func (t *table) declaration() string {
	var b strings.Builder
	b.WriteString("CREATE TABLE x(")
	for i := range t.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		c := &t.def.Columns[i]
		b.WriteString(quote(c.Name))
		if decl := t.columns[i].decl; decl != "" {
			b.WriteString(" " + decl)
		}
		if collation := t.columns[i].collation(); collation != binaryCollation {
			b.WriteString(" COLLATE " + collation)
		}
		if c.InKey && t.def.Source.Fields[c.Field].Hidden {
			b.WriteString(" HIDDEN") // a key that nobody chose: it can be asked for
		}
		switch {
		case i == t.key:
			b.WriteString(" NOT NULL PRIMARY KEY")
		case !c.Nullable && !t.nulls.Has(i):
			b.WriteString(" NOT NULL") // SQLite concludes from it, and does not check it
		}
	}
	if t.key < 0 {
		b.WriteString(", " + quote(t.keyName) + " BLOB HIDDEN NOT NULL PRIMARY KEY")
	}
	b.WriteString(") WITHOUT ROWID")
	return b.String()
}

// folds reports whether a path has a column without the case of its letters.
func (t *table) folds(column int) bool {
	for i := range t.def.Paths {
		for _, pc := range t.def.Paths[i].Columns {
			if pc.Column == column && pc.Fold && !pc.Each {
				return true
			}
		}
	}
	return false
}

// conditional reports whether an index has a condition on a column.
func (t *table) conditional(column int) bool {
	for i := range t.def.Paths {
		if e := t.def.Paths[i].Where; e != nil && t.mentions(e, column) {
			return true
		}
	}
	return false
}

func (t *table) mentions(e *catalog.Expr, column int) bool {
	switch e.Op {
	case catalog.FieldOf, catalog.Has, catalog.True, catalog.LenOf:
		return t.def.ColumnOf(e.Field) == column
	}
	for i := range e.Args {
		if t.mentions(&e.Args[i], column) {
			return true
		}
	}
	return false
}
