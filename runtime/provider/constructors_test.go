package provider

import (
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
)

func TestConstructors(t *testing.T) {
	day := civil.MustDate(2026, 1, 31)
	for _, c := range []struct {
		v    Value
		kind kind.Kind
		text string
	}{
		{Bool(true), kind.Bool, "true"},
		{Int8(-128), kind.Int8, "-128"},
		{Int16(-1 << 15), kind.Int16, "-32768"},
		{Int32(-5), kind.Int32, "-5"},
		{Int64(-5), kind.Int64, "-5"},
		{Uint8(255), kind.Uint8, "255"},
		{Uint16(1<<16 - 1), kind.Uint16, "65535"},
		{Uint32(5), kind.Uint32, "5"},
		{Uint64(5), kind.Uint64, "5"},
		{Varint(-5), kind.Varint, "-5"},
		{Uvarint(5), kind.Uvarint, "5"},
		{Float32(0.1), kind.Float32, "0.1"},
		{Float64(0.1), kind.Float64, "0.1"},
		{Decimal(decimal.MustParse("1.50")), kind.Decimal, "1.5"},
		{String("a"), kind.String, "a"},
		{Bytes([]byte{1}), kind.Bytes, "0x01"},
		{FixedBytes([]byte{1, 2}), kind.FixedBytes, "0x0102"},
		{Time(time.Unix(0, 0)), kind.Timestamp, "1970-01-01T00:00:00Z"},
		{Duration(time.Second), kind.Duration, "1s"},
		{Date(day), kind.Date, "2026-01-31"},
		{TimeOfDay(civil.MustTimeOfDay(15, 4, 5, 0)), kind.TimeOfDay, "15:04:05"},
		{UUID([16]byte{}), kind.UUID, "00000000-0000-0000-0000-000000000000"},
		{JSON("{}"), kind.JSON, "{}"},
	} {
		if c.v.Kind() != c.kind || c.v.String() != c.text {
			t.Errorf("got %s, which is %s, want %s, which is %s", c.v, c.v.Kind(), c.text, c.kind)
		}
	}
}
