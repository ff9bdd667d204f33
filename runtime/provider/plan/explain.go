package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// Explain says, for people, which path the plan takes, what that serves of the
// query, and why the other paths were not taken. Equal queries have equal texts.
func (p *Plan) Explain() string {
	var b strings.Builder
	if p.Err != nil {
		return p.Err.Error() + "\n"
	}
	if p.Nothing {
		fmt.Fprintf(&b, "%s: nothing is read: no row can meet all constraints\n", p.Def.Name)
		return b.String()
	}
	c := p.chosen
	fmt.Fprintf(&b, "%s: by %s\n", p.Def.Name, p.pathName(p.Path))
	fmt.Fprintf(&b, "  ranges: %s\n", p.rangesText())
	fmt.Fprintf(&b, "  order: %s\n", p.orderText(c))
	fmt.Fprintf(&b, "  reads: %s\n", p.readsText())
	if rest := p.Residual(); len(rest) > 0 {
		fmt.Fprintf(&b, "  checks: %s\n", p.constraintsText(rest))
	}
	if rest := p.Unchecked(); len(rest) > 0 {
		fmt.Fprintf(&b, "  left to the caller: %s\n", p.constraintsText(p.those(rest)))
	}
	switch {
	case p.Query.Limit == 0:
	case p.Limit > 0:
		fmt.Fprintf(&b, "  limit: %d, by the scan\n", p.Limit)
	default:
		fmt.Fprintf(&b, "  limit: %d, behind the scan\n", p.Query.Limit)
	}
	fmt.Fprintf(&b, "  cost: %.0f, for about %.0f rows\n", c.cost, c.rows)
	for i := range p.candidates {
		if i == p.Path {
			continue
		}
		o := &p.candidates[i]
		fmt.Fprintf(&b, "not by %s: ", p.pathName(i))
		if o.unusable != "" {
			b.WriteString(o.unusable + "\n")
			continue
		}
		fmt.Fprintf(&b, "cost %.0f: %s\n", o.cost, strings.Join(p.shortcomings(o), "; "))
	}
	return b.String()
}

func (p *Plan) pathName(i int) string {
	if path := &p.Def.Paths[i]; path.Index >= 0 {
		return "index " + path.Name
	}
	return "key"
}

// shortcomings says what a path that could be taken does not do.
func (p *Plan) shortcomings(c *candidate) []string {
	var out []string
	path := &p.Def.Paths[c.path]
	if len(c.equals) == 0 && len(c.bounds) == 0 {
		out = append(out, "reads all of it, since it serves no constraint on "+p.Def.Columns[path.Columns[0].Column].Name)
	} else {
		out = append(out, fmt.Sprintf("about %.0f rows", c.rows))
	}
	if path.Index >= 0 && !c.covering {
		out = append(out, "reads the rows too")
	}
	if !c.ordered {
		out = append(out, "rows must be sorted")
	}
	return out
}

func (p *Plan) orderText(c *candidate) string {
	switch {
	case len(p.Query.Order) == 0:
		return "any"
	case !c.ordered:
		return "rows must be sorted"
	case c.one:
		return "at most one row"
	case c.reverse:
		return "served, in reverse"
	}
	return "served"
}

// mostText bounds how many ranges or values are printed.
const mostText = 4

func (p *Plan) rangesText() string {
	switch {
	case len(p.chosen.equals) == 0 && len(p.chosen.bounds) == 0:
		return "all"
	case p.state == open:
		return p.constraintsText(append(p.those(p.chosen.equals), p.those(p.chosen.bounds)...))
	}
	var out []string
	for i := range p.Ranges {
		if i == mostText {
			out = append(out, fmt.Sprintf("%d more", len(p.Ranges)-i))
			break
		}
		out = append(out, p.rangeText(&p.Ranges[i]))
	}
	return strings.Join(out, " | ")
}

func (p *Plan) rangeText(r *provider.KeyRange) string {
	path := &p.Def.Paths[p.Path]
	name := func(i int) string {
		pc := path.Columns[i]
		n := p.Def.Columns[pc.Column].Name
		if pc.Each {
			n = "each " + n
		}
		return pc.Label(n)
	}
	var out []string
	for i, v := range r.Equal {
		out = append(out, name(i)+" = "+valueText(v))
	}
	at := len(r.Equal)
	if r.Prefix.Set {
		out = append(out, name(at)+" starts with "+valueText(r.Prefix.Value))
	}
	if r.Low.Set {
		op := " >= "
		if r.Low.Open {
			op = " > "
		}
		out = append(out, name(at)+op+valueText(r.Low.Value))
	}
	if r.High.Set {
		op := " <= "
		if r.High.Open {
			op = " < "
		}
		out = append(out, name(at)+op+valueText(r.High.Value))
	}
	return strings.Join(out, ", ")
}

// those are some of the query's constraints.
func (p *Plan) those(at []int) []Constraint {
	out := make([]Constraint, len(at))
	for i, j := range at {
		out[i] = p.Query.Where[j]
	}
	return out
}

func (p *Plan) constraintsText(list []Constraint) string {
	var out []string
	for i := range list {
		out = append(out, constraintText(p.Def, &list[i]))
	}
	return strings.Join(out, ", ")
}

func constraintText(def *provider.TableDef, c *Constraint) string {
	if c.Fold {
		exact := *c
		exact.Fold = false
		return constraintText(def, &exact) + " in any case"
	}
	text := def.Columns[c.Column].Name + " " + c.Op.String()
	switch c.Op {
	case IsNull, NotNull:
		return text
	}
	if c.Unknown {
		return text + " ?"
	}
	switch c.Op {
	case In:
		var values []string
		for i, v := range c.Values {
			if i == mostText {
				values = append(values, fmt.Sprintf("%d more", len(c.Values)-i))
				break
			}
			values = append(values, valueText(v))
		}
		return text + " (" + strings.Join(values, ", ") + ")"
	}
	return text + " " + valueText(c.Value)
}

func valueText(v provider.Value) string {
	if row := kind.Of(v.Kind()); row != nil && row.Quote {
		return strconv.Quote(v.Text())
	}
	return v.String()
}
