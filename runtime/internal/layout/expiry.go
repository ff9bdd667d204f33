package layout

import (
	"bytes"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/errs"
)

// DueRow is an entry in the order of expiry.
type DueRow struct {
	Entry  []byte
	Expiry []byte
	Space  uint64
	Pk     []byte
}

// ParseDue takes an entry in the order of expiry apart; the result points into
// it.
func ParseDue(entry []byte) (DueRow, error) {
	r := keys.NewReader(entry)
	r.Uvarint()
	r.Time()
	d := DueRow{Entry: entry, Space: r.Uvarint(), Pk: r.Rest()}
	if r.Err() != nil {
		return DueRow{}, errs.Corrupt(entry, r.Err())
	}
	d.Expiry = entry[1 : 1+ExpirySize]
	return d, nil
}

// Instant is a moment in the form in which expiries are stored, so that they
// compare as bytes.
type Instant [ExpirySize]byte

// InstantOf is a moment in that form.
func InstantOf(t time.Time) (at Instant) {
	keys.AppendTime(at[:0], t)
	return at
}

// Expired reports whether something that expires then is gone now. A row is
// gone at the very moment of its expiry.
func (now *Instant) Expired(expiry []byte) bool {
	return expiry != nil && bytes.Compare(expiry, now[:]) <= 0
}
