package lang

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/diag"
)

// A Synonym is a key of another language, SQL first, for a key of this one.
type Synonym struct {
	Key  string // the key of this language; "" if none means the same
	Help string
}

// Synonyms are synonyms by the other language's key, in lower case and without
// underscores.
type Synonyms map[string]Synonym

// synonymsOf makes a synonym of each word of the groups.
func synonymsOf(groups ...group) Synonyms {
	all := Synonyms{}
	for _, g := range groups {
		for _, w := range strings.Fields(g.words) {
			all[w] = g.synonym
		}
	}
	return all
}

// A group is words that are all synonyms of one key.
type group struct {
	words   string
	synonym Synonym
}

// TableSynonyms are the synonyms of the keys of a table.
var TableSynonyms = synonymsOf(
	group{"primarykey primary pk keys id", Synonym{WordKey, "say it with key: id, or key: [first, second]"}},
	group{"columns column cols attributes properties", Synonym{WordFields, "say it with fields: {id: string}"}},
	group{"description desc comment comments documentation", Synonym{WordDoc, "say it with doc: what it is"}},
	group{"struct type model class entity", Synonym{WordRow, "say it with row: Order, the Go name of a row"}},
	group{"index indices", Synonym{WordIndexes, "say it with indexes: {name: field}"}},
	group{"unique uniques", Synonym{WordIndexes, "a unique value is a matter of an index: indexes: {email: {on: [email], unique: true}}"}},
	group{"expires expiry expire expiration retention ttlseconds timetolive", Synonym{WordTTL, "say when rows expire: ttl: {from: created_at, keep: 30d}"}},
	group{"checks constraints constraint rules rule validate validation", Synonym{WordCheck, "say it with check: [total >= 0]"}},
	group{"permissions permission acl owner visibility", Synonym{WordAccess, "say it with access: restricted, or access: {owner: user_id}"}},
	group{"parameters params partition partitionby partitions", Synonym{WordPer, "say it with per: {tenant: string}"}},
	group{"renamed renamedfrom oldname formerly", Synonym{WordWas, "say it with was: old_name"}},
	group{"group namespace schema database", Synonym{"", "a group stands before the name: table: group.name"}},
	group{"foreignkeys foreignkey references relations", Synonym{"", "give the field the type of the other table's key; that the other row is there is for the program to see to, in a transaction"}},
)

// IndexSynonyms are the synonyms of the keys of an index.
var IndexSynonyms = synonymsOf(
	group{"columns column cols fields field keys key", Synonym{WordOn, "say it with on: [field, field]"}},
	group{"filter condition when if predicate partial", Synonym{WordWhere, "say it with where: status == open"}},
	group{"including includes covering covers storing", Synonym{WordInclude, "say it with include: [field]"}},
	group{"description comment", Synonym{WordDoc, "say it with doc: what it is for"}},
	group{"type using method", Synonym{"", "remove it: every index is in order, and serves equality, ranges and prefixes"}},
	group{"order sort direction", Synonym{"", "the order stands behind a field: on: [created_at desc]"}},
	group{"caseinsensitive ignorecase collate collation ci", Synonym{"", "letter case does not count where fold stands before a field: on: [fold name]"}},
	group{"name", Synonym{"", "remove it: the name of the index stands before the colon"}},
	group{"primary primarykey", Synonym{"", "the key is said once, for the table: key: id"}},
)

// TTLSynonyms are the synonyms of the keys of ttl.
var TTLSynonyms = synonymsOf(
	group{"after duration seconds days age keepfor", Synonym{WordKeep, "say it with keep: 30d, or a field that holds a duration"}},
	group{"field column on since start of", Synonym{WordFrom, "say it with from: created_at, a field that holds a timestamp"}},
)

// TypeSynonyms are the synonyms of the keys of a named type.
var TypeSynonyms = synonymsOf(
	group{"fields columns properties attributes object message", Synonym{WordStruct, "say it with struct: {field: Type}"}},
	group{"type alias base over scalar underlying", Synonym{WordIs, "say it with is: string"}},
	group{"values oneof options members cases constants", Synonym{WordEnum, "say it with enum: [first, second]"}},
	group{"length maxlength size", Synonym{"", "the length of a string or bytes is limited in bytes: max: 80"}},
	group{"description comment", Synonym{WordDoc, "say it with doc: what it is"}},
)

