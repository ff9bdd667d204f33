package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/storegen/storegen/schema"
)

var planCommand = &command{
	name: "plan", reports: true,
	short: "say what the change of the schemas means for stored data",
	long: `Compares the schemas with the lock, before generate brings that up to date, and
prints each table, field, index and enum value that was added, removed or renamed
with its class:

  safe        nothing has to be done
  rebuild     an index is built or dropped
  migrate     rows must be rewritten
  forbidden   stored rows cannot be read: it takes a new table and a copy

Ends with code 1 where something is not safe. The lock holds names and numbers:
what keeps its name and changes its type, key, columns, expiry or access does not
show here; opening a database with the new code tells.`,
	setup: simple(plan),
}

func plan(c *call) error {
	config, set, err := c.load()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(config.Lock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // all is new, and nothing is stored
	} else if err != nil {
		return err
	}
	before, err := schema.ParseLock(config.Lock, data)
	if err != nil {
		return err
	}
	var fs []finding
	safe := true
	for _, e := range schema.Evolve(before, set) {
		fs = append(fs, finding{
			Rule: e.Rule, Class: string(e.Class), File: filepath.ToSlash(e.Pos.File), Line: e.Pos.Line, Col: e.Pos.Col, EndCol: e.Pos.EndCol,
			Message: e.Message, Mend: e.Mend,
		})
		safe = safe && e.Class == schema.Safe
	}
	if len(fs) > 0 {
		c.report(fs)
	}
	if !safe {
		return errFinding
	}
	return nil
}
