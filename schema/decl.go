package schema

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file takes YAML nodes apart into declarations. A declaration holds the
// nodes themselves, so that the resolver can point at them; a nil node is one
// that was not written, or whose mistake is reported.

type typeDecl struct {
	file     *source
	name     *node
	doc      string
	is       *node // the scalar of a named scalar
	fields   []*fieldDecl
	values   []*valueDecl
	kind     Kind // Enum or Struct; Invalid for a named scalar
	max, min *node
	was      []*node
	broken   bool    // what it is could not be read
	goName   *node   // of go: path.Type
	as       *node   // of a Go type, its form
	goDecl   *GoDecl // what was found of it
}

type valueDecl struct {
	name *node
	doc  string
	was  []*node
}

type fieldDecl struct {
	name     *node
	typ      *node
	doc      string
	optional bool
	hidden   *node // the word true
	def      *node
	defHex   bool // def is bytes, which were written as {hex: 00ff}
	max, min *node
	was      []*node
	goName   string // of the field of a struct that is there already; "" is made of name
	goType   *GoType
	goKey    *GoType // of the keys of a map
	options  *node   // the name in the schema, of a field of a Go row that has options there
}

type tableDecl struct {
	file    *source
	name    *node
	doc     string
	row     *node
	goRow   *node // of row: {go: path.Type}
	goType  *GoType
	access  *node
	owner   *node // of access: {owner: field}
	key     *node // the whole of it
	keyType *node
	keyOf   []*node
	fields  []*fieldDecl
	options []*fieldDecl // fields that stand beside a Go row, without types
	per     []*fieldDecl
	indexes []*indexDecl
	ttl     *node // the whole of it
	ttlFrom *node
	ttlKeep *node
	checks  []*checkDecl
	was     []*node
	// hasFields is false when the fields could not be read, so that no reference
	// to a field can be judged.
	hasFields bool
}

type indexDecl struct {
	name    *node
	doc     string
	on      []*node
	unique  bool
	where   *node
	include []*node
	was     []*node
}

type checkDecl struct {
	rule *node
	doc  string
}

// A decoder makes declarations of nodes.
type decoder struct {
	*reporter
	types  []*typeDecl
	tables []*tableDecl
	found  *GoSource // of Go types; nil where none is named
}

// file takes one file's root apart. It returns false when types may be missing
// because of a mistake.
func (d *decoder) file(src *source, root *node) bool {
	if root.kind == badNode {
		return false
	}
	if root.kind != mapNode {
		d.report(ruleValueShape, root.pos, "a schema file must be a mapping, and this is %s", root.kind).
			mend("begin with table: or types:")
		return false
	}
	types, table := root.get("types"), root.get("table")
	var typesKey, tableKey *node
	for _, p := range root.pairs {
		switch p.key.text {
		case "types":
			typesKey = p.key
		case "table":
			tableKey = p.key
		}
	}
	switch {
	case types != nil && table != nil:
		d.report(ruleFileKind, typesKey.pos, "a file holds types or one table, not both").
			mend("move the types to a file of their own").related(tableKey.pos, "the table is here")
		d.typesFile(src, root, typesKey, true)
		return true
	case types != nil:
		d.typesFile(src, root, typesKey, false)
		return true
	case table != nil:
		d.table(src, root)
		return true
	}
	if root.dropped && len(root.pairs) == 0 {
		return false
	}
	keys := make([]string, 0, len(root.pairs))
	for _, p := range root.pairs {
		keys = append(keys, p.key.text)
	}
	e := d.report(ruleFileKind, root.pos, "the file declares neither a table nor types").mend("begin with table: or types:")
	for _, k := range keys {
		if best := Nearest(k, []string{"table", "types"}); best != "" {
			e.mend("did you mean %q instead of %q?", best, k)
			break
		}
	}
	return false
}

// unknownKey reports a key that has no meaning where it stands.
func (d *decoder) unknownKey(key *node, where string, allowed ...string) {
	d.foreignKey(key, where, nil, allowed...)
}

// foreignKey is unknownKey where other languages have words of their own.
func (d *decoder) foreignKey(key *node, where string, known habits, allowed ...string) {
	e := d.report(ruleKeyUnknown, key.pos, "unknown key %q in %s", key.text, where)
	if h, ok := known[squash(key.text)]; ok {
		e.mend("%s", h.mend)
		return
	}
	e.meant(key.text, allowed)
}

