package provider

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/store"
)

// Secure returns a table as a principal may use it: every scan and every write is
// checked, and where rows have owners, only the principal's own are seen. Whatever
// principal a request names does not count. The result is a Mutable if t is one.
func Secure(t Table, p access.Principal) Table {
	s := secured{t: t, who: p}
	if m, ok := t.(Mutable); ok {
		return &securedMutable{secured: s, m: m}
	}
	return &s
}

type secured struct {
	t   Table
	who access.Principal
}

// Def implements Table.
func (s *secured) Def() *TableDef { return s.t.Def() }

// Stats implements Table. Where rows have owners nothing is known: an estimate is of
// everybody's.
func (s *secured) Stats(ctx context.Context) (Stats, error) {
	def := s.t.Def()
	if err := access.CheckRead(s.who, def.Access, def.Name); err != nil || def.Access == access.Owned {
		return Stats{}, err
	}
	return s.t.Stats(ctx)
}

// Scan implements Table.
func (s *secured) Scan(ctx context.Context, req *ScanRequest) (Cursor, error) {
	own := *req
	own.Scope = s.scope(req.Scope)
	return s.t.Scan(ctx, &own)
}

func (s *secured) scope(of Scope) Scope {
	who := s.who
	of.Principal = &who
	return of
}

// Move implements Mover, where the table is one.
func (s *securedMutable) Move(ctx context.Context, sc Scope, key []byte, set []Assignment) ([]byte, error) {
	m, ok := s.m.(Mover)
	if !ok {
		return nil, failed(s.Def(), "update", fmt.Errorf("%w: keys of the table cannot be changed", store.ErrInvalid))
	}
	return m.Move(ctx, s.scope(sc), key, set)
}

type securedMutable struct {
	secured
	m Mutable
}

// Insert implements Mutable.
func (s *securedMutable) Insert(ctx context.Context, sc Scope, values []Value) ([]byte, error) {
	return s.m.Insert(ctx, s.scope(sc), values)
}

// Update implements Mutable.
func (s *securedMutable) Update(ctx context.Context, sc Scope, key []byte, set []Assignment) error {
	return s.m.Update(ctx, s.scope(sc), key, set)
}

// Delete implements Mutable.
func (s *securedMutable) Delete(ctx context.Context, sc Scope, key []byte) (bool, error) {
	return s.m.Delete(ctx, s.scope(sc), key)
}
