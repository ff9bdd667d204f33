package schema

import (
	"regexp"
	"strings"
)

// This file says which words the language has, where they stand, in which order
// the formatter puts them, what they hold and what they are for. The loader
// refuses what is not here, the formatter orders by it, and JSONSchema is made of
// it, so that an editor knows what the loader knows.

// A word is a key of a mapping with a meaning of its own.
type word struct {
	name     string
	doc      string
	holds    *form
	needed   bool
	examples []any // values as YAML has them
}

// A grammar is the words of a mapping, in canonical order.
type grammar []word

// names returns the words.
func (g grammar) names() []string {
	out := make([]string, len(g))
	for i, w := range g {
		out[i] = w.name
	}
	return out
}

// neededNames returns the words that must be there.
func (g grammar) neededNames() []string {
	var out []string
	for _, w := range g {
		if w.needed {
			out = append(out, w.name)
		}
	}
	return out
}

// A form is what may stand as a value: any of what is set.
type form struct {
	text    *regexp.Regexp // a scalar, as text, of this pattern
	loose   bool           // of text: numbers and switches are text too
	null    bool           // of text: so is the word null
	longest int            // of text, in bytes; 0 is no limit
	taken   string         // of text and names: what none may be, as a pattern; "" is nothing
	values  []string       // of text: one of these
	flag    bool           // true or false
	number  bool           // a whole number from 1
	words   grammar        // a mapping of words
	names   *regexp.Regexp // a mapping of names, with
	each    *form          // a value for each
	list    *form          // a list of these
	least   int            // the fewest entries of the list
	oneOf   []string       // of words: exactly one of these is there
}

