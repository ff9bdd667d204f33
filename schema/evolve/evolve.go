package evolve

import (
	"bytes"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
)

// A Change is one difference between a lock and a schema. Its Rule is one of [Rules].
// Its position is in the schema or, for what was removed, in the lock. Its Note says
// why it is of its class.
type Change struct {
	diag.Diagnostic
	Class Class
	Asks  bool // only the schema's author knows what is meant
}

// String returns the change as text: a diagnostic with the class.
func (e Change) String() string {
	d := e.Diagnostic
	d.Message += " (" + string(e.Class) + ")"
	return d.String()
}

// Compare compares a Set with the lock from before the Set was loaded. The result is
// sorted by position.
//
// Old locks do not say what their things are. With such a lock, only additions,
// removals and renames are found.
//
// Stored bytes do not depend on the order of fields, values and indexes, so moving
// them is no change. The order of a key's fields and an index's columns does matter.
func Compare(before *lock.Lock, set *schema.Set) []Change {
	if bytes.Equal(before.Format(), set.Lock.Format()) {
		return nil
	}
	e := &evolver{
		Reporter: diag.NewReporter(), lock: before, set: set,
		before: map[lock.NumberKey]*lock.Entry{}, formerName: map[string]string{},
		newOwner: map[string]bool{}, goneOwner: map[string]bool{}, stored: map[*schema.Type]bool{},
	}
	for _, s := range set.Texts {
		e.AddText(s)
	}
	if before.File != nil {
		e.AddText(before.File)
	}
	for _, x := range before.Entries {
		e.before[lock.NumberKey{Kind: x.Kind, Owner: x.Owner, Number: x.Number}] = x
	}
	e.owners()
	e.former = formerSchema(before)
	e.findStored()
	for _, t := range set.Tables {
		e.table(t)
	}
	for _, t := range set.Types {
		e.typ(t)
	}
	e.removed(e.additions())
	var out []Change
	for _, d := range e.Result() {
		rule := ruleOf(d.Rule)
		out = append(out, Change{Diagnostic: d, Class: rule.Class, Asks: rule.Asks})
	}
	return out
}
