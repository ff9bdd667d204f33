package resolve

import (
	"reflect"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

func (rs *resolver) indexes(t *tableScope) {
	scope := newNameScope(rs.Reporter, "among the indexes")
	for _, decl := range t.decl.Indexes {
		ix := &schema.Index{
			Name: decl.Name.Text, GoName: naming.GoName(decl.Name.Text), Doc: decl.Doc(), Unique: decl.Is(lang.WordUnique),
			Was: rs.formers(decl.Nodes(lang.WordWas), isLower), Pos: decl.Name.Pos,
		}
		if rs.lower(decl.Name, "an index") && rs.reserved(lang.ReservedIndexes, ix.GoName, "the index "+ix.Name, ix.Pos) {
			scope.add(ix.GoName, "the index "+ix.Name, ix.Pos)
		}
		ok := rs.columns(t, ix, decl)
		if where := decl.Node(lang.WordWhere); where != nil {
			ix.Where = rs.condition(t, where)
			ok = ok && ix.Where != nil
		}
		if ok {
			rs.redundant(t, ix)
			rs.sparse(ix)
		}
		rs.include(t, ix, decl)
		t.Indexes = append(t.Indexes, ix)
	}
}

func (rs *resolver) columns(t *tableScope, ix *schema.Index, decl *ast.Index) bool {
	ok := len(decl.Nodes(lang.WordOn)) > 0
	seen := map[*schema.Field]*syntax.Node{}
	var each *syntax.Node
	for _, n := range decl.Nodes(lang.WordOn) {
		c := rs.column(t, n)
		if c == nil {
			ok = false
			continue
		}
		if first := seen[c.Field]; first != nil {
			rs.Report(rules.ListRepeat, n.Pos, "%s is in the index twice", c.Field.Name).Help("remove one of them").Related(first.Pos, "first here")
			ok = false
			continue
		}
		seen[c.Field] = n
		if c.Each {
			if each != nil {
				rs.Report(rules.IndexEach, n.Pos, "an index is over each element of one list, not of two").
					Help("use two indexes").Related(each.Pos, "the first list")
				ok = false
				continue
			}
			each = n
		}
		c.Field.Keyed = true
		rs.textOrder(c.Field, c.Type(), n.Pos)
		ix.Columns = append(ix.Columns, c)
	}
	return ok
}

// column reads an index column, in the form of lang.ColumnForm.
func (rs *resolver) column(t *tableScope, n *syntax.Node) *schema.Column {
	c := &schema.Column{Pos: n.Pos}
	if write := lang.ForeignColumn(n.Text); write != "" {
		rs.Report(rules.IndexColumn, n.Pos, "%q is no index column", n.Text).Help("%s", write)
		return nil
	}
	type part struct {
		text     string
		from, to int
	}
	var parts []part
	for at := 0; at < len(n.Text); {
		if n.Text[at] == ' ' {
			at++
			continue
		}
		to := at + len(n.Text[at:])
		if i := strings.IndexByte(n.Text[at:], ' '); i >= 0 {
			to = at + i
		}
		parts = append(parts, part{n.Text[at:to], at, to})
		at = to
	}
	bad := func(p part, format string, args ...any) *schema.Column {
		rs.Report(rules.IndexColumn, n.Span(p.from, p.to), format, args...).Help("write %s", lang.ColumnForm)
		return nil
	}
	// order reports words in the wrong order, and suggests the right one.
	order := func(p part, why string) *schema.Column {
		words := map[string]bool{}
		field := ""
		for _, w := range strings.Fields(n.Text) {
			if words[w] = w == "asc" || c.Option(w) != nil; !words[w] {
				field = w
			}
		}
		right := []string{}
		for _, w := range slices.Concat(catalog.ColumnWords.Before, []string{field, "asc"}, catalog.ColumnWords.Behind) {
			if w == field || words[w] {
				right = append(right, w)
			}
		}
		rs.Report(rules.IndexColumn, n.Span(p.from, p.to), "%s", why).Help("write %s", strings.Join(right, " "))
		return nil
	}
	behind := func(p part) bool { return p.text == "asc" || slices.Contains(catalog.ColumnWords.Behind, p.text) }
	if len(parts) > 1 && behind(parts[0]) && t.byName[parts[0].text] == nil {
		return order(parts[0], parts[0].text+" comes behind the field")
	}
	before := catalog.ColumnWords.Before
	for last := -1; len(parts) > 0 && slices.Contains(before, parts[0].text); parts = parts[1:] {
		p := parts[0]
		switch at := slices.Index(before, p.text); {
		case *c.Option(p.text):
			return bad(p, "unexpected %q in an index column", p.text)
		case at < last:
			return order(p, p.text+" comes before "+before[last])
		default:
			*c.Option(p.text), last = true, at
		}
	}
	if len(parts) == 0 {
		return bad(part{"", 0, len(n.Text)}, "the index column names no field")
	}
	name := parts[0]
	for _, p := range parts[1:] {
		switch {
		case p == parts[1] && behind(p):
			if o := c.Option(p.text); o != nil {
				*o = true
			}
		default:
			d := rs.Report(rules.IndexColumn, n.Span(p.from, p.to), "unexpected %q in an index column", p.text).Help("write %s", lang.ColumnForm)
			before := diag.Nearest(name.text, catalog.ColumnWords.Before)
			after := diag.Nearest(p.text, []string{"asc", "desc"})
			if strings.HasPrefix(p.text, "desc") || strings.HasPrefix(p.text, "asc") {
				after = strings.TrimSuffix(p.text, "ending")
			}
			switch {
			case before != "" && t.byName[p.text] != nil:
				d.Help("did you mean \"%s %s\"?", before, p.text)
			case (after == "asc" || after == "desc") && p == parts[1]:
				d.Help("did you mean \"%s %s\"?", name.text, after)
			}
			return nil
		}
	}
	c.Field = rs.field(t, name.text, n.Span(name.from, name.to))
	if c.Field == nil || c.Field.Type.Kind == kind.Invalid {
		return nil
	}
	if !rs.columnType(t, c, n.Span(name.from, name.to)) {
		return nil
	}
	return c
}

// columnType reports a field that cannot be indexed as the column says.
func (rs *resolver) columnType(t *tableScope, c *schema.Column, pos diag.Pos) bool {
	f := c.Field
	if c.Each && f.Type.Kind != kind.List {
		rs.Report(rules.IndexEach, pos, "each is for lists, and %s is %s", f.Name, diag.Article(f.Type.String())).Help("remove each").Related(f.Pos, "declared here")
		return false
	}
	of := c.Type()
	switch {
	case of.Kind == kind.List:
		rs.Report(rules.IndexKind, pos, "%s is a list", f.Name).Help("index its elements: each %s", f.Name).Related(f.Pos, "declared here")
		return false
	case of.Kind == kind.Struct:
		names := make([]string, 0, len(of.Fields))
		for _, p := range of.Fields {
			names = append(names, p.Name)
		}
		rs.Report(rules.IndexKind, pos, "%s is the struct %s, and an index is over scalars", f.Name, of).
			Help("make its parts (%s) fields of the row, and index those", strings.Join(names, ", ")).Related(f.Pos, "declared here")
		return false
	case of.Marshalled() && of.Go.Form == schema.GoBinary:
		rs.Report(rules.IndexKind, pos, "%s is stored as bytes that only the Go type itself knows, which have no order", f.Name).
			Help("store the type as text, or keep what is searched for in a field of its own").Related(f.Pos, "declared here")
		return false
	case of.Kind == kind.JSON || of.Kind == kind.Map:
		rs.Report(rules.IndexKind, pos, "%s is %s, which has no order", f.Name, f.Type).Help("keep what is searched for in a field of its own").Related(f.Pos, "declared here")
		return false
	case c.Mapped() && of.Kind != kind.String:
		word := c.Mappings()[0].Word
		rs.Report(rules.IndexFold, pos, "%s is for strings, and %s is %s", word, f.Name, diag.Article(of.String())).Help("remove %s", word).Related(f.Pos, "declared here")
		return false
	}
	return true
}

// include binds the further fields of a covering index.
func (rs *resolver) include(t *tableScope, ix *schema.Index, decl *ast.Index) {
	seen := map[*schema.Field]*syntax.Node{}
	for _, n := range decl.Nodes(lang.WordInclude) {
		f := rs.field(t, n.Text, n.Pos)
		if f == nil {
			continue
		}
		what := ""
		switch {
		case f.InKey:
			what = "in the key, which every entry holds"
		case slices.ContainsFunc(ix.Columns, func(c *schema.Column) bool { return c.Field == f && !c.Mapped() && !c.Each }):
			what = "a column of the index"
		case slices.ContainsFunc(ix.Columns, func(c *schema.Column) bool { return c.Field == f && c.Each }):
			rs.Report(rules.IndexInclude, n.Pos, "each entry holds one element of %s, and not all of them too", f.Name).
				Help("remove it from include, and read the row for the whole list")
			continue
		}
		if what != "" {
			rs.Report(rules.IndexInclude, n.Pos, "%s is %s already", f.Name, what).Help("remove it from include")
			continue
		}
		if first := seen[f]; first != nil {
			rs.Report(rules.ListRepeat, n.Pos, "%s is included twice", f.Name).Help("remove one of them").Related(first.Pos, "first here")
			continue
		}
		seen[f] = n
		ix.Include = append(ix.Include, f)
	}
}

// redundant reports an index with the columns of the key or of an earlier index.
func (rs *resolver) redundant(t *tableScope, ix *schema.Index) {
	// A partial index over the key is useful: it finds the rows of its condition.
	if t.Key != nil && ix.Where == nil && len(ix.Columns) == len(t.Key.Fields) {
		same := true
		for i, c := range ix.Columns {
			same = same && c.Field == t.Key.Fields[i] && c.Options == catalog.Options{}
		}
		if same {
			rs.Report(rules.IndexRedundant, ix.Pos, "the index %s is over exactly the key", ix.Name).
				Help("remove it: the key serves the same").Related(t.Key.Pos, "the key")
			return
		}
	}
	for _, other := range t.Indexes {
		if len(other.Columns) != len(ix.Columns) || !reflect.DeepEqual(other.Where, ix.Where) {
			continue
		}
		same := true
		for i, c := range ix.Columns {
			o := other.Columns[i]
			same = same && c.Field == o.Field && c.Options == o.Options
		}
		if same {
			rs.Report(rules.IndexRedundant, ix.Pos, "the index %s has the same columns as %s", ix.Name, other.Name).
				Help("remove one of them").Related(other.Pos, "%s is here", other.Name)
			return
		}
	}
}
