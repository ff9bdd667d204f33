package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/storegen/storegen/schema"
)

var planCommand = &command{
	name: "plan", reports: true,
	short: "say what the change of the schemas means for stored data",
	long: `Compares the schemas with the lock, before generate brings that up to date, and
prints each change with its class:

  safe        nothing has to be done
  rebuild     an index is built or dropped
  migrate     rows must be rewritten
  forbidden   stored rows cannot be read: it takes a new table and a copy

Ends with code 1 where something is not safe. generate refuses what is forbidden.`,
	setup: simple(plan),
}

func plan(c *call) error {
	config, set, err := c.load()
	if err != nil {
		return err
	}
	changes, err := changesOf(config, set)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		c.report(changeFindings(changes))
	}
	if slices.ContainsFunc(changes, func(e schema.Evolution) bool { return e.Class != schema.Safe }) {
		return errFinding
	}
	return nil
}

// changesOf compares the lock as it is on disk with the schemas.
func changesOf(config *schema.Config, set *schema.Set) ([]schema.Evolution, error) {
	data, err := os.ReadFile(config.Lock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // all is new, and nothing is stored
	} else if err != nil {
		return nil, err
	}
	before, err := schema.ParseLock(config.Lock, data)
	if err != nil {
		return nil, err
	}
	return schema.Evolve(before, set), nil
}

func changeFindings(changes []schema.Evolution) []finding {
	fs := make([]finding, len(changes))
	for i, e := range changes {
		fs[i] = findingOf(e.Diagnostic)
		fs[i].Class, fs[i].text = string(e.Class), e.String()
	}
	return fs
}

// forbid reports the changes after which stored rows could not be read.
func (c *call) forbid(b *build) error {
	if b.lock == nil {
		return nil // what the bytes depend on is in the lock, and that stays
	}
	changes, err := changesOf(b.config, b.set)
	if err != nil {
		return err
	}
	changes = slices.DeleteFunc(changes, func(e schema.Evolution) bool { return e.Class != schema.Forbidden })
	if len(changes) == 0 {
		return nil
	}
	c.report(changeFindings(changes))
	return errFinding
}
