//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// typist types at a terminal of 40 columns, in which the command runs, and sees what it prints.
type typist struct {
	t    *testing.T
	cmd  *exec.Cmd
	term *os.File

	mu    sync.Mutex
	news  *sync.Cond
	seen  strings.Builder
	read  int // what was waited for until now
	ended bool
}

// deadline is how long a text may take to appear, on a machine with much else to do.
const deadline = 2 * time.Minute

func typing(t *testing.T, history string, args ...string) *typist {
	t.Helper()
	cmd := exec.Command("storegen-db", args...)
	cmd.Env = append(os.Environ(), "TERM=xterm", "STOREGEN_DB_HISTORY="+history)
	term, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 25, Cols: 40})
	if err != nil {
		t.Fatal(err)
	}
	y := &typist{t: t, cmd: cmd, term: term}
	y.news = sync.NewCond(&y.mu)
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := term.Read(b)
			y.mu.Lock()
			y.seen.Write(b[:n])
			y.ended = err != nil // at the end of the command
			y.news.Broadcast()
			y.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		term.Close()
		_ = cmd.Process.Kill() // it has ended, unless the test failed
		_ = cmd.Wait()
	})
	return y
}

// sees waits until a text appears behind what was waited for before.
func (y *typist) sees(text string) {
	y.t.Helper()
	late := false
	timer := time.AfterFunc(deadline, func() {
		y.mu.Lock()
		defer y.mu.Unlock()
		late = true
		y.news.Broadcast()
	})
	defer timer.Stop()
	y.mu.Lock()
	defer y.mu.Unlock()
	for {
		if i := strings.Index(y.seen.String()[y.read:], text); i >= 0 {
			y.read += i + len(text)
			return
		}
		if late || y.ended {
			y.t.Fatalf("%q does not appear; the terminal shows %q", text, y.seen.String()[y.read:])
		}
		y.news.Wait()
	}
}

// types types keys.
func (y *typist) types(keys string) {
	y.t.Helper()
	if _, err := fmt.Fprint(y.term, keys); err != nil {
		y.t.Fatal(err)
	}
}

// ends waits for the end of the command, and returns its exit code and all that was shown.
func (y *typist) ends() (code int, seen string) {
	y.t.Helper()
	_ = y.cmd.Wait() // the exit code tells
	y.mu.Lock()
	defer y.mu.Unlock()
	for !y.ended {
		y.news.Wait()
	}
	return y.cmd.ProcessState.ExitCode(), y.seen.String()
}

const (
	enter = "\r"
	tab   = "\t"
	up    = "\x1b[A"
	ctrlC = "\x03"
	ctrlD = "\x04"
)

func TestREPL(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	if err := makeDB("leveldb:" + dir); err != nil {
		t.Fatal(err)
	}
	history := filepath.Join(t.TempDir(), "history")
	y := typing(t, history, "sql", dir)
	y.sees("sql> ")
	y.types("select count(*) as n from system_jobs;" + enter)
	y.sees("30\r\n1 row\r\n")
	y.sees("sql> ")

	// A statement of several lines, longer than the window is wide.
	y.types("select username, role" + enter)
	y.sees("...> ")
	y.types("from system_users where username = 'carol' and role = 'dba'" + enter)
	y.sees("...> ")
	y.types(";" + enter)
	y.sees("carol     dba\r\n1 row")
	y.sees("sql> ")

	// Words are completed: a table, a column of it, a command.
	y.types("select usern" + tab)
	y.sees("username")
	y.types(" from system_u" + tab)
	y.sees("system_users")
	y.types(" where user_id = 'u2';" + enter)
	y.sees("bob\r\n1 row")
	y.sees("sql> ")
	y.types(".ti" + tab)
	y.sees(".timer")
	y.types(" on" + enter)
	y.sees("sql> ")
	y.types("select 40+2 as answer;" + enter)
	y.sees("    42\r\n1 row\r\n")
	y.sees("s\r\n")
	y.sees("sql> ")
	y.types(".timer off" + enter)
	y.sees("sql> ")
	y.types(".explain on" + enter)
	y.sees("sql> ")
	y.types("select role from system_users where username = 'bob';" + enter)
	y.sees("index username")
	y.sees("1 row")
	y.sees("sql> ")
	y.types(".explain off" + enter)
	y.sees("sql> ")

	// Ctrl-C ends the statement that runs, and drops one that is typed; the shell goes on.
	y.types("with recursive c(x) as (select 1 union all select x+1 from c) select x from c;" + enter)
	y.sees("\r\n2000\r\n")
	y.types(ctrlC)
	y.sees("error: interrupted")
	y.sees("sql> ")
	y.types("select 'nothing of this" + enter)
	y.sees("...> ")
	y.types("more")
	y.sees("more") // from here on it is read key by key
	y.types(ctrlC)
	y.sees("^C")
	y.sees("sql> ")

	// What fails is said, and nothing of a database or of an error reaches the terminal raw.
	y.types("selec 1;" + enter)
	y.sees("error: ")
	y.sees("sql> ")
	y.types("select user_id, email from system_users where username = 'mallory';" + enter)
	y.sees(`\x1b[31mred`)
	y.sees("sql> ")
	y.types("update system_users set email = 'x';" + enter)
	y.sees("error: ")
	y.sees("help: say -write to change the database")
	y.sees("sql> ")

	// The last statements come back.
	y.types(up + up)
	y.sees("mallory")
	y.types(enter)
	y.sees("1 row")
	y.sees("sql> ")
	y.types(".quit" + enter)
	code, seen := y.ends()
	if code != exitFine {
		t.Errorf("exit code %d", code)
	}
	if strings.Contains(seen, "\x1b[31m") || strings.Contains(seen, "\x1b]0;") || strings.Contains(seen, "\x07\r\n") {
		t.Errorf("the terminal was told to do what the database says")
	}

	// Another session has the history, one line for each statement, and Ctrl-D ends it.
	b, err := os.ReadFile(history)
	if err != nil || !strings.Contains(string(b), "\nselect username, role from system_users where username = 'carol' and role = 'dba' ;\n") {
		t.Errorf("%v; the history is\n%s", err, b)
	}
	y = typing(t, history, "sql", "-json", dir)
	y.sees("sql> ")
	y.types("select count" + up)
	y.sees("select count(*) as n from system_jobs;")
	y.types(enter)
	y.sees(`{"n":30}`)
	y.sees("sql> ")
	y.types(ctrlD)
	if code, _ := y.ends(); code != exitFine {
		t.Errorf("exit code %d", code)
	}

	// A signal ends the shell while it waits for a statement.
	y = typing(t, history, "sql", dir)
	y.sees("sql> ")
	if err := y.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	y.sees("ended by a signal; nothing was changed")
	if code, _ := y.ends(); code != exitStopped {
		t.Errorf("exit code %d", code)
	}

	// Nobody else has the database open behind it.
	if code, said := called(t.Context(), nil, "verify", dir); code != exitFine {
		t.Error(said)
	}
}
