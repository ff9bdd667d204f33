package provider

import "context"

// Select is a scan with a predicate: only rows for which keep returns true are
// shown, and the request's limit counts those. keep may read the columns that the
// request asks for.
func Select(ctx context.Context, t Table, req *ScanRequest, keep func(Cursor) bool) (Cursor, error) {
	below := *req
	below.Limit = 0
	c, err := t.Scan(ctx, &below)
	if err != nil {
		return nil, err
	}
	return &selection{Cursor: c, keep: keep, limit: req.Limit}, nil
}

type selection struct {
	Cursor
	keep  func(Cursor) bool
	limit int64
	shown int64
	done  bool
}

// Next implements Cursor.
func (s *selection) Next() bool {
	if s.done {
		return false
	}
	if s.limit > 0 && s.shown >= s.limit {
		s.done = true
		s.Cursor.Close() // its error shows at Err
		return false
	}
	for s.Cursor.Next() {
		keep := s.keep(s.Cursor)
		if s.Cursor.Err() != nil {
			break // the predicate read what was not asked for
		}
		if keep {
			s.shown++
			return true
		}
	}
	s.done = true
	return false
}

// Value implements Cursor.
func (s *selection) Value(column int) Value {
	if s.done {
		return Value{}
	}
	return s.Cursor.Value(column)
}

// Key implements Cursor.
func (s *selection) Key() []byte {
	if s.done {
		return nil
	}
	return s.Cursor.Key()
}
