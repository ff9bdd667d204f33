package record

// Lists gives out memory for the lists of the rows of a scan in pieces of some size, so that
// a row with a list does not allocate. A row that is kept keeps a piece, which is at most
// mostStrings strings. A nil Lists makes each list on its own.
type Lists struct{ free []string }

const mostStrings = 64

// strings is a list of n empty strings with no room behind.
func (l *Lists) strings(n int) []string {
	if l == nil || n > mostStrings/4 {
		return make([]string, n)
	}
	if n > len(l.free) {
		l.free = make([]string, mostStrings)
	}
	out := l.free[:n:n]
	l.free = l.free[n:]
	return out
}
