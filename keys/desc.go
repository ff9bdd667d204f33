package keys

import (
	"encoding/binary"
	"time"
)

// A descending component is the ascending one, its end included, with every bit inverted. That turns the order around
// for every kind, and keeps components self-delimiting.

// AppendBoolDesc appends v as [AppendBool] does, inverted: true sorts before false.
//
//go:noinline
func AppendBoolDesc(dst []byte, v bool) []byte {
	if v {
		return append(dst, 0xFE)
	}
	return append(dst, 0xFF)
}

// AppendInt32Desc appends v as [AppendInt32] does, inverted: large numbers sort first.
//
//go:noinline
func AppendInt32Desc(dst []byte, v int32) []byte { return AppendInt32(dst, ^v) }

// AppendInt64Desc appends v as [AppendInt64] does, inverted: large numbers sort first.
//
//go:noinline
func AppendInt64Desc(dst []byte, v int64) []byte { return AppendInt64(dst, ^v) }

// AppendUint32Desc appends v as [AppendUint32] does, inverted: large numbers sort first.
//
//go:noinline
func AppendUint32Desc(dst []byte, v uint32) []byte { return AppendUint32(dst, ^v) }

// AppendUint64Desc appends v as [AppendUint64] does, inverted: large numbers sort first.
//
//go:noinline
func AppendUint64Desc(dst []byte, v uint64) []byte { return AppendUint64(dst, ^v) }

// AppendFloat64Desc appends v as [AppendFloat64] does, inverted: +Inf sorts first and NaN last.
//
//go:noinline
func AppendFloat64Desc(dst []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(dst, ^orderFloat64(v))
}

// AppendStringDesc appends v as [AppendString] does, its end included, inverted: a string sorts after its
// continuations.
//
//go:noinline
func AppendStringDesc(dst []byte, v string) []byte {
	n := len(dst)
	dst = AppendString(dst, v)
	invert(dst[n:])
	return dst
}

// AppendBytesDesc appends v as [AppendBytes] does, its end included, inverted.
//
//go:noinline
func AppendBytesDesc(dst []byte, v []byte) []byte {
	n := len(dst)
	dst = AppendBytes(dst, v)
	invert(dst[n:])
	return dst
}

// AppendStringPrefixDesc appends the beginning that the descending encodings of all strings that begin with v share,
// and no others: [AppendStringPrefix] inverted.
//
//go:noinline
func AppendStringPrefixDesc(dst []byte, v string) []byte {
	n := len(dst)
	dst = AppendStringPrefix(dst, v)
	invert(dst[n:])
	return dst
}

// AppendBytesPrefixDesc is [AppendStringPrefixDesc] for components written by [AppendBytesDesc].
//
//go:noinline
func AppendBytesPrefixDesc(dst []byte, v []byte) []byte {
	n := len(dst)
	dst = AppendBytesPrefix(dst, v)
	invert(dst[n:])
	return dst
}

// AppendTimeDesc appends v as [AppendTime] does, inverted: the newest sorts first.
//
//go:noinline
func AppendTimeDesc(dst []byte, v time.Time) []byte {
	return AppendUint32Desc(AppendInt64Desc(dst, v.Unix()+secondsBeforeUnix), uint32(v.Nanosecond()))
}

// AppendDurationDesc appends v as [AppendDuration] does, inverted: the longest sorts first.
//
//go:noinline
func AppendDurationDesc(dst []byte, v time.Duration) []byte { return AppendInt64Desc(dst, int64(v)) }

// AppendUUIDDesc appends v as [AppendUUID] does, inverted.
//
//go:noinline
func AppendUUIDDesc(dst []byte, v [16]byte) []byte {
	invert(v[:])
	return append(dst, v[:]...)
}

// AppendUvarintDesc appends v as [AppendUvarint] does, inverted: large numbers sort first.
//
//go:noinline
func AppendUvarintDesc(dst []byte, v uint64) []byte {
	n := len(dst)
	dst = AppendUvarint(dst, v)
	invert(dst[n:])
	return dst
}

// AppendEnumDesc appends v as [AppendEnum] does, inverted: large numbers sort first, negative ones before them.
//
//go:noinline
func AppendEnumDesc(dst []byte, v int32) []byte {
	return AppendUvarintDesc(dst, uint64(uint32(v)))
}

// invert flips every bit of b, eight bytes at a time.
func invert(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		binary.NativeEndian.PutUint64(b, ^binary.NativeEndian.Uint64(b))
	}
	for i := range b {
		b[i] = ^b[i]
	}
}
