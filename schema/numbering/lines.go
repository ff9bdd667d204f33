package numbering

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/lock"
)

// LimitsOf returns the limits of a field, together with those of its type.
func LimitsOf(f *schema.Field) lock.Limits {
	d := describe.Outline(f)
	return limits(&d.Type)
}

func limits(t *catalog.Type) lock.Limits {
	switch t.Kind {
	case kind.List, kind.Map:
		l := lock.Limits{Min: t.Elem.Min, Max: t.Elem.Max}
		if t.MapKey != nil {
			l.KeyMin, l.KeyMax = t.MapKey.Min, t.MapKey.Max
		}
		return l
	}
	return lock.Limits{Min: t.Min, Max: t.Max}
}

// ShapeOfType is what a line says of a type.
func ShapeOfType(t *schema.Type) string {
	d := describe.OutlineType(t)
	return d.WrittenStored()
}

// ShapeOfField is what a line says of a field, with its place in the key, from 1, or 0. It
// is the field's description and, from the schema, the Go types that make its bytes, which
// no description has.
func ShapeOfField(f *schema.Field, key int) string {
	d := describe.Outline(f)
	text := d.Type.WrittenStored()
	if d.Optional {
		text += "?"
	}
	if key > 0 {
		text += fmt.Sprintf(" key %d", key)
	}
	as, keys := schema.MarshalledBy(f.Type)
	if as != "" {
		text += " as " + as
	}
	if keys != "" {
		text += " keys " + keys
	}
	if d.Wire != "" {
		text += " wire " + d.Wire
	}
	text += limits(&d.Type).String()
	if d.Default != nil {
		text += " default(" + d.WrittenDefault() + ")"
	}
	return text
}

func shapeOfTable(t *schema.Table, described *catalog.Table) string {
	text := t.Access.String()
	if w := t.Codec.Word(); w != "" {
		text += " " + w
	}
	if t.Blind {
		text += " " + lang.WordBlind
	}
	if t.TTL != nil {
		text += " ttl(" + ShapeOfTTL(t.TTL) + ")"
	}
	if len(t.Per) > 0 {
		var per []string
		for _, f := range t.Per {
			p := f.Name + " " + ShapeOfField(f, 0)
			if len(f.Was) > 0 {
				p += " was " + strings.Join(f.Was, " ")
			}
			per = append(per, p)
		}
		text += " per(" + strings.Join(per, ", ") + ")"
	}
	for _, c := range described.Checks {
		text += " check(" + strconv.Quote(described.WrittenExpr(&c.Expr)) + ")"
	}
	return text
}

func ShapeOfTTL(t *schema.TTL) string {
	if t.KeepField != nil {
		return t.From.Name + " " + t.KeepField.Name
	}
	return t.From.Name + " " + kind.FormatDuration(t.Keep)
}

// setShapes writes into every line of the lock what its thing is in the Set.
func setShapes(l *lock.Lock, s *schema.Set) {
	put := func(kind lock.Kind, owner, name, shape string) {
		if e := l.Find(lock.ID{Kind: kind, Owner: owner, Name: name}); e != nil {
			e.Shape = shape
		}
	}
	for _, t := range s.Types {
		for i, f := range t.Fields {
			key := 0
			if t.UsedInKey {
				key = i + 1
			}
			put(lock.Field, t.Name, f.Name, ShapeOfField(f, key))
		}
	}
	for _, t := range s.Tables {
		if e := l.Find(lock.ID{Kind: lock.Table, Owner: "", Name: t.Name}); e != nil {
			keepFormerParameters(e.Shape, t.Per)
		}
		described := describe.Table(t)
		put(lock.Table, "", t.Name, shapeOfTable(t, described))
		for _, f := range t.Fields {
			put(lock.Field, t.Name, f.Name, ShapeOfField(f, slices.Index(t.Key.Fields, f)+1))
		}
		for i := range described.Indexes {
			ix := &described.Indexes[i]
			put(lock.Index, t.Name, ix.Name, described.WrittenIndex(ix))
		}
	}
}

// keepFormerParameters adds the former names in the table's line to the parameters of
// a family.
func keepFormerParameters(shape string, per []*schema.Field) {
	line, ok := lock.ParseTable(shape)
	if !ok || len(line.Names) != len(per) {
		return
	}
	for i, f := range per {
		if f.Name == line.Names[i] || slices.Contains(f.Was, line.Names[i]) {
			f.Was = formerly(f.Name, f.Was, line.Was[i])
		}
	}
}

// formerly joins the former names in a schema and in a lock, newest first.
func formerly(name string, said, known []string) []string {
	var out []string
	for _, old := range slices.Concat(said, known) {
		if old != name && !slices.Contains(out, old) {
			out = append(out, old)
		}
	}
	return out
}
