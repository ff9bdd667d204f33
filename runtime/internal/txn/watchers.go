package txn

import (
	"sync"
	"sync/atomic"
)

// watchers are called with rows that were removed because they had expired.
type watchers struct {
	some atomic.Bool // there are any
	mu   sync.Mutex
	of   map[string][]func(row any) // by table, a member's of its own
}

// Add adds one for a table.
func (ws *watchers) Add(table string, fn func(row any)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.of == nil {
		ws.of = map[string][]func(row any){}
	}
	ws.of[table] = append(ws.of[table], fn)
	ws.some.Store(true)
}

// Get returns those of a table.
func (ws *watchers) Get(table string) []func(row any) {
	if !ws.some.Load() {
		return nil // as a rule, and a sweep asks for each row
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.of[table]
}

// GoneRow is an expired row that a transaction has removed.
type GoneRow struct {
	Table string
	Row   any
}

// committed tells the watchers what the commit has done.
func (w *Writer) committed() {
	for _, g := range w.Gone {
		for _, f := range w.Db.Watchers.Get(g.Table) {
			f(g.Row)
		}
	}
}