// missing reports whether a mapping lacks a key, and no other of its keys, which
// is reported as unknown, looks like it or is another language's word for it.
func missing(n *node, key string, known habits, allowed []string) bool {
	if n.get(key) != nil {
		return false
	}
	for _, p := range n.pairs {
		if slices.Contains(allowed, p.key.text) {
			continue
		}
		if known.means(p.key.text, key) || Nearest(p.key.text, allowed) == key {
			return false
		}
	}
	return true
}

// text returns a node that must be a scalar, or nil.
func (d *decoder) text(n *node, what string) *node {
	switch n.kind {
	case badNode:
		return nil
	case scalarNode:
		if strings.TrimSpace(n.text) != "" {
			return n
		}
		d.report(ruleValueMissing, n.pos, "%s is empty", what).mend("write a value, or remove the key")
	case emptyNode:
		d.report(ruleValueMissing, n.pos, "%s is empty", what).mend("write a value, or remove the key")
	default:
		d.report(ruleValueShape, n.pos, "%s must be text, and this is %s", what, n.kind).
			mend("write one value there; text that begins with a bracket or brace needs quotes")
	}
	return nil
}

// texts returns the scalars of a node that must be a scalar or a list of them.
func (d *decoder) texts(n *node, what string) []*node {
	if n.kind != listNode {
		if t := d.text(n, what); t != nil {
			return []*node{t}
		}
		return nil
	}
	if len(n.items) == 0 {
		d.report(ruleValueMissing, n.pos, "%s is an empty list", what).mend("name at least one")
	}
	var out []*node
	for _, item := range n.items {
		if t := d.text(item, "an entry of "+what); t != nil {
			out = append(out, t)
		}
	}
	return out
}

func (d *decoder) docText(n *node) string {
	if t := d.text(n, "doc"); t != nil {
		return strings.TrimSpace(t.text)
	}
	return ""
}

