package schema

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
