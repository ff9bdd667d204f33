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
}

// Watches reports whether somebody wants to see what is done to a table.
func (cs *Changes) Watches(space uint64) bool { return cs.Hooks != nil && cs.Hooks.watches(space) }

// Note keeps what a write does to a row of a table that somebody watches.
func (cs *Changes) Note(space uint64, table string, key, pk, old, new []byte, expired bool) {
	if i, ok := cs.rows[string(key)]; ok {
		// What the transaction itself wrote before was never seen.
		cs.List[i].New = mem.CloneRow(new)
		return
	}
	if cs.rows == nil {
		cs.rows = map[string]int{}
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
