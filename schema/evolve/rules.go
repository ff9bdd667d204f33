package evolve

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/diag"
)

// A Class says what a change of a schema means for stored data.
type Class string

// The classes, by what has to be done, from the least to the most.
const (
	Safe      Class = "safe"      // nothing
	Rebuild   Class = "rebuild"   // an index is built or dropped when the database is opened with WithMigrate
	Migrate   Class = "migrate"   // rows must be rewritten by the program
	Forbidden Class = "forbidden" // stored rows cannot be read: it takes a new table and a copy
)

// A Rule is a kind of change, and what it means. Its id stays the same over versions,
// so that tools can rely on it.
type Rule struct {
	ID     string
	Class  Class
	Reason string // why it is of this class
	Help   string // what has to be done; "" if nothing
	// Asks says that generate cannot know what is meant: it writes nothing until the
	// schema or the user says so.
	Asks bool
}

// The ids of the rules of changes.
const (
	changeArrayBounded  = "array-bounded"
	changeArrayLonger   = "array-longer"
	changeArrayShorter  = "array-shorter"
	changeAccess        = "access-changed"
	changeBlind         = "blind-changed"
	changeCheckAdded    = "check-added"
	changeCheckRemoved  = "check-removed"
	changeDefault       = "default-changed"
	changeEnumAdded     = "enum-added"
	changeEnumRemoved   = "enum-removed"
	changeEnumRenamed   = "enum-renamed"
	changeEnumReplaced  = "enum-replaced"
	changeFamily        = "family-changed"
	changeFieldAdded    = "field-added"
	changeFieldEnum     = "field-enum"
	changeFieldAbsent   = "field-optional"
	changeFieldForm     = "field-form"
	changeFieldLost     = "field-lost"
	changeFieldRemoved  = "field-removed"
	changeFieldRenamed  = "field-renamed"
	changeFieldReplaced = "field-replaced"
	changeFieldUnset    = "field-unset"
	changeFieldPresent  = "field-required"
	changeFieldType     = "field-type"
	changeIndex         = "index-changed"
	changeIndexAdded    = "index-added"
	changeIndexRemoved  = "index-removed"
	changeIndexRenamed  = "index-renamed"
	changeKey           = "key-changed"
	changeLimitLoose    = "limit-loosened"
	changeLimitTight    = "limit-tightened"
	changeRowForm       = "row-form"
	changeTableAdded    = "table-added"
	changeTableName     = "table-name-reused"
	changeTableRemoved  = "table-removed"
	changeTableRenamed  = "table-renamed"
	changeTableReplaced = "table-replaced"
	changeTTL           = "ttl-changed"
	changeTTLRemoved    = "ttl-removed"
	changeTypeAdded     = "type-added"
	changeTypeRemoved   = "type-removed"
	changeTypeRenamed   = "type-renamed"
)

// helpSayWas is what gives way to the way in which the one thing is renamed.
const helpSayWas = "say was: and the former name"

const (
	helpCopy  = "declare a new table and copy the rows, or, as long as nothing is stored, run " + diag.Command + " generate -fresh"
	helpIndex = "open the database with store.WithMigrate() once"
	helpWas   = "if it is the same under a new name, " + helpSayWas + "; if it is another, run " + diag.Command + " generate -accept "
	helpRule  = "find the rows that break the rule and correct them; then run " + diag.Command + " generate -accept "
)

