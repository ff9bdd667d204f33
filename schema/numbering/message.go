package numbering

import (
	"slices"
	"strconv"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/rules"
)

// message gives the fields of a message their lines: their numbers are those that the
// message has, by which a field is the same one under another name, or once again.
func (a *assigner) message(t *schema.Table) {
	owner, fields := t.Name, t.Fields
	// What was stored field by field is forbidden to become a message, which is said with
	// the other changes.
	same := true
	if e := a.lock.Find(lock.ID{Kind: lock.Table, Name: owner}); e != nil {
		line, ok := lock.ParseTable(e.Shape)
		same = !ok || line.Whole == "message"
	}
	byNumber := map[int64]*lock.Entry{}
	for _, e := range a.lock.Entries {
		if e.Kind == lock.Field && e.Owner == owner {
			byNumber[e.Number] = e
		}
	}
	for _, f := range fields {
		name := lock.ID{Kind: lock.Field, Owner: owner, Name: f.Name}
		if e := a.lock.Find(name); e != nil && e.Number != int64(f.Number) && byNumber[int64(f.Number)] != e {
			if !a.movedAside(e, fields, same) {
				d := a.Report(rules.LockNumber, f.Pos, "the field %s has the number %d in the message, and had %d", f.Name, f.Number, e.Number).
					Help("give it the number %d again in the .proto; a field with another number is another field, and needs another name", e.Number)
				if e.Pos.Line > 0 {
					d.Related(e.Pos, "as it was")
				}
				continue
			}
		}
		e := byNumber[int64(f.Number)]
		switch {
		case e == nil:
			e = &lock.Entry{ID: name, Number: int64(f.Number)}
			a.lock.Add(e)
		case e.Name != f.Name:
			e.Was = append([]string{e.Name}, e.Was...)
			a.lock.Rename(e, name)
		}
		e.Live, e.Retired = true, false
		e.Was = formerly(e.Name, f.Was, e.Was)
		f.Was = e.Was
	}
}

// movedAside renames the line of a field whose name another one has now; false where
// the message has no field of its number any more.
func (a *assigner) movedAside(e *lock.Entry, fields []*schema.Field, same bool) bool {
	if same && !slices.ContainsFunc(fields, func(f *schema.Field) bool { return int64(f.Number) == e.Number }) {
		return false
	}
	// It has another name now: its own turn brings its line along.
	aside := e.ID
	for i := 1; a.lock.Find(aside) != nil; i++ {
		aside.Name = e.Name + "_" + strconv.Itoa(i)
	}
	a.lock.Rename(e, aside)
	return true
}
