package schema

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
)

// A Set is a whole schema: all types and tables, with all names resolved.
type Set struct {
	Types  []*Type  // named types, by name
	Tables []*Table // by name
	Groups []*Group // groups of tables, by name
	// OnePackage says that all tables and types go to one Go package.
	OnePackage bool
	Lock       *lock.Lock // the numbers of this Set, as storegen.lock must hold them
	// Warnings tell of what is valid but perhaps not meant.
	Warnings diag.Diagnostics
	// Config is the path of the configuration relative to the folder of the packages,
	// with slashes; "" if there is none.
	Config string

	// GoInputs are the files that the types of Go source depend on; none if there are
	// no such types, or if the loader does not know the files.
	GoInputs []string

	Texts []*diag.Text // the files, for messages that show lines of them
}

// UsesGo reports whether types or rows are Go types of the user.
func (s *Set) UsesGo() bool {
	return slices.ContainsFunc(s.Tables, func(t *Table) bool { return t.Go != nil }) || slices.ContainsFunc(s.Types, func(t *Type) bool { return t.Go != nil })
}

// Type returns the named type, or nil.
func (s *Set) Type(name string) *Type {
	i, ok := slices.BinarySearchFunc(s.Types, name, func(t *Type, name string) int { return strings.Compare(t.Name, name) })
	if !ok {
		return nil
	}
	return s.Types[i]
}

// Table returns the table of that full name (system.users), or nil.
func (s *Set) Table(name string) *Table {
	i, ok := slices.BinarySearchFunc(s.Tables, name, func(t *Table, name string) int { return strings.Compare(t.Name, name) })
	if !ok {
		return nil
	}
	return s.Tables[i]
}

// A Group holds the tables of one group: those with the same name before the dot.
type Group struct {
	Name   string
	Tables []*Table // by name
}

// A Source is one file of a schema.
type Source struct {
	Name string // relative to the schema folder, with slashes: system/users.yaml
	Path string // as messages show it; if empty, Name is shown
	Data []byte
}
