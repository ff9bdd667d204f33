package docs

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// Markdown describes all tables and types of a schema.
func Markdown(set *schema.Set) []byte {
	var p page
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
	p.diagram(set)
	for _, t := range set.Tables {
		p.table(t)
	}
	p.types(set.Types)
	return []byte(strings.TrimRight(p.String(), "\n") + "\n")
}

type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// diagram draws the tables with the types of their fields, and joins those that
// refer to each other.
func (p *page) diagram(set *schema.Set) {
	if len(set.Tables) == 0 {
		return
	}
	p.line("\n```mermaid\nerDiagram")
	for _, t := range set.Tables {
		p.line("  %s {", node(t))
		for _, f := range t.Fields {
			p.line("    %s", strings.TrimSpace(diagramType(f.Type)+" "+f.Name+" "+mark(t, f)))
		}
		p.line("  }")
	}
	for _, r := range references(set) {
		end := "||"
		if r.field.Optional {
			end = "|o"
		}
		p.line("  %s }o--%s %s : %s", node(r.from), end, node(r.to), r.field.Name)
	}
	p.line("```")
}

// mark says of a field in the diagram that it is part of the key, or unique.
func mark(t *schema.Table, f *schema.Field) string {
	switch {
	case f.InKey:
		return "PK"
	case uniqueAlone(t, f):
		return "UK"
	}
	return ""
}

// A reference is a field that holds the key of another table.
type reference struct {
	from  *schema.Table
	field *schema.Field
	to    *schema.Table
}

// references finds the fields outside the key that have the type of another table's key.
// Only named types count, since fields share others by chance, and no families, since a
// field does not say which member it means.
func references(set *schema.Set) []reference {
	byKey := map[*schema.Type][]*schema.Table{}
	for _, t := range set.Tables {
		if t.Key.Type.Name != "" && len(t.Per) == 0 {
			byKey[t.Key.Type] = append(byKey[t.Key.Type], t)
		}
	}
	var out []reference
	for _, t := range set.Tables {
		for _, f := range t.Fields {
			if len(t.Key.Fields) == 1 && f.InKey {
				continue
			}
			for _, other := range byKey[f.Type] {
				if other != t {
					out = append(out, reference{t, f, other})
				}
			}
		}
	}
	return out
}

func uniqueAlone(t *schema.Table, f *schema.Field) bool {
	for _, ix := range t.Indexes {
		if ix.Unique && len(ix.Columns) == 1 && ix.Columns[0].Field == f {
			return true
		}
	}
	return false
}

func (p *page) table(t *schema.Table) {
	p.line("\n## %s\n", t.Name)
	if t.Doc != "" {
		p.line("%s\n", text(t.Doc))
	}
	if len(t.Per) > 0 {
		p.line("A family: one store for each value of these parameters.\n")
		p.line("| parameter | type | |\n|---|---|---|")
		for _, f := range t.Per {
			p.line("| `%s` | %s | %s |", f.Name, typeLink(f.Type), cell(f.Doc))
		}
		p.line("")
	}
	if t.Codec != nil {
		p.line("A row is the Go type `%s`, %s. It is stored whole; these are columns of it.\n", &t.Codec.Type, map[bool]string{true: "which makes its bytes itself", false: "a protobuf message"}[t.Codec.Own])
	}
	p.line("| field | type | | |\n|---|---|---|---|")
	for _, f := range t.Fields {
		p.line("| `%s` | %s | %s | %s |", f.Name, fieldType(f), cell(traits(f)), cell(f.Doc))
	}
	p.line("\nKey: %s. Access: %s.%s", names(t.Key.Fields), access(t), ttl(t.TTL))
	if len(t.Checks) > 0 {
		p.line("\nEvery row that is written meets:\n")
		for _, c := range t.Checks {
			p.line("- `%s`%s", c.Expr, dash(c.Doc))
		}
	}
	p.line("\n| reading | finds | costs |\n|---|---|---|")
	for _, c := range Costs(t) {
		p.line("| `%s` | %s | %s |", strings.ReplaceAll(c.Call, "|", "\\|"), cell(c.Finds), cell(c.Reads))
	}
	p.line("\nA write costs %s.", WriteCost(t))
}

