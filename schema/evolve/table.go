package evolve

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
)

func (e *evolver) table(t *schema.Table) {
	old := e.before[lock.NumberKey{Kind: lock.Table, Number: int64(t.Number)}]
	switch {
	case old == nil:
		e.tableAdded(t)
		return
	case old.Name != t.Name:
		e.change(changeTableRenamed, t.Pos, &old.Pos, "the table %s was %s", t.Name, old.Name)
	}
	if line, ok := lock.ParseTable(old.Shape); ok && line.Whole != t.Codec.Word() {
		forms := map[string]string{"message": "protobuf messages", "own": "written by a Go type of their own", "": "rows of fields"}
		e.change(changeRowForm, t.Pos, &old.Pos, "the rows of %s were %s, and are %s", t.Name, forms[line.Whole], forms[t.Codec.Word()])
		return
	}
	was := e.former.tables[old.Name]
	for _, f := range t.Fields {
		e.field(t.Name, f, f.InKey, was != nil)
	}
	for _, ix := range t.Indexes {
		e.thing(lock.Index, t.Name, ix.Name, int64(ix.Number), ix.Pos, changeIndexAdded, changeIndexRenamed)
	}
	if was == nil {
		return
	}
	if !e.sameKey(was.Key.Fields, t.Key.Fields, 0) {
		e.change(changeKey, t.Key.Pos, &was.Key.Fields[0].Pos, "the key of %s was %s, and is %s", t.Name, keyText(was.Key.Fields), keyText(t.Key.Fields))
	}
	if !e.sameKey(was.Per, t.Per, 0) {
		e.change(changeFamily, t.Pos, &old.Pos, "the parameters of the family %s were %s, and are %s", t.Name, keyText(was.Per), keyText(t.Per))
	}
	for i := range min(len(was.Per), len(t.Per)) {
		if p := t.Per[i]; p.Name != was.Per[i].Name && named(p, was.Per[i].Name) {
			e.change(changeFieldRenamed, p.Pos, &old.Pos, "the parameter %s of the family %s was %s", p.Name, t.Name, was.Per[i].Name)
		}
		line := lock.FieldLine{Of: numbering.ShapeOfType(was.Per[i].Type)}
		line.As, _ = schema.MarshalledBy(was.Per[i].Type)
		if was.Per[i].Type.Kind == t.Per[i].Type.Kind {
			what := "the parameter " + t.Per[i].Name + " of " + t.Name
			line.Limits = numbering.LimitsOf(was.Per[i])
			e.limits(what, line, t.Per[i], old)
			e.form(what, line, t.Per[i], old)
		}
	}
	if was.Access != t.Access {
		e.change(changeAccess, t.Pos, &old.Pos, "the access to %s was %s, and is %s", t.Name, was.Access, t.Access)
	}
	switch {
	case t.Blind && !was.Blind:
		e.change(changeBlind, t.Pos, &old.Pos, "Put read the row of %s that it replaces, and does not any more", t.Name)
	case was.Blind && !t.Blind:
		e.change(changeBlind, t.Pos, &old.Pos, "Put did not read the row of %s that it replaces, and does", t.Name)
	}
	e.ttl(t, was, old)
	e.indexes(t, was)
	e.checks(t, was, old)
}

// tableAdded reports a new table, also if another table had its name.
func (e *evolver) tableAdded(t *schema.Table) {
	for _, x := range e.lock.Entries {
		if x.Kind == lock.Table && slices.Contains(x.Was, t.Name) {
			e.change(changeTableName, t.Pos, &x.Pos, "the table %s is new, and %s had its name", t.Name, x.Name)
			return
		}
	}
	e.added = append(e.added, addition{lock.ID{Kind: lock.Table, Name: t.Name}, t.Pos, formOfTable(t), changeTableAdded})
}

// formOfTable returns the form of a table, by which a renamed one is found: its
// fields.
func formOfTable(t *schema.Table) string {
	var form []string
	for _, f := range t.Fields {
		form = append(form, f.Name+" "+numbering.ShapeOfField(f, slices.Index(t.Key.Fields, f)+1))
	}
	slices.Sort(form)
	return strings.Join(form, "\n")
}

// checks compares the checks of a table. Names of fields do not matter.
func (e *evolver) checks(t, was *schema.Table, old *lock.Entry) {
	if e.lock.Version < 2 {
		return
	}
	before := map[string]string{} // by shape
	for _, text := range e.former.checks[was.Name] {
		shape := text
		if x := formerCondition(was, text); x != nil {
			shape = describe.ExprShape(was, x)
		}
		before[shape] = text
	}
	for _, c := range t.Checks {
		shape := describe.ExprShape(t, c.Expr)
		if _, ok := before[shape]; !ok {
			e.change(changeCheckAdded, c.Pos, nil, "the check %q of %s is new", c.Text, t.Name)
		}
		delete(before, shape)
	}
	for _, text := range slices.Sorted(maps.Values(before)) {
		e.change(changeCheckRemoved, t.Pos, &old.Pos, "the check %q of %s is removed", text, t.Name)
	}
}