var (
	someText    = regexp.MustCompile(`\S`)
	tableName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}(\.[a-z][a-z0-9_]{0,99})?$`)
	columnText  = regexp.MustCompile(`^ *(each +)?(fold +)?[a-z][a-z0-9_]*( +(asc|desc))? *$`)
	scalarWords = strings.Join(scalarNames, "|")
	typeText    = regexp.MustCompile(`^((` + scalarWords + `|[A-Z][A-Za-z0-9]*)\s*\?? *|(\[\]|map\[\s*(string|[A-Z][A-Za-z0-9]*)\s*\])\s*(` + scalarWords + `|[A-Z][A-Za-z0-9]*)\s*)$`)
	perText     = regexp.MustCompile(`^(` + scalarWords + `|[A-Z][A-Za-z0-9]*) *$`)
	goTypeText  = regexp.MustCompile(`^\S+\.[A-Z][A-Za-z0-9]*$`)
	hexText     = regexp.MustCompile(`^([0-9A-Fa-f]{2})*$`)
	isText      = regexp.MustCompile(`^(` + strings.Join(scalarNames[:len(scalarNames)-1], "|") + `)$`)
)

// The forms of values that stand in several places.
var (
	textForm  = &form{text: someText, loose: true}
	textsForm = &form{text: someText, loose: true, list: textForm, least: 1}
	flagForm  = &form{flag: true}
	limitForm = &form{number: true}
	nameForm  = &form{text: lowerName, longest: maxName}
	namesForm = &form{text: lowerName, longest: maxName, list: nameForm, least: 1}
	typeForm  = &form{text: typeText}
	valueForm = &form{text: lowerName, longest: maxName, taken: oneOfNames(words)}
	upperForm = &form{text: upperName, longest: maxName}
)

var (
	docWord = word{name: "doc", doc: "What it is for; becomes the documentation of the Go code.", holds: textForm}
	wasWord = word{name: "was", doc: "The former name, or a list of them, newest first. What is stored stays.", holds: textsForm, examples: []any{"old_name"}}
	minWord = word{name: "min", doc: "The shortest value of a string or bytes, in bytes.", holds: limitForm, examples: []any{1}}
	maxWord = word{name: "max", doc: "The longest value of a string or bytes, in bytes.", holds: limitForm, examples: []any{256}}

	typeWord = word{
		name: "type", needed: true, holds: typeForm, examples: []any{"string", "timestamp?", "[]string", "map[string]int64"},
		doc: "A scalar (" + strings.ReplaceAll(scalarWords, "|", ", ") + ") or a named type; Type? may be absent, []Type is a list, map[string]Type a map.",
	}
	optionalWord = word{name: "optional", doc: "true is the same as a ? after the type: the field may be absent.", holds: flagForm}
)

var (
	fieldGrammar = grammar{
		typeWord, optionalWord, minWord, maxWord,
		{name: "default", doc: "What Insert and Put write where the field is absent or has its zero value. A timestamp takes now, a uuid takes new.",
			holds:    &form{text: regexp.MustCompile(``), loose: true, words: grammar{{name: "hex", needed: true, doc: "The bytes, two hexadecimal digits each.", holds: &form{text: hexText}}}},
			examples: []any{"now", "new", 0, "queued"}},
		{name: "hidden", doc: "true keeps the field from providers and queries; Go code still sees it.", holds: flagForm},
		docWord, wasWord,
	}
	goFieldGrammar     = fieldGrammar[1:] // the type is that of the struct in Go
	structFieldGrammar = grammar{typeWord, optionalWord, minWord, maxWord, docWord, wasWord}
	perGrammar         = grammar{{name: "type", doc: "What a field of a key can be.", needed: true, holds: &form{text: perText}, examples: []any{"string"}}, docWord, wasWord}
	enumValueGrammar   = grammar{{name: "name", doc: "The value's name.", needed: true, holds: valueForm, examples: []any{"queued"}}, docWord, wasWord}
	typeGrammar        = grammar{
		{name: "is", doc: "The scalar that the type is over, any but json.", holds: &form{text: isText}, examples: []any{"string"}},
		{name: "go", doc: "A type of a Go package, over a scalar, with a text or binary form of its own, or a struct: its import path, a dot and its name.", holds: &form{text: goTypeText}, examples: []any{"net/netip.Addr", "example.com/app/model.UserID"}},
		{name: "as", doc: "How values of a Go type are stored where there is more than one way: the text or the bytes that its methods make, or the scalar that it is over.", holds: &form{values: goFormNames}},
		minWord, maxWord, docWord,
		{name: "struct", doc: "The fields of a struct.", holds: &form{names: lowerName, taken: oneOfGoNames(reservedStructs), each: &form{text: typeText, words: structFieldGrammar}}, examples: []any{map[string]any{"namespace": "string", "name": "string"}}},
		{name: "enum", doc: "The values of an enum, in their order.",
			holds: &form{list: &form{text: lowerName, longest: maxName, taken: oneOfNames(words), null: true, words: enumValueGrammar}, least: 1}, examples: []any{[]any{"queued", "running", "done"}}},
		wasWord,
	}
	keyGrammar = grammar{
		{name: "type", doc: "A named struct whose parts are the fields, in number, order and type.", holds: upperForm, examples: []any{"TableID"}},
		{name: "of", doc: "The fields that make up the key, in order.", needed: true, holds: namesForm, examples: []any{[]any{"namespace", "name"}}},
	}
	rowGrammar    = grammar{{name: "go", doc: "A struct of a Go package: its import path, a dot and its name.", needed: true, holds: &form{text: goTypeText}, examples: []any{"example.com/app/model.User"}}}
	accessGrammar = grammar{{name: "owner", doc: "The field that names the user a row belongs to, the first of the key: a user sees its own rows.", needed: true, holds: nameForm, examples: []any{"user_id"}}}
	columnForm    = &form{text: columnText}
	columnsForm   = &form{text: columnText, list: columnForm, least: 1}
	indexGrammar  = grammar{
		{name: "on", doc: "The columns in order, each written [each] [fold] field [asc|desc].", needed: true, holds: columnsForm, examples: []any{[]any{"status", "created_at desc"}, "each tags", "fold email"}},
		{name: "unique", doc: "true: no two rows have the same values.", holds: flagForm},
		{name: "where", doc: "A condition: only rows for which it holds have an entry.", holds: textForm, examples: []any{"status == open and has email"}},
		{name: "include", doc: "Further fields that an entry holds, so that reading them needs no second read.", holds: namesForm, examples: []any{[]any{"name"}}},
		docWord, wasWord,
	}
	ttlGrammar = grammar{
		{name: "from", doc: "The timestamp field that the time runs from. Where it is absent, the row never expires.", needed: true, holds: nameForm, examples: []any{"created_at"}},
		{name: "keep", doc: "How long rows are kept after that: a duration (w, d, h, m, s, ms, us, ns), a duration field, or an integer field of seconds.", needed: true, holds: textForm, examples: []any{"30d", "1h30m"}},
	}
	checkGrammar = grammar{
		{name: "rule", doc: "A condition that every row written must meet.", needed: true, holds: textForm, examples: []any{"count >= 0", "status != open or not has closed_at"}},
		{name: "doc", doc: "Why; stands in the error of a row that does not meet it.", holds: textForm},
	}
	fieldsForm   = &form{names: lowerName, taken: oneOfNames(words), each: &form{text: typeText, words: fieldGrammar}}
	goFieldsForm = &form{names: lowerName, taken: oneOfNames(words), each: &form{words: goFieldGrammar}} // beside a Go row
	tableGrammar = grammar{
		{name: "table", doc: "The table's name: name, or group.name. Its last part is the Go package.", needed: true, holds: &form{text: tableName, taken: takenTables()}, examples: []any{"app.orders"}},
		wasWord, docWord,
		{name: "access", doc: "Who may read it through a provider: dba and system, everyone, nobody, service and above, or each user its own rows.", needed: true,
			holds: &form{values: accessNames, words: accessGrammar}, examples: []any{"private", map[string]any{"owner": "user_id"}}},
		{name: "row", doc: "The Go name of the value struct, Row when left out; or a struct that is there already, whose fields the table has.", holds: &form{text: upperName, longest: maxName, words: rowGrammar}, examples: []any{"Order", map[string]any{"go": "example.com/app/model.Order"}}},
		{name: "per", doc: "The parameters of a family: one store for each value of them.",
			holds: &form{names: lowerName, taken: oneOfGoNames(reservedParameters), each: &form{text: perText, words: perGrammar}}, examples: []any{map[string]any{"tenant": "string"}}},
		{name: "key", doc: "The primary key: a field, or a list of them.", needed: true,
			holds: &form{text: lowerName, longest: maxName, list: nameForm, least: 1, words: keyGrammar}, examples: []any{"id", []any{"country", "number"}}},
		{name: "fields", doc: "The fields of a row, in their order in Go: name: type. Those of a struct that is there already come from it; what stands here are options of theirs.",
			holds: fieldsForm, examples: []any{map[string]any{"id": "uuid", "note": "string?"}}},
		{name: "indexes", doc: "The secondary indexes: name: column, a list of columns, or a mapping.",
			holds: &form{names: lowerName, taken: oneOfGoNames(reservedIndexes), each: &form{text: columnText, list: columnForm, least: 1, words: indexGrammar}}, examples: []any{map[string]any{"email": "fold email"}}},
		{name: "ttl", doc: "When rows expire.", holds: &form{words: ttlGrammar}, examples: []any{map[string]any{"from": "created_at", "keep": "30d"}}},
		{name: "check", doc: "What every row that is written must meet.", holds: &form{text: someText, loose: true, list: &form{text: someText, loose: true, words: checkGrammar}}, examples: []any{[]any{"count >= 0"}}},
	}
	typesGrammar = grammar{
		{name: "types", doc: "Named types: scalars, structs and enums.", needed: true,
			holds: &form{names: upperName, each: &form{text: isText, words: typeGrammar, oneOf: []string{"is", "struct", "enum", "go"}}}, examples: []any{map[string]any{"UserID": map[string]any{"is": "string", "max": 256}}}},
	}
	configGrammar = grammar{
		{name: "schemas", doc: "The folder of the schemas, relative to this file.", needed: true, holds: textForm, examples: []any{"schema"}},
		{name: "out", doc: "The folder that generated packages go to, relative to this file.", needed: true, holds: textForm, examples: []any{"db"}},
		{name: "package", doc: "The import path of out; from the nearest go.mod when left out.", holds: textForm, examples: []any{"example.com/app/db"}},
		{name: "layout", doc: "tables puts each table into a package of its own, and is meant when left out; one puts all into one.", holds: &form{values: layouts}, examples: []any{"one"}},
		{name: "lock", doc: "Where numbers are kept; storegen.lock in the folder of the schemas when left out.", holds: textForm},
	}
)

// The words alone, as the loader asks for them.
var (
	fileTypeKeys  = typesGrammar.names()
	typeKeys      = typeGrammar.names()
	enumValueKeys = enumValueGrammar.names()
	fieldKeys     = fieldGrammar.names()
	goFieldKeys   = goFieldGrammar.names()
	structKeys    = structFieldGrammar.names()
	perKeys       = perGrammar.names()
	tableKeys     = tableGrammar.names()
	keyKeys       = keyGrammar.names()
	rowKeys       = rowGrammar.names()
	accessKeys    = accessGrammar.names()
	indexKeys     = indexGrammar.names()
	ttlKeys       = ttlGrammar.names()
	checkKeys     = checkGrammar.names()
	configKeys    = configGrammar.names()
)
