package schema

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
)

// A Set is everything that one run declares, checked and bound.
type Set struct {
	Types  []*Type  // named types, by name
	Tables []*Table // by name
	Groups []*Group // groups of tables, by name
	// OnePackage says that all tables and types go to one Go package.
	OnePackage bool
	Lock       *lock.Lock // the numbers of this Set: what storegen.lock must hold beside it
	// Warnings are what is no mistake, and may not be what was meant.
	Warnings diag.Diagnostics
	// Config is where the configuration is, from the folder of the packages, with
	// slashes; "" where there is none.
	Config string

	// GoInputs are what the types of Go source were read from, as the loader names
	// it; none where no type is from there, or where the loader cannot tell.
	GoInputs []string

	Texts []*diag.Text // for the lines that messages show
}

// UsesGo reports whether types or rows are from Go source.
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

// A Group holds the tables whose names share what stands before the dot.
type Group struct {
	Name   string
	Tables []*Table // by name
}

// A Source is one file of a schema.
type Source struct {
	Name string // relative to the schema folder, with slashes: system/users.yaml
	Path string // as messages show it; empty is Name
	Data []byte
}
