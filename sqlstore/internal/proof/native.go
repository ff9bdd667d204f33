package proof

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// declared is a column of a table as SQL has it.
type declared struct {
	Name    string
	Type    string
	Collate string
}

// columns are those of a table that are not hidden.
func (s *Side) columns(table string) (out []declared, err error) {
	a := s.Run("select name from pragma_table_xinfo("+Literal(table)+") where hidden <> 1", nil...)
	if a.Err != nil {
		return nil, a.Err
	}
	for _, r := range a.Rows {
		name := r[0].(string)
		typ, collate, _, _, _, err := s.conn.TableColumnMetadata("main", table, name)
		if err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", name, table, err)
		}
		out = append(out, declared{name, typ, collate})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no table %s", table)
	}
	return out, nil
}

// quoted is a name as SQL writes it.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Native makes a table of SQLite's own with the columns of another side's, and copies the
// rows as that side shows them. more are constraints.
func (s *Side) Native(from *Side, table string, notNull map[string]bool, more ...string) error {
	if err := s.conn.CreateCollation("decimal", compareNumbers); err != nil {
		return err
	}
	if err := s.conn.CreateCollation("timestamp", compareTimes); err != nil {
		return err
	}
	columns, err := from.columns(table)
	if err != nil {
		return err
	}
	var decl, names []string
	for _, c := range columns {
		d := strings.TrimSpace(quoted(c.Name)+" "+c.Type) + " collate " + c.Collate
		if notNull[c.Name] {
			d += " not null"
		}
		decl = append(decl, d)
		names = append(names, quoted(c.Name))
	}
	sql := "create table " + quoted(table) + " (" + strings.Join(append(decl, more...), ", ") + ")"
	if len(more) > 0 {
		sql += " without rowid" // with one, an integer key is another thing
	}
	if err := s.Exec(sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	rows := from.Run("select " + strings.Join(names, ", ") + " from " + quoted(table))
	if rows.Err != nil {
		return rows.Err
	}
	insert := "insert into " + quoted(table) + " values (" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	for _, r := range rows.Rows {
		if a := s.Run(insert, r...); a.Err != nil {
			return fmt.Errorf("%s: %w", insert, a.Err)
		}
	}
	copied := s.Run("select " + strings.Join(names, ", ") + " from " + quoted(table))
	if diff := sameRows(rows, copied, false); diff != "" {
		return fmt.Errorf("what the table %s shows is changed by a column of the type with which it is declared: %s", table, diff)
	}
	return nil
}

var _ sqlite3.CollatingFunction = compareNumbers

// compareNumbers is the collation of decimals: by number, then all that are none.
func compareNumbers(a, b []byte) int {
	x, okX := new(big.Rat).SetString(string(a))
	y, okY := new(big.Rat).SetString(string(b))
	switch {
	case okX && okY:
		return x.Cmp(y)
	case okX:
		return -1
	case okY:
		return 1
	}
	return strings.Compare(string(a), string(b))
}
