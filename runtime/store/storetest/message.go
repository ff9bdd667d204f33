package storetest

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// fillMessage gives a row, which holds a pointer to a protobuf message, a new one, and
// fills the fields of it that are columns. They are found by their numbers, which stand
// in the tags of generated structs.
func (r *filler) fillMessage(row reflect.Value, fields []catalog.Field) {
	message := pointed(row.Field(0))
	for i := range message.NumField() {
		parts := strings.Split(message.Type().Field(i).Tag.Get("protobuf"), ",")
		if len(parts) < 2 {
			continue
		}
		for j := range fields {
			if f := &fields[j]; strconv.Itoa(f.Number) == parts[1] {
				r.fillMessageField(message.Field(i), f)
			}
		}
	}
}

func (r *filler) fillMessageField(x reflect.Value, f *catalog.Field) {
	switch {
	case f.Optional && r.rng.IntN(2) == 0:
		x.SetZero()
	case f.Type.Kind == kind.Timestamp:
		at := randomTime(r.rng)
		stamp := pointed(x)
		stamp.FieldByName("Seconds").SetInt(at.Unix())
		stamp.FieldByName("Nanos").SetInt(int64(at.Nanosecond()))
	default:
		r.fillValue(pointed(x), &f.Type)
	}
}

func randomTime(rng *rand.Rand) time.Time {
	return Start.Add(time.Duration(rng.IntN(200)-100) * time.Minute)
}
