package provider

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
)

// Prepare returns the table with what a scan of some columns by one path needs made
// once: such scans are cheaper to begin, whatever their ranges, limit, order and scope are.
// All others are as before. It is for several goroutines, as the table is.
func Prepare(t Table, path int, columns ColSet) (Table, error) {
	def := t.Def()
	if err := def.checkShape(path, columns); err != nil {
		return nil, failed(def, "prepare", err)
	}
	p := &prepared{Table: t, path: path, columns: columns.Clone()}
	// Of guards one in the other, the innermost counts.
	for p.of == nil {
		switch of := t.(type) {
		case *Provider:
			p.of = of
			p.decoders.New = func() any { return newDecoder(def, &def.Paths[path], p.columns) }
		case *secured:
			t, p.who = of.t, &of.who
		case *securedMutable:
			t, p.who = of.t, &of.who
		default:
			return p, nil // of which nothing is known
		}
	}
	return p, nil
}

// checkShape tells what is wrong with the path and the columns of a scan.
func (d *TableDef) checkShape(path int, columns ColSet) error {
	switch {
	case path < 0 || path >= len(d.Paths):
		return fmt.Errorf("%w: there is no path %d", engine.ErrInvalid, path)
	case !columns.Within(d.All()):
		return fmt.Errorf("%w: a column is asked for that is not there: there are %d", engine.ErrInvalid, len(d.Columns))
	}
	return nil
}

// prepared is a table with decoders for one path and some columns.
type prepared struct {
	Table
	path     int
	columns  ColSet
	of       *Provider // nil where the table is none
	who      *access.Principal
	decoders sync.Pool
}

// Scan implements Table.
func (p *prepared) Scan(ctx context.Context, req *ScanRequest) (Cursor, error) {
	if p.of == nil || req.Path != p.path || !slices.Equal(req.Columns, p.columns) {
		return p.Table.Scan(ctx, req)
	}
	s := req.Scope
	if p.who != nil {
		s.Principal = p.who
	}
	c, err := p.of.scan(ctx, s, req, &p.decoders)
	if err != nil {
		return nil, p.of.fail("scan", err)
	}
	return c, nil
}

// giveBack gives the decoder of a cursor at its end back to whom it is from, with nothing
// of what it decoded. The cursor shows nothing of it any more.
func (c *cursor) giveBack() {
	if c.decoders == nil {
		return
	}
	d := c.dec
	clear(d.values)
	clear(d.scratch.packed[:cap(d.scratch.packed)])
	d.body, d.scratch.open, d.parts = nil, 0, keys.Reader{}
	if cap(d.text) > mostText {
		d.text = nil
	}
	c.decoders.Put(d)
}

// mostText is how many bytes of documents a decoder keeps room for.
const mostText = 64 << 10
