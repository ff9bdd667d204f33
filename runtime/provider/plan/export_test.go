package plan

// Alternatives returns the plan of its query on every path that misses no row.
func (p *Plan) Alternatives() []*Plan {
	var out []*Plan
	for i := range p.candidates {
		if p.candidates[i].unusable == "" {
			a := *p
			a.take(&p.candidates[i])
			out = append(out, &a)
		}
	}
	return out
}
