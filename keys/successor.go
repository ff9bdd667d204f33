package keys

// Successor gives the smallest key that is greater than every key with the given prefix: the end, exclusive, of the
// range of keys that begin with it. It is nil when there is none, which is so for a prefix that is empty or all 0xFF:
// such a range has no end. The result is a copy.
func Successor(prefix []byte) []byte {
	end, _ := AppendSuccessor(nil, prefix)
	return end
}

// AppendSuccessor appends the [Successor] of prefix to dst and reports whether there is one; when there is none it
// returns dst as it was. It does not allocate while dst has room. To turn a prefix at dst[n:] into its own end without
// a copy, give dst[:n] and dst[n:].
func AppendSuccessor(dst, prefix []byte) ([]byte, bool) {
	n := len(prefix)
	for n > 0 && prefix[n-1] == 0xFF {
		n--
	}
	if n == 0 {
		return dst, false
	}
	dst = append(dst, prefix[:n]...)
	dst[len(dst)-1]++
	return dst, true
}
