package resolve

import (
	"slices"
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

// declareTypes binds the named types.
func (rs *resolver) declareTypes(decls []*ast.Type) {
	type declared struct {
		t    *schema.Type
		decl *ast.Type
	}
	var all []declared
	for _, decl := range decls {
		name := decl.Name.Text
		if first := rs.types[name]; first != nil {
			d := rs.Report(rules.NameDuplicate, decl.Name.Pos, "the type %s is declared twice", name).
				Help("rename or remove one of them").Related(first.Pos, "first here")
			if decl.Go != nil && decl.GoName == nil {
				d.Help("give it another name in the schema: types: {Other%s: {go: %s}}", name, &decl.Go.Type)
			}
			continue
		}
		t := &schema.Type{Name: name, Doc: decl.Doc, File: decl.File.Name, Was: rs.formers(decl.Nodes(lang.WordWas), isUpper), Pos: decl.Name.Pos}
		rs.types[name] = t // even if the name is not valid, so that its uses are no further mistakes
		if rs.upper(decl.Name, "a type") && rs.typeFile(decl.Name) && rs.models.add(name, "the type "+name, decl.Name.Pos) {
			for _, d := range lang.TypeNames {
				if decl.Go != nil && d.Prefix != "DescOf" {
					continue // the user's package has the rest
				}
				if !d.Some || decl.Kind != kind.Invalid {
					rs.models.add(d.Prefix+name+d.Suffix, d.What+" the type "+name, decl.Name.Pos)
				}
			}
		}
		rs.typeNames = append(rs.typeNames, name)
		if decl.Node(lang.WordOrder) != nil {
			rs.textOrdered[name] = true
		}
		if decl.Broken || decl.GoName != nil && decl.Go == nil {
			continue
		}
		all = append(all, declared{t, decl})
		switch decl.Kind {
		case kind.Invalid:
			if decl.Go == nil {
				rs.namedScalar(t, decl)
				break
			}
			under := schema.Scalar(decl.Go.Scalar)
			t.Kind, t.Args = under.Kind, under.Args
		case kind.Enum:
			rs.enum(t, decl)
		case kind.Struct:
			t.Kind = kind.Struct
		}
		if decl.Go != nil {
			t.Go = &decl.Go.Type
		}
		if !t.Kind.Text() {
			rs.noLimits(t, "field", decl.Node(lang.WordMax), decl.Node(lang.WordMin))
		} else if decl.Go != nil {
			t.Max, t.Min = rs.limits(decl.Node(lang.WordMax), decl.Node(lang.WordMin))
		}
		rs.set.Types = append(rs.set.Types, t)
	}
	slices.SortFunc(rs.set.Types, func(a, b *schema.Type) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range all {
		if d.decl.Kind == kind.Struct {
			rs.structFields(d.t, d.decl)
		}
	}
	rs.recursion(rs.set.Types)
	inModels(rs.set.Types)
}

// typeFile reports types whose generated files would have the same name.
func (rs *resolver) typeFile(n *syntax.Node) bool {
	folded := strings.ToLower(n.Text)
	other := rs.typeFiles[folded]
	if other == nil {
		rs.typeFiles[folded] = rs.types[n.Text]
		return true
	}
	rs.Report(rules.NameClash, n.Pos, "the types %s and %s differ in letter case only, which file names do not tell apart", other.Name, n.Text).
		Help("rename one of them").Related(other.Pos, "%s is here", other.Name)
	return false
}

// namedScalar binds {is: scalar}.
func (rs *resolver) namedScalar(t *schema.Type, decl *ast.Type) {
	is := decl.Node(lang.WordIs)
	under, err := schema.ParseScalar(is.Text)
	if err != nil {
		rs.Report(rules.TypeIs, is.Pos, "%q is no type: %s", is.Text, err).Help("write %s", example(is.Text))
		return
	}
	if under != nil && under.Kind != kind.JSON {
		t.Kind, t.Args = under.Kind, under.Args
		t.Max, t.Min = rs.limits(decl.Node(lang.WordMax), decl.Node(lang.WordMin))
		return
	}
	d := rs.Report(rules.TypeIs, is.Pos, "a named type is over a scalar, and %q is none", is.Text)
	possible := slices.DeleteFunc(slices.Clone(lang.ScalarNames), func(s string) bool { return s == "json" })
	switch {
	case under != nil:
		d.Message = "json cannot be the type of a name"
		d.Help("use json itself where it is needed")
	case lang.SizedType(is.Text) != "":
		d.Help("write %q", lang.SizedType(is.Text))
	case lang.TypeHelp[strings.ToLower(is.Text)] != "":
		d.Help("%s", lang.TypeHelp[strings.ToLower(is.Text)])
	case lang.TypeAliases[is.Text] != "":
		d.Help("did you mean %q?", lang.TypeAliases[is.Text])
	case strings.HasSuffix(is.Text, "?"):
		d.Help("put the ? where the type is used")
	case diag.Nearest(is.Text, possible) != "":
		d.Suggest(is.Text, possible)
	default:
		d.Help("use one of %s", strings.Join(possible, ", "))
	}
}

func (rs *resolver) enum(t *schema.Type, decl *ast.Type) {
	t.Kind = kind.Enum
	seen := map[string]diag.Pos{}
	for _, v := range decl.Values {
		named := v.Words.Node(lang.WordName)
		name := named.Text
		if first, ok := seen[name]; ok {
			rs.Report(rules.NameDuplicate, named.Pos, "the value %s of %s is here twice", name, t.Name).Help("remove one of them").Related(first, "first here")
			continue
		}
		seen[name] = named.Pos
		value := &schema.EnumValue{Name: name, GoName: t.Name + naming.GoName(name), Doc: v.Words.Doc(), Was: rs.formers(v.Words.Nodes(lang.WordWas), isLower), Pos: named.Pos}
		t.Values = append(t.Values, value)
		if rs.lower(named, "an enum's value") && rs.word(named, "an enum's value") {
			rs.models.add(value.GoName, "the value "+t.Name+"."+name, named.Pos)
		}
	}
}

func (rs *resolver) structFields(t *schema.Type, decl *ast.Type) {
	scope := newNameScope(rs.Reporter, "in the struct "+t.Name)
	for i, f := range decl.Fields {
		field := rs.bindField(f, "a struct's field")
		field.Index = i
		t.Fields = append(t.Fields, field)
		if rs.reserved(lang.ReservedStructs, field.GoName, "the field "+field.Name, field.Pos) {
			scope.add(field.GoName, "the field "+field.Name, field.Pos)
		}
	}
}

// recursion reports structs that contain themselves, once for each cycle, and breaks
// the cycle.
func (rs *resolver) recursion(types []*schema.Type) {
	const (
		unseen = iota
		open
		done
	)
	state := map[*schema.Type]int{}
	var path []*schema.Type
	var visit func(t *schema.Type)
	visit = func(t *schema.Type) {
		state[t] = open
		path = append(path, t)
		for _, f := range t.Fields {
			inner := f.Type
			if inner.Elem != nil {
				inner = inner.Elem
			}
			if inner.Kind != kind.Struct {
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
				rs.Report(rules.TypeRecursive, f.Pos, "the struct %s holds itself: %s", inner.Name, strings.Join(append(names, inner.Name), " > ")).
					Help("hold the key of the other row instead of its value")
				f.Type = &schema.Type{}
			}
		}
		path = path[:len(path)-1]
		state[t] = done
	}
	for _, t := range types {
		if t.Kind == kind.Struct && state[t] == unseen {
			visit(t)
		}
	}
}
