package schematest

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
)

// Dump returns all of a Set as text, except positions.
func Dump(s *schema.Set) string {
	var b strings.Builder
	for _, t := range s.Types {
		fmt.Fprintf(&b, "type %s %s%s%s%s\n", t.Name, t.Kind, goText(t), limitText(t.Max, t.Min), flagText(t.UsedInKey, "in-key"))
		docText(&b, "  ", t.Doc, t.Was)
		for _, f := range t.Fields {
			dumpField(&b, "  part", f)
		}
		for _, v := range t.Values {
			fmt.Fprintf(&b, "  value %s %s = %d\n", v.Name, v.GoName, v.Number)
			docText(&b, "    ", v.Doc, v.Was)
		}
	}
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "table %s = %d: group %q, package %s, %s, row %s, %s, from %s\n", t.Name, t.Number, t.Group, t.Pkg, t.GoName, t.Row, t.Access, t.File)
		if t.Go != nil {
			fmt.Fprintf(&b, "  go %s\n", t.Go)
		}
		docText(&b, "  ", t.Doc, t.Was)
		if t.Owner != nil {
			fmt.Fprintf(&b, "  owner %s\n", t.Owner.Name)
		}
		for _, f := range t.Per {
			dumpField(&b, "  per", f)
		}
		fmt.Fprintf(&b, "  key %s %q (%s) parts %v%s\n", t.Key.Type, t.Key.Named, FieldNames(t.Key.Fields), t.Key.PartNames, flagText(t.Key.Local, "local"))
		if t.Key.Local {
			for _, f := range t.Key.Type.Fields {
				dumpField(&b, "    part", f)
			}
		}
		for _, f := range t.Fields {
			dumpField(&b, "  field", f)
		}
		for _, ix := range t.Indexes {
			fmt.Fprintf(&b, "  index %s %s = %d%s\n", ix.Name, ix.GoName, ix.Number, flagText(ix.Unique, "unique"))
			docText(&b, "    ", ix.Doc, ix.Was)
			for _, c := range ix.Columns {
				fmt.Fprintf(&b, "    on %s %s\n", c.Text(c.Field.Name), c.Type())
			}
			if ix.Where != nil {
				fmt.Fprintf(&b, "    where %s (%s)\n", describe.Written(t, ix.Where), FieldNames(schema.ExprFields(ix.Where)))
			}
			if len(ix.Include) > 0 {
				fmt.Fprintf(&b, "    include %s\n", FieldNames(ix.Include))
			}
		}
		if t.TTL != nil {
			fmt.Fprintf(&b, "  ttl from %s keep %s", t.TTL.From.Name, t.TTL.Keep)
			if t.TTL.KeepField != nil {
				fmt.Fprintf(&b, " of %s", t.TTL.KeepField.Name)
			}
			b.WriteByte('\n')
		}
		if t.Blind {
			b.WriteString("  blind\n")
		}
		for _, c := range t.Checks {
			fmt.Fprintf(&b, "  check %s | %s | %s\n", c.Text, describe.Written(t, c.Expr), c.Doc)
		}
	}
	for _, g := range s.Groups {
		fmt.Fprintf(&b, "group %s:", g.Name)
		for _, t := range g.Tables {
			fmt.Fprintf(&b, " %s", t.Name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func dumpField(b *strings.Builder, what string, f *schema.Field) {
	fmt.Fprintf(b, "%s %d %s %s %s%s = %d%s%s%s%s", what, f.Index, f.Name, f.GoName, f.Type, goText(f.Type), f.Number,
		flagText(f.Optional, "optional"), flagText(f.Hidden, "hidden"), flagText(f.InKey, "in-key"), limitText(f.Max, f.Min))
	if f.Default != nil {
		fmt.Fprintf(b, " default %s", f.Default)
	}
	b.WriteByte('\n')
	docText(b, "    ", f.Doc, f.Was)
}

// goText returns the Go types of a type.
func goText(t *schema.Type) string {
	var out string
	for _, in := range []*schema.Type{t, t.Elem, t.MapKey} {
		if in != nil && in.Go != nil {
			out += fmt.Sprintf(" (%s as %s)", in.Go, in.Go.Form)
		}
	}
	return out
}

func docText(b *strings.Builder, indent, doc string, was []string) {
	if doc != "" {
		fmt.Fprintf(b, "%s# %s\n", indent, strings.ReplaceAll(doc, "\n", "\n"+indent+"# "))
	}
	if len(was) > 0 {
		fmt.Fprintf(b, "%swas %s\n", indent, strings.Join(was, ", "))
	}
}

func flagText(on bool, text string) string {
	if on {
		return " " + text
	}
	return ""
}

func limitText(longest, shortest int) string {
	var s string
	if longest > 0 {
		s += fmt.Sprintf(" max %d", longest)
	}
	if shortest > 0 {
		s += fmt.Sprintf(" min %d", shortest)
	}
	return s
}

func FieldNames(fields []*schema.Field) string {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
