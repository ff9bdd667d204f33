package record_test

import (
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/record"
)

type status int32

var timeSeed = time.Date(2026, 3, 1, 9, 0, 0, 123, time.UTC)

func appendSample(dst []byte) []byte {
	dst = record.AppendString(dst, 1, "alice")
	dst = record.AppendEnum(dst, 2, int32(status(3)))
	dst = record.AppendInt64(dst, 3, int64(-12345))
	dst = record.AppendTime(dst, 4, timeSeed)
	dst = record.AppendFloat64(dst, 5, 1.5)
	return record.AppendBool(dst, 6, true)
}

// sink keeps results from being optimised away.
var sink struct {
	s string
	i int64
	t time.Time
	f float64
	b bool
}

func readSample(b []byte) error {
	r := record.NewReader(b)
	for r.Next() {
		switch r.Num() {
		case 1:
			sink.s = r.String()
		case 2:
			sink.i = int64(r.Enum())
		case 3:
			sink.i = r.Int64()
		case 4:
			sink.t = r.Time()
		case 5:
			sink.f = r.Float64()
		case 6:
			sink.b = r.Bool()
		}
	}
	return r.Err()
}

func TestNoAllocations(t *testing.T) {
	buf := appendSample(nil)
	if n := testing.AllocsPerRun(100, func() { buf = appendSample(buf[:0]) }); n != 0 {
		t.Errorf("writing allocates %v times", n)
	}
	amount, day := decimal.MustParse("-1234.56"), civil.MustDate(2024, 2, 29)
	hash := [32]byte{31: 1}
	if n := testing.AllocsPerRun(100, func() {
		b := record.AddDecimal(buf[:0], 1, amount)
		b = record.AddDate(b, 2, day)
		b = record.AddFixed(b, 3, hash[:])
		r := record.NewReader(b)
		for r.Next() {
			switch r.Num() {
			case 1:
				amount = r.Decimal()
			case 2:
				day = r.Date()
			case 3:
				hash = [32]byte(r.Fixed(32))
			}
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
	}); n != 0 {
		t.Errorf("decimals, dates and fixed bytes allocate %v times", n)
	}
	buf = appendSample(nil)
	if n := testing.AllocsPerRun(100, func() {
		if err := readSample(buf); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("reading allocates %v times", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = appendSample(buf[:0])
	}
}

func BenchmarkRead(b *testing.B) {
	buf := appendSample(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := readSample(buf); err != nil {
			b.Fatal(err)
		}
	}
}
