package lang

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema/naming"
)

var (
	someText    = `\S`
	tableName   = `^[a-z][a-z0-9_]{0,99}(\.[a-z][a-z0-9_]{0,99})?$`
	columnText  = `^ *(` + strings.Join(catalog.ColumnWords.Before, ` +)?(`) + ` +)?[a-z][a-z0-9_]*( +(asc|` + strings.Join(catalog.ColumnWords.Behind, "|") + `))? *$`
	scalarWords = strings.Join(ScalarPatterns, "|")
	listWords   = strings.Join(slices.DeleteFunc(slices.Clone(ScalarPatterns), func(s string) bool { return s == NoList.String() }), "|")
	typeText    = `^((` + scalarWords + `|[A-Z][A-Za-z0-9]*)\s*\?? *|\[\]\s*(` + listWords + `|[A-Z][A-Za-z0-9]*)\s*|map\[\s*(` + mapKeyWords + `|[A-Z][A-Za-z0-9]*)\s*\]\s*(` + scalarWords + `|[A-Z][A-Za-z0-9]*)\s*)$`
	perText     = `^(` + scalarWords + `|[A-Z][A-Za-z0-9]*) *$`
	goTypeText  = `^\S+\.[A-Z][A-Za-z0-9]*$`
	getText     = `^[A-Z][A-Za-z0-9_]*$`
	hexText     = `^([0-9A-Fa-f]{2})*$`
	isText      = `^(` + strings.Join(slices.DeleteFunc(slices.Clone(ScalarPatterns), func(s string) bool { return s == "json" }), "|") + `)$`
)

// ColumnForm is how a column of an index is written.
var ColumnForm = "[" + strings.Join(catalog.ColumnWords.Before, "] [") + "] field [asc|" + strings.Join(catalog.ColumnWords.Behind, "|") + "]"

// Forms that are used more than once.
var (
	textForm  = &Form{Text: someText, Loose: true}
	flagForm  = &Form{Flag: true}
	limitForm = &Form{Number: &Range{Whole: true, Least: "1", Most: "2147483647"}}
	nameForm  = &Form{Text: naming.Lower.String(), Longest: naming.MaxLen}
	namesForm = &Form{Text: naming.Lower.String(), Longest: naming.MaxLen, List: nameForm, Least: 1}
	typeForm  = &Form{Text: typeText}
	valueForm = &Form{Text: naming.Lower.String(), Longest: naming.MaxLen, Taken: oneOfNames(Words)}
	upperForm = &Form{Text: naming.Upper.String(), Longest: naming.MaxLen}
)

var (
	docWord = Word{Name: WordDoc, Doc: "What it is for; becomes the documentation of the Go code.", Holds: textForm}
	wasWord = formerWord(naming.Lower.String(), naming.MaxLen, "old_name")
	minWord = Word{Name: WordMin, Doc: "The shortest value of a string or bytes, in bytes.", Holds: limitForm, Examples: []any{1}}
	maxWord = Word{Name: WordMax, Doc: "The longest value of a string or bytes, in bytes.", Holds: limitForm, Examples: []any{256}}

	typeWord = Word{
		Name: WordType, Needed: true, Help: "add type: string, or what it is", Holds: typeForm, Examples: []any{"string", "timestamp?", "[]string", "map[string]int64"},
		Doc: "A scalar (" + strings.Join(ScalarNames, ", ") + ") or a named type; Type? may be absent, []Type is a list, map[string]Type or map[uint64]Type a map.",
	}
	optionalWord = Word{Name: WordOptional, Doc: "true is the same as a ? after the type: the field may be absent.", Holds: flagForm}
	defaultWord  = Word{Name: WordDefault, Doc: "What Insert and Put write where the field is absent or has its zero value. A timestamp takes now, a uuid takes new.",
		Holds:    &Form{Text: AnyText, Loose: true, Words: hexForm.Words},
		Examples: []any{"now", "new", 0, "queued"}}
	hiddenWord = Word{Name: WordHidden, Doc: "true keeps the field from providers and queries; Go code still sees it.", Holds: flagForm}
)

// typed is a grammar of fields that have types. Those that can be written in short are
// their types.
func typed(what string, of *Grammar, words ...Word) *Grammar {
	return &Grammar{
		What: what, Of: of, Words: words, Synonyms: FieldSynonyms, Short: WordType,
		Help: "write its type: NAME: string", Is: "a type", InList: `write a list's type in quotes: "[]string"`,
	}
}

// formerWord is the word for former names of a form.
func formerWord(name string, longest int, example string) Word {
	one := &Form{Text: name, Longest: longest}
	return Word{Name: WordWas, Doc: "The former name, or a list of them, newest first. What is stored stays.",
		Holds: &Form{Text: name, Longest: longest, List: one, Least: 1}, Examples: []any{example}}
}

