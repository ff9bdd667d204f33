package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
	"github.com/storegen/storegen/templates/output"
)

var lockCommand = &command{
	name: "lock", args: "resolve", reports: true,
	short: "resolve a lock in which a merge left a conflict",
	long: `Makes one lock of the two sides of a merge, whether git wrote them in the style
merge or diff3. What our side gave keeps its number; what only theirs gave and is
taken gets the next free one, and is named. Correct the schemas first: they tell a
rename from two new things. Then generate, and commit both.

What their branch wrote under a number that changed has lost its meaning: throw
databases away that only that branch has written.`,
	setup: simple(lockResolve),
}

func lockResolve(c *call) error {
	if len(c.args) != 1 || c.args[0] != "resolve" {
		return usageError("it takes the word resolve")
	}
	config, err := load.ReadConfigOnly(c.config)
	if err != nil {
		return err
	}
	sources, err := load.Sources(config)
	if err != nil {
		return err
	}
	set, err := load.ParseWithGo(sources, nil, goLoader(config))
	if err != nil {
		return err
	}
	data, err := os.ReadFile(config.Lock)
	if err != nil {
		return err
	}
	merged, moved, err := numbering.Merge(config.Lock, data, set)
	if err != nil {
		return err
	}
	text := merged.Format()
	if bytes.Equal(text, data) {
		return nil
	}
	// A schema that the result does not fit is a mistake to be corrected first: what
	// is on disk still has both sides.
	again, err := lock.Parse(config.Lock, text)
	if err != nil {
		return err
	}
	if err := numbering.Assign(again, set); err != nil {
		return errors.Join(fmt.Errorf("%s is left as it is: resolved, it would not fit the schemas", config.Lock), err)
	}
	if err := output.WriteFile(config.Lock, text); err != nil {
		return err
	}
	var fs []finding
	for _, m := range moved {
		fs = append(fs, finding{
			Rule: ruleRenumbered, File: filepath.ToSlash(m.Pos.File), Line: m.Pos.Line, Col: m.Pos.Col, EndCol: m.Pos.EndCol,
			Message: fmt.Sprintf("%s has the number %d now, in place of %d, which %s has", m.What, m.New, m.Old, m.By),
			Note:    "what their branch has written under the former number has lost its meaning: throw such databases away",
		})
	}
	if len(fs) > 0 {
		c.report(fs)
	}
	return nil
}
