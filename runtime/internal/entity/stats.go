package entity

import (
	"sync/atomic"
)

// seenRows is what scans of a table have come across, for estimates.
type seenRows struct {
	Rows, Bytes atomic.Int64
}

// Add takes in rows of so many bytes together.
func (s *seenRows) Add(rows, bytes int64) {
	if rows > 0 {
		s.Rows.Add(rows)
		s.Bytes.Add(bytes)
	}
}