func traits(f *schema.Field) string {
	var out []string
	if f.InKey {
		out = append(out, "key")
	}
	if f.Default != nil {
		out = append(out, "default `"+f.Default.String()+"`")
	}
	if f.Min > 0 {
		out = append(out, fmt.Sprintf("at least %d bytes", f.Min))
	}
	if f.Max > 0 {
		out = append(out, fmt.Sprintf("at most %d bytes", f.Max))
	}
	if f.Hidden {
		out = append(out, "hidden from providers")
	}
	return strings.Join(out, ", ")
}

func access(t *schema.Table) string {
	if t.Owner != nil {
		return "a user sees its own rows, those whose `" + t.Owner.Name + "` it is"
	}
	return map[schema.Access]string{
		schema.System: "dba and system", schema.Public: "everyone", schema.Private: "nobody but the program itself",
		schema.Restricted: "service, dba and system",
	}[t.Access]
}

func ttl(t *schema.TTL) string {
	if t == nil {
		return ""
	}
	keep := ""
	if t.KeepField != nil {
		keep = "as long after `" + t.From.Name + "` as `" + t.KeepField.Name + "` says"
	} else {
		lit := schema.LiteralOf(kind.DurationOf(t.Keep))
		keep = lit.String() + " after `" + t.From.Name + "`"
	}
	if t.From.Optional {
		keep += ", and never while that is absent"
	}
	return " A row expires " + keep + "."
}

func (p *page) types(types []*schema.Type) {
	if len(types) == 0 {
		return
	}
	p.line("\n## Types")
	for _, t := range types {
		p.line("\n### %s\n", t.Name)
		if t.Doc != "" {
			p.line("%s\n", text(t.Doc))
		}
		switch t.Kind {
		case kind.Enum:
			p.line("| value | number | |\n|---|---|---|")
			for _, v := range t.Values {
				p.line("| `%s` | %d | %s |", v.Name, v.Number, cell(v.Doc))
			}
		case kind.Struct:
			p.line("| part | type | |\n|---|---|---|")
			for _, f := range t.Fields {
				p.line("| `%s` | %s | %s |", f.Name, fieldType(f), cell(f.Doc))
			}
		default:
			limits := ""
			if t.Min > 0 {
				limits += fmt.Sprintf(", at least %d bytes", t.Min)
			}
			if t.Max > 0 {
				limits += fmt.Sprintf(", at most %d bytes", t.Max)
			}
			p.line("%s%s", kind.TypeText(t.Kind, t.Params()), limits)
		}
	}
}

// typeLink is a type with links to the named types in it.
func typeLink(t *schema.Type) string {
	switch {
	case t.Name != "":
		return "[" + t.Name + "](#" + anchor(t.Name) + ")"
	case t.Kind == kind.List:
		return "list of " + typeLink(t.Elem)
	case t.Kind == kind.Map:
		return "map from " + typeLink(t.MapKey) + " to " + typeLink(t.Elem)
	}
	return kind.TypeText(t.Kind, t.Params())
}

func fieldType(f *schema.Field) string {
	if f.Optional {
		return typeLink(f.Type) + ", may be absent"
	}
	return typeLink(f.Type)
}

func names(fields []*schema.Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, "`"+f.Name+"`")
	}
	return strings.Join(out, ", then ")
}

// node is a table in the diagram.
func node(t *schema.Table) string { return strings.ReplaceAll(t.Name, ".", "__") }

// diagramType is a type in the diagram, where it is one word.
func diagramType(t *schema.Type) string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == kind.List:
		return "list_" + diagramType(t.Elem)
	case t.Kind == kind.Map:
		return "map_" + diagramType(t.Elem)
	}
	return strings.ReplaceAll(kind.TypeText(t.Kind, t.Params()), ",", "_") // which the diagram takes
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
