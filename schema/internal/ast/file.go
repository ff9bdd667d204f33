package ast

import (
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// File reads the declarations of one file. It returns false if types may be missing
// because of a mistake.
func (d *Decoder) File(src *diag.Text, root *syntax.Node) bool {
	if root.Kind == syntax.BadNode {
		return false
	}
	if root.Kind != syntax.MapNode {
		d.Report(rules.ValueShape, root.Pos, "a schema file must be a mapping, and this is %s", root.Kind).
			Help("begin with table: or types:")
		return false
	}
	types, table := root.Get(lang.WordTypes), root.Get(lang.WordTable)
	switch {
	case types != nil && table != nil:
		d.Report(rules.FileKind, root.Key(lang.WordTypes).Pos, "a file holds types or one table, not both").
			Help("move the types to a file of their own").Related(root.Key(lang.WordTable).Pos, "the table is here")
		d.typesFile(src, root, true)
		return true
	case types != nil:
		d.typesFile(src, root, false)
		return true
	case table != nil:
		d.table(src, root)
		return true
	}
	if root.Dropped && len(root.Pairs) == 0 {
		return false
	}
	keys := make([]string, 0, len(root.Pairs))
	for _, p := range root.Pairs {
		keys = append(keys, p.Key.Text)
	}
	e := d.Report(rules.FileKind, root.Pos, "the file declares neither a table nor types").Help("begin with table: or types:")
	for _, k := range keys {
		if best := diag.Nearest(k, []string{lang.WordTable, lang.WordTypes}); best != "" {
			e.Help("did you mean %q instead of %q?", best, k)
			break
		}
	}
	return false
}
