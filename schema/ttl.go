package schema

// ttl binds when rows expire. t.TTL stays nil when it holds a mistake.
func (rs *resolver) ttl(t *tableScope) {
	if t.decl.ttl == nil {
		return
	}
	ttl := &TTL{Pos: t.decl.ttl.pos}
	ok := true
	if n := t.decl.ttlFrom; n != nil {
		ttl.From = rs.field(t, n.text, n.pos)
		if f := ttl.From; f != nil && f.Type.Kind != Timestamp && f.Type.Kind != Invalid {
			rs.report(ruleTTLFrom, n.pos, "%s is %s, and a row's time runs from a timestamp", f.Name, article(f.Type.String())).
				mend("name a timestamp field").related(f.Pos, "declared here")
			ok = false
		}
	}
	if n := t.decl.ttlKeep; n != nil {
		ok = rs.keep(t, ttl, n) && ok
	}
	if ok && ttl.From != nil {
		t.TTL = ttl
	}
}

// keep reads a duration, or the name of a field.
func (rs *resolver) keep(t *tableScope, ttl *TTL, n *node) bool {
	if c := n.text[0]; c >= '0' && c <= '9' || c == '-' {
		d, err := parseDuration(n.text)
		switch {
		case err != nil:
			rs.report(ruleTTLKeep, n.pos, "%q is no duration", n.text).mend("%s", durationMend(err, n.text))
			return false
		case d <= 0:
			rs.report(ruleTTLKeep, n.pos, "rows would expire before they are there").mend("write a duration of more than nothing")
			return false
		}
		ttl.Keep = d
		return true
	}
	f := rs.field(t, n.text, n.pos)
	if f == nil || f.Type.Kind == Invalid {
		return false
	}
	if !f.Type.Kind.Integer() && f.Type.Kind != Duration {
		rs.report(ruleTTLKeep, n.pos, "%s is %s, which says no time", f.Name, article(f.Type.String())).
			mend("name a duration field or an integer field of seconds, or write a duration: 30d").related(f.Pos, "declared here")
		return false
	}
	ttl.KeepField = f
	return true
}
