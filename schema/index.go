package schema

import (
	"slices"
	"strings"
)

// warningTextOrder is the id of a warning: an index over what is stored as text.
const warningTextOrder = "text-order"

func (rs *resolver) indexes(t *tableScope) {
	scope := newNameScope(rs.reporter, "among the indexes")
	for _, decl := range t.decl.indexes {
		ix := &Index{
			Name: decl.name.text, GoName: GoName(decl.name.text), Doc: decl.doc, Unique: decl.unique,
			Was: texts(decl.was), Pos: decl.name.pos,
		}
		if rs.lower(decl.name, "an index") && rs.reserved(reservedIndexes, ix.GoName, "the index "+ix.Name, ix.Pos) {
			scope.add(ix.GoName, "the index "+ix.Name, ix.Pos)
		}
		ok := rs.columns(t, ix, decl)
		if decl.where != nil {
			ix.Where = rs.condition(t, decl.where)
			ok = ok && ix.Where != nil
		}
		if ok {
			rs.redundant(t, ix)
		}
		rs.include(t, ix, decl)
		t.Indexes = append(t.Indexes, ix)
	}
}

func (rs *resolver) columns(t *tableScope, ix *Index, decl *indexDecl) bool {
	ok := len(decl.on) > 0
	seen := map[*Field]*node{}
	var each *node
	for _, n := range decl.on {
		c := rs.column(t, n)
		if c == nil {
			ok = false
			continue
		}
		if first := seen[c.Field]; first != nil {
			rs.report(ruleListRepeat, n.pos, "%s is in the index twice", c.Field.Name).mend("remove one of them").related(first.pos, "first here")
			ok = false
			continue
		}
		seen[c.Field] = n
		if c.Each {
			if each != nil {
				rs.report(ruleIndexEach, n.pos, "an index is over each element of one list, not of two").
					mend("use two indexes").related(each.pos, "the first list")
				ok = false
				continue
			}
			each = n
		}
		c.Field.Keyed = true
		if t := c.Type(); t.Marshalled() && t.Go.Form == GoText {
			rs.warn(warningTextOrder, n.pos, "%s is indexed by the text of %s, and texts are in the order of their bytes: 10 comes before 9", c.Field.Name, t.Go).
				mend("ask the index for equal values only, or keep what has an order in a field of its own").related(c.Field.Pos, "declared here")
		}
		ix.Columns = append(ix.Columns, c)
	}
	return ok
}

// column reads "[each] [fold] field [asc|desc]".
func (rs *resolver) column(t *tableScope, n *node) *Column {
	c := &Column{Pos: n.pos}
	if write := foreignColumn(n.text); write != "" {
		rs.report(ruleIndexColumn, n.pos, "%q is no index column", n.text).mend("%s", write)
		return nil
	}
	type part struct {
		text     string
		from, to int
	}
	var parts []part
	for at := 0; at < len(n.text); {
		if n.text[at] == ' ' {
			at++
			continue
		}
		to := at + len(n.text[at:])
		if i := strings.IndexByte(n.text[at:], ' '); i >= 0 {
			to = at + i
		}
		parts = append(parts, part{n.text[at:to], at, to})
		at = to
	}
	bad := func(p part, format string, args ...any) *Column {
		rs.report(ruleIndexColumn, n.span(p.from, p.to), format, args...).mend("write [each] [fold] field [asc|desc]")
		return nil
	}
	// order says in which order the words of the column stand.
	order := func(p part, why string) *Column {
		words := map[string]bool{}
		field := ""
		for _, w := range strings.Fields(n.text) {
			switch w {
			case "each", "fold", "asc", "desc":
				words[w] = true
			default:
				field = w
			}
		}
		right := []string{}
		for _, w := range []string{"each", "fold", field, "asc", "desc"} {
			if w == field || words[w] {
				right = append(right, w)
			}
		}
		rs.report(ruleIndexColumn, n.span(p.from, p.to), "%s", why).mend("write %s", strings.Join(right, " "))
		return nil
	}
	if len(parts) > 1 && (parts[0].text == "desc" || parts[0].text == "asc") && t.byName[parts[0].text] == nil {
		return order(parts[0], parts[0].text+" comes behind the field")
	}
	for len(parts) > 0 && (parts[0].text == "each" || parts[0].text == "fold") {
		switch p := parts[0]; {
		case p.text == "each" && !c.Each && !c.Fold:
			c.Each = true
		case p.text == "fold" && !c.Fold:
			c.Fold = true
		case p.text == "each" && c.Fold && !c.Each:
			return order(p, "each comes before fold")
		default:
			return bad(p, "unexpected %q in an index column", p.text)
		}
		parts = parts[1:]
	}
	if len(parts) == 0 {
		return bad(part{"", 0, len(n.text)}, "the index column names no field")
	}
	name := parts[0]
	for _, p := range parts[1:] {
		switch {
		case p == parts[1] && (p.text == "desc" || p.text == "asc"):
			c.Desc = p.text == "desc"
		default:
			d := rs.report(ruleIndexColumn, n.span(p.from, p.to), "unexpected %q in an index column", p.text).mend("write [each] [fold] field [asc|desc]")
			before := Nearest(name.text, []string{"each", "fold"})
			after := Nearest(p.text, []string{"asc", "desc"})
			if strings.HasPrefix(p.text, "desc") || strings.HasPrefix(p.text, "asc") {
				after = strings.TrimSuffix(p.text, "ending")
			}
			switch {
			case before != "" && t.byName[p.text] != nil:
				d.mend("did you mean \"%s %s\"?", before, p.text)
			case (after == "asc" || after == "desc") && p == parts[1]:
				d.mend("did you mean \"%s %s\"?", name.text, after)
			}
			return nil
		}
	}
	c.Field = rs.field(t, name.text, n.span(name.from, name.to))
	if c.Field == nil || c.Field.Type.Kind == Invalid {
		return nil
	}
	if !rs.columnType(t, c, n.span(name.from, name.to)) {
		return nil
	}
	return c
}