// flag returns the node of a true; nil of a false.
func (d *decoder) flag(n *node, what string) *node {
	t := d.text(n, what)
	if t == nil {
		return nil
	}
	if t.quoting == plain && t.text == "true" {
		return t
	}
	if t.quoting != plain || t.text != "false" {
		d.report(ruleValueBool, t.pos, "%s must be true or false, and this is %q", what, t.text).mend("write true or false, without quotes")
	}
	return nil
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

// mapping reports whether a node is a mapping with something in it.
func (d *decoder) mapping(n *node, what, mend string) bool {
	switch n.kind {
	case badNode:
		return false
	case mapNode:
		if len(n.pairs) > 0 || n.dropped {
			return len(n.pairs) > 0
		}
		fallthrough
	case emptyNode:
		d.report(ruleValueMissing, n.pos, "%s is empty", what).mend("%s", mend)
	default:
		e := d.report(ruleValueShape, n.pos, "%s must be a mapping, and this is %s", what, n.kind).mend("%s", mend)
		if n.kind == listNode {
			e.note("a mapping has a name and a colon before each value, and no dashes")
		}
	}
	return false
}

func (d *decoder) typesFile(src *source, root, typesKey *node, both bool) {
	for _, p := range root.pairs {
		switch {
		case p.key == typesKey:
			if !d.mapping(p.value, "types", "declare a type: Name: {is: string}") {
				continue
			}
			for _, t := range p.value.pairs {
				decl := d.typeDecl(t.key, t.value)
				decl.file = src
				d.types = append(d.types, decl)
			}
		case !both:
			d.unknownKey(p.key, "a file of types", fileTypeKeys...)
		}
	}
}

func (d *decoder) typeDecl(name, n *node) *typeDecl {
	t := &typeDecl{name: name, broken: true}
	if n.kind == scalarNode {
		t.is, t.broken = n, false
		return t
	}
	if n.kind == listNode {
		d.report(ruleValueShape, n.pos, "the type %s must be a mapping, and this is a list", name.text).
			mend("say what it is: {enum: [%s]}", strings.Join(scalarTexts(n.items), ", "))
		return t
	}
	if !d.mapping(n, "the type "+name.text, "write {is: a scalar}, {struct: {field: Type}}, {enum: [value]} or {go: a Go type}") {
		return t
	}
	var what []*node // the keys that say what it is
	var as *node     // the key
	for _, p := range n.pairs {
		switch p.key.text {
		case "is":
			what = append(what, p.key)
			t.is = d.text(p.value, "is")
			t.broken = t.is == nil
		case "struct":
			what = append(what, p.key)
			t.kind = Struct
			if d.mapping(p.value, "the struct", "name its fields: {field: Type}") {
				for _, f := range p.value.pairs {
					t.fields = append(t.fields, d.fieldDecl(f.key, f.value, "the struct's field "+f.key.text, structKeys))
				}
				t.broken = false
			}
		case "enum":
			what = append(what, p.key)
			t.kind = Enum
			t.values, t.broken = d.enumValues(p.value), false
		case "go":
			what = append(what, p.key)
			t.goName = d.goTypeName(p.value, ruleGoType)
		case "as":
			as = p.key
			t.as = d.text(p.value, "as")
			if t.as != nil && !slices.Contains(goFormNames, t.as.text) {
				d.report(ruleGoType, t.as.pos, "a Go type is not stored as %q", t.as.text).meant(t.as.text, goFormNames)
				t.as = nil
			}
		case "max":
			t.max = d.text(p.value, "max")
		case "min":
			t.min = d.text(p.value, "min")
		case "doc":
			t.doc = d.docText(p.value)
		case "was":
			t.was = d.texts(p.value, "was")
		default:
			d.foreignKey(p.key, "the type "+name.text, typeHabits, typeKeys...)
		}
	}
	if as != nil && n.get("go") == nil {
		d.report(ruleGoType, as.pos, "as says how a Go type is stored, and there is none").mend("remove it, or name the type: go: example.com/app/model.%s", name.text)
	}
	switch {
	case len(what) == 0 && slices.ContainsFunc([]string{"is", "struct", "enum", "go"}, func(key string) bool { return !missing(n, key, typeHabits, typeKeys) }):
	case len(what) == 0:
		d.report(ruleTypeKind, name.pos, "the type %s does not say what it is", name.text).
			mend("give it one of is: a scalar, struct: {field: Type}, enum: [value], go: a Go type")
	case len(what) > 1:
		t.broken, t.goName = true, nil
		d.report(ruleTypeKind, what[1].pos, "the type %s says twice what it is: %s and %s", name.text, what[0].text, what[1].text).
			mend("keep one of is, struct, enum and go").related(what[0].pos, "first here")
	}
	return t
}

// scalarTexts are the texts of nodes that are scalars.
func scalarTexts(nodes []*node) []string {
	var out []string
	for _, n := range nodes {
		if n.kind == scalarNode {
			out = append(out, n.text)
		}
	}
	return out
}

func (d *decoder) enumValues(n *node) []*valueDecl {
	if n.kind == badNode {
		return nil
	}
	if n.kind != listNode {
		e := d.report(ruleValueShape, n.pos, "an enum must be a list of names, and this is %s", n.kind).mend("write [first, second]")
		if n.kind == mapNode {
			var names []string
			for _, p := range n.pairs {
				names = append(names, p.key.text)
			}
			e.mend("write the names alone, [%s]: the lock keeps their numbers", strings.Join(names, ", "))
		}
		return nil
	}
	if len(n.items) == 0 {
		d.report(ruleValueMissing, n.pos, "the enum has no values").mend("write [first, second]")
	}
	var out []*valueDecl
	for _, item := range n.items {
		if item.kind != mapNode {
			if name := d.text(item, "an enum's value"); name != nil {
				out = append(out, &valueDecl{name: name})
			}
			continue
		}
		v := &valueDecl{}
		for _, p := range item.pairs {
			switch p.key.text {
			case "name":
				v.name = d.text(p.value, "name")
			case "doc":
				v.doc = d.docText(p.value)
			case "was":
				v.was = d.texts(p.value, "was")
			default:
				d.unknownKey(p.key, "an enum's value", enumValueKeys...)
			}
		}
		if v.name != nil {
			out = append(out, v)
		} else if missing(item, "name", nil, enumValueKeys) {
			d.report(ruleValueMissing, item.pos, "an enum's value has no name").mend("write {name: value, doc: text}")
		}
	}
	return out
}

// fieldHelp says how it is said here what other languages say with a key of a field; the
// keys are in lower case and without underscores.
var fieldHelp = map[string]string{
	"unique":        "a unique value is a matter of an index of the table: indexes: {FIELD: {on: [FIELD], unique: true}}",
	"index":         "an index stands under indexes of the table: indexes: {FIELD: FIELD}",
	"indexed":       "an index stands under indexes of the table: indexes: {FIELD: FIELD}",
	"nullable":      "a field that may be absent has a ? behind its type: FIELD: string?",
	"null":          "a field that may be absent has a ? behind its type: FIELD: string?",
	"notnull":       "remove it: a field without a ? behind its type is never absent",
	"required":      "remove it: a field without a ? behind its type is never absent; a text that may not be empty has min: 1",
	"primarykey":    "the key is said once, for the table: key: FIELD",
	"primary":       "the key is said once, for the table: key: FIELD",
	"pk":            "the key is said once, for the table: key: FIELD",
	"key":           "the key is said once, for the table: key: FIELD",
	"references":    "give the field the type of the other table's key; that the other row is there is for the program to see to, in a transaction",
	"foreignkey":    "give the field the type of the other table's key; that the other row is there is for the program to see to, in a transaction",
	"autoincrement": "there are no counters: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program",
	"serial":        "there are no counters: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program",
	"identity":      "there are no counters: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program",
	"check":         "a rule stands under check of the table: check: len(FIELD) > 0",
	"length":        "the length of a string or bytes is limited in bytes: max: 80, min: 1",
	"maxlength":     "the length of a string or bytes is limited in bytes: max: 80",
	"minlength":     "the length of a string or bytes is limited in bytes: min: 1",
	"size":          "the length of a string or bytes is limited in bytes: max: 80, min: 1",
	"enum":          "declare the values in a file of types: types: {Status: {enum: [open, closed]}}, and use the name as the type",
	"values":        "declare the values in a file of types: types: {Status: {enum: [open, closed]}}, and use the name as the type",
	"description":   "say it with doc: what it is",
	"comment":       "say it with doc: what it is",
	"of":            "write the type of a list as one text: FIELD: \"[]string\"",
	"items":         "write the type of a list as one text: FIELD: \"[]string\"",
}

// fieldDecl takes a field apart, in its short form or its long one with the keys
// allowed where it stands.
func (d *decoder) fieldDecl(name, n *node, what string, allowed []string) *fieldDecl {
	f := &fieldDecl{name: name}
	switch n.kind {
	case scalarNode:
		f.typ = d.text(n, what)
		return f
	case listNode:
		d.report(ruleValueShape, n.pos, "%s must be a type, and this is a list", what).mend(`write a list's type in quotes: "[]string"`)
		return f
	}
	mend := "write its type: " + name.text + ": string"
	if !slices.Contains(allowed, "type") {
		mend = "write {doc: what it is}, or remove it"
	}
	if !d.mapping(n, what, mend) {
		return f
	}
	for _, p := range n.pairs {
		if !slices.Contains(allowed, p.key.text) {
			e := d.report(ruleKeyUnknown, p.key.pos, "unknown key %q in %s", p.key.text, what)
			switch help, ok := fieldHelp[squash(p.key.text)]; {
			case slices.Contains(fieldKeys, p.key.text):
				e.mend("%s is for the fields of a table", p.key.text)
			case ok:
				e.mend("%s", strings.ReplaceAll(help, "FIELD", name.text))
			default:
				e.meant(p.key.text, allowed)
			}
			continue
		}
		switch p.key.text {
		case "type":
			f.typ = d.text(p.value, "type")
		case "optional":
			f.optional = d.flag(p.value, "optional") != nil
		case "default":
			f.def, f.defHex = d.defaultValue(p.value)
		case "hidden":
			f.hidden = d.flag(p.value, "hidden")
		case "max":
			f.max = d.text(p.value, "max")
		case "min":
			f.min = d.text(p.value, "min")
		case "doc":
			f.doc = d.docText(p.value)
		case "was":
			f.was = d.texts(p.value, "was")
		}
	}
	if slices.Contains(allowed, "type") && missing(n, "type", nil, allowed) {
		d.report(ruleValueMissing, name.pos, "%s has no type", what).mend("add type: string, or what it is")
	}
	return f
}

// goFieldDecl takes apart what the schema says of a field of a Go row.
func (d *decoder) goFieldDecl(name, n *node) *fieldDecl {
	what := "the field " + name.text
	decides := func(at *node) {
		d.report(ruleGoRow, at.pos, "the struct in Go decides the type of %s", name.text).
			mend("remove the type; a field can have %s here", strings.Join(goFieldKeys, ", "))
	}
	if n.kind == scalarNode {
		decides(n)
		return nil
	}
	if n.kind == mapNode {
		if typ := n.get("type"); typ != nil {
			decides(typ)
			return nil
		}
	}
	// Without a type, which is the struct's.
	return d.fieldDecl(name, n, what, goFieldKeys)
}

// defaultValue returns a default's node. A quoted empty text is a value too. Bytes may be
// written as {hex: 00ff}.
func (d *decoder) defaultValue(n *node) (def *node, inHex bool) {
	if n.kind == scalarNode && n.quoting != plain {
		return n, false
	}
	if n.kind != mapNode || len(n.pairs) != 1 || n.pairs[0].key.text != "hex" {
		return d.text(n, "default"), false
	}
	digits := d.text(n.pairs[0].value, "hex")
	if digits == nil {
		return nil, false
	}
	b, err := hex.DecodeString(digits.text)
	if err != nil {
		d.report(ruleLiteral, digits.pos, "%q is no hexadecimal text: %v", digits.text, err).mend("write two digits for each byte: {hex: 00ff}")
		return nil, false
	}
	def = new(node)
	*def = *digits
	def.text = string(b)
	return def, true
}

func (d *decoder) table(src *source, root *node) {
	t := &tableDecl{file: src}
	for _, p := range root.pairs {
		switch p.key.text {
		case "table":
			t.name = d.text(p.value, "table")
		case "doc":
			t.doc = d.docText(p.value)
		case "row":
			d.row(t, p.value)
		case "access":
			d.access(t, p.value)
		case "key":
			d.key(t, p.value)
		case "fields":
			if d.mapping(p.value, "fields", "name at least one field: id: string") {
				row := root.get("row")
				inGo := row != nil && row.kind == mapNode
				t.hasFields = !inGo
				for _, f := range p.value.pairs {
					if inGo {
						if o := d.goFieldDecl(f.key, f.value); o != nil {
							t.options = append(t.options, o)
						}
						continue
					}
					t.fields = append(t.fields, d.fieldDecl(f.key, f.value, "the field "+f.key.text, fieldKeys))
				}
			}
		case "per":
			if d.mapping(p.value, "per", "name at least one parameter: namespace: string") {
				for _, f := range p.value.pairs {
					t.per = append(t.per, d.fieldDecl(f.key, f.value, "the parameter "+f.key.text, perKeys))
				}
			}
		case "indexes":
			if d.mapping(p.value, "indexes", "name at least one index: name: field") {
				for _, ix := range p.value.pairs {
					if decl := d.index(ix.key, ix.value); decl != nil {
						t.indexes = append(t.indexes, decl)
					}
				}
			}
		case "ttl":
			d.ttl(t, p.value)
		case "check":
			d.checks(t, p.value)
		case "was":
			t.was = d.texts(p.value, "was")
		default:
			d.foreignKey(p.key, "a table", tableHabits, tableKeys...)
		}
	}
	required := func(key, mend string) {
		if missing(root, key, tableHabits, tableKeys) {
			pos := root.pos
			if t.name != nil {
				pos = t.name.pos
			}
			d.report(ruleValueMissing, pos, "the table has no %s", key).mend("%s", mend)
		}
	}
	if row := root.get("row"); row == nil || row.kind != mapNode {
		required("fields", "add fields: {id: string}")
	}
	required("key", "add key: with the name of a field, or a list of them")
	required("access", "add access: system, public, private or restricted, or {owner: field}")
	d.tables = append(d.tables, t)
}

func (d *decoder) row(t *tableDecl, n *node) {
	if n.kind != mapNode {
		t.row = d.text(n, "row")
		return
	}
	for _, p := range n.pairs {
		if p.key.text != "go" {
			d.unknownKey(p.key, "a row", rowKeys...)
			continue
		}
		if name := d.goTypeName(p.value, ruleGoRow); name != nil {
			t.goRow = name
		}
	}
	if missing(n, "go", nil, rowKeys) {
		d.report(ruleValueMissing, n.pos, "row names no type").mend("write a name, or {go: example.com/app/model.User}")
	}
}

// goNameForm is an exported name in Go.
var goNameForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*$`)

// goTypeName returns the name of a Go type, as a schema writes it.
func (d *decoder) goTypeName(n *node, rule string) *node {
	name := d.text(n, "go")
	if name == nil {
		return nil
	}
	dot := strings.LastIndexByte(name.text, '.')
	if dot < strings.LastIndexByte(name.text, '/') || dot < 1 || !upperName.MatchString(name.text[dot+1:]) || strings.ContainsAny(name.text, " \t") {
		e := d.report(rule, name.pos, "%q is no exported type of a package", name.text).mend("write the import path, a dot and the name: example.com/app/model.User")
		switch typ := name.text[dot+1:]; {
		case strings.ContainsAny(typ, "[]"):
			e.Message = fmt.Sprintf("%q has type arguments, and a type that is stored has none", name.text)
			e.mend("declare a struct of its own for it in Go, without type parameters")
		case dot > 0 && strings.Contains(typ, "_") && goNameForm.MatchString(typ):
			e.Message = fmt.Sprintf("%q has an underscore, which the names of types in a schema do not have", name.text)
			e.mend("rename it in Go: %s", strings.ReplaceAll(typ, "_", ""))
		}
		return nil
	}
	return name
}

func (d *decoder) access(t *tableDecl, n *node) {
	if n.kind != mapNode {
		t.access = d.text(n, "access")
		return
	}
	for _, p := range n.pairs {
		if p.key.text == "owner" {
			t.owner = d.text(p.value, "owner")
			continue
		}
		d.unknownKey(p.key, "access", accessKeys...)
	}
	if missing(n, "owner", nil, accessKeys) {
		d.report(ruleValueMissing, n.pos, "access names no owner").mend("write {owner: field}, or one of system, public, private, restricted")
	}
}

func (d *decoder) key(t *tableDecl, n *node) {
	t.key = n
	if n.kind != mapNode {
		t.keyOf = d.texts(n, "key")
		return
	}
	for _, p := range n.pairs {
		switch p.key.text {
		case "type":
			t.keyType = d.text(p.value, "type")
		case "of":
			t.keyOf = d.texts(p.value, "of")
		default:
			d.unknownKey(p.key, "a key", keyKeys...)
		}
	}
	if missing(n, "of", nil, keyKeys) {
		d.report(ruleValueMissing, n.pos, "the key names no fields").mend("add of: [field, field]")
	}
}

func (d *decoder) index(name, n *node) *indexDecl {
	ix := &indexDecl{name: name}
	what := "the index " + name.text
	if n.kind == scalarNode || n.kind == listNode {
		ix.on = d.texts(n, what)
		return ix
	}
	if !d.mapping(n, what, "name its columns: {on: [field]}") {
		return nil
	}
	for _, p := range n.pairs {
		switch p.key.text {
		case "on":
			ix.on = d.texts(p.value, "on")
		case "unique":
			ix.unique = d.flag(p.value, "unique") != nil
		case "where":
			ix.where = d.text(p.value, "where")
		case "include":
			ix.include = d.texts(p.value, "include")
		case "doc":
			ix.doc = d.docText(p.value)
		case "was":
			ix.was = d.texts(p.value, "was")
		default:
			d.foreignKey(p.key, what, indexHabits, indexKeys...)
		}
	}
	if missing(n, "on", indexHabits, indexKeys) {
		d.report(ruleValueMissing, name.pos, "%s names no columns", what).mend("add on: [field]")
	}
	return ix
}

func (d *decoder) ttl(t *tableDecl, n *node) {
	t.ttl = n
	if !d.mapping(n, "ttl", "write {from: field, keep: 30d}") {
		return
	}
	for _, p := range n.pairs {
		switch p.key.text {
		case "from":
			t.ttlFrom = d.text(p.value, "from")
		case "keep":
			t.ttlKeep = d.text(p.value, "keep")
		default:
			d.foreignKey(p.key, "ttl", ttlHabits, ttlKeys...)
		}
	}
	for _, key := range ttlKeys {
		if missing(n, key, ttlHabits, ttlKeys) {
			d.report(ruleValueMissing, n.pos, "ttl has no %s", key).mend("write {from: field, keep: 30d}")
		}
	}
}

func (d *decoder) checks(t *tableDecl, n *node) {
	if n.kind != listNode {
		if rule := d.text(n, "check"); rule != nil {
			t.checks = append(t.checks, &checkDecl{rule: rule})
		}
		return
	}
	for _, item := range n.items {
		if item.kind != mapNode {
			if rule := d.text(item, "a check"); rule != nil {
				t.checks = append(t.checks, &checkDecl{rule: rule})
			}
			continue
		}
		c := &checkDecl{}
		for _, p := range item.pairs {
			switch p.key.text {
			case "rule":
				c.rule = d.text(p.value, "rule")
			case "doc":
				c.doc = d.docText(p.value)
			default:
				d.unknownKey(p.key, "a check", checkKeys...)
			}
		}
		if c.rule != nil {
			t.checks = append(t.checks, c)
		} else if missing(item, "rule", nil, checkKeys) {
			d.report(ruleValueMissing, item.pos, "a check has no rule").mend("write {rule: a < b, doc: text}")
		}
	}
}
