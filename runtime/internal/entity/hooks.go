package entity

import (
	"bytes"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/commits"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/mem"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// ChangedRow is what a commit did to one row, as rows of the table, which belong
// to who got them.
type ChangedRow struct {
	Old, New any // nil: there was no row, or there is none any more
	Expired  bool
}

// Row is one of the two, whose key both have.
func (r *ChangedRow) Row() any {
	if r.New != nil {
		return r.New
	}
	return r.Old
}

// OnCommit has fn called for each commit that changed a row of this table, with
// all such changes, as DB.OnCommit does. Where the table is guarded for a
// principal, it gets the rows that this one may read, and none if it may not read
// the table: fn's Commit has no number and no other changes then.
//
// Tables without hooks pay nothing for those of others.
//
//go:noinline
func (h *Handle) OnCommit(fn func(c *commits.Commit, rows []ChangedRow)) (stop func()) {
	t, who := h.t, h.s.Who
	return t.DB.Hooks.AddTo(t.Name, t.Space, func(c *commits.Commit) error {
		var rows []ChangedRow
		shown := &commits.Commit{Time: c.Time}
		for i := range c.Changes {
			r := &c.Changes[i]
			if r.Space != t.Space || !t.shows(who, r.Key) {
				continue
			}
			row, err := decodeChange(t.Codec, r)
			if err != nil {
				return t.Fail("watch", append(bytes.Clone(t.Rows), r.Key...), err)
			}
			rows = append(rows, row)
			if who != nil {
				shown.Changes = append(shown.Changes, *r)
			}
		}
		if who == nil {
			shown = c
		}
		if len(rows) > 0 {
			fn(shown, rows)
		}
		return nil
	})
}

// shows reports whether a principal may read a row.
func (t *Table) shows(who *access.Principal, pk []byte) bool {
	return t.Allow(who, access.Read, pk) == nil
}

func decodeChange(c layout.RowCodec, r *commits.RowChange) (ch ChangedRow, err error) {
	ch.Expired = r.Expired
	if ch.Old, err = ownRow(c, r.Key, r.Old); err == nil {
		ch.New, err = ownRow(c, r.Key, r.New)
	}
	return ch, err
}

// ownRow makes a row that shares no memory with anything else; nil where there
// is none.
func ownRow(c layout.RowCodec, pk, body []byte) (any, error) {
	if body == nil {
		return nil, nil
	}
	row := c.NewRow()
	_, err := layout.DecodeRow(c, bytes.Clone(pk), mem.CloneRow(body), row, nil)
	return row, err
}

// Note keeps what a write does to a row, for the hooks. old and new are the fields as
// they are stored, nil for no row; expired is about old.
func (t *Table) Note(w *txn.Writer, key, old, new []byte, expired bool) {
	if w.Changes.Watches(t.Space) {
		w.Changes.Note(t.Space, t.Name, key, t.Pk(key), old, new, expired)
	}
}
