package keys

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// This file has bytes of a fixed length: hashes, addresses, and other Go arrays of bytes. The schema says the length, so
// they need no escapes and no end.

// AppendFixed appends v as it is. Every value of the component must have the same length, which the reader must know.
//
//	dst = keys.AppendFixed(dst, hash[:])
//
//go:noinline
func AppendFixed(dst []byte, v []byte) []byte { return append(dst, v...) }

// AppendFixedDesc appends v as [AppendFixed] does, inverted.
//
//go:noinline
func AppendFixedDesc(dst []byte, v []byte) []byte {
	n := len(dst)
	dst = append(dst, v...)
	invert(dst[n:])
	return dst
}

// Fixed reads n bytes that [AppendFixed] wrote. The result shares memory with the key. After an error it is n zero
// bytes, so that turning it into an array does not panic:
//
//	hash := [32]byte(r.Fixed(32))
func (r *Reader) Fixed(n int) []byte {
	b := r.peek("fixed bytes", n)
	if b == nil {
		return make([]byte, n)
	}
	r.off += n
	return b[:n:n]
}

// FixedDesc reads n bytes that [AppendFixedDesc] wrote. The result is a copy, and n zero bytes after an error. It is
// small enough to be inlined, so that nothing is allocated where the copy is turned into an array at once.
func (r *Reader) FixedDesc(n int) []byte { return r.fixedDesc(make([]byte, n)) }

func (r *Reader) fixedDesc(v []byte) []byte {
	b := r.peek("descending fixed bytes", len(v))
	if b == nil {
		return v
	}
	r.off += len(v)
	copy(v, b)
	invert(v)
	return v
}

// FormatFixed is bytes of a fixed length as text: 0x and hexadecimal digits.
func FormatFixed(b []byte) string { return hexPrefix + hex.EncodeToString(b) }

// ParseFixed is the inverse of [FormatFixed] for n bytes; it takes digits of either case. After an error the result is n
// zero bytes, so that turning it into an array does not panic.
func ParseFixed(text string, n int) ([]byte, error) {
	b := make([]byte, n)
	digits, ok := strings.CutPrefix(text, hexPrefix)
	if !ok || len(digits) != 2*n {
		return b, fmt.Errorf("%q is not %s and %d hexadecimal digits", text, hexPrefix, 2*n)
	}
	if _, err := hex.Decode(b, []byte(digits)); err != nil {
		clear(b)
		return b, fmt.Errorf("%q is not %s and %d hexadecimal digits", text, hexPrefix, 2*n)
	}
	return b, nil
}
