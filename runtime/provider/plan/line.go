package plan

import "strings"

// Line says in one line what Explain says of the path taken: its name, the ranges, whether
// the order is served, and whether rows are read. Query engines show it in plans of theirs.
func (p *Plan) Line() string {
	switch {
	case p.Err != nil:
		return "error"
	case p.Nothing:
		return "nothing is read"
	}
	var b strings.Builder
	b.WriteString("by " + p.pathName(p.Path) + ": " + p.rangesText())
	if len(p.Query.Order) > 0 {
		b.WriteString("; order: " + p.orderText(p.chosen))
	}
	b.WriteString("; reads " + p.readsText())
	return b.String()
}

// Estimate is about how many rows the plan shows, and its cost, where reading a row or
// entry in order is 1.
func (p *Plan) Estimate() (rows, cost float64) {
	if p.chosen == nil || p.Nothing {
		return 0, 0
	}
	return p.chosen.rows, p.chosen.cost
}

// readsText is what is read.
func (p *Plan) readsText() string {
	key := p.Def.Paths[p.Path].Index < 0
	switch {
	case p.Covering && key:
		return "keys alone"
	case p.Covering:
		return "index entries alone"
	case key:
		return "rows"
	}
	return "index entries and their rows"
}
