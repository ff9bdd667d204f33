package evolve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
)

// typ compares a struct or an enum with the lock.
func (e *evolver) typ(t *schema.Type) {
	switch t.Kind {
	case kind.Enum:
		for _, v := range t.Values {
			e.thing(lock.Enum, t.Name, v.Name, int64(v.Number), v.Pos, changeEnumAdded, changeEnumRenamed)
		}
	case kind.Struct:
		was := e.former.types[e.formerly(t.Name)]
		known := was != nil && was.Kind == kind.Struct && len(was.Fields) > 0
		if known && !e.stored[was] {
			was.UsedInKey = false // no values of it are stored
		}
		inKey := t.UsedInKey && (!known || was.UsedInKey)
		for _, f := range t.Fields {
			e.field(t.Name, f, inKey, known)
		}
		if !known || !inKey || e.newOwner[t.Name] {
			return
		}
		if !e.sameKey(was.Fields, t.Fields, 0) {
			e.change(changeKey, t.Pos, &was.Fields[0].Pos, "the struct %s is part of a key, and was {%s}, and is {%s}", t.Name, keyText(was.Fields), keyText(t.Fields))
		}
	}
}

// field compares a field with the lock. For a field in a key only the name is compared
// here: the rest is compared with the key.
func (e *evolver) field(owner string, f *schema.Field, inKey, known bool) {
	old := e.before[lock.NumberKey{Kind: lock.Field, Owner: e.formerly(owner), Number: int64(f.Number)}]
	switch {
	case old != nil:
		e.thing(lock.Field, owner, f.Name, int64(f.Number), f.Pos, changeFieldAdded, changeFieldRenamed)
	case !inKey:
		e.fieldAdded(owner, f)
		return
	case !known && !e.newOwner[owner]:
		e.change(changeKey, f.Pos, nil, "%s.%s is a new part of a key", owner, f.Name)
		return
	default:
		return
	}
	line, ok := lock.ParseField(old.Shape)
	was := e.former.fieldType(line)
	holder := e.former.types[old.Owner]
	what := lock.ID{Kind: lock.Field, Owner: owner, Name: f.Name}.What()
	if ok && was != nil && was.Kind == f.Type.Kind {
		e.limits(what, line, f, old)
		if inKey {
			e.form(what, line, f, old)
			e.enumNarrowed(what, was, f, old)
		}
	}
	switch {
	case !ok || was == nil || inKey:
		return
	case holder == nil && line.Key > 0 && known, holder != nil && !e.stored[holder]:
		return // it was in the key, which is reported; or no values of it are stored
	}
	if wire := f.Wire(); wire != line.Wire && was.Kind == f.Type.Kind {
		e.change(changeFieldType, f.Pos, &old.Pos, "%s was written as %s, and is as %s", what, cmp.Or(line.Wire, "varint"), cmp.Or(wire, "varint"))
		return
	}
	if !e.fits(was, f.Type, 0) {
		rule := changeFieldType
		if was.ElemOrSelf().Kind == kind.Enum && f.Type.ElemOrSelf().Kind == kind.Enum && was.Kind == f.Type.Kind {
			rule = changeFieldEnum
		}
		e.change(rule, f.Pos, &old.Pos, "%s was %s, and is %s", what, diag.Article(was.String()), diag.Article(numbering.ShapeOfType(f.Type)))
		return
	}
	e.array(what, was, f, old)
	e.form(what, line, f, old)
	e.enumNarrowed(what, was, f, old)
	if lost := e.lost(was, f.Type, 0); len(lost) > 0 {
		e.change(changeFieldLost, f.Pos, &old.Pos, "%s was %s, and is %s, which has no field %s", what, diag.Article(was.String()), diag.Article(numbering.ShapeOfType(f.Type)), strings.Join(lost, ", "))
	}
	switch {
	case f.Optional && !line.Optional:
		e.change(changeFieldAbsent, f.Pos, &old.Pos, "%s may be absent now", what)
	case !f.Optional && line.Optional:
		e.change(changeFieldPresent, f.Pos, &old.Pos, "%s could be absent, and cannot now", what)
	}
}

// array reports a list that is an array of another length in Go, or that was none.
func (e *evolver) array(what string, was *schema.Type, f *schema.Field, old *lock.Entry) {
	before, now := was.Len(), f.Type.Len()
	rule := changeArrayLonger
	switch {
	case before == now:
		return
	case now == 0 || before > 0 && before < now:
	case before == 0:
		rule = changeArrayBounded
	default:
		rule = changeArrayShorter
	}
	e.change(rule, f.Pos, &old.Pos, "%s was %s, and is %s", what, arrayText(was), arrayText(f.Type))
}

// arrayText is a list for messages, with what it is in Go.
func arrayText(t *schema.Type) string {
	if t.Len() == 0 {
		return "a slice in Go"
	}
	return fmt.Sprintf("an array of %d in Go", t.Len())
}

