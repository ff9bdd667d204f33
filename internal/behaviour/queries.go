package behaviour

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

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
		v, err := parseScalar(t, word)
		if err != nil {
			return c, err
		}
		c.Value = v
		c.Values = append(c.Values, c.Value)
	}
	if c.Op != plan.In {
		c.Values = nil
	}
	return c, nil
}
