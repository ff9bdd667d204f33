package commits

import (
	"bytes"
	"slices"

	"github.com/storegen/storegen/runtime/internal/mem"
)

// Changes are what a transaction has done to rows that hooks want to see.
type Changes struct {
	Hooks  *hookSet // when it began; nil: nobody wants to see anything
	List   []RowChange
	rows   map[string]int // by stored key: place in list
	spaces []uint64       // the tables that are in list
	marked bool           // there are savepoints
	steps  []step         // what was noted since the first of them
}

// Watches reports whether somebody wants to see what is done to a table.
func (cs *Changes) Watches(space uint64) bool { return cs.Hooks != nil && cs.Hooks.watches(space) }

// Note keeps what a write does to a row of a table that somebody watches.
func (cs *Changes) Note(space uint64, table string, key, pk, old, new []byte, expired bool) {
	if i, ok := cs.rows[string(key)]; ok {
		// What the transaction itself wrote before was never seen.
		if cs.marked {
			cs.steps = append(cs.steps, step{i, cs.List[i].New, false})
		}
		cs.List[i].New = mem.CloneRow(new)
		return
	}
	if cs.rows == nil {
		cs.rows = map[string]int{}
	}
	if cs.marked {
		cs.steps = append(cs.steps, step{len(cs.List), []byte(string(key)), true})
	}
	cs.rows[string(key)] = len(cs.List)
	cs.List = append(cs.List, RowChange{
		Table: table, Key: bytes.Clone(pk), Old: mem.CloneRow(old), New: mem.CloneRow(new),
		Expired: expired, Space: space,
	})
	if !slices.Contains(cs.spaces, space) {
		cs.spaces = append(cs.spaces, space)
	}
}

// step is one thing that was noted: a row that was new in the list, with its stored key, or
// one that had another new value before.
type step struct {
	at    int
	bytes []byte
	added bool
}

// Mark begins to keep what Rewind needs, and returns the place to come back to.
func (cs *Changes) Mark() int {
	cs.marked = cs.Hooks != nil
	return len(cs.steps)
}

// Rewind forgets what was noted since a mark.
func (cs *Changes) Rewind(mark int) {
	for _, s := range slices.Backward(cs.steps[mark:]) {
		if s.added {
			delete(cs.rows, string(s.bytes))
			cs.List = cs.List[:s.at]
			continue
		}
		cs.List[s.at].New = s.bytes
	}
	cs.steps = cs.steps[:mark]
	cs.spaces = cs.spaces[:0]
	for i := range cs.List {
		if space := cs.List[i].Space; !slices.Contains(cs.spaces, space) {
			cs.spaces = append(cs.spaces, space)
		}
	}
}

// Unmark ends keeping it: there are no marks any more.
func (cs *Changes) Unmark() { cs.marked, cs.steps = false, nil }
