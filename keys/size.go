package keys

import "bytes"

// This file tells where a component ends whose length is not always the same, without reading it. The length may be more
// than there are bytes, and is -1 where it cannot be told.

// VarintSize returns the length of what [AppendVarint] or, where desc is set, [AppendVarintDesc] wrote at the beginning of
// b.
func VarintSize(b []byte, desc bool) int {
	if len(b) == 0 {
		return -1
	}
	first := b[0]
	if desc {
		first = ^first
	}
	if first < sign8 { // a number below 0 is as long as the one that it is the inverse of
		first = ^first
	}
	return sizeByFirst(first)
}

// DecimalSize returns the length of what [AppendDecimal] or, where desc is set, [AppendDecimalDesc] wrote at the beginning
// of b.
func DecimalSize(b []byte, desc bool) int {
	if len(b) == 0 {
		return -1
	}
	mask := byte(0)
	if desc {
		mask = 0xFF
	}
	switch first := b[0] ^ mask; {
	case first == decimalZero:
		return 1
	case first < decimalZero:
		mask = ^mask
	}
	for i, c := range b[1:] {
		if (c^mask)&1 == 0 {
			return i + 2
		}
	}
	return -1
}

// UvarintSize returns the length of what [AppendUvarint] and [AppendEnum] or, where desc is set, their descending forms
// wrote at the beginning of b.
func UvarintSize(b []byte, desc bool) int {
	if len(b) == 0 {
		return -1
	}
	first := b[0]
	if desc {
		first = ^first
	}
	return sizeByFirst(first)
}

// StringSize returns the length of what [AppendString] and [AppendBytes] or, where desc is set, their descending forms
// wrote at the beginning of b.
func StringSize(b []byte, desc bool) int {
	zero, end := byte(0x00), byte(0x01)
	if desc {
		zero, end = 0xFF, 0xFE
	}
	for i := 0; ; i += 2 {
		n := bytes.IndexByte(b[i:], zero)
		if n < 0 || i+n+1 >= len(b) {
			return -1
		}
		i += n
		if b[i+1] == end {
			return i + 2
		}
	}
}

// sizeByFirst is the length of a number whose first byte is given.
func sizeByFirst(first byte) int { return 1 + max(0, int(first)-(uvarintOne-1)) }
