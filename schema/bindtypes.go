package schema

import (
	"slices"
	"strings"
)

// declareTypes binds the named types.
func (rs *resolver) declareTypes(decls []*typeDecl) {
	type declared struct {
		t    *Type
		decl *typeDecl
	}
	var all []declared
	for _, decl := range decls {
		name := decl.name.text
		if first := rs.types[name]; first != nil {
			d := rs.report(ruleNameDuplicate, decl.name.pos, "the type %s is declared twice", name).
				mend("rename or remove one of them").related(first.Pos, "first here")
			if decl.goDecl != nil && decl.goName == nil {
				d.mend("give it another name in the schema: types: {Other%s: {go: %s}}", name, &decl.goDecl.Type)
			}
			continue
		}
		t := &Type{Name: name, Doc: decl.doc, File: decl.file.name, Was: texts(decl.was), Pos: decl.name.pos}
		rs.types[name] = t // also with a name that cannot be: its uses are no further mistakes
		if rs.upper(decl.name, "a type") && rs.typeFile(decl.name) && rs.models.add(name, "the type "+name, decl.name.pos) {
			for _, d := range typeNames {
				if decl.goDecl != nil && d.prefix != "DescOf" {
					continue // Go has the rest of it already
				}
				if !d.some || decl.kind != Invalid {
					rs.models.add(d.prefix+name+d.suffix, d.what+" the type "+name, decl.name.pos)
				}
			}
		}
		rs.typeNames = append(rs.typeNames, name)
		if decl.broken || decl.goName != nil && decl.goDecl == nil {
			continue
		}
		all = append(all, declared{t, decl})
		switch decl.kind {
		case Invalid:
			if decl.goDecl == nil {
				rs.namedScalar(t, decl)
				break
			}
			t.Kind = scalar(decl.goDecl.Scalar).Kind
		case Enum:
			rs.enum(t, decl)
		case Struct:
			t.Kind = Struct
		}
		if decl.goDecl != nil {
			t.Go = &decl.goDecl.Type
		}
		if t.Kind != String && t.Kind != Bytes {
			rs.noLimits(t, "field", decl.max, decl.min)
		} else if decl.goDecl != nil {
			t.Max, t.Min = rs.limits(decl.max, decl.min)
		}
		rs.set.Types = append(rs.set.Types, t)
	}
	slices.SortFunc(rs.set.Types, func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range all {
		if d.decl.kind == Struct {
			rs.structFields(d.t, d.decl)
		}
	}
	rs.recursion(rs.set.Types)
	inModels(rs.set.Types)
}

// typeFile reports types whose files would have one name.
func (rs *resolver) typeFile(n *node) bool {
	folded := strings.ToLower(n.text)
	other := rs.typeFiles[folded]
	if other == nil {
		rs.typeFiles[folded] = rs.types[n.text]
		return true
	}
	rs.report(ruleNameClash, n.pos, "the types %s and %s differ in letter case only, which file names do not tell apart", other.Name, n.text).
		mend("rename one of them").related(other.Pos, "%s is here", other.Name)
	return false
}

// namedScalar binds {is: scalar}.
func (rs *resolver) namedScalar(t *Type, decl *typeDecl) {
	under := scalar(decl.is.text)
	if under != nil && under.Kind != JSON {
		t.Kind = under.Kind
		t.Max, t.Min = rs.limits(decl.max, decl.min)
		return
	}
	d := rs.report(ruleTypeIs, decl.is.pos, "a named type is over a scalar, and %q is none", decl.is.text)
	possible := slices.DeleteFunc(slices.Clone(scalarNames), func(s string) bool { return s == "json" })
	switch {
	case under != nil:
		d.Message = "json cannot be the type of a name"
		d.mend("use json itself where it is needed")
	case typeHelp[strings.ToLower(decl.is.text)] != "":
		d.mend("%s", typeHelp[strings.ToLower(decl.is.text)])
	case aliases[decl.is.text] != "":
		d.mend("did you mean %q?", aliases[decl.is.text])
	case strings.HasSuffix(decl.is.text, "?"):
		d.mend("put the ? where the type is used")
	default:
		d.meant(decl.is.text, possible)
	}
}

func (rs *resolver) enum(t *Type, decl *typeDecl) {
	t.Kind = Enum
	seen := map[string]Pos{}
	for _, v := range decl.values {
		name := v.name.text
		if first, ok := seen[name]; ok {
			rs.report(ruleNameDuplicate, v.name.pos, "the value %s of %s is here twice", name, t.Name).mend("remove one of them").related(first, "first here")
			continue
		}
		seen[name] = v.name.pos
		value := &EnumValue{Name: name, GoName: t.Name + GoName(name), Doc: v.doc, Was: texts(v.was), Pos: v.name.pos}
		t.Values = append(t.Values, value)
		if rs.lower(v.name, "an enum's value") && rs.word(v.name, "an enum's value") {
			rs.models.add(value.GoName, "the value "+t.Name+"."+name, v.name.pos)
		}
	}
}

func (rs *resolver) structFields(t *Type, decl *typeDecl) {
	scope := newNameScope(rs.reporter, "in the struct "+t.Name)
	for i, f := range decl.fields {
		field := rs.bindField(f, "a struct's field")
		field.Index = i
		t.Fields = append(t.Fields, field)
		if rs.reserved(reservedStructs, field.GoName, "the field "+field.Name, field.Pos) {
			scope.add(field.GoName, "the field "+field.Name, field.Pos)
		}
	}
}

// recursion reports structs that hold themselves, one mistake a circle, and
// breaks the circle.
func (rs *resolver) recursion(types []*Type) {
	const (
		unseen = iota
		open
		done
	)
	state := map[*Type]int{}
	var path []*Type
	var visit func(t *Type)
	visit = func(t *Type) {
		state[t] = open
		path = append(path, t)
		for _, f := range t.Fields {
			inner := f.Type
			if inner.Elem != nil {
				inner = inner.Elem
			}
			if inner.Kind != Struct {
				continue
			}
			switch state[inner] {
			case unseen:
				visit(inner)
			case open:
				var names []string
				for _, p := range path[slices.Index(path, inner):] {
					names = append(names, p.Name)
				}
				rs.report(ruleTypeRecursive, f.Pos, "the struct %s holds itself: %s", inner.Name, strings.Join(append(names, inner.Name), " > ")).
					mend("hold the key of the other row instead of its value")
				f.Type = &Type{}
			}
		}
		path = path[:len(path)-1]
		state[t] = done
	}
	for _, t := range types {
		if t.Kind == Struct && state[t] == unseen {
			visit(t)
		}
	}
}
