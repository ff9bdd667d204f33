package main

import (
	"testing"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
)

// A table is printed as a schema has it: what is printed is read again, with the same access.
func TestWrittenAccess(t *testing.T) {
	for _, access := range []string{"system", "public", "private", "restricted", "{owner: user_id}"} {
		t.Run(access, func(t *testing.T) {
			parse := func(text string) *schema.Table {
				set, err := load.Parse([]schema.Source{{Name: "notes.yaml", Data: []byte(text)}}, nil)
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				if err := numbering.Assign(lock.New(), set); err != nil {
					t.Fatal(err)
				}
				return set.Tables[0]
			}
			before := parse("table: notes\naccess: " + access + "\nkey: [user_id, id]\nfields: {user_id: string, id: int64, note: string?}\nindexes: {note: {on: [note]}}\n")
			after := parse(written(describe.Table(before)))
			if after.Access != before.Access || (after.Owner == nil) != (before.Owner == nil) || after.Owner != nil && after.Owner.Name != before.Owner.Name {
				t.Errorf("access %v, owner %v; want %v, %v", after.Access, after.Owner, before.Access, before.Owner)
			}
		})
	}
}
