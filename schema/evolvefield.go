package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// typ compares a struct or an enum with the lock.
func (e *evolver) typ(t *Type) {
	switch t.Kind {
	case Enum:
		for _, v := range t.Values {
			e.thing(lockEnum, t.Name, v.Name, int64(v.Number), v.Pos, changeEnumAdded, changeEnumRenamed)
		}
	case Struct:
		was := e.former.types[e.formerly(t.Name)]
		known := was != nil && was.Kind == Struct && len(was.Fields) > 0
		if known && !e.stored[was] {
			was.UsedInKey = false // nothing of it is stored
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

// field compares a field with the lock. Of a field in a key nothing but its name
// is said where the key says the rest.
func (e *evolver) field(owner string, f *Field, inKey, known bool) {
	old := e.before[lockNumber{lockField, e.formerly(owner), int64(f.Number)}]
	switch {
	case old != nil:
		e.thing(lockField, owner, f.Name, int64(f.Number), f.Pos, changeFieldAdded, changeFieldRenamed)
	case !inKey:
		e.fieldAdded(owner, f)
		return
	case !known && !e.newOwner[owner]:
		e.change(changeKey, f.Pos, nil, "%s.%s is a new part of a key", owner, f.Name)
		return
	default:
		return
	}
	line, ok := parseFieldLine(old.shape)
	was := e.former.fieldType(line)
	holder := e.former.types[old.owner]
	what := lockName{lockField, owner, f.Name}.what()
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
	case holder == nil && line.key > 0 && known, holder != nil && !e.stored[holder]:
		return // it was in the key, which has changed; or in nothing that is stored
	}
	if !e.fits(was, f.Type, 0) {
		rule := changeFieldType
		if was.ElemOrSelf().Kind == Enum && f.Type.ElemOrSelf().Kind == Enum && was.Kind == f.Type.Kind {
			rule = changeFieldEnum
		}
		e.change(rule, f.Pos, &old.pos, "%s was %s, and is %s", what, article(was.String()), article(shapeOfType(f.Type)))
		return
	}
	e.form(what, line, f, old)
	e.enumNarrowed(what, was, f, old)
	if lost := e.lost(was, f.Type, 0); len(lost) > 0 {
		e.change(changeFieldLost, f.Pos, &old.pos, "%s was %s, and is %s, which has no field %s", what, article(was.String()), article(shapeOfType(f.Type)), strings.Join(lost, ", "))
	}
	switch {
	case f.Optional && !line.optional:
		e.change(changeFieldAbsent, f.Pos, &old.pos, "%s may be absent now", what)
	case !f.Optional && line.optional:
		e.change(changeFieldPresent, f.Pos, &old.pos, "%s could be absent, and cannot now", what)
	}
}

// form reports a field whose values, or keys, the methods of another Go type make
// now, or none.
func (e *evolver) form(what string, was fieldLine, f *Field, old *lockEntry) {
	as, keys := formOf(f.Type)
	if as == was.as && keys == was.keys {
		return
	}
	text := func(as, keys string) string {
		switch {
		case as != "" && keys != "":
			return as + ", with keys of " + keys
		case keys != "":
			return "with keys of " + keys
		}
		return cmp.Or(as, "a "+strings.TrimSuffix(shapeOfType(f.Type), "?")+" without methods")
	}
	e.change(changeFieldForm, f.Pos, &old.pos, "what is stored of %s was made by %s, and is made by %s", what, text(was.as, was.keys), text(as, keys))
}

// fits reports whether what was stored as one type can be read as another. A
// struct that is the same one says itself what has changed in it.
func (e *evolver) fits(was, is *Type, depth int) bool {
	switch {
	case was.Kind == Invalid || is.Kind == Invalid || depth > maxDepth:
		return true
	case was.Kind != is.Kind:
		return false
	case was.Kind == List || was.Kind == Map:
		return e.fits(was.Elem, is.Elem, depth+1)
	case was.Kind == Enum:
		return !e.enumClashes(was, is)
	case was.Kind != Struct || was.Name == e.formerly(is.Name):
		return true
	}
	for _, b := range is.Fields {
		for _, a := range was.Fields {
			if a.Number == b.Number && (!named(b, a.Name) || !e.fits(a.Type, b.Type, depth+1)) {
				return false
			}
		}
		for _, a := range e.former.removed[was.Name] {
			if a.number == int64(b.Number) && !named(b, a.name) {
				return false
			}
		}
	}
	return true
}

// named reports whether a field has a name, or had it.
func named(f *Field, name string) bool { return f.Name == name || slices.Contains(f.Was, name) }

// enumClashes reports whether a number of a former enum is that of a value of another
// name in the enum that has taken its place. An enum that is the same one says itself
// what has changed in it.
func (e *evolver) enumClashes(was, is *Type) bool {
	if was.Name == e.formerly(is.Name) {
		return false
	}
	clash := func(name string, number int64) bool {
		return slices.ContainsFunc(is.Values, func(v *EnumValue) bool {
			return int64(v.Number) == number && v.Name != name && !slices.Contains(v.Was, name)
		})
	}
	return slices.ContainsFunc(was.Values, func(v *EnumValue) bool { return clash(v.Name, int64(v.Number)) }) ||
		slices.ContainsFunc(e.former.removed[was.Name], func(x *lockEntry) bool { return clash(x.name, x.number) })
}

// enumNarrowed reports the values of a former enum that the one in its place lacks.
func (e *evolver) enumNarrowed(what string, was *Type, f *Field, old *lockEntry) {
	before, now := was.ElemOrSelf(), f.Type.ElemOrSelf()
	if before.Kind != Enum || now.Kind != Enum || before.Name == e.formerly(now.Name) || e.enumClashes(before, now) {
		return
	}
	var gone []string
	for _, v := range before.Values {
		if !slices.ContainsFunc(now.Values, func(n *EnumValue) bool { return n.Number == v.Number }) {
			gone = append(gone, v.Name)
		}
	}
	if len(gone) > 0 {
		e.change(changeEnumRemoved, f.Pos, &old.pos, "%s was %s, and is %s, which has no value %s", what, article(was.String()), article(shapeOfType(f.Type)), strings.Join(gone, ", "))
	}
}

// lost are the fields of a former struct that the struct of Go in its place lacks, and
// has no place for. Of a struct that is the same one, its removed fields are told.
func (e *evolver) lost(was, is *Type, depth int) (names []string) {
	was, is = was.ElemOrSelf(), is.ElemOrSelf()
	if was.Kind != Struct || is.Kind != Struct || depth > maxDepth || was.Name == e.formerly(is.Name) {
		return nil
	}
	for _, a := range was.Fields {
		i := slices.IndexFunc(is.Fields, func(b *Field) bool { return b.Number == a.Number })
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
func (e *evolver) limits(what string, was fieldLine, f *Field, old *lockEntry) {
	if e.lock.version < 2 {
		return
	}
	now := limitsOf(f)
	text := func(l limits) string { return cmp.Or(strings.TrimSpace(l.String()), "no limits") }
	narrower := func(was, is limits) bool {
		least := func(a, b int) bool { return b > a }
		most := func(a, b int) bool { return b != 0 && (a == 0 || b < a) }
		return least(was.min, is.min) || most(was.max, is.max) || least(was.keyMin, is.keyMin) || most(was.keyMax, is.keyMax)
	}
	switch {
	case was.limits == now:
	case narrower(was.limits, now):
		e.change(changeLimitTight, f.Pos, &old.pos, "%s had %s, and has %s", what, text(was.limits), text(now))
	default:
		e.change(changeLimitLoose, f.Pos, &old.pos, "%s had %s, and has %s", what, text(was.limits), text(now))
	}
	def := ""
	if f.Default != nil {
		def = f.Default.String()
	}
	if def != e.defaultNow(was, f) {
		e.change(changeDefault, f.Pos, &old.pos, "the default of %s was %s, and is %s", strings.TrimPrefix(what, "the field "), cmp.Or(was.def, "none"), cmp.Or(def, "none"))
	}
}

// defaultNow is a former default as it is written now: a value of an enum may have
// another name.
func (e *evolver) defaultNow(was fieldLine, f *Field) string {
	if f.Type.Kind == Enum {
		for _, v := range f.Type.Values {
			if slices.Contains(v.Was, was.def) {
				return v.Name
			}
		}
	}
	return was.def
}

// fieldAdded keeps a field that is new outside of a key.
func (e *evolver) fieldAdded(owner string, f *Field) {
	if e.newOwner[owner] {
		return // which says it
	}
	rule := changeFieldAdded
	if f.Type.Kind == Enum && !f.Optional && f.Default == nil {
		rule = changeFieldUnset
	}
	e.added = append(e.added, addition{lockName{lockField, owner, f.Name}, f.Pos, formOfField(shapeOfField(f, 0)), rule})
}

// formOfField is what of a line tells whether two fields could be one: the type.
func formOfField(shape string) string {
	line, _ := parseFieldLine(shape)
	return fmt.Sprint(line.list, line.mapped, line.of)
}

// sameKey reports whether the parts of a key are stored as they were. A struct
// that is the same one says itself what has changed in it.
func (e *evolver) sameKey(was, is []*Field, depth int) bool {
	return len(was) == len(is) && depth <= maxDepth && !slices.ContainsFunc(was, func(a *Field) bool {
		b := is[slices.Index(was, a)]
		switch {
		case a.Number != b.Number || a.Type.Kind != b.Type.Kind || !named(b, a.Name):
			return a.Type.Kind != Invalid
		case a.Type.Kind == Enum:
			return e.enumClashes(a.Type, b.Type)
		case a.Type.Kind != Struct || a.Type.Name == e.formerly(b.Type.Name):
			return false
		}
		return !e.sameKey(a.Type.Fields, b.Type.Fields, depth+1)
	})
}

// keyText is the parts of a key for people.
func keyText(fields []*Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, strings.TrimSpace(f.Name+" "+shapeOfType(f.Type)))
	}
	return cmp.Or(strings.Join(out, ", "), "none")
}