// form reports a field whose stored values, or keys, are now made by the methods of
// another Go type, or by none.
func (e *evolver) form(what string, was lock.FieldLine, f *schema.Field, old *lock.Entry) {
	as, keys := schema.MarshalledBy(f.Type)
	if as == was.As && keys == was.Keys {
		return
	}
	text := func(as, keys string) string {
		switch {
		case as != "" && keys != "":
			return as + ", with keys of " + keys
		case keys != "":
			return "with keys of " + keys
		}
		return cmp.Or(as, "a "+strings.TrimSuffix(numbering.ShapeOfType(f.Type), "?")+" without methods")
	}
	e.change(changeFieldForm, f.Pos, &old.Pos, "what is stored of %s was made by %s, and is made by %s", what, text(was.As, was.Keys), text(as, keys))
}

// fits reports whether values that were stored as one type can be read as another. If
// it is the same struct, its fields are compared elsewhere.
func (e *evolver) fits(was, is *schema.Type, depth int) bool {
	switch {
	case was.Kind == kind.Invalid || is.Kind == kind.Invalid || depth > syntax.MaxDepth:
		return true
	case was.Kind != is.Kind, was.Kind.Scalar() && kind.Shape(was.Kind, &was.Args) != kind.Shape(is.Kind, &is.Args):
		return false
	case was.Kind == kind.Map && was.MapKey.Kind != is.MapKey.Kind:
		return false
	case depth > 0 && is.Len() > 0 && was.Len() > is.Len():
		return false // e.array tells it of the field itself
	case was.Kind == kind.List || was.Kind == kind.Map:
		return e.fits(was.Elem, is.Elem, depth+1)
	case was.Kind == kind.Enum:
		return !e.enumClashes(was, is)
	case was.Kind != kind.Struct || was.Name == e.formerly(is.Name):
		return true
	}
	for _, b := range is.Fields {
		for _, a := range was.Fields {
			if a.Number == b.Number && (!named(b, a.Name) || !e.fits(a.Type, b.Type, depth+1)) {
				return false
			}
		}
		for _, a := range e.former.removed[was.Name] {
			if a.Number == int64(b.Number) && !named(b, a.Name) {
				return false
			}
		}
	}
	return true
}

// named reports whether a field has a name, or had it before.
func named(f *schema.Field, name string) bool { return f.Name == name || slices.Contains(f.Was, name) }

// enumClashes reports whether a number of the old enum means a value of another name
// in the new one. If it is the same enum, its values are compared elsewhere.
func (e *evolver) enumClashes(was, is *schema.Type) bool {
	if was.Name == e.formerly(is.Name) {
		return false
	}
	clash := func(name string, number int64) bool {
		return slices.ContainsFunc(is.Values, func(v *schema.EnumValue) bool {
			return int64(v.Number) == number && v.Name != name && !slices.Contains(v.Was, name)
		})
	}
	return slices.ContainsFunc(was.Values, func(v *schema.EnumValue) bool { return clash(v.Name, int64(v.Number)) }) ||
		slices.ContainsFunc(e.former.removed[was.Name], func(x *lock.Entry) bool { return clash(x.Name, x.Number) })
}

// enumNarrowed reports values of the old enum that the new one does not have.
func (e *evolver) enumNarrowed(what string, was *schema.Type, f *schema.Field, old *lock.Entry) {
	before, now := was.ElemOrSelf(), f.Type.ElemOrSelf()
	if before.Kind != kind.Enum || now.Kind != kind.Enum || before.Name == e.formerly(now.Name) || e.enumClashes(before, now) {
		return
	}
	var gone []string
	for _, v := range before.Values {
		if !slices.ContainsFunc(now.Values, func(n *schema.EnumValue) bool { return n.Number == v.Number }) {
			gone = append(gone, v.Name)
		}
	}
	if len(gone) > 0 {
		e.change(changeEnumRemoved, f.Pos, &old.Pos, "%s was %s, and is %s, which has no value %s", what, diag.Article(was.String()), diag.Article(numbering.ShapeOfType(f.Type)), strings.Join(gone, ", "))
	}
}

// lost returns the fields of an old struct that are lost when a Go struct replaces it
// that does not have them. If it is the same struct, its removed fields are reported
// elsewhere.
func (e *evolver) lost(was, is *schema.Type, depth int) (names []string) {
	was, is = was.ElemOrSelf(), is.ElemOrSelf()
	if was.Kind != kind.Struct || is.Kind != kind.Struct || depth > syntax.MaxDepth || was.Name == e.formerly(is.Name) {
		return nil
	}
	for _, a := range was.Fields {
		i := slices.IndexFunc(is.Fields, func(b *schema.Field) bool { return b.Number == a.Number })
		switch {
		case i >= 0:
			names = append(names, e.lost(a.Type, is.Fields[i].Type, depth+1)...)
		case is.Go != nil:
			names = append(names, a.Name)
		}
	}
	return names
}