// Means reports whether a word is a synonym of a key.
func (h Synonyms) Means(word, key string) bool { return h[diag.Squash(word)].Key == key }

// foreignTypes are the forms of lists, maps and optional values in other languages,
// and how the same is written in this one.
var foreignTypes = []struct {
	form  *regexp.Regexp
	write string
}{
	{regexp.MustCompile(`(?i)^(?:list|array|slice|vec|vector|set|repeated|sequence)\s*[<\[\s]\s*([\w.]+)\s*[>\]]?$`), `"[]%s"`},
	{regexp.MustCompile(`^([\w.]+)\[\]$`), `"[]%s"`},
	{regexp.MustCompile(`(?i)^(?:map|dict|hash|hashmap|record)\s*<\s*string\s*,\s*([\w.]+)\s*>$`), `"map[string]%s"`},
	{regexp.MustCompile(`(?i)^(?:optional|option|maybe|nullable)\s*[<\[\s]\s*([\w.]+)\s*[>\]]?$`), `%s?`},
	{regexp.MustCompile(`^\*([\w.]+)$`), `%s?`},
	{regexp.MustCompile(`^\?([\w.]+)$`), `%s?`},
	{regexp.MustCompile(`(?i)^([\w.]+)\s*\|?\s*null$`), `%s?`},
	{regexp.MustCompile(`(?i)^([\w.]+)\s+not\s+null$`), `%s`},
}

// sizedTypes are types with numbers as others write them.
var sizedTypes = []struct {
	form  *regexp.Regexp
	write string
}{
	{regexp.MustCompile(`(?i)^(?:bytes?|binary|fixed)\s*[\[(<]?\s*(\d+)\s*[\])>]?$`), "bytes[$1]"},
	{regexp.MustCompile(`(?i)^\[\s*(\d+)\s*\]\s*(?:bytes?|uint8|u8)$`), "bytes[$1]"},
	{regexp.MustCompile(`(?i)^(?:decimal|numeric|number|dec)\s*[\[(<]\s*(\d+)\s*[,;.]\s*(\d+)\s*[\])>]$`), "decimal($1,$2)"},
	{regexp.MustCompile(`(?i)^(?:decimal|numeric|number|dec)\s*[\[(<]\s*(\d+)\s*[\])>]$`), "decimal($1,0)"},
	{regexp.MustCompile(`^(\w+)\s*\(\s*\d+\s*\)$`), "$1"}, // time(3)
}

// SizedType returns how a type with numbers that another language has is written in this
// one, or "".
func SizedType(text string) string {
	for _, f := range sizedTypes {
		m := f.form.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		write := string(f.form.ExpandString(nil, f.write, text, m))
		if write = cmp.Or(TypeAliases[write], write); IsScalar(write) {
			return write
		}
	}
	return ""
}

// ForeignType returns how a type of another language is written in this one, or "".
func ForeignType(text string) string {
	for _, f := range foreignTypes {
		m := f.form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		elem := m[1]
		if a := cmp.Or(TypeAliases[elem], TypeAliases[strings.ToLower(elem)]); a != "" {
			elem = a
		}
		return strings.Replace(f.write, "%s", elem, 1)
	}
	return ""
}

var timeText = regexp.MustCompile(`(?i)^(\d+)\s*(w|d|h|m|s|ms)(?:eeks?|ays?|ours?|rs?|in|ins|inutes?|ec|ecs|econds?|illis)?$`)

// DurationHelp says what to write instead of a text that is not a duration.
func DurationHelp(err error, text string) string {
	if m := timeText.FindStringSubmatch(text); m != nil && errors.Is(err, kind.ErrDurationForm) {
		return "write " + m[1] + strings.ToLower(m[2])
	}
	return err.Error()
}

// ExprSynonyms are operators of other languages, in lower case, and what to write.
var ExprSynonyms = map[string]string{
	"is":         "whether a field is there is said by has field, or not has field",
	"in":         "compare with each: a == 1 or a == 2",
	"between":    "join two comparisons: a >= 1 and a <= 3",
	"like":       "there are no patterns: check them in the program",
	"ilike":      "there are no patterns: check them in the program",
	"glob":       "there are no patterns: check them in the program",
	"matches":    "there are no patterns: check them in the program",
	"regexp":     "there are no patterns: check them in the program",
	"contains":   "there are no patterns: check them in the program",
	"startswith": "there are no patterns: check them in the program",
	"eq":         "write ==",
	"equals":     "write ==",
	"xor":        "write (a or b) and not (a and b)",
}