// columnType reports that a field cannot be indexed as the column says.
func (rs *resolver) columnType(t *tableScope, c *Column, pos Pos) bool {
	f := c.Field
	if c.Each && f.Type.Kind != List {
		rs.report(ruleIndexEach, pos, "each is for lists, and %s is %s", f.Name, article(f.Type.String())).mend("remove each").related(f.Pos, "declared here")
		return false
	}
	of := c.Type()
	switch {
	case of.Kind == List:
		rs.report(ruleIndexKind, pos, "%s is a list", f.Name).mend("index its elements: each %s", f.Name).related(f.Pos, "declared here")
		return false
	case of.Kind == Struct:
		names := make([]string, 0, len(of.Fields))
		for _, p := range of.Fields {
			names = append(names, p.Name)
		}
		rs.report(ruleIndexKind, pos, "%s is the struct %s, and an index is over scalars", f.Name, of).
			mend("make its parts (%s) fields of the row, and index those", strings.Join(names, ", ")).related(f.Pos, "declared here")
		return false
	case of.Marshalled() && of.Go.Form == GoBinary:
		rs.report(ruleIndexKind, pos, "%s is stored as bytes that only the Go type itself knows, which have no order", f.Name).
			mend("store the type as text, or keep what is searched for in a field of its own").related(f.Pos, "declared here")
		return false
	case of.Kind == JSON || of.Kind == Map:
		rs.report(ruleIndexKind, pos, "%s is %s, which has no order", f.Name, f.Type).mend("keep what is searched for in a field of its own").related(f.Pos, "declared here")
		return false
	case c.Fold && of.Kind != String:
		rs.report(ruleIndexFold, pos, "fold is for strings, and %s is %s", f.Name, article(of.String())).mend("remove fold").related(f.Pos, "declared here")
		return false
	}
	return true
}

// include binds the further fields of a covering index.
func (rs *resolver) include(t *tableScope, ix *Index, decl *indexDecl) {
	seen := map[*Field]*node{}
	for _, n := range decl.include {
		f := rs.field(t, n.text, n.pos)
		if f == nil {
			continue
		}
		what := ""
		switch {
		case f.InKey:
			what = "in the key, which every entry holds"
		case slices.ContainsFunc(ix.Columns, func(c *Column) bool { return c.Field == f && !c.Fold && !c.Each }):
			what = "a column of the index"
		case slices.ContainsFunc(ix.Columns, func(c *Column) bool { return c.Field == f && c.Each }):
			rs.report(ruleIndexInclude, n.pos, "each entry holds one element of %s, and not all of them too", f.Name).
				mend("remove it from include, and read the row for the whole list")
			continue
		}
		if what != "" {
			rs.report(ruleIndexInclude, n.pos, "%s is %s already", f.Name, what).mend("remove it from include")
			continue
		}
		if first := seen[f]; first != nil {
			rs.report(ruleListRepeat, n.pos, "%s is included twice", f.Name).mend("remove one of them").related(first.pos, "first here")
			continue
		}
		seen[f] = n
		ix.Include = append(ix.Include, f)
	}
}

// redundant reports an index that serves nothing that the key, or an index
// before it, does not.
func (rs *resolver) redundant(t *tableScope, ix *Index) {
	// A partial index over the key finds the rows of its condition among all.
	if t.Key != nil && ix.Where == nil && len(ix.Columns) == len(t.Key.Fields) {
		same := true
		for i, c := range ix.Columns {
			same = same && c.Field == t.Key.Fields[i] && !c.Desc && !c.Fold && !c.Each
		}
		if same {
			rs.report(ruleIndexRedundant, ix.Pos, "the index %s is over exactly the key", ix.Name).
				mend("remove it: the key serves the same").related(t.Key.Pos, "the key")
			return
		}
	}
	for _, other := range t.Indexes {
		if len(other.Columns) != len(ix.Columns) || where(other) != where(ix) {
			continue
		}
		same := true
		for i, c := range ix.Columns {
			o := other.Columns[i]
			same = same && c.Field == o.Field && c.Desc == o.Desc && c.Fold == o.Fold && c.Each == o.Each
		}
		if same {
			rs.report(ruleIndexRedundant, ix.Pos, "the index %s has the same columns as %s", ix.Name, other.Name).
				mend("remove one of them").related(other.Pos, "%s is here", other.Name)
			return
		}
	}
}

func where(ix *Index) string {
	if ix.Where == nil {
		return ""
	}
	return ix.Where.String()
}
