package plan

import (
	"fmt"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// kindError is the error of a value of another kind than what it is compared with.
type kindError struct {
	at   int // in Query.Where
	text string
}

func (e *kindError) Error() string { return e.text }

// check tells what is wrong with a query: columns that the table does not have,
// and comparisons that mean nothing for a column.
func check(def *provider.TableDef, q *Query) error {
	for i := range q.Where {
		if err := checkConstraint(def, &q.Where[i], i); err != nil {
			return err
		}
	}
	for _, o := range q.Order {
		if !has(def, o.Column) {
			return noColumn(def, "order", o.Column)
		}
	}
	switch {
	case !q.EqualOnly.Within(def.All()):
		return fmt.Errorf("equality only: there is no such column: there are %d", len(def.Columns))
	case !q.Columns.Within(def.All()):
		return fmt.Errorf("columns: one is asked for that is not there: there are %d", len(def.Columns))
	case q.Limit < 0:
		return fmt.Errorf("limit: %d is negative", q.Limit)
	}
	return nil
}

func has(def *provider.TableDef, column int) bool { return column >= 0 && column < len(def.Columns) }

func noColumn(def *provider.TableDef, where string, column int) error {
	return fmt.Errorf("%s: there is no column %d: there are %d", where, column, len(def.Columns))
}

func checkConstraint(def *provider.TableDef, c *Constraint, at int) error {
	if !has(def, c.Column) {
		return noColumn(def, "where", c.Column)
	}
	col, values := &def.Columns[c.Column], []provider.Value{c.Value}
	k, params := compared(col, c.Op)
	switch c.Op {
	case IsNull, NotNull:
		return nil
	case Eq, Lt, Le, Gt, Ge:
	case In:
		values = c.Values
	case Prefix:
		if !k.Text() {
			return fmt.Errorf("where: %s is %s, which has no prefixes", col.Name, k)
		}
	case Contains:
		if col.Type.Kind != kind.List {
			return fmt.Errorf("where: %s is %s, and only a list contains values", col.Name, col.Type.Kind)
		}
	default:
		return fmt.Errorf("where: %s: there is no operator %d", col.Name, c.Op)
	}
	if c.Fold && (k != kind.String || c.Op != Eq && c.Op != In && c.Op != Prefix) {
		return fmt.Errorf("where: %s: only =, in and starts with compare text in any case", col.Name)
	}
	if c.Unknown {
		return nil
	}
	for _, v := range values {
		if !v.IsNull() && !kind.Takes(k, params, v) {
			return &kindError{at, fmt.Sprintf("where: %s: the value %s is %s, and it is compared with %s: convert it first", col.Name, v, v.TypeText(), kind.TypeText(k, params))}
		}
	}
	return nil
}

// compared is the kind of the values that an operator compares a column with.
func compared(col *provider.Column, op Op) (catalog.Kind, *kind.Params) {
	if op == Contains && col.Type.Kind == kind.List {
		return elemKind(col), &col.Type.Elem.Params
	}
	return col.Kind, &col.Type.Params
}

// elemKind is the kind of the values that the elements of a list show as: those
// that have parts are documents.
func elemKind(c *provider.Column) catalog.Kind {
	if k := c.Type.Elem.Kind; k.Scalar() {
		return k
	}
	return kind.JSON
}

// refused is the plan of a query that cannot be run.
func refused(def *provider.TableDef, q Query, err error) *Plan {
	p := &Plan{Def: def, Query: q, Exact: make([]bool, len(q.Where)), Path: -1, Nothing: true}
	p.Err = &store.Error{Op: "query", Table: def.Name, Err: fmt.Errorf("%w: %w", engine.ErrInvalid, err)}
	return p
}
