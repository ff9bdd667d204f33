package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/provider"
)

// moduleName is that of the virtual tables.
const moduleName = "storegen"

// vtab is a table of a connection.
type vtab struct {
	*table
	s      *session
	shapes []*shape       // by idxNum
	known  map[string]int // their numbers, by what was asked
	asked  int            // how often
	size   provider.Stats // of the table, as it was some questions ago
	names  []names        // of enums, by column
	idle   []*cursor      // for use again
}

const (
	// mostShapes bounds the plans that literals are a part of: more of them have their
	// literals as values that come later. Plans are kept for as long as the connection, as
	// prepared statements have their numbers.
	mostShapes = 1000
	// sizeKept is for how many questions the size of the table is believed.
	sizeKept = 64
)

// connect makes the table that a statement as CREATE VIRTUAL TABLE t USING
// storegen("system.users") names. It is called again where SQLite reads its schema again.
func (s *session) connect(c *sqlite3.Conn, _, _, _ string, args ...string) (*vtab, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("want the name of a table")
	}
	name := strings.ReplaceAll(strings.Trim(args[0], `"`), `""`, `"`)
	t := s.pool.byName[name]
	if t == nil {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	if err := c.DeclareVTab(t.declaration()); err != nil {
		return nil, err
	}
	// A row that breaks a rule leaves nothing, so that OR IGNORE can go on.
	if err := c.VTabConfig(sqlite3.VTAB_CONSTRAINT_SUPPORT, true); err != nil {
		return nil, err
	}
	// Views and triggers are those that the user of the connection has made.
	if err := c.VTabConfig(sqlite3.VTAB_INNOCUOUS); err != nil {
		return nil, err
	}
	return &vtab{table: t, s: s, known: map[string]int{}, names: make([]names, len(t.columns))}, nil
}

// BestIndex implements sqlite3.VTab.
func (t *vtab) BestIndex(info *sqlite3.IndexInfo) error {
	if t.asked%sizeKept == 0 {
		// Without numbers the choice is worse, and right all the same; what is wrong with the
		// table shows when it is read.
		t.size, _ = t.rows.Stats(t.s.context())
	}
	t.asked++
	a := t.ask(info)
	id := a.id.String()
	at, ok := t.known[id]
	if !ok {
		s, err := a.shape()
		if err != nil {
			return t.s.fail(err)
		}
		at = len(t.shapes)
		t.shapes = append(t.shapes, s)
		t.known[id] = at
	}
	t.shapes[at].answer(info, at)
	return nil
}

// Open implements sqlite3.VTab.
func (t *vtab) Open() (sqlite3.VTabCursor, error) {
	if n := len(t.idle); n > 0 {
		c := t.idle[n-1]
		t.idle = t.idle[:n-1]
		return c, nil
	}
	return &cursor{t: t}, nil
}

// Destroy implements sqlite3.VTabDestroyer.
func (t *vtab) Destroy() error { return nil }

func (s *session) context() context.Context { return s.raw.GetInterrupt() }
