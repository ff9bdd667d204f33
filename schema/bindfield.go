package schema

import (
	"slices"
	"strconv"
	"strings"
)

// bindField binds what all fields have: name, type, limits. The type of a field
// with a mistake has the kind Invalid.
func (rs *resolver) bindField(decl *fieldDecl, what string) *Field {
	f := &Field{
		Name: decl.name.text, GoName: GoName(decl.name.text), Doc: decl.doc,
		Hidden: decl.hidden != nil, Was: texts(decl.was), Pos: decl.name.pos,
	}
	rs.lower(decl.name, what)
	if decl.typ != nil {
		f.Type, f.Optional = rs.fieldType(decl.typ, decl.optional)
	} else {
		f.Type = &Type{}
	}
	if f.Type.Kind == String || f.Type.Kind == Bytes {
		f.Max, f.Min = rs.limits(decl.max, decl.min)
	} else {
		rs.noLimits(f.Type, f.Name, decl.max, decl.min)
	}
	rs.inGo(f, decl)
	return f
}

// fieldType reads a type as a field has it: Type, Type?, []Type, map[string]Type.
func (rs *resolver) fieldType(n *node, optional bool) (*Type, bool) {
	if n.quoting == block && strings.ContainsAny(n.text, "\r\n") {
		rs.report(ruleTypeSyntax, n.pos, "a type is one word, and this is a text of several lines (| or >)").
			mend("write it behind the colon: %s", strings.TrimSpace(n.text))
		return &Type{}, false
	}
	text := strings.TrimRight(n.text, " ")
	end := len(text)
	marked := strings.HasSuffix(text, "?")
	if marked {
		end--
	}
	body := text[:end]
	var t *Type
	isMap := strings.HasPrefix(body, "map[")
	switch {
	case strings.HasPrefix(body, "[]"):
		t = rs.elemType(n, 2, end, List)
	case isMap && !strings.Contains(body, "]"):
		rs.report(ruleTypeSyntax, n.pos, "%q is no type: the bracket is not closed", n.text).mend(`write "map[string]Type"`)
		return &Type{}, false
	case isMap:
		closing := strings.IndexByte(body, ']')
		t = rs.elemType(n, closing+1, end, Map)
		t.MapKey = rs.mapKey(n, 4, closing)
		if t.MapKey == nil {
			t = &Type{}
		}
	default:
		return rs.named(n, 0, end), marked || optional
	}
	if (marked || optional) && t.Kind != Invalid {
		rs.report(ruleTypeOptional, n.span(0, len(n.text)), "%s is not optional", article(t.Kind.String())).
			mend("remove the ?: a %s without elements is the absent one", t.Kind).
			note("elements cannot be absent either")
	}
	return t, false
}

// elemType reads the type of a list's or map's elements, the bytes from..to.
func (rs *resolver) elemType(n *node, from, to int, kind Kind) *Type {
	text := n.text[from:to]
	if strings.HasPrefix(text, "[]") || strings.HasPrefix(text, "map[") {
		rs.report(ruleTypeNested, n.span(from, to), "a %s holds no lists or maps", kind).
			mend("declare a struct that holds the inner one: types: {Inner: {struct: {items: %q}}}", text)
		return &Type{}
	}
	if kind == List && (text == "byte" || text == "uint8") && rs.types[text] == nil {
		rs.report(ruleTypeUnknown, n.pos, "unknown type %q", n.text).mend("use bytes")
		return &Type{}
	}
	elem := rs.named(n, from, to)
	if elem.Kind == Invalid {
		return &Type{}
	}
	return &Type{Kind: kind, Elem: elem, Pos: n.pos}
}

// mapKey reads the type of a map's keys; nil for a mistake.
func (rs *resolver) mapKey(n *node, from, to int) *Type {
	key := rs.named(n, from, to)
	switch key.Kind {
	case String:
		if key.Marshalled() && !key.Go.Comparable {
			rs.report(ruleTypeMapKey, n.span(from, to), "a map's keys can be compared in Go, and %s cannot", n.text[from:to]).mend("use string, or a type without slices, maps and interfaces")
			return nil
		}
		return key
	case Invalid:
	default:
		rs.report(ruleTypeMapKey, n.span(from, to), "a map's keys are strings, and %s is none", n.text[from:to]).mend("use string, or a named type over it")
	}
	return nil
}

