package entity

import (
	"time"

	"github.com/storegen/storegen/keys"
)

// The methods of this file are Narrow for one value of each kind that a key can hold.
// Generated code has a method for each bound of each column, which they keep to one
// call: inlined there, they would be compiled once more for each.

// What a string or bytes point to must not be taken for kept: these have no narrow.

// encoder appends a value to a key.
type encoder[T any] func(dst []byte, v T) []byte

// narrow is Narrow for a value with its two encodings.
func narrow[T any](r *Query, how Bound, c Component, v T, asc, desc encoder[T]) *Query {
	n := r.Narrowing()
	if c == Desc {
		asc = desc
	}
	return n.Narrow(how, c, asc(n.At(), v))
}

// NarrowBool is Narrow for a bool.
//
//go:noinline
func (r *Query) NarrowBool(how Bound, c Component, v bool) *Query {
	return narrow(r, how, c, v, keys.AppendBool, keys.AppendBoolDesc)
}

// NarrowInt32 is Narrow for an int32.
//
//go:noinline
func (r *Query) NarrowInt32(how Bound, c Component, v int32) *Query {
	return narrow(r, how, c, v, keys.AppendInt32, keys.AppendInt32Desc)
}

// NarrowInt64 is Narrow for an int64.
//
//go:noinline
func (r *Query) NarrowInt64(how Bound, c Component, v int64) *Query {
	return narrow(r, how, c, v, keys.AppendInt64, keys.AppendInt64Desc)
}

// NarrowUint32 is Narrow for a uint32.
//
//go:noinline
func (r *Query) NarrowUint32(how Bound, c Component, v uint32) *Query {
	return narrow(r, how, c, v, keys.AppendUint32, keys.AppendUint32Desc)
}

// NarrowUint64 is Narrow for a uint64.
//
//go:noinline
func (r *Query) NarrowUint64(how Bound, c Component, v uint64) *Query {
	return narrow(r, how, c, v, keys.AppendUint64, keys.AppendUint64Desc)
}

// NarrowFloat64 is Narrow for a float64.
//
//go:noinline
func (r *Query) NarrowFloat64(how Bound, c Component, v float64) *Query {
	return narrow(r, how, c, v, keys.AppendFloat64, keys.AppendFloat64Desc)
}

// NarrowString is Narrow for a string.
//
//go:noinline
func (r *Query) NarrowString(how Bound, c Component, v string) *Query {
	n := r.Narrowing()
	switch c {
	case Desc:
		return n.Narrow(how, c, keys.AppendStringDesc(n.At(), v))
	case Whole:
		return n.Narrow(how, c, keys.AppendStringLast(n.At(), v))
	}
	return n.Narrow(how, c, keys.AppendString(n.At(), v))
}

// NarrowBytes is Narrow for bytes.
//
//go:noinline
func (r *Query) NarrowBytes(how Bound, c Component, v []byte) *Query {
	n := r.Narrowing()
	switch c {
	case Desc:
		return n.Narrow(how, c, keys.AppendBytesDesc(n.At(), v))
	case Whole:
		return n.Narrow(how, c, keys.AppendBytesLast(n.At(), v))
	}
	return n.Narrow(how, c, keys.AppendBytes(n.At(), v))
}

// NarrowTime is Narrow for a time.
//
//go:noinline
func (r *Query) NarrowTime(how Bound, c Component, v time.Time) *Query {
	return narrow(r, how, c, v, keys.AppendTime, keys.AppendTimeDesc)
}

// NarrowDuration is Narrow for a duration.
//
//go:noinline
func (r *Query) NarrowDuration(how Bound, c Component, v time.Duration) *Query {
	return narrow(r, how, c, v, keys.AppendDuration, keys.AppendDurationDesc)
}

// NarrowUUID is Narrow for a UUID.
//
//go:noinline
func (r *Query) NarrowUUID(how Bound, c Component, v [16]byte) *Query {
	return narrow(r, how, c, v, keys.AppendUUID, keys.AppendUUIDDesc)
}

// NarrowEnum is Narrow for the number of an enum's value.
//
//go:noinline
func (r *Query) NarrowEnum(how Bound, c Component, v int32) *Query {
	return narrow(r, how, c, v, keys.AppendEnum, keys.AppendEnumDesc)
}

// NarrowPrefix keeps the rows whose next component, a string, begins with prefix.
//
//go:noinline
func (r *Query) NarrowPrefix(c Component, prefix string) *Query {
	n := r.Narrowing()
	switch c {
	case Desc:
		return n.Narrow(StartsWith, c, keys.AppendStringPrefixDesc(n.At(), prefix))
	case Whole:
		return n.Narrow(StartsWith, c, keys.AppendStringLast(n.At(), prefix))
	}
	return n.Narrow(StartsWith, c, keys.AppendStringPrefix(n.At(), prefix))
}
