package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// limitsOf are those of a field together with its type's.
func limitsOf(f *Field) limits {
	tighter := func(t *Type, least, most int) (int, int) {
		if most == 0 || t.Max > 0 && t.Max < most {
			most = t.Max
		}
		return max(least, t.Min), most
	}
	var l limits
	switch f.Type.Kind {
	case List:
		l.min, l.max = tighter(f.Type.Elem, 0, 0)
	case Map:
		l.min, l.max = tighter(f.Type.Elem, 0, 0)
		l.keyMin, l.keyMax = tighter(f.Type.MapKey, 0, 0)
	default:
		l.min, l.max = tighter(f.Type, f.Min, f.Max)
	}
	return l
}

func shapeOfType(t *Type) string {
	switch t.Kind {
	case List:
		return "[]" + shapeOfType(t.Elem)
	case Map:
		return "map[string]" + shapeOfType(t.Elem)
	case Enum, Struct:
		return t.Name
	}
	return t.Kind.String()
}

func shapeOfField(f *Field, key int) string {
	text := shapeOfType(f.Type)
	if f.Optional {
		text += "?"
	}
	if key > 0 {
		text += fmt.Sprintf(" key %d", key)
	}
	as, keys := formOf(f.Type)
	if as != "" {
		text += " as " + as
	}
	if keys != "" {
		text += " keys " + keys
	}
	text += limitsOf(f).String()
	if f.Default != nil {
		text += " default(" + f.Default.String() + ")"
	}
	return text
}

func shapeOfIndex(ix *Index) string {
	var on []string
	for _, c := range ix.Columns {
		text := c.Field.Name
		if c.Fold {
			text = "fold " + text
		}
		if c.Each {
			text = "each " + text
		}
		if c.Desc {
			text += " desc"
		}
		on = append(on, text)
	}
	text := "on(" + strings.Join(on, ", ") + ")"
	if ix.Unique {
		text = "unique " + text
	}
	if len(ix.Include) > 0 {
		text += " include(" + strings.Join(namesOf(ix.Include), ", ") + ")"
	}
	if ix.Where != nil {
		text += " where(" + ix.Where.String() + ")"
	}
	return text
}

func shapeOfTable(t *Table) string {
	text := t.Access.String()
	if t.TTL != nil {
		text += " ttl(" + shapeOfTTL(t.TTL) + ")"
	}
	if len(t.Per) > 0 {
		var per []string
		for _, f := range t.Per {
			p := f.Name + " " + shapeOfField(f, 0)
			if len(f.Was) > 0 {
				p += " was " + strings.Join(f.Was, " ")
			}
			per = append(per, p)
		}
		text += " per(" + strings.Join(per, ", ") + ")"
	}
	for _, c := range t.Checks {
		text += " check(" + strconv.Quote(c.Expr.String()) + ")"
	}
	return text
}

func shapeOfTTL(t *TTL) string {
	if t.KeepField != nil {
		return t.From.Name + " " + t.KeepField.Name
	}
	return t.From.Name + " " + formatDuration(t.Keep)
}

func namesOf(fields []*Field) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		out = append(out, f.Name)
	}
	return out
}

// setShapes gives every line of the lock what its thing is in a Set.
func setShapes(l *Lock, s *Set) {
	put := func(kind lockKind, owner, name, shape string) {
		if e := l.find(lockName{kind, owner, name}); e != nil {
			e.shape = shape
		}
	}
	for _, t := range s.Types {
		for i, f := range t.Fields {
			key := 0
			if t.UsedInKey {
				key = i + 1
			}
			put(lockField, t.Name, f.Name, shapeOfField(f, key))
		}
	}
	for _, t := range s.Tables {
		if e := l.find(lockName{lockTable, "", t.Name}); e != nil {
			keepFormerParameters(e.shape, t.Per)
		}
		put(lockTable, "", t.Name, shapeOfTable(t))
		for _, f := range t.Fields {
			put(lockField, t.Name, f.Name, shapeOfField(f, slices.Index(t.Key.Fields, f)+1))
		}
		for _, ix := range t.Indexes {
			put(lockIndex, t.Name, ix.Name, shapeOfIndex(ix))
		}
	}
}

// keepFormerParameters gives the parameters of a family the former names that the
// table's line has.
func keepFormerParameters(shape string, per []*Field) {
	line, ok := parseTableLine(shape)
	if !ok || len(line.names) != len(per) {
		return
	}
	for i, f := range per {
		if f.Name == line.names[i] || slices.Contains(f.Was, line.names[i]) {
			f.Was = formerly(f.Name, f.Was, line.was[i])
		}
	}
}
