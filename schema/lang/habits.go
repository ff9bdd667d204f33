package lang

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/diag"
)

// This file knows how other languages say things, SQL first, so that a mistake out of
// habit is answered with how it is said here.

// A Habit is a key that other languages have where there is another one here.
type Habit struct {
	Key  string // the key here; "" where none does the same
	Help string
}

// Habits are by the key in lower case and without underscores.
type Habits map[string]Habit

// habitsOf makes habits of words that mean the same.
func habitsOf(groups ...struct {
	words string
	habit Habit
}) Habits {
	all := Habits{}
	for _, g := range groups {
		for _, w := range strings.Fields(g.words) {
			all[w] = g.habit
		}
	}
	return all
}

type sayings = struct {
	words string
	habit Habit
}

var TableHabits = habitsOf(
	sayings{"primarykey primary pk keys id", Habit{"key", "say it with key: id, or key: [first, second]"}},
	sayings{"columns column cols attributes properties", Habit{"fields", "say it with fields: {id: string}"}},
	sayings{"description desc comment comments documentation", Habit{"doc", "say it with doc: what it is"}},
	sayings{"struct type model class entity", Habit{"row", "say it with row: Order, the Go name of a row"}},
	sayings{"index indices", Habit{"indexes", "say it with indexes: {name: field}"}},
	sayings{"unique uniques", Habit{"indexes", "a unique value is a matter of an index: indexes: {email: {on: [email], unique: true}}"}},
	sayings{"expires expiry expire expiration retention ttlseconds timetolive", Habit{"ttl", "say when rows expire: ttl: {from: created_at, keep: 30d}"}},
	sayings{"checks constraints constraint rules rule validate validation", Habit{"check", "say it with check: [total >= 0]"}},
	sayings{"permissions permission acl owner visibility", Habit{"access", "say it with access: restricted, or access: {owner: user_id}"}},
	sayings{"parameters params partition partitionby partitions", Habit{"per", "say it with per: {tenant: string}"}},
	sayings{"renamed renamedfrom oldname formerly", Habit{"was", "say it with was: old_name"}},
	sayings{"group namespace schema database", Habit{"", "a group stands before the name: table: group.name"}},
	sayings{"foreignkeys foreignkey references relations", Habit{"", "give the field the type of the other table's key; that the other row is there is for the program to see to, in a transaction"}},
)

var IndexHabits = habitsOf(
	sayings{"columns column cols fields field keys key", Habit{"on", "say it with on: [field, field]"}},
	sayings{"filter condition when if predicate partial", Habit{"where", "say it with where: status == open"}},
	sayings{"including includes covering covers storing", Habit{"include", "say it with include: [field]"}},
	sayings{"description comment", Habit{"doc", "say it with doc: what it is for"}},
	sayings{"type using method", Habit{"", "remove it: every index is in order, and serves equality, ranges and prefixes"}},
	sayings{"order sort direction", Habit{"", "the order stands behind a field: on: [created_at desc]"}},
	sayings{"caseinsensitive ignorecase collate collation ci", Habit{"", "letter case does not count where fold stands before a field: on: [fold name]"}},
	sayings{"name", Habit{"", "remove it: the name of the index stands before the colon"}},
	sayings{"primary primarykey", Habit{"", "the key is said once, for the table: key: id"}},
)

var TTLHabits = habitsOf(
	sayings{"after duration seconds days age keepfor", Habit{"keep", "say it with keep: 30d, or a field that holds a duration"}},
	sayings{"field column on since start of", Habit{"from", "say it with from: created_at, a field that holds a timestamp"}},
)

var TypeHabits = habitsOf(
	sayings{"fields columns properties attributes object message", Habit{"struct", "say it with struct: {field: Type}"}},
	sayings{"type alias base over scalar underlying", Habit{"is", "say it with is: string"}},
	sayings{"values oneof options members cases constants", Habit{"enum", "say it with enum: [first, second]"}},
	sayings{"length maxlength size", Habit{"", "the length of a string or bytes is limited in bytes: max: 80"}},
	sayings{"description comment", Habit{"doc", "say it with doc: what it is"}},
)

// Means reports whether a key is another language's word for one here.
func (h Habits) Means(word, key string) bool { return h[diag.Squash(word)].Key == key }

// foreignTypes are types of lists, maps and optional values as other languages write
// them, and what is written here for the type in them.
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

// ForeignType returns how a type of another language is written here, or "".
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

var spanOfTime = regexp.MustCompile(`(?i)^(\d+)\s*(w|d|h|m|s|ms)(?:eeks?|ays?|ours?|rs?|in|ins|inutes?|ec|ecs|econds?|illis)?$`)

// DurationHelp says what to write for a text that is no duration.
func DurationHelp(err error, text string) string {
	if m := spanOfTime.FindStringSubmatch(text); m != nil && errors.Is(err, ErrDurationForm) {
		return "write " + m[1] + strings.ToLower(m[2])
	}
	return err.Error()
}

// ExprHabits are words between operands that conditions do not have, in lower case.
var ExprHabits = map[string]string{
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

// ValueHabits are names of values that conditions do not have, in lower case.
var ValueHabits = map[string]string{
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

// ForeignColumn returns what to write for an index column of another language, or "".
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

// FieldHelp says how it is said here what other languages say with a key of a field; the
// keys are in lower case and without underscores.
var FieldHelp = map[string]string{
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
