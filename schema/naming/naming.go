package naming

import (
	"regexp"
	"strings"
)

var (
	Lower = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	Upper = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
)

// IsLower reports whether Lower matches. It is faster.
func IsLower(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// MaxLen is the length of the longest name, in bytes: names become parts of file
// names, and most file systems allow 255 bytes.
const MaxLen = 100

// initialisms are written in one case in Go names.
var initialisms = map[string]string{}

func init() {
	for _, s := range []string{
		"acl", "api", "ascii", "cidr", "cpu", "css", "dba", "db", "dns", "eof", "gcs", "gid", "guid", "html", "http", "https",
		"id", "ip", "json", "jwt", "lhs", "os", "pid", "qps", "ram", "rhs", "rpc", "s3", "sla", "smtp", "sql", "ssh", "ssl",
		"tcp", "tls", "ttl", "udp", "ui", "uid", "uri", "url", "utc", "uuid", "vm", "xml", "xss", "yaml",
	} {
		initialisms[s] = strings.ToUpper(s)
	}
	initialisms["ids"] = "IDs"
	initialisms["urls"] = "URLs"
	initialisms["oauth"] = "OAuth"
}

// GoName returns the exported Go name for a lower-case name: its parts between
// underscores, each with a capital, and initialisms in capitals (user_id is
// UserID).
func GoName(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if upper, ok := initialisms[part]; ok {
			b.WriteString(upper)
		} else if part != "" {
			b.WriteString(strings.ToUpper(part[:1]))
			b.WriteString(part[1:])
		}
	}
	return b.String()
}

// AsLower turns any text into a lower-case name, to be suggested.
func AsLower(s string) string {
	var b strings.Builder
	lastLower := false
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			if lastLower {
				b.WriteByte('_')
			}
			b.WriteRune(r + 'a' - 'A')
			lastLower = false
			continue
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		lastLower = r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	}
	if name := strings.TrimRight(b.String(), "_"); name != "" && len(name) <= MaxLen {
		return name
	}
	return "a_name"
}

func AsUpper(s string) string {
	if name := GoName(AsLower(s)); name != "AName" {
		return name
	}
	return "AName"
}

// DeviceName reports whether a lower-case name is that of a device on Windows. Files
// and folders cannot have that name there, with any extension, and a Go module must
// not contain them.
func DeviceName(name string) bool {
	switch name {
	case "con", "prn", "aux", "nul":
		return true
	}
	for _, prefix := range []string{"com", "lpt"} {
		if digit, ok := strings.CutPrefix(name, prefix); ok && len(digit) == 1 && digit[0] >= '1' && digit[0] <= '9' {
			return true
		}
	}
	return false
}
