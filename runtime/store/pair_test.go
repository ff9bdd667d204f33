package store_test

import (
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/record"

	"github.com/storegen/storegen/runtime/storeimpl"
)

// pairCodec is a codec as one would write it by hand, for tables whose
// description a test makes up: K is the key, A field 2, B field 3. Fields that
// the description does not have are not known to it.
type pairCodec struct{ desc *catalog.Table }

var _ storeimpl.TypedCodec[string, pairRow] = pairCodec{}

func (c pairCodec) Desc() *catalog.Table      { return c.desc }
func (pairCodec) Key(v *pairRow) string       { return v.K }
func (pairCodec) SetKey(v *pairRow, k string) { v.K = k }
func (pairCodec) Default(*pairRow, time.Time) {}
func (pairCodec) Check(*pairRow) error        { return nil }
func (c pairCodec) knows(number int) bool     { return c.field(number) >= 0 }
func (pairCodec) DecodeKey(b []byte) (string, error) {
	r := keys.NewReader(b)
	return r.StringLast(), r.Done()
}

func (pairCodec) AppendKey(dst []byte, k string) []byte { return keys.AppendStringLast(dst, k) }

func (c pairCodec) field(number int) int {
	for i, f := range c.desc.Fields {
		if f.Number == number {
			return i
		}
	}
	return -1
}

func (pairCodec) Expires(v *pairRow, keep time.Duration) (time.Time, bool) {
	return time.Time{}, false
}

func (c pairCodec) AppendValue(dst []byte, v *pairRow) []byte {
	if v.A != "" && c.knows(2) {
		dst = record.AppendString(dst, 2, v.A)
	}
	if v.B != "" && c.knows(3) {
		dst = record.AppendString(dst, 3, v.B)
	}
	return dst
}

func (c pairCodec) DecodeValue(b []byte, v *pairRow) (unknown []byte, err error) {
	r := record.NewReader(b)
	for r.Next() {
		switch n := r.Num(); {
		case n == 2 && c.knows(2):
			v.A = r.String()
		case n == 3 && c.knows(3):
			v.B = r.String()
		default:
			unknown = r.AppendRaw(unknown)
		}
	}
	return unknown, r.Err()
}

func (c pairCodec) Entries(e *storeimpl.Entries, v *pairRow) {
	for i, ix := range c.desc.Indexes {
		b := e.Begin(i)
		for _, col := range ix.Columns {
			text := v.A
			if c.desc.Fields[col.Field].Number == 3 {
				text = v.B
			}
			if col.Desc {
				b = keys.AppendStringDesc(b, text)
			} else {
				b = keys.AppendString(b, text)
			}
		}
		e.End(b)
	}
}
