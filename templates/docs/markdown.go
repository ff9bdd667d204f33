package docs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/diag"
)

// Markdown describes all tables and types of a schema.
func Markdown(set *describe.Schema) []byte {
	p := page{set: set}
	p.line("# Tables")
	p.line("")
	p.line("Written by `storegen docs` from the schemas; change those instead.")
	p.line("")
	for _, t := range set.Tables {
		p.line("- [%s](#%s)%s", t.Name, anchor(t.Name), dash(firstSentence(t.Doc)))
	}
	if len(set.Types) > 0 {
		p.line("- [Types](#types)")
	}
	p.diagram()
	for _, t := range set.Tables {
		p.table(t)
	}
	p.types()
	return []byte(strings.TrimRight(p.String(), "\n") + "\n")
}

type page struct {
	strings.Builder
	set *describe.Schema
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// diagram draws the tables with the types of their fields, and joins those that
// refer to each other.
func (p *page) diagram() {
	if len(p.set.Tables) == 0 {
		return
	}
	p.line("\n```mermaid\nerDiagram")
	for _, t := range p.set.Tables {
		p.line("  %s {", node(t))
		for i := range t.Fields {
			f := &t.Fields[i]
			p.line("    %s", strings.TrimSpace(diagramType(&f.Type)+" "+f.Name+" "+mark(t, i)))
		}
		p.line("  }")
	}
	for _, r := range references(p.set) {
		f := &r.from.Fields[r.field]
		end := "||"
		if f.Optional {
			end = "|o"
		}
		p.line("  %s }o--%s %s : %s", node(r.from), end, node(r.to), f.Name)
	}
	p.line("```")
}

// mark says of a field in the diagram that it is part of the key, or unique.
func mark(t *catalog.Table, field int) string {
	switch {
	case t.IsKey(field):
		return "PK"
	case uniqueAlone(t, field):
		return "UK"
	}
	return ""
}

// A reference is a field that holds the key of another table.
type reference struct {
	from  *catalog.Table
	field int // its position
	to    *catalog.Table
}

// references finds the fields outside the key that have the type of another table's key.
// Only named types count, since fields share others by chance, and no families, since a
// field does not say which member it means.
func references(set *describe.Schema) []reference {
	byKey := map[string][]*catalog.Table{}
	for _, t := range set.Tables {
		if set.Type(t.KeyType) != nil && len(t.Per) == 0 {
			byKey[t.KeyType] = append(byKey[t.KeyType], t)
		}
	}
	var out []reference
	for _, t := range set.Tables {
		for i := range t.Fields {
			if len(t.Key) == 1 && t.IsKey(i) {
				continue
			}
			for _, other := range byKey[t.Fields[i].Type.Name] {
				if other != t {
					out = append(out, reference{t, i, other})
				}
			}
		}
	}
	return out
}

func uniqueAlone(t *catalog.Table, field int) bool {
	for _, ix := range t.Indexes {
		if ix.Unique && len(ix.Columns) == 1 && ix.Columns[0].Field == field {
			return true
		}
	}
	return false
}

func (p *page) table(t *catalog.Table) {
	p.line("\n## %s\n", t.Name)
	if t.Doc != "" {
		p.line("%s\n", text(t.Doc))
	}
	if len(t.Per) > 0 {
		p.line("A family: one store for each value of these parameters.\n")
		p.line("| parameter | type | |\n|---|---|---|")
		for i := range t.Per {
			f := &t.Per[i]
			p.line("| `%s` | %s | %s |", f.Name, typeLink(&f.Type), cell(f.Doc))
		}
		p.line("")
	}
	if t.Form != catalog.Fields {
		what := map[catalog.Form]string{catalog.Own: "which makes its bytes itself", catalog.Message: "a protobuf message"}[t.Form]
		p.line("A row is the Go type `%s`, %s. It is stored whole; these are columns of it.\n", p.set.GoRows[t.Name], what)
	}
	p.line("| field | type | | |\n|---|---|---|---|")
	for i := range t.Fields {
		f := &t.Fields[i]
		p.line("| `%s` | %s | %s | %s |", f.Name, fieldType(f), cell(traits(p.set, t, i)), cell(f.Doc))
	}
	p.line("\nKey: %s. Access: %s.%s", names(t, t.Key), accessOf(t), ttl(t))
	if len(t.Checks) > 0 {
		p.line("\nEvery row that is written meets:\n")
		for _, c := range t.Checks {
			p.line("- `%s`%s", t.WrittenExpr(&c.Expr), dash(c.Doc))
		}
	}
	p.line("\n| reading | finds | costs |\n|---|---|---|")
	for _, c := range Costs(t) {
		p.line("| `%s` | %s | %s |", strings.ReplaceAll(c.Call, "|", "\\|"), cell(c.Finds), cell(c.Reads))
	}
	p.line("\nA write costs %s.", WriteCost(t))
}

// traits is what is to be said of a field beside its type, whose limits are told there.
func traits(set *describe.Schema, t *catalog.Table, field int) string {
	f := &t.Fields[field]
	var out []string
	if t.IsKey(field) {
		out = append(out, "key")
	}
	if f.Default != nil {
		out = append(out, "default `"+f.WrittenDefault()+"`")
	}
	least, most := f.Type.Min, f.Type.Max
	if named := set.Type(f.Type.Name); named != nil {
		if least == named.Min {
			least = 0
		}
		if most == named.Max {
			most = 0
		}
	}
	out = append(out, limits(least, most)...)
	if f.Hidden {
		out = append(out, "hidden from providers")
	}
	return strings.Join(out, ", ")
}

// limits are those of a length in words; 0 is none.
func limits(least, most int) (out []string) {
	if least > 0 {
		out = append(out, "at least "+diag.Count(least, "byte"))
	}
	if most > 0 {
		out = append(out, "at most "+diag.Count(most, "byte"))
	}
	return out
}

func accessOf(t *catalog.Table) string {
	if t.Access == access.Owned {
		return "a user sees its own rows, those whose `" + t.Fields[t.Key[0]].Name + "` it is"
	}
	return map[access.Level]string{
		access.SystemTable: "dba and system", access.Public: "everyone", access.Private: "nobody but the program itself",
		access.Restricted: "service, dba and system",
	}[t.Access]
}

func ttl(t *catalog.Table) string {
	if t.TTL == nil {
		return ""
	}
	from := &t.Fields[t.TTL.From]
	keep := ""
	if t.TTL.KeepField > 0 {
		keep = "as long after `" + from.Name + "` as `" + t.Fields[t.TTL.KeepField-1].Name + "` says"
	} else {
		keep = kind.FormatDuration(t.TTL.Keep) + " after `" + from.Name + "`"
	}
	if from.Optional {
		keep += ", and never while that is absent"
	}
	return " A row expires " + keep + "."
}

func (p *page) types() {
	if len(p.set.Types) == 0 {
		return
	}
	p.line("\n## Types")
	for _, t := range p.set.Types {
		p.line("\n### %s\n", t.Name)
		if t.Doc != "" {
			p.line("%s\n", text(t.Doc))
		}
		switch t.Kind {
		case kind.Enum:
			p.line("| value | number | |\n|---|---|---|")
			for i, v := range t.Values {
				p.line("| `%s` | %d | %s |", v.Name, v.Number, cell(t.ValueDocs[i]))
			}
		case kind.Struct:
			p.line("| part | type | |\n|---|---|---|")
			for i := range t.Fields {
				f := &t.Fields[i]
				p.line("| `%s` | %s | %s |", f.Name, fieldType(f), cell(f.Doc))
			}
		default:
			p.line("%s", plain(t))
		}
	}
}

// plain is a named type that is a scalar with limits.
func plain(t *describe.Named) string {
	return strings.Join(append([]string{kind.TypeText(t.Kind, &t.Params)}, limits(t.Min, t.Max)...), ", ")
}

// typeLink is a type with links to the named types in it.
func typeLink(t *catalog.Type) string {
	switch {
	case t.Name != "":
		return "[" + t.Name + "](#" + anchor(t.Name) + ")"
	case t.Len > 0:
		return "array of " + strconv.Itoa(t.Len) + " " + typeLink(t.Elem)
	case t.Kind == kind.List:
		return "list of " + typeLink(t.Elem)
	case t.Kind == kind.Map:
		return "map from " + typeLink(t.KeyOf()) + " to " + typeLink(t.Elem)
	}
	return kind.TypeText(t.Kind, &t.Params)
}

func fieldType(f *catalog.Field) string {
	if f.Optional {
		return typeLink(&f.Type) + ", may be absent"
	}
	return typeLink(&f.Type)
}

func names(t *catalog.Table, fields []int) string {
	var out []string
	for _, f := range fields {
		out = append(out, "`"+t.Fields[f].Name+"`")
	}
	return strings.Join(out, ", then ")
}

// node is a table in the diagram.
func node(t *catalog.Table) string { return strings.ReplaceAll(t.Name, ".", "__") }

// diagramType is a type in the diagram, where it is one word.
func diagramType(t *catalog.Type) string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == kind.List:
		return "list_" + diagramType(t.Elem)
	case t.Kind == kind.Map:
		return "map_" + diagramType(t.Elem)
	}
	return strings.ReplaceAll(kind.TypeText(t.Kind, &t.Params), ",", "_") // which the diagram takes
}

// anchor is the link to a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(strings.ToLower(heading), ".", "")
}

func firstSentence(doc string) string {
	line, _, _ := strings.Cut(doc, "\n")
	return line
}

func dash(doc string) string {
	if doc == "" {
		return ""
	}
	return ": " + cell(doc)
}

// escape makes text that people wrote plain in Markdown and HTML.
var escape = strings.NewReplacer("<", "&lt;", ">", "&gt;", "*", `\*`, "[", `\[`)

func text(doc string) string { return escape.Replace(doc) }

// cell is a text inside a table or a list.
func cell(doc string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(escape.Replace(doc)), " "), "|", `\|`)
}
