package resolve

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// ttl binds when rows expire. t.TTL stays nil after a mistake.
func (rs *resolver) ttl(t *tableScope) {
	at, words := t.decl.At(lang.WordTTL), t.decl.In(lang.WordTTL)
	if at == nil {
		return
	}
	ttl := &schema.TTL{Pos: at.Pos}
	ok := true
	if n := words.Node(lang.WordFrom); n != nil {
		ttl.From = rs.field(t, n.Text, n.Pos)
		if f := ttl.From; f != nil && f.Type.Kind != kind.Timestamp && f.Type.Kind != kind.Invalid {
			rs.Report(rules.TTLFrom, n.Pos, "%s is %s, and a row's time runs from a timestamp", f.Name, diag.Article(f.Type.String())).
				Help("name a timestamp field").Related(f.Pos, "declared here")
			ok = false
		}
	}
	if n := words.Node(lang.WordKeep); n != nil {
		ok = rs.keep(t, ttl, n) && ok
	}
	if ok && ttl.From != nil {
		t.TTL = ttl
	}
}

// keep reads a duration or the name of a field.
func (rs *resolver) keep(t *tableScope, ttl *schema.TTL, n *syntax.Node) bool {
	if c := n.Text[0]; c >= '0' && c <= '9' || c == '-' {
		d, err := kind.ParseDuration(n.Text)
		switch {
		case err != nil:
			rs.Report(rules.TTLKeep, n.Pos, "%q is no duration", n.Text).Help("%s", lang.DurationHelp(err, n.Text))
			return false
		case d <= 0:
			rs.Report(rules.TTLKeep, n.Pos, "rows would expire before they are written").Help("write a duration greater than 0")
			return false
		}
		ttl.Keep = d
		return true
	}
	f := rs.field(t, n.Text, n.Pos)
	if f == nil || f.Type.Kind == kind.Invalid {
		return false
	}
	if !f.Type.Kind.Integer() && f.Type.Kind != kind.Duration {
		rs.Report(rules.TTLKeep, n.Pos, "%s is %s, which says no time", f.Name, diag.Article(f.Type.String())).
			Help("name a duration field or an integer field of seconds, or write a duration: 30d").Related(f.Pos, "declared here")
		return false
	}
	ttl.KeepField = f
	return true
}
