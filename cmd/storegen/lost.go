package main

import (
	"fmt"
	"path/filepath"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/templates"
)

// keepNumbers reports what the generated code has a number for and the lock has lost:
// generate would give it another one, and what is stored under the former would be
// taken for something else.
func (c *call) keepNumbers(b *build) error {
	if b.lock == nil {
		return nil // no number is new
	}
	lockFile := filepath.ToSlash(b.config.Lock)
	if b.lock.Old == nil {
		if b.present() {
			c.report([]finding{{
				Rule: ruleLockLost, File: lockFile,
				Message: "the lock is not there, and the code that was generated with it is: everything would get a new number",
				Help:    "take the lock from version control again; as long as nothing is stored, run " + diag.Command + " generate -fresh",
			}})
			return errFinding
		}
		return nil
	}
	before, err := lock.Parse(b.config.Lock, b.lock.Old)
	if err != nil {
		return err
	}
	type thing struct{ kind, owner, name string }
	known := map[thing]bool{}
	for _, n := range before.Numbers() {
		known[thing{n.Kind, n.Owner, n.Name}] = true
	}
	given := map[thing]int{} // in this run
	for _, n := range b.set.Lock.Numbers() {
		if t := (thing{n.Kind, n.Owner, n.Name}); !known[t] {
			given[t] = n.Number
		}
	}
	var fs []finding
	for _, ch := range b.changes {
		for _, n := range templates.Numbers(ch.Old) {
			now, isNew := given[thing{n.Kind, n.Owner, n.Name}]
			if !isNew || now == n.Number {
				continue
			}
			name := n.Name
			if n.Owner != "" {
				name = n.Owner + "." + n.Name
			}
			fs = append(fs, finding{
				Rule: ruleLockLost, File: lockFile, Line: 1, Col: 1, EndCol: 1,
				Message: fmt.Sprintf("the lock has lost %s: the generated code has it with the number %d, and it would get %d", name, n.Number, now),
				Help:    "take the lock from version control again, or the generated code of before it came; as long as nothing is stored, run " + diag.Command + " generate -fresh",
			})
		}
	}
	if len(fs) > 0 {
		c.report(fs)
		return errFinding
	}
	return nil
}

// present reports whether any file that the schemas make is there already.
func (b *build) present() bool {
	n := b.total
	for _, ch := range b.changes {
		if ch.Old == nil {
			n--
		}
	}
	return n > 0
}
