package evolve

import (
	"slices"
	"strings"
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
	changeAccess        = "access-changed"
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

const (
	helpCopy  = "declare a new table and copy the rows, or, as long as nothing is stored, run storegen generate -fresh"
	helpIndex = "open the database with store.WithMigrate() once"
	helpWas   = "if it is the same under a new name, say was: and the former name; if it is another, run storegen generate -accept "
	helpRule  = "find the rows that break the rule and correct them; then run storegen generate -accept "
)

var changeRules = []Rule{
	{changeAccess, Safe, "Who may read is asked when a row is read, so it counts for all rows at once.", "", false},
	{changeCheckAdded, Migrate, "Rows that are stored may break it. They are read as before, and an update of other fields passes; writing such a row whole, by Put, is refused.", helpRule + changeCheckAdded, false},
	{changeCheckRemoved, Safe, "What is stored meets fewer rules.", "", false},
	{changeDefault, Safe, "Defaults are for rows that are inserted or put from now on.", "", false},
	{changeEnumAdded, Safe, "Rows that are stored do not hold it.", "", false},
	{changeEnumRemoved, Migrate, "Rows may hold its number, which then means no value.", "give rows that hold it another value before the program that lacks it runs", false},
	{changeEnumRenamed, Safe, "Rows hold its number, which stays.", "", false},
	{changeEnumReplaced, Migrate, "One value goes and another comes. As another, it has a number of its own, and rows that hold the former's number hold no value that the schema knows.", helpWas + changeEnumReplaced, true},
	{changeFamily, Forbidden, "The parameters are how a store of the family is found; those that are there would not be found.", helpCopy, false},
	{changeFieldAdded, Safe, "Rows that are stored read as if the field were absent, or had its zero value.", "", false},
	{changeFieldEnum, Forbidden, "Rows hold numbers of the former enum, which the new one reads as values of its own.", "keep the field, or remove it, and add one of the new type under another name, which the program fills; or " + helpCopy, false},
	{changeFieldAbsent, Safe, "Rows that hold its zero value read as if it were absent.", "", false},
	{changeFieldForm, Migrate, "Rows hold what the methods of the former type have made of it, or what it was without them, which the new one may not read.", "see that the new type reads what the former has written, or let the program that still has the former type give a new field its value", false},
	{changeFieldLost, Migrate, "A struct of Go has no place for fields that it does not know: what rows hold of it is lost when they are written again.", "keep the field in the struct, or open the database with store.WithMigrate() once to accept the loss", false},
	{changeFieldRemoved, Safe, "What rows hold of it is kept and no longer read. Its number is never given again.", "", false},
	{changeFieldRenamed, Safe, "Rows hold its number, which stays.", "", false},
	{changeFieldReplaced, Migrate, "One field goes and another of the same type comes. As another, it begins empty, and what rows hold of the former is no longer read.", helpWas + changeFieldReplaced, true},
	{changeFieldUnset, Migrate, "Rows that are stored have no value of it, and a value has to be set. They are read as before, and an update of other fields passes; writing such a row whole, by Put, is refused.", "give it a default, or make it optional; or let the program set it, and run storegen generate -accept " + changeFieldUnset, false},
	{changeFieldPresent, Safe, "Rows where it is absent read as if they held its zero value.", "", false},
	{changeFieldType, Forbidden, "What rows hold of it is written in the form of the former type.", "keep the field, or remove it, and add one of the new type under another name, which the program fills; or " + helpCopy, false},
	{changeIndexAdded, Rebuild, "Rows that are stored have no entries in it.", helpIndex + ", which builds it", false},
	{changeIndex, Rebuild, "The entries that are stored are those of its former shape.", helpIndex + ", which builds it anew", false},
	{changeIndexRemoved, Rebuild, "Its entries are stored, and are of no more use.", helpIndex + ", which drops it", false},
	{changeIndexRenamed, Safe, "Entries hold its number, which stays.", "", false},
	{changeKey, Forbidden, "The keys of stored rows are written in the former form, and rows are found by them.", helpCopy, false},
	{changeLimitLoose, Safe, "What is stored keeps the wider limits too.", "", false},
	{changeLimitTight, Migrate, "Rows that are stored may break it. They are read as before, and an update of other fields passes; writing such a row whole, by Put, is refused.", helpRule + changeLimitTight, false},
	{changeTableAdded, Safe, "Nothing of it is stored.", "", false},
	{changeTableName, Migrate, "Another table had this name. A database that was not opened since it was renamed still holds that table's rows under it, and refuses the new one until then.", "open each database once with the table's new name before this table is opened, which a group does; then run storegen generate -accept " + changeTableName, false},
	{changeTableRemoved, Safe, "Its rows stay in databases, where nothing reads them. Its number is never given again.", "", false},
	{changeTableRenamed, Safe, "A database takes the table over when it is opened under its new name.", "", false},
	{changeTableReplaced, Migrate, "One table goes and another with much the same fields comes. As another, it begins empty, and what is stored of the former is no longer read.", helpWas + changeTableReplaced, true},
	{changeTTL, Safe, "It counts for rows that are written from now on; others expire when they were to, or never where they were not to.", "", false},
	{changeTTLRemoved, Migrate, "Rows that are stored still expire when they were to.", "let the program write every row anew, which then stays", false},
	{changeTypeAdded, Safe, "Nothing of it is stored.", "", false},
	{changeTypeRemoved, Safe, "Fields that had it say themselves what becomes of them.", "", false},
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
