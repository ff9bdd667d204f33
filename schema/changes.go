package schema

import (
	"slices"
	"strings"
)

// A Class says what a change of a schema means for data that is stored already.
type Class string

// The classes, from the least to the most that has to be done.
const (
	Safe      Class = "safe"      // nothing
	Rebuild   Class = "rebuild"   // an index is built or dropped when the database is opened for migration
	Migrate   Class = "migrate"   // rows must be rewritten by the program
	Forbidden Class = "forbidden" // stored rows cannot be read: it takes a new table and a copy
)

// A ChangeRule is a kind of change, and what it means wherever it is made. Its id
// stays the same over versions, so that tools can name it.
type ChangeRule struct {
	ID     string
	Class  Class
	Reason string // why it is of this class
	Mend   string // what has to be done; "" is nothing
}

// The ids of the rules of changes.
const (
	changeAccess       = "access-changed"
	changeEnumAdded    = "enum-added"
	changeEnumRemoved  = "enum-removed"
	changeEnumRenamed  = "enum-renamed"
	changeFamily       = "family-changed"
	changeFieldAdded   = "field-added"
	changeFieldEnum    = "field-enum"
	changeFieldAbsent  = "field-optional"
	changeFieldForm    = "field-form"
	changeFieldRemoved = "field-removed"
	changeFieldRenamed = "field-renamed"
	changeFieldPresent = "field-required"
	changeFieldType    = "field-type"
	changeIndex        = "index-changed"
	changeIndexAdded   = "index-added"
	changeIndexRemoved = "index-removed"
	changeIndexRenamed = "index-renamed"
	changeKey          = "key-changed"
	changeTableAdded   = "table-added"
	changeTableRemoved = "table-removed"
	changeTableRenamed = "table-renamed"
	changeTTL          = "ttl-changed"
	changeTTLRemoved   = "ttl-removed"
	changeTypeAdded    = "type-added"
	changeTypeRemoved  = "type-removed"
	changeTypeRenamed  = "type-renamed"
)

const (
	mendCopy  = "declare a new table and copy the rows, or, as long as nothing is stored, run storegen generate -fresh"
	mendIndex = "open the database with store.WithMigrate() once"
)

var changeRules = []ChangeRule{
	{changeAccess, Safe, "Who may read is asked when a row is read, so it counts for all rows at once.", ""},
	{changeEnumAdded, Safe, "Rows that are stored do not hold it.", ""},
	{changeEnumRemoved, Migrate, "Rows may hold its number, which then means no value.", "give rows that hold it another value before the program that lacks it runs"},
	{changeEnumRenamed, Safe, "Rows hold its number, which stays.", ""},
	{changeFamily, Forbidden, "The parameters are how a store of the family is found; those that are there would not be found.", mendCopy},
	{changeFieldAdded, Safe, "Rows that are stored read as if the field were absent, or had its zero value.", ""},
	{changeFieldEnum, Migrate, "Rows hold numbers of the former enum, which the new one reads as its own.", "let the program give every row its value anew, or add a field of the new type and keep this one"},
	{changeFieldAbsent, Safe, "Rows that hold its zero value read as if it were absent.", ""},
	{changeFieldForm, Migrate, "Rows hold what the methods of the former type have made of it, or what it was without them, which the new one may not read.", "see that the new type reads what the former has written, or let the program that still has the former type give a new field its value"},
	{changeFieldRemoved, Safe, "What rows hold of it is kept and no longer read. Its number is never given again.", ""},
	{changeFieldRenamed, Safe, "Rows hold its number, which stays.", ""},
	{changeFieldPresent, Safe, "Rows where it is absent read as if they held its zero value.", ""},
	{changeFieldType, Forbidden, "What rows hold of it is written in the form of the former type.", "keep the field, or remove it, and add one of the new type under another name, which the program fills; or " + mendCopy},
	{changeIndexAdded, Rebuild, "Rows that are stored have no entries in it.", mendIndex + ", which builds it"},
	{changeIndex, Rebuild, "The entries that are stored are those of its former shape.", mendIndex + ", which builds it anew"},
	{changeIndexRemoved, Rebuild, "Its entries are stored, and are of no more use.", mendIndex + ", which drops it"},
	{changeIndexRenamed, Safe, "Entries hold its number, which stays.", ""},
	{changeKey, Forbidden, "The keys of stored rows are written in the former form, and rows are found by them.", mendCopy},
	{changeTableAdded, Safe, "Nothing of it is stored.", ""},
	{changeTableRemoved, Safe, "Its rows stay in databases, where nothing reads them. Its number is never given again.", ""},
	{changeTableRenamed, Safe, "A database takes the table over when it is opened under its new name.", ""},
	{changeTTL, Safe, "It counts for rows that are written from now on; others expire when they were to, or never where they were not to.", ""},
	{changeTTLRemoved, Migrate, "Rows that are stored still expire when they were to.", "let the program write every row anew, which then stays"},
	{changeTypeAdded, Safe, "Nothing of it is stored.", ""},
	{changeTypeRemoved, Safe, "Fields that had it say themselves what becomes of them.", ""},
	{changeTypeRenamed, Safe, "Its name is not stored.", ""},
}

// ChangeRules returns all rules of changes, by id.
func ChangeRules() []ChangeRule {
	out := slices.Clone(changeRules)
	slices.SortFunc(out, func(a, b ChangeRule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// changeRule returns the rule of an id; every id above has one.
func changeRule(id string) ChangeRule {
	return changeRules[slices.IndexFunc(changeRules, func(r ChangeRule) bool { return r.ID == id })]
}