// named finds a type by its name, the bytes from..to of a scalar. What is not
// found is reported, and has the kind Invalid.
func (rs *resolver) named(n *node, from, to int) *Type {
	name := strings.TrimSpace(n.text[from:to])
	if t := scalar(name); t != nil {
		return t
	}
	if t := rs.types[name]; t != nil {
		return t
	}
	pos := n.span(from, to)
	base, _, sized := strings.Cut(name, "(") // varchar(20)
	if sized {
		if help, ok := typeHelp[strings.ToLower(base)]; ok {
			rs.report(ruleTypeUnknown, pos, "unknown type %q", name).mend("%s", help)
			return &Type{}
		}
	}
	if !upperName.MatchString(name) && !lowerName.MatchString(name) && aliases[name] == "" && typeHelp[strings.ToLower(name)] == "" {
		d := rs.report(ruleTypeSyntax, pos, "%q is no type", name).
			mend(`write a scalar or a named type, Type? where it may be absent, "[]Type" or "map[string]Type"`)
		if write := foreignType(name); write != "" && from == 0 {
			d.mend("write %s", write)
		}
		return &Type{}
	}
	if rs.typesMissing && upperName.MatchString(name) {
		return &Type{}
	}
	d := rs.report(ruleTypeUnknown, pos, "unknown type %q", name)
	if help := typeHelp[strings.ToLower(name)]; help != "" {
		d.mend("%s", help)
		return &Type{}
	}
	if a := aliases[name]; a != "" {
		d.mend("did you mean %q?", a)
		return &Type{}
	}
	if best := Nearest(name, append(slices.Clone(rs.typeNames), scalarNames...)); best != "" {
		d.mend("did you mean %q?", best)
	} else {
		d.mend("declare it under types:, or use one of %s", strings.Join(scalarNames, ", "))
	}
	return &Type{}
}

// limits reads max and min; the mistakes of a pair are reported here.
func (rs *resolver) limits(maxNode, minNode *node) (longest, shortest int) {
	longest, shortest = rs.number(maxNode, "max"), rs.number(minNode, "min")
	if longest > 0 && shortest > longest {
		rs.report(ruleLimitRange, minNode.pos, "min is more than max").mend("swap them").related(maxNode.pos, "max is here")
	}
	return longest, shortest
}

// noLimits reports limits on what is neither string nor bytes.
func (rs *resolver) noLimits(t *Type, field string, most, least *node) {
	if t.Kind == Invalid {
		return
	}
	for op, n := range map[string]*node{"<=": most, ">=": least} {
		if n == nil {
			continue
		}
		d := rs.report(ruleLimitKind, n.pos, "max and min are lengths of string and bytes, and this is %s", article(t.Kind.String()))
		switch {
		case t.Kind.Integer() || t.Kind == Float64:
			d.mend("limit a number with a rule of the table: check: %s %s %s", field, op, n.text)
		case t.Kind == List || t.Kind == Map:
			d.mend("limit it with a rule of the table: check: len(%s) %s %s", field, op, n.text)
		default:
			d.mend("remove it")
		}
	}
}

// number returns the value of a limit; 0 for a nil node or a mistake.
func (rs *resolver) number(n *node, what string) int {
	if n == nil {
		return 0
	}
	v, err := strconv.ParseInt(n.text, 10, 32)
	if err != nil || v < 1 || n.quoting != plain {
		d := rs.report(ruleLimitRange, n.pos, "%s must be a number from 1 to 2147483647, and this is %q", what, n.text).mend("write digits alone")
		if err == nil && v >= 1 {
			d.Message = what + " must be a number, and this is a text, as it has quotes"
			d.mend("remove the quotes: %s: %s", what, n.text)
		}
		return 0
	}
	return int(v)
}

// unkeyable returns why values of a type cannot be part of a key; "" when they
// can, or when the type holds a mistake that is reported already.
func unkeyable(t *Type) (why, mend string) {
	if t.Marshalled() && !t.Go.Comparable {
		return "of a Go type that cannot be compared", "make the type one that Go can compare, without slices, maps and interfaces"
	}
	switch t.Kind {
	case List, Map:
		return "a " + t.Kind.String(), "use a scalar, an enum, or a struct of them"
	case JSON:
		return "json", "use a scalar, an enum, or a struct of them"
	case Bytes:
		switch {
		case t.Marshalled():
			return "bytes that only the Go type itself knows", "store it as text, types: {Name: {go: " + t.Go.String() + ", as: text}}, where it has one"
		case t.Name == "" || t.Go != nil:
			return "bytes without a name", "declare a type for it, types: {RowID: {is: bytes}}, which Go can compare"
		}
	case Struct:
		if t.Go != nil && !t.Go.Comparable {
			return "a Go struct that cannot be compared, or has fields that are not stored", "use a scalar, an enum, or a struct of the schema"
		}
		for _, f := range t.Fields {
			if f.Optional {
				return "a struct whose part " + f.Name + " may be absent", "remove the ? there"
			}
			if why, mend := unkeyable(f.Type); why != "" {
				return "a struct whose part " + f.Name + " is " + why, mend
			}
		}
	}
	return "", ""
}

// useInKey marks a struct, and the structs in it, as parts of a key. The parts
// get Go names that key types can have.
func (rs *resolver) useInKey(t *Type) {
	if t.Kind != Struct || t.UsedInKey {
		return
	}
	t.UsedInKey = true
	for _, f := range t.Fields {
		f.Keyed = true
		rs.reserved(reservedParts, f.GoName, "the part "+f.Name+" of a key", f.Pos)
		rs.useInKey(f.Type)
	}
}
