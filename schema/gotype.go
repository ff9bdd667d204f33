package schema

// A GoType is a Go type that is there already, in a package of the user's.
type GoType struct {
	Path    string // the import path of its package; "" of a predeclared type
	Package string // the name of its package
	Name    string
}

// A GoStruct is a struct of the user's, as a row that is read from Go source.
type GoStruct struct {
	Type     GoType
	Fields   []GoField
	Problems []GoProblem // why it cannot be a row; where there are any, Fields are not all
}

// A GoField is a field of such a struct.
type GoField struct {
	Name   string  // the column
	GoName string  // the field
	Type   string  // as the schema language writes it: []string, timestamp?
	Go     *GoType // the Go type of the value, or of the element; nil where it is the one that Type has in Go
	Hidden bool
	Doc    string
	Pos    Pos
	Source string // the line itself
}

// A GoProblem is a mistake in Go source, or in what is there of it.
type GoProblem struct {
	Pos     Pos // without a file: where the schema names the struct
	Source  string
	Message string
	Mend    string
}

// A GoLoader finds structs in Go source by import path and name:
// example.com/app/model.User. It is called once for all, and answers all.
type GoLoader func(names []string) map[string]*GoStruct

// goRows reads the fields of the rows that are structs of the user's.
func (r *reporter) goRows(tables []*tableDecl, load GoLoader) {
	var names []string
	for _, t := range tables {
		if t.goRow == nil {
			continue
		}
		if load == nil {
			r.report(ruleGoRow, t.goRow.pos, "the Go type %s cannot be looked for here", t.goRow.text).mend("name the fields: fields: {id: string}")
			continue
		}
		names = append(names, t.goRow.text)
	}
	if len(names) == 0 {
		return
	}
	found := load(names)
	for _, t := range tables {
		if t.goRow == nil || found[t.goRow.text] == nil {
			continue
		}
		s := found[t.goRow.text]
		for _, p := range s.Problems {
			pos := p.Pos
			if pos.File == "" {
				pos = t.goRow.pos
			} else {
				r.lineOf(pos, p.Source)
			}
			d := r.report(ruleGoRow, pos, "%s", p.Message).mend("%s", p.Mend)
			if pos != t.goRow.pos {
				d.related(t.goRow.pos, "it is the row of a table here")
			}
		}
		t.goType = &s.Type
		t.hasFields = len(s.Problems) == 0
		for _, f := range s.Fields {
			r.lineOf(f.Pos, f.Source)
			src := r.sources[f.Pos.File]
			text := func(s string) *node { return &node{kind: scalarNode, text: s, pos: f.Pos, src: src} }
			decl := &fieldDecl{name: text(f.Name), typ: text(f.Type), doc: f.Doc, goName: f.GoName, goType: f.Go}
			if f.Hidden {
				decl.hidden = text("true")
			}
			t.fields = append(t.fields, decl)
		}
	}
}

// lineOf keeps a line of Go source, for messages about it.
func (r *reporter) lineOf(pos Pos, line string) {
	s := r.sources[pos.File]
	if s == nil {
		s = &source{name: pos.File, path: pos.File}
		r.source(s)
	}
	for len(s.lines) < pos.Line {
		s.lines = append(s.lines, "")
	}
	s.lines[pos.Line-1] = line
}

// inGo gives a field the names and types that it has in Go already.
func (f *Field) inGo(decl *fieldDecl) {
	if decl.goName == "" {
		return
	}
	f.GoName = decl.goName
	if decl.goType == nil || f.Type.Kind == Invalid {
		return
	}
	t := *f.Type
	if t.Kind == List || t.Kind == Map {
		elem := *t.Elem
		elem.Go = decl.goType
		t.Elem = &elem
	} else {
		t.Go = decl.goType
	}
	f.Type = &t
}
