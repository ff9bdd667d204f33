package sqlshell

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// HistoryVariable is the environment variable that names the file of the history, or turns it
// off where it is empty.
const HistoryVariable = "STOREGEN_DB_HISTORY"

// mostHistory is how many statements are kept.
const mostHistory = 1000

// History is the statements of former sessions, in a file. A nil one keeps nothing.
type History struct{ file string }

// OpenHistory is the history of this user: the file that the variable names or, without it,
// storegen/sql_history in the folder for such things. It is nil where the variable is empty or
// there is no such folder.
func OpenHistory() *History {
	if file, ok := os.LookupEnv(HistoryVariable); ok {
		if file == "" {
			return nil
		}
		return &History{file}
	}
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		state = filepath.Join(home, ".local", "state")
	}
	return &History{filepath.Join(state, "storegen", "sql_history")}
}

// Read is what the history holds, the oldest first. What a terminal would obey is left out,
// and a history that cannot be read is none. One that has grown is cut.
func (h *History) Read() []string {
	if h == nil {
		return nil
	}
	b, err := os.ReadFile(h.file)
	if err != nil {
		return nil
	}
	var out []string
	for line := range strings.SplitSeq(string(b), "\n") {
		if line != "" && utf8.ValidString(line) && !strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) {
			out = append(out, line)
		}
	}
	if len(out) > 2*mostHistory {
		out = out[len(out)-mostHistory:]
		_ = os.WriteFile(h.file, []byte(strings.Join(out, "\n")+"\n"), 0o600) // else it stays as long as it is
	}
	return out
}

// Add adds a line. A history that cannot be written is no reason to stop work.
func (h *History) Add(line string) {
	if h == nil || strings.TrimSpace(line) == "" {
		return
	}
	if err := os.MkdirAll(filepath.Dir(h.file), 0o700); err != nil {
		return
	}
	f, err := os.OpenFile(h.file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}
