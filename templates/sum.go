package templates

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// sumPrefix begins the line of a generated file that says what the rest of the
// file was when it was written.
const sumPrefix = "// sum: "

// withSum is a file of a head of comments and a body, with the line of the sum at the
// end of the head.
func withSum(head string, body []byte) []byte {
	return slices.Concat([]byte(head+"\n"+sumPrefix+sumOf([]byte(head), body)+"\n\n"), body)
}

// sumOf is the sum of a file without its line.
func sumOf(head, body []byte) string {
	h := sha256.New()
	h.Write(head) // a hash takes all that it is given
	h.Write([]byte("\n\n"))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Edited reports whether a generated file is no longer as it was written. One in
// which a merge left its marks is not taken for edited, and neither is one of a
// version that wrote no sums.
func Edited(content []byte) bool {
	// A checkout may have changed the ends of lines.
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	if bytes.HasPrefix(content, []byte("<<<<<<< ")) || bytes.Contains(content, []byte("\n<<<<<<< ")) {
		return false
	}
	head, body, _ := bytes.Cut(content, []byte("\n\n"))
	rest, sum, found := bytes.Cut(head, []byte("\n"+sumPrefix))
	return found && string(sum) != sumOf(rest, body)
}