// ValueSynonyms are values of other languages, in lower case, and what to write.
var ValueSynonyms = map[string]string{
	"null": "whether a field is there is said by has field, or not has field",
	"nil":  "whether a field is there is said by has field, or not has field",
	"none": "whether a field is there is said by has field, or not has field",
	"now":  "a condition knows no time but that of fields: compare with another one, or let rows expire by ttl",
}

var (
	foreignFold = regexp.MustCompile(`(?i)^(?:lower|upper|nocase|ci)\s*\(\s*(\w+)\s*\)$`)
	foreignDesc = regexp.MustCompile(`^-(\w+)$`)
	foreignAsc  = regexp.MustCompile(`^\+(\w+)$`)
)

// ForeignColumn says what to write instead of an index column of another language;
// "" if it is not known.
func ForeignColumn(text string) string {
	if m := foreignFold.FindStringSubmatch(text); m != nil {
		return "letter case does not count with fold: fold " + m[1]
	}
	if m := foreignDesc.FindStringSubmatch(text); m != nil {
		return "write " + m[1] + " desc"
	}
	if m := foreignAsc.FindStringSubmatch(text); m != nil {
		return "write " + m[1]
	}
	if strings.Contains(text, ",") {
		parts := strings.Split(text, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		return "write several columns as a list: [" + strings.Join(parts, ", ") + "]"
	}
	if words := strings.Fields(text); len(words) > 1 && strings.EqualFold(words[0], "unique") && !slices.Contains(words[1:], "unique") {
		return "say it beside the columns: {on: [" + strings.Join(words[1:], " ") + "], unique: true}"
	}
	return ""
}

// FieldSynonyms are the synonyms of the keys of a field, none of which means the same.
var FieldSynonyms = Synonyms{
	"unique":        {"", "a unique value is a matter of an index of the table: indexes: {NAME: {on: [NAME], unique: true}}"},
	"index":         {"", "an index stands under indexes of the table: indexes: {NAME: NAME}"},
	"indexed":       {"", "an index stands under indexes of the table: indexes: {NAME: NAME}"},
	"nullable":      {"", "a field that may be absent has a ? behind its type: NAME: string?"},
	"null":          {"", "a field that may be absent has a ? behind its type: NAME: string?"},
	"notnull":       {"", "remove it: a field without a ? behind its type is never absent"},
	"required":      {"", "remove it: a field without a ? behind its type is never absent; a text that may not be empty has min: 1"},
	"primarykey":    {"", "the key is said once, for the table: key: NAME"},
	"primary":       {"", "the key is said once, for the table: key: NAME"},
	"pk":            {"", "the key is said once, for the table: key: NAME"},
	"key":           {"", "the key is said once, for the table: key: NAME"},
	"references":    {"", "give the field the type of the other table's key; that the other row is there is for the program to see to, in a transaction"},
	"foreignkey":    {"", "give the field the type of the other table's key; that the other row is there is for the program to see to, in a transaction"},
	"autoincrement": {"", "there are no counters: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program"},
	"serial":        {"", "there are no counters: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program"},
	"identity":      {"", "there are no counters: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program"},
	"check":         {"", "a rule stands under check of the table: check: len(NAME) > 0"},
	"length":        {"", "the length of a string or bytes is limited in bytes: max: 80, min: 1"},
	"maxlength":     {"", "the length of a string or bytes is limited in bytes: max: 80"},
	"minlength":     {"", "the length of a string or bytes is limited in bytes: min: 1"},
	"size":          {"", "the length of a string or bytes is limited in bytes: max: 80, min: 1"},
	"enum":          {"", "declare the values in a file of types: types: {Status: {enum: [open, closed]}}, and use the name as the type"},
	"values":        {"", "declare the values in a file of types: types: {Status: {enum: [open, closed]}}, and use the name as the type"},
	"description":   {"", "say it with doc: what it is"},
	"comment":       {"", "say it with doc: what it is"},
	"of":            {"", "write the type of a list as one text: NAME: \"[]string\""},
	"items":         {"", "write the type of a list as one text: NAME: \"[]string\""},
}
