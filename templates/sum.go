package templates

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// sumPrefix begins the line of a generated file that says what the rest of the
// file was when it was written.
const sumPrefix = "// sum: "

// withSum puts the line of the sum behind the lines that the header has already.
func withSum(content []byte) []byte {
	head, body, _ := bytes.Cut(content, []byte("\n\n"))
	out := make([]byte, 0, len(content)+len(sumPrefix)+17)
	out = append(append(out, head...), "\n"+sumPrefix+sumOf(head, body)+"\n\n"...)
	return append(out, body...)
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