// limits compares the limits and the default of a field.
func (e *evolver) limits(what string, was lock.FieldLine, f *schema.Field, old *lock.Entry) {
	if e.lock.Version < 2 {
		return
	}
	now := numbering.LimitsOf(f)
	text := func(l lock.Limits) string { return cmp.Or(strings.TrimSpace(l.String()), "no limits") }
	narrower := func(was, is lock.Limits) bool {
		least := func(a, b int) bool { return b > a }
		most := func(a, b int) bool { return b != 0 && (a == 0 || b < a) }
		return least(was.Min, is.Min) || most(was.Max, is.Max) || least(was.KeyMin, is.KeyMin) || most(was.KeyMax, is.KeyMax)
	}
	if before, row := schema.Scalar(was.Of), kind.Of(f.Type.ElemOrSelf().Kind); before != nil && row != nil && before.Kind == row.Kind && row.Narrower != nil {
		if is := f.Type.ElemOrSelf(); row.Narrower(&before.Args, &is.Args) {
			e.change(changeLimitTight, f.Pos, &old.Pos, "%s was %s, and is %s", what, before, kind.TypeText(is.Kind, &is.Args))
		} else if before.String() != kind.TypeText(is.Kind, &is.Args) {
			e.change(changeLimitLoose, f.Pos, &old.Pos, "%s was %s, and is %s", what, before, kind.TypeText(is.Kind, &is.Args))
		}
	}
	switch {
	case was.Limits == now:
	case narrower(was.Limits, now):
		e.change(changeLimitTight, f.Pos, &old.Pos, "%s had %s, and has %s", what, text(was.Limits), text(now))
	default:
		e.change(changeLimitLoose, f.Pos, &old.Pos, "%s had %s, and has %s", what, text(was.Limits), text(now))
	}
	def := ""
	if f.Default != nil {
		def = f.Default.String()
	}
	if def != e.defaultNow(was, f) {
		e.change(changeDefault, f.Pos, &old.Pos, "the default of %s was %s, and is %s", strings.TrimPrefix(what, "the field "), cmp.Or(was.Default, "none"), cmp.Or(def, "none"))
	}
}

// defaultNow returns an old default as it is written now: the value of an enum may be
// renamed.
func (e *evolver) defaultNow(was lock.FieldLine, f *schema.Field) string {
	if f.Type.Kind == kind.Enum {
		for _, v := range f.Type.Values {
			if slices.Contains(v.Was, was.Default) {
				return v.Name
			}
		}
	}
	return was.Default
}

// fieldAdded remembers a new field that is not in a key.
func (e *evolver) fieldAdded(owner string, f *schema.Field) {
	if e.newOwner[owner] {
		return // which says it
	}
	rule := changeFieldAdded
	if of := f.Type; (of.Kind == kind.Enum || of.Len() > 0 && of.Elem.Kind == kind.Enum) && !f.Optional && f.Default == nil {
		rule = changeFieldUnset
	}
	e.added = append(e.added, addition{lock.ID{Kind: lock.Field, Owner: owner, Name: f.Name}, f.Pos, formOfField(numbering.ShapeOfField(f, 0)), rule})
}

// formOfField returns the form of a field, by which a renamed one is found: its type.
func formOfField(shape string) string {
	line, _ := lock.ParseField(shape)
	return fmt.Sprint(line.List, line.Mapped, line.Of)
}

// sameKey reports whether keys are stored as before. If a part is the same struct, its
// fields are compared elsewhere.
func (e *evolver) sameKey(was, is []*schema.Field, depth int) bool {
	return len(was) == len(is) && depth <= syntax.MaxDepth && !slices.ContainsFunc(was, func(a *schema.Field) bool {
		b := is[slices.Index(was, a)]
		switch {
		case a.Number != b.Number || a.Type.Kind != b.Type.Kind || !named(b, a.Name):
			return a.Type.Kind != kind.Invalid
		case kind.Shape(a.Type.Kind, &a.Type.Args) != kind.Shape(b.Type.Kind, &b.Type.Args):
			return true
		case a.Type.Kind == kind.Enum:
			return e.enumClashes(a.Type, b.Type)
		case a.Type.Kind != kind.Struct || a.Type.Name == e.formerly(b.Type.Name):
			return false
		}
		return !e.sameKey(a.Type.Fields, b.Type.Fields, depth+1)
	})
}

// keyText returns the parts of a key for messages.
func keyText(fields []*schema.Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, strings.TrimSpace(f.Name+" "+numbering.ShapeOfType(f.Type)))
	}
	return cmp.Or(strings.Join(out, ", "), "none")
}