const (
	keepHelp   = "write {from: field, keep: 30d}"
	fieldsHelp = "name at least one field: id: string"
)

var (
	FieldGrammar = typed("the field NAME", nil, typeWord, optionalWord, minWord, maxWord, defaultWord, hiddenWord, docWord, wasWord)
	// Without type, which the struct in Go decides.
	GoFieldGrammar      = &Grammar{What: FieldGrammar.What, Of: FieldGrammar, Synonyms: FieldSynonyms, Help: "write {doc: what it is}, or remove it", Words: FieldGrammar.Words[1:]}
	MessageFieldGrammar = typed("the field NAME", FieldGrammar,
		Word{Name: WordType, Doc: "A named type over the scalar that the message has, as one of bytes that is a key.", Holds: typeForm, Examples: []any{"Hash"}},
		minWord, maxWord, defaultWord, hiddenWord, docWord)
	OwnFieldGrammar = &Grammar{
		What: "the field NAME", Of: FieldGrammar, Synonyms: FieldSynonyms, Help: "write {get: Method}",
		Words: []Word{
			{Name: WordGet, Doc: "What gives the value: a method or field of the Go type, or a function of its package that takes it.", Needed: true, Missing: "the field NAME does not say what gives its value", Help: "add get: and the name of a method in Go", Holds: &Form{Text: getText}, Examples: []any{"Email"}},
			{Name: WordType, Doc: "A named type over the scalar that it gives, where it is to have one.", Holds: typeForm, Examples: []any{"UserID"}},
			minWord, maxWord, hiddenWord, docWord, wasWord,
		},
	}
	StructFieldGrammar = typed("the struct's field NAME", FieldGrammar, typeWord, optionalWord, minWord, maxWord, docWord, wasWord)
	PerGrammar         = typed("the parameter NAME", FieldGrammar,
		Word{Name: WordType, Doc: "What a field of a key can be.", Needed: true, Help: "add type: string, or what it is", Holds: &Form{Text: perText}, Examples: []any{"string"}},
		docWord, wasWord)
	EnumValueGrammar = &Grammar{
		What: "an enum's value", Short: WordName,
		Words: []Word{{Name: WordName, Doc: "The value's name.", Needed: true, Help: "write {name: value, doc: text}", Holds: valueForm, Examples: []any{"queued"}}, docWord, wasWord},
	}
	TypeGrammar = &Grammar{
		What: "the type NAME", Synonyms: TypeSynonyms, Short: WordIs,
		Help: "write {is: a scalar}, {struct: {field: Type}}, {enum: [value]} or {go: a Go type}", Is: "a mapping", InList: "say what it is: {enum: [LIST]}",
		Words: []Word{
			{Name: WordIs, Doc: "The scalar that the type is over, any but json.", Holds: &Form{Text: isText}, Examples: []any{"string"}},
			{Name: WordGo, Doc: "A type of a Go package, over a scalar, with a text or binary form of its own, or a struct: its import path, a dot and its name.", Holds: &Form{Text: goTypeText}, Examples: []any{"net/netip.Addr", "example.com/app/model.UserID"}},
			{Name: WordAs, Doc: "How values of a Go type are stored where there is more than one way: the text or the bytes that its methods make, or the scalar that it is over.", Holds: &Form{Values: GoFormNames}},
			{Name: WordOrder, Doc: "Keys and indexes are in the order of the text of the Go type, and that is meant.", Holds: &Form{Values: []string{TextOrder}}},
			minWord, maxWord, docWord,
			{Name: WordStruct, Doc: "The fields of a struct.", Holds: &Form{Names: naming.Lower.String(), Called: "the struct", Help: "name its fields: {field: Type}", Taken: oneOfGoNames(ReservedStructs), Each: &Form{Text: typeText, Words: StructFieldGrammar}}, Examples: []any{map[string]any{"namespace": "string", "name": "string"}}},
			{Name: WordEnum, Doc: "The values of an enum, in their order.",
				Holds: &Form{List: &Form{Text: naming.Lower.String(), Longest: naming.MaxLen, Taken: oneOfNames(Words), Null: true, Words: EnumValueGrammar}, Least: 1}, Examples: []any{[]any{"queued", "running", "done"}}},
			formerWord(naming.Upper.String(), naming.MaxLen, "OldName"),
		},
	}
	KeyGrammar = &Grammar{
		What: "a key", Short: WordOf,
		Words: []Word{
			{Name: WordType, Doc: "A named struct whose parts are the fields, in number, order and type.", Holds: upperForm, Examples: []any{"TableID"}},
			{Name: WordOf, Doc: "The fields that make up the key, in order.", Needed: true, Missing: "the key names no fields", Help: "add of: [field, field]", Holds: namesForm, Examples: []any{[]any{"namespace", "name"}}},
		},
	}
	RowGrammar = &Grammar{
		What: "a row",
		Words: []Word{
			{Name: WordGo, Doc: "A struct of a Go package: its import path, a dot and its name.", Holds: &Form{Text: goTypeText}, Examples: []any{"example.com/app/model.User"}},
			{Name: WordProto, Doc: "A protobuf message, by its struct in a Go package: it is stored as proto.Marshal writes it.", Holds: &Form{Text: goTypeText}, Examples: []any{"example.com/app/pb.Invoice"}},
			{Name: WordCodec, Doc: "own: the Go type is stored whole, as its MarshalBinary writes it; fields names the columns, and what in Go gives them.", Holds: &Form{Values: []string{OwnCodec}}},
		},
	}
	AccessGrammar = &Grammar{
		What:  WordAccess,
		Words: []Word{{Name: WordOwner, Doc: "The field that names the user a row belongs to, the first of the key: a user sees its own rows.", Needed: true, Missing: "access names no owner", Help: "write {owner: field}, or one of system, public, private, restricted", Holds: nameForm, Examples: []any{"user_id"}}},
	}
	columnForm   = &Form{Text: columnText}
	columnsForm  = &Form{Text: columnText, List: columnForm, Least: 1}
	IndexGrammar = &Grammar{
		What: "the index NAME", Synonyms: IndexSynonyms, Short: WordOn, Help: "name its columns: {on: [field]}",
		Words: []Word{
			{Name: WordOn, Doc: "The columns in order, each written " + ColumnForm + ".", Needed: true, Missing: "the index NAME names no columns", Help: "add on: [field]", Holds: columnsForm, Examples: []any{[]any{"status", "created_at desc"}, "each tags", "fold email"}},
			{Name: WordUnique, Doc: "true: no two rows have the same values.", Holds: flagForm},
			{Name: WordWhere, Doc: "A condition: only rows for which it holds have an entry.", Holds: textForm, Examples: []any{"status == open and has email"}},
			{Name: WordInclude, Doc: "Further fields that an entry holds, so that reading them needs no second read.", Holds: namesForm, Examples: []any{[]any{"name"}}},
			docWord, wasWord,
		},
	}
	TTLGrammar = &Grammar{
		What: WordTTL, Synonyms: TTLSynonyms, Help: keepHelp,
		Words: []Word{
			{Name: WordFrom, Doc: "The timestamp field that the time runs from. Where it is absent, the row never expires.", Needed: true, Help: keepHelp, Holds: nameForm, Examples: []any{"created_at"}},
			{Name: WordKeep, Doc: "How long rows are kept after that: a duration (w, d, h, m, s, ms, us, ns), a duration field, or an integer field of seconds.", Needed: true, Help: keepHelp, Holds: textForm, Examples: []any{"30d", "1h30m"}},
		},
	}
	CheckGrammar = &Grammar{
		What: "a check", Short: WordRule,
		Words: []Word{
			{Name: WordRule, Doc: "A condition that every row written must meet.", Needed: true, Help: "write {rule: a < b, doc: text}", Holds: textForm, Examples: []any{"count >= 0", "status != open or not has closed_at"}},
			{Name: WordDoc, Doc: "Why; stands in the error of a row that does not meet it.", Holds: textForm},
		},
	}
	FieldsForm   = &Form{Names: naming.Lower.String(), Help: fieldsHelp, Taken: oneOfNames(Words), Each: &Form{Text: typeText, Words: FieldGrammar}}
	GoFieldsForm = &Form{Names: naming.Lower.String(), Help: fieldsHelp, Taken: oneOfNames(Words), Each: &Form{Words: GoFieldGrammar}} // for a Go row
	// For a row that is a protobuf message.
	MessageFieldsForm = &Form{Names: naming.Lower.String(), Help: fieldsHelp, Taken: oneOfNames(Words), Each: &Form{Text: typeText, Words: MessageFieldGrammar}}
	OwnFieldsForm     = &Form{Names: naming.Lower.String(), Help: fieldsHelp, Taken: oneOfNames(Words), Each: &Form{Words: OwnFieldGrammar}} // for a row with a codec of its own
	TableGrammar      = &Grammar{
		What: "a table", Synonyms: TableSynonyms,
		Words: []Word{
			{Name: WordTable, Doc: "The table's name: name, or group.name. Its last part is the Go package.", Needed: true, Holds: &Form{Text: tableName, Taken: takenTables()}, Examples: []any{"app.orders"}},
			formerWord(tableName, 0, "app.old_orders"), docWord,
			{Name: WordAccess, Doc: "Who may read it through a provider: dba and system, everyone, nobody, service and above, or each user its own rows.", Needed: true, Missing: "the table has no access", Help: "add access: system, public, private or restricted, or {owner: field}",
				Holds: &Form{Values: AccessNames, Words: AccessGrammar}, Examples: []any{"private", map[string]any{"owner": "user_id"}}},
			{Name: WordRow, Doc: "The Go name of the value struct, Row when left out; or a struct or protobuf message that is there already, whose fields the table has.", Holds: &Form{Text: naming.Upper.String(), Longest: naming.MaxLen, Words: RowGrammar, OneOf: []string{WordGo, WordProto}}, Examples: []any{"Order", map[string]any{"go": "example.com/app/model.Order"}}},
			{Name: WordPer, Doc: "The parameters of a family: one store for each value of them.",
				Holds: &Form{Names: naming.Lower.String(), Help: "name at least one parameter: namespace: string", Taken: oneOfGoNames(ReservedParameters), Each: &Form{Text: perText, Words: PerGrammar}}, Examples: []any{map[string]any{"tenant": "string"}}},
			{Name: WordKey, Doc: "The primary key: a field, or a list of them.", Needed: true, Missing: "the table has no key", Help: "add key: with the name of a field, or a list of them",
				Holds: &Form{Text: naming.Lower.String(), Longest: naming.MaxLen, List: nameForm, Least: 1, Words: KeyGrammar}, Examples: []any{"id", []any{"country", "number"}}},
			{Name: WordFields, Missing: "the table has no fields", Doc: "The fields of a row, in their order in Go: name: type. Those of a struct or message that is there already come from it; what stands here are options of theirs.",
				Holds: FieldsForm, Examples: []any{map[string]any{"id": "uuid", "note": "string?"}}},
			{Name: WordIndexes, Doc: "The secondary indexes: name: column, a list of columns, or a mapping.",
				Holds: &Form{Names: naming.Lower.String(), Help: "name at least one index: name: field", Taken: oneOfGoNames(ReservedIndexes), Each: &Form{Text: columnText, List: columnForm, Least: 1, Words: IndexGrammar}}, Examples: []any{map[string]any{"email": "fold email"}}},
			{Name: WordTTL, Doc: "When rows expire.", Holds: &Form{Words: TTLGrammar}, Examples: []any{map[string]any{"from": "created_at", "keep": "30d"}}},
			{Name: WordCheck, Doc: "What every row that is written must meet.", Holds: &Form{Text: someText, Loose: true, List: &Form{Text: someText, Loose: true, Words: CheckGrammar}}, Examples: []any{[]any{"count >= 0"}}},
			{Name: WordBlind, Doc: "true: Put does not read the row that it replaces, and what that has in fields that the program does not know is lost. For tables without indexes and ttl.", Holds: flagForm},
		},
	}
	TypeForm     = &Form{Text: isText, Words: TypeGrammar, OneOf: []string{WordIs, WordStruct, WordEnum, WordGo}}
	TypesGrammar = &Grammar{
		What: "a file of types",
		Words: []Word{
			{Name: WordTypes, Doc: "Named types: scalars, structs and enums.", Needed: true,
				Holds: &Form{Names: naming.Upper.String(), Help: "declare a type: Name: {is: string}", Each: TypeForm}, Examples: []any{map[string]any{"UserID": map[string]any{"is": "string", "max": 256}}}},
		},
	}
	ConfigGrammar = &Grammar{
		What: "the configuration", Help: "write schemas: folder and out: folder",
		Words: []Word{
			{Name: WordSchemas, Doc: "The folder of the schemas, relative to this file.", Needed: true, Help: "add schemas: folder", Holds: textForm, Examples: []any{"schema"}},
			{Name: WordOut, Doc: "The folder that generated packages go to, relative to this file.", Needed: true, Help: "add out: folder", Holds: textForm, Examples: []any{"db"}},
			{Name: WordPackage, Doc: "The import path of out; from the nearest go.mod when left out.", Holds: textForm, Examples: []any{"example.com/app/db"}},
			{Name: WordLayout, Doc: "tables puts each table into a package of its own, and is meant when left out; one puts all into one.", Holds: &Form{Values: Layouts}, Examples: []any{"one"}},
			{Name: WordLock, Doc: "Where numbers are kept; storegen.lock in the folder of the schemas when left out.", Holds: textForm},
		},
	}
)

// The grammars of tables. Fields are declared in the schema, or belong to a struct or
// message in Go and only have options here.
var (
	DeclaredTable = TableGrammar.with(WordFields, FieldsForm, true, "add fields: {id: string}")
	GoTable       = TableGrammar.with(WordFields, GoFieldsForm, false, "")
	MessageTable  = TableGrammar.with(WordFields, MessageFieldsForm, false, "")
	OwnTable      = TableGrammar.with(WordFields, OwnFieldsForm, true, "add fields: {id: {get: ID}}")
)