func (e *evolver) ttl(t, was *schema.Table, old *lock.Entry) {
	before := e.former.ttl[was.Name]
	from, keep, _ := strings.Cut(before, " ")
	id := func(name string) string { // the same after a rename
		if f := was.Field(name); f != nil {
			return "#" + strconv.Itoa(f.Number)
		}
		return name
	}
	switch {
	case t.TTL == nil && before != "":
		e.change(changeTTLRemoved, t.Pos, &old.Pos, "rows of %s expired %s after %s, and do not expire any more", t.Name, keep, from)
	case t.TTL != nil && before == "":
		e.change(changeTTL, t.TTL.Pos, &old.Pos, "rows of %s did not expire, and do", t.Name)
	case t.TTL != nil:
		now := "#" + strconv.Itoa(t.TTL.From.Number) + " " + kind.FormatDuration(t.TTL.Keep)
		if t.TTL.KeepField != nil {
			now = "#" + strconv.Itoa(t.TTL.From.Number) + " #" + strconv.Itoa(t.TTL.KeepField.Number)
		}
		if id(from)+" "+id(keep) != now {
			text := strings.Fields(numbering.ShapeOfTTL(t.TTL))
			e.change(changeTTL, t.TTL.Pos, &old.Pos, "rows of %s expired %s after %s, and expire %s after %s", t.Name, keep, from, text[1], text[0])
		}
	}
}

func (e *evolver) indexes(t, was *schema.Table) {
	for _, ix := range t.Indexes {
		for _, old := range was.Indexes {
			id := lock.ID{Kind: lock.Index, Owner: was.Name, Name: old.Name}
			if old.Number != ix.Number || indexShape(was, old, e.former.wheres[id]) == indexShape(t, ix, "") {
				continue
			}
			before := e.lock.Find(id).Shape
			now := e.set.Lock.Find(lock.ID{Kind: lock.Index, Owner: t.Name, Name: ix.Name}).Shape
			d := e.change(changeIndex, ix.Pos, &old.Pos, "the index %s.%s was %s, and is %s", t.Name, ix.Name, before, now)
			switch {
			case ix.Unique && !old.Unique:
				d.Diagnostic.Note += " Building it fails where two rows have the same values, and says which."
			case before == now && lengths(ix) != lengths(old):
				d.Message = fmt.Sprintf("the index %s.%s has other entries, since an array that it is about has another length", t.Name, ix.Name)
			case before == now:
				d.Message = fmt.Sprintf("the index %s.%s has the entries of other rows, since a field of it may be absent now, or no longer", t.Name, ix.Name)
			}
		}
	}
}

// indexShape returns what the entries of an index depend on, except the types of its
// fields, whose changes are reported themselves. where is the text of a condition that
// cannot be read any more.
func indexShape(t *schema.Table, ix *schema.Index, where string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "unique %v", ix.Unique)
	for _, c := range ix.Columns {
		fmt.Fprintf(&b, ", %s", c.Text(fieldMark(c.Field)))
	}
	b.WriteString(" include")
	for _, f := range ix.Include {
		fmt.Fprintf(&b, " %d%s", f.Number, arrays(f.Type, map[*schema.Type]bool{}))
	}
	if ix.Where != nil {
		where = describe.ExprShape(t, ix.Where)
	}
	return b.String() + " where " + where
}

// fieldMark returns a field for indexShape: its number, and whether it may be absent,
// as a row without the field has no entry.
func fieldMark(f *schema.Field) string {
	mark := "#" + strconv.Itoa(f.Number)
	if f.Optional {
		mark += "?"
	}
	if n := f.Type.Len(); n > 0 {
		mark += kind.ListText(n)
	}
	return mark
}

// lengths returns the lengths of the arrays that an index is about.
func lengths(ix *schema.Index) string {
	fields := slices.Clone(ix.Include)
	for _, c := range ix.Columns {
		fields = append(fields, c.Field)
	}
	if ix.Where != nil {
		fields = append(fields, schema.ExprFields(ix.Where)...)
	}
	slices.SortStableFunc(fields, func(a, b *schema.Field) int { return a.Number - b.Number })
	var out []string
	for _, f := range fields {
		out = append(out, arrays(f.Type, map[*schema.Type]bool{}))
	}
	return strings.Join(out, " ")
}

// arrays returns the lengths of the arrays in a field that an index includes: with other
// ones, its entries differ from the rows. It looks into each struct of seen once: those of
// a lock may hold themselves.
func arrays(t *schema.Type, seen map[*schema.Type]bool) string {
	text := ""
	if n := t.Len(); n > 0 {
		text = kind.ListText(n)
	}
	for t.Elem != nil {
		t = t.Elem
	}
	if seen[t] {
		return text
	}
	seen[t] = true
	for _, f := range t.Fields {
		if in := arrays(f.Type, seen); in != "" {
			text += "{" + strconv.Itoa(f.Number) + in + "}"
		}
	}
	return text
}
