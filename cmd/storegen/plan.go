package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
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

Ends with code 1 where something is not safe. generate refuses what is forbidden,
and what may be a rename that the schema does not say.`,
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
	if slices.ContainsFunc(changes, func(e evolve.Change) bool { return e.Class != evolve.Safe }) {
		return errFinding
	}
	return nil
}

// changesOf compares the lock as it is on disk with the schemas.
func changesOf(config *load.Config, set *schema.Set) ([]evolve.Change, error) {
	data, err := os.ReadFile(config.Lock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // all is new, and nothing is stored
	} else if err != nil {
		return nil, err
	}
	before, err := lock.Parse(config.Lock, data)
	if err != nil {
		return nil, err
	}
	return evolve.Compare(before, set), nil
}

func changeFindings(changes []evolve.Change) []finding {
	fs := make([]finding, len(changes))
	for i, e := range changes {
		fs[i] = findingOf(e.Diagnostic)
		fs[i].Class, fs[i].text = string(e.Class), e.String()
	}
	return fs
}

// hold reports the changes that generate does not make: those after which stored rows
// could not be read, and those that it must ask about, unless they are accepted. It
// returns those that are made and that somebody has to know of.
func (c *call) hold(b *build, accepted []string) (known []evolve.Change, err error) {
	if b.lock == nil {
		return nil, nil // what the bytes depend on is in the lock, and that stays
	}
	changes, err := changesOf(b.config, b.set)
	if err != nil {
		return nil, err
	}
	var refused []evolve.Change
	for _, e := range changes {
		switch {
		case e.Class == evolve.Forbidden:
			refused = append(refused, e)
		case e.Class != evolve.Migrate || slices.Contains(accepted, e.Rule):
		case e.Asks:
			refused = append(refused, e)
		default:
			known = append(known, e)
		}
	}
	if len(refused) > 0 {
		c.report(changeFindings(refused))
		return nil, errFinding
	}
	return known, nil
}

// acceptedRules reads the rules of -accept.
func acceptedRules(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var names []string
	for _, r := range evolve.Rules() {
		if r.Class == evolve.Migrate {
			names = append(names, r.ID)
		}
	}
	accepted := strings.Split(text, ",")
	for _, name := range accepted {
		if !slices.Contains(names, name) {
			return nil, usageError(fmt.Sprintf("-accept %s: no change that can be accepted has this rule; there are %s", name, strings.Join(names, ", ")))
		}
	}
	return accepted, nil
}