var changeRules = []Rule{
	{changeAccess, Safe, "Access is checked when a row is read, so the change applies to all rows at once.", "", false},
	{changeArrayBounded, Migrate, "Stored rows may have more elements than the array. Such a row cannot be read.", "see that no row has more elements before a program with the array runs, or keep the slice", false},
	{changeArrayLonger, Safe, "Stored rows have no more elements than fit. Those that an array has besides are read with their zero value.", "", false},
	{changeArrayShorter, Forbidden, "Stored rows have more elements than the array, and cannot be read.", "make it a slice in Go, which reads any number; or " + helpCopy, false},
	{changeBlind, Safe, "Stored rows are the same. A put that does not read keeps nothing of what the row before has in fields that the program does not know.", "", false},
	{changeCheckAdded, Migrate, "Stored rows may break it. They can be read, and an update of other fields is allowed; Put of such a row is refused.", helpRule + changeCheckAdded, false},
	{changeCheckRemoved, Safe, "Stored rows have to meet fewer rules.", "", false},
	{changeDefault, Safe, "A default is used for rows that are inserted or put from now on.", "", false},
	{changeEnumAdded, Safe, "No stored row has this value.", "", false},
	{changeEnumRemoved, Migrate, "Stored rows may have its number, which then is no value of the enum.", "give rows with this value another one before a program without it runs", false},
	{changeEnumRenamed, Safe, "Rows store its number, which stays the same.", "", false},
	{changeEnumReplaced, Migrate, "One value is removed and another is added. The new one has a new number, and rows with the old number have no valid value.", helpWas + changeEnumReplaced, true},
	{changeFamily, Forbidden, "The stores of a family are found by the parameters: those that exist would not be found.", helpCopy, false},
	{changeFieldAdded, Safe, "In stored rows it is absent, or has its zero value.", "", false},
	{changeFieldEnum, Forbidden, "Rows store numbers of the old enum, which mean other values in the new one.", "add a field of the new type under another name, and copy the values in the program; or " + helpCopy, false},
	{changeFieldAbsent, Safe, "Rows that store its zero value are read as if it were absent.", "", false},
	{changeFieldForm, Migrate, "The stored bytes were made by the methods of the old type, or by none. The new type may not be able to read them.", "make sure that the new type can read what the old one has written; or add a new field, and copy the values in a program that has both types", false},
	{changeFieldLost, Migrate, "A Go struct cannot keep fields that it does not have: their values are lost when a row is written again.", "keep the field in the struct, or open the database with store.WithMigrate() once to accept the loss", false},
	{changeFieldRemoved, Safe, "Stored values stay in the rows and are no longer read. The number is not used again.", "", false},
	{changeFieldRenamed, Safe, "Rows store its number, which stays the same.", "", false},
	{changeFieldReplaced, Migrate, "One field is removed and another of the same type is added. The new one has no value in stored rows, and the values of the old one are no longer read.", helpWas + changeFieldReplaced, true},
	{changeFieldUnset, Migrate, "Stored rows have no value of it, and a value is required. They can be read, and an update of other fields is allowed; Put of such a row is refused.", "give it a default, or make it optional; or let the program set it, and run " + diag.Command + " generate -accept " + changeFieldUnset, false},
	{changeFieldPresent, Safe, "Rows in which it is absent are read as if it had its zero value.", "", false},
	{changeFieldType, Forbidden, "The stored bytes have the form of the old type.", "add a field of the new type under another name, and copy the values in the program; or " + helpCopy, false},
	{changeIndexAdded, Rebuild, "Stored rows have no entries in it.", helpIndex + ", which builds it", false},
	{changeIndex, Rebuild, "The stored entries are those of the old index.", helpIndex + ", which builds it again", false},
	{changeIndexRemoved, Rebuild, "Its entries are still stored, and are not used any more.", helpIndex + ", which drops it", false},
	{changeIndexRenamed, Safe, "Entries have its number, which stays the same.", "", false},
	{changeKey, Forbidden, "Stored rows have keys of the old form, and are found by them.", helpCopy, false},
	{changeLimitLoose, Safe, "Stored rows meet the wider limits too.", "", false},
	{changeLimitTight, Migrate, "Stored rows may break it. They can be read, and an update of other fields is allowed; Put of such a row is refused.", helpRule + changeLimitTight, false},
	{changeRowForm, Forbidden, "A row that is stored whole holds its key and all its fields as the message or the Go type writes them; other rows do not.", helpCopy, false},
	{changeTableAdded, Safe, "Nothing of it is stored.", "", false},
	{changeTableName, Migrate, "Another table had this name. A database that was not opened since that table was renamed still has its rows under this name, and refuses the new table until then.", "open each database once with the table's new name before this table is opened, which a group does; then run " + diag.Command + " generate -accept " + changeTableName, false},
	{changeTableRemoved, Safe, "Its rows stay in databases, and nothing reads them. The number is not used again.", "", false},
	{changeTableRenamed, Safe, "A database renames the table when it is opened under its new name.", "", false},
	{changeTableReplaced, Migrate, "One table is removed and another with similar fields is added. The new one is empty, and the rows of the old one are no longer read.", helpWas + changeTableReplaced, true},
	{changeTTL, Safe, "It applies to rows that are written from now on. Other rows expire as before, or never if they had no time to expire.", "", false},
	{changeTTLRemoved, Migrate, "Stored rows still expire as before.", "let the program write every row again: it then does not expire", false},
	{changeTypeAdded, Safe, "Nothing of it is stored.", "", false},
	{changeTypeRemoved, Safe, "The fields that used it are reported themselves.", "", false},
	{changeTypeRenamed, Safe, "Its name is not stored.", "", false},
}

// Rules returns all rules of changes, by id.
func Rules() []Rule {
	out := slices.Clone(changeRules)
	slices.SortFunc(out, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// ruleOf returns the rule with an id.
func ruleOf(id string) Rule {
	return changeRules[slices.IndexFunc(changeRules, func(r Rule) bool { return r.ID == id })]
}
