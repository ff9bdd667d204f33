package resolve

import (
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

// bindField binds name, type and limits of a field. After a mistake its type has the
// kind Invalid.
func (rs *resolver) bindField(decl *ast.Field, what string) *schema.Field {
	f := &schema.Field{
		Name: decl.Name.Text, GoName: naming.GoName(decl.Name.Text), Doc: decl.Doc(),
		Hidden: decl.Is(lang.WordHidden), Was: rs.formers(decl.Nodes(lang.WordWas), isLower), Pos: decl.Name.Pos,
	}
	rs.lower(decl.Name, what)
	if decl.Type != nil {
		f.Type, f.Optional = rs.fieldType(decl.Type, decl.Is(lang.WordOptional))
	} else {
		f.Type = &schema.Type{}
	}
	rs.namedInMessage(f, decl)
	if f.Type.Kind.Text() {
		f.Max, f.Min = rs.limits(decl.Node(lang.WordMax), decl.Node(lang.WordMin))
	} else {
		rs.noLimits(f.Type, f.Name, decl.Node(lang.WordMax), decl.Node(lang.WordMin))
	}
	rs.inGo(f, decl)
	rs.inMessage(f, decl)
	return f
}

// fieldType reads the type of a field: Type, Type?, []Type, map[string]Type.
func (rs *resolver) fieldType(n *syntax.Node, optional bool) (*schema.Type, bool) {
	if n.Quoting == syntax.Block && strings.ContainsAny(n.Text, "\r\n") {
		rs.Report(rules.TypeSyntax, n.Pos, "a type is one word, and this is a text of several lines (| or >)").
			Help("write it behind the colon: %s", strings.TrimSpace(n.Text))
		return &schema.Type{}, false
	}
	text := strings.TrimRight(n.Text, " ")
	end := len(text)
	marked := strings.HasSuffix(text, "?")
	if marked {
		end--
	}
	body := text[:end]
	var t *schema.Type
	isMap := strings.HasPrefix(body, "map[")
	switch {
	case strings.HasPrefix(body, "[]"):
		t = rs.elemType(n, 2, end, kind.List)
	case isMap && closing(body) < 0:
		rs.Report(rules.TypeSyntax, n.Pos, "%q is no type: the bracket is not closed", n.Text).Help(`write "map[string]Type"`)
		return &schema.Type{}, false
	case isMap:
		at := closing(body)
		t = rs.elemType(n, at+1, end, kind.Map)
		t.MapKey = rs.mapKey(n, 4, at)
		if t.MapKey == nil {
			t = &schema.Type{}
		}
	default:
		return rs.named(n, 0, end), marked || optional
	}
	if (marked || optional) && t.Kind != kind.Invalid {
		rs.Report(rules.TypeOptional, n.Span(0, len(n.Text)), "%s is not optional", diag.Article(t.Kind.String())).
			Help("remove the ?: a %s without elements is the absent one", t.Kind).
			Note("elements cannot be absent either")
	}
	return t, false
}

// closing is where the first bracket of a type is closed, -1 if it is not.
func closing(text string) int {
	open := 0
	for i, c := range text {
		switch c {
		case '[':
			open++
		case ']':
			if open--; open == 0 {
				return i
			}
		}
	}
	return -1
}

// elemType reads the type of the elements of a list or map, in the bytes from..to.
func (rs *resolver) elemType(n *syntax.Node, from, to int, k schema.Kind) *schema.Type {
	text := n.Text[from:to]
	if strings.HasPrefix(text, "[]") || strings.HasPrefix(text, "map[") {
		rs.Report(rules.TypeNested, n.Span(from, to), "a %s holds no lists or maps", k).
			Help("declare a struct that holds the inner one: types: {Inner: {struct: {items: %q}}}", text)
		return &schema.Type{}
	}
	if k == kind.List && text == "byte" && rs.types[text] == nil {
		rs.Report(rules.TypeUnknown, n.Pos, "unknown type %q", n.Text).Help("use bytes")
		return &schema.Type{}
	}
	elem := rs.named(n, from, to)
	if elem.Kind == kind.Invalid {
		return &schema.Type{}
	}
	if k == kind.List && elem.Kind == lang.NoList && elem.Go == nil {
		rs.Report(rules.TypeNested, n.Pos, "a list of uint8 is bytes").Help(`use bytes, or "[]uint16" for a list of numbers`)
		return &schema.Type{}
	}
	return &schema.Type{Kind: k, Elem: elem, Pos: n.Pos}
}

// mapKey reads the type of a map's keys; nil after a mistake.
func (rs *resolver) mapKey(n *syntax.Node, from, to int) *schema.Type {
	key := rs.named(n, from, to)
	switch {
	case key.Kind.KeysMaps():
		if key.Marshalled() && !key.Go.Comparable {
			rs.Report(rules.TypeMapKey, n.Span(from, to), "a map's keys can be compared in Go, and %s cannot", n.Text[from:to]).Help("use string, or a type without slices, maps and interfaces")
			return nil
		}
		return key
	case key.Kind == kind.Invalid:
	default:
		rs.Report(rules.TypeMapKey, n.Span(from, to), "a map's keys are strings or integers, and %s is neither", n.Text[from:to]).Help("use string, an integer, or a named type over one")
	}
	return nil
}

// named finds a type by its name, in the bytes from..to of a scalar. An unknown one
// is reported, and has the kind Invalid.
func (rs *resolver) named(n *syntax.Node, from, to int) *schema.Type {
	name := strings.TrimSpace(n.Text[from:to])
	pos := n.Span(from, to)
	switch t, err := schema.ParseScalar(name); {
	case err != nil:
		rs.Report(rules.TypeSyntax, pos, "%q is no type: %s", name, err).Help("write %s", example(name))
		return &schema.Type{}
	case t != nil:
		return t
	}
	if t := rs.types[name]; t != nil {
		return t
	}
	if write := lang.SizedType(name); write != "" {
		rs.Report(rules.TypeUnknown, pos, "unknown type %q", name).Help("write %q", write)
		return &schema.Type{}
	}
	word, _, sized := strings.Cut(name, "(") // varchar(20)
	if sized {
		if help, ok := lang.TypeHelp[strings.ToLower(word)]; ok {
			rs.Report(rules.TypeUnknown, pos, "unknown type %q", name).Help("%s", help)
			return &schema.Type{}
		}
	}
	if !naming.Upper.MatchString(name) && !naming.Lower.MatchString(name) && lang.TypeAliases[name] == "" && lang.TypeHelp[strings.ToLower(name)] == "" {
		d := rs.Report(rules.TypeSyntax, pos, "%q is no type", name).
			Help(`write a scalar or a named type, Type? where it may be absent, "[]Type" or "map[string]Type"`)
		if write := lang.ForeignType(name); write != "" && from == 0 {
			d.Help("write %s", write)
		} else if s := formed(name); s != nil {
			d.Help("write %s", kind.TypeText(s.Kind, &s.FormExample))
		}
		return &schema.Type{}
	}
	if rs.typesMissing && naming.Upper.MatchString(name) {
		return &schema.Type{}
	}
	d := rs.Report(rules.TypeUnknown, pos, "unknown type %q", name)
	if help := lang.TypeHelp[strings.ToLower(name)]; help != "" {
		d.Help("%s", help)
		return &schema.Type{}
	}
	if a := lang.TypeAliases[name]; a != "" {
		d.Help("did you mean %q?", a)
		return &schema.Type{}
	}
	if best := diag.Nearest(name, append(slices.Clone(rs.typeNames), lang.ScalarNames...)); best != "" {
		d.Help("did you mean %q?", best)
	} else {
		d.Help("declare it under types:, or use one of %s", strings.Join(lang.ScalarNames, ", "))
	}
	return &schema.Type{}
}

// limits reads max and min, and reports mistakes.
func (rs *resolver) limits(maxNode, minNode *syntax.Node) (longest, shortest int) {
	longest, shortest = rs.number(maxNode, lang.WordMax), rs.number(minNode, lang.WordMin)
	if longest > 0 && shortest > longest {
		rs.Report(rules.LimitRange, minNode.Pos, "min is more than max").Help("swap them").Related(maxNode.Pos, "max is here")
	}
	return longest, shortest
}

// noLimits reports limits on a type that is neither string nor bytes.
func (rs *resolver) noLimits(t *schema.Type, field string, most, least *syntax.Node) {
	if t.Kind == kind.Invalid {
		return
	}
	for op, n := range map[string]*syntax.Node{schema.LessOrEqual: most, schema.GreaterOrEqual: least} {
		if n == nil {
			continue
		}
		d := rs.Report(rules.LimitKind, n.Pos, "max and min are lengths of string and bytes, and this is %s", diag.Article(t.Kind.String()))
		switch {
		case t.Kind.Number():
			d.Help("limit a number with a rule of the table: check: %s %s %s", field, op, n.Text)
		case t.Kind == kind.List || t.Kind == kind.Map:
			d.Help("limit it with a rule of the table: check: len(%s) %s %s", field, op, n.Text)
		default:
			d.Help("remove it")
		}
	}
}

// number reads the value of a limit; 0 for a nil node or after a mistake.
func (rs *resolver) number(n *syntax.Node, what string) int {
	if n == nil {
		return 0
	}
	v, err := strconv.ParseInt(n.Text, 10, 32)
	if err != nil || v < 1 || n.Quoting != syntax.Plain {
		d := rs.Report(rules.LimitRange, n.Pos, "%s must be a number from 1 to 2147483647, and this is %q", what, n.Text).Help("write digits alone")
		if err == nil && v >= 1 {
			d.Message = what + " must be a number, and this is a text, as it has quotes"
			d.Help("remove the quotes: %s: %s", what, n.Text)
		}
		return 0
	}
	return int(v)
}

// unkeyable returns why values of a type cannot be part of a key, and help. It returns
// "" if they can, or if the type has a mistake that is reported already.
func unkeyable(t *schema.Type) (why, help string) {
	if t.Marshalled() && !t.Go.Comparable {
		return "of a Go type that cannot be compared", "make the type one that Go can compare, without slices, maps and interfaces"
	}
	switch t.Kind {
	case kind.List, kind.Map:
		return "a " + t.Kind.String(), "use a scalar, an enum, or a struct of them"
	case kind.JSON:
		return "json", "use a scalar, an enum, or a struct of them"
	case kind.Bytes:
		switch {
		case t.Marshalled():
			return "bytes that only the Go type itself knows", "store it as text, types: {Name: {go: " + t.Go.String() + ", as: text}}, where it has one"
		case t.Name == "" || t.Go != nil:
			return "bytes without a name", "declare a type for it, types: {RowID: {is: bytes}}, which Go can compare, and give the field this type"
		}
	case kind.Struct:
		if t.Go != nil && !t.Go.Comparable {
			return "a Go struct that cannot be compared, or has fields that are not stored", "use a scalar, an enum, or a struct of the schema"
		}
		for _, f := range t.Fields {
			if f.Optional {
				return "a struct whose part " + f.Name + " may be absent", "remove the ? there"
			}
			if why, help := unkeyable(f.Type); why != "" {
				return "a struct whose part " + f.Name + " is " + why, help
			}
		}
	}
	return "", ""
}

// useInKey marks a struct, and the structs in it, as parts of a key. The parts
// get Go names that key types can have.
func (rs *resolver) useInKey(t *schema.Type) {
	if t.Kind != kind.Struct || t.UsedInKey {
		return
	}
	t.UsedInKey = true
	for _, f := range t.Fields {
		f.Keyed = true
		rs.reserved(lang.ReservedParts, f.GoName, "the part "+f.Name+" of a key", f.Pos)
		rs.useInKey(f.Type)
	}
}

// example is a type as one is written of the kind whose name a text begins with.
func example(text string) string {
	if s := formed(text); s != nil {
		return kind.TypeText(s.Kind, &s.FormExample)
	}
	return "one of " + strings.Join(lang.ScalarNames, ", ")
}

// formed is the scalar with numbers whose name a text begins with, nil if there is none.
func formed(text string) *kind.Scalar {
	for _, s := range kind.Scalars() {
		if s.Form != "" && strings.HasPrefix(text, strings.TrimRight(s.Name, "[n]")) {
			return s
		}
	}
	return nil
}
