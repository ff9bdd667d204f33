package sqlshell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/peterh/liner"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
)

// The prompts: of a statement, and of its further lines.
const (
	prompt = "sql> "
	more   = "...> "
)

// OnTerminal reports whether standard input is a terminal, where a person types.
func OnTerminal() bool {
	_, err := liner.TerminalMode()
	return err == nil
}

// Interactive has a person type statements, and runs them, until that ends or the context
// does. What fails is printed, and the person goes on. interrupts has a function called at each
// Ctrl-C, until the function that it returns is called: it ends the statement that runs.
func (s *Shell) Interactive(ctx context.Context, history *History, interrupts func(func()) (release func())) error {
	line := liner.NewLiner()
	defer line.Close()
	var running running
	defer interrupts(running.stop)()
	line.SetCtrlCAborts(true)
	line.SetMultiLineMode(true)
	line.SetTabCompletionStyle(liner.TabPrints)
	pending := ""
	line.SetWordCompleter(func(text string, at int) (head string, words []string, tail string) {
		runes := []rune(text)
		head, words = s.Complete(pending, string(runes[:at]))
		return head, words, string(runes[at:])
	})
	for _, h := range history.Read() {
		line.AppendHistory(h)
	}
	fmt.Fprintln(s.Out, s.Greeting)
	for {
		if err := s.Out.Flush(); err != nil {
			return err
		}
		p := prompt
		if pending != "" {
			p = more
		}
		text, err := ask(ctx, line, p)
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			pending = ""
			continue
		case err == io.EOF:
			fmt.Fprintln(s.Out)
			return s.Out.Flush()
		case err != nil:
			return err
		}
		if blank(pending) && strings.HasPrefix(strings.TrimSpace(text), ".") {
			text, pending = strings.TrimSpace(text), ""
			remember(line, history, text)
			quit, err := s.command(text)
			s.report(err)
			if quit {
				return nil
			}
			continue
		}
		pending += text + "\n"
		for {
			statement, behind, ok := Split(pending)
			if !ok {
				break
			}
			pending = strings.TrimLeft(behind, " \n")
			if blank(statement) {
				continue
			}
			remember(line, history, statement)
			err := running.run(ctx, func(ctx context.Context) error { return s.statement(ctx, statement) })
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.report(err)
		}
		if strings.TrimSpace(pending) == "" {
			pending = ""
		}
	}
}

// running is the statement that runs, if one does.
type running struct {
	mu     sync.Mutex
	cancel context.CancelFunc
}

// run runs a statement, which stop may end meanwhile.
func (r *running) run(ctx context.Context, statement func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.set(func() { cancel(errInterrupted) })
	defer r.set(nil)
	err := statement(ctx)
	if err != nil && context.Cause(ctx) == errInterrupted {
		return errInterrupted
	}
	return err
}

var errInterrupted = errors.New("interrupted")

func (r *running) set(cancel context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancel = cancel
}

func (r *running) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
	}
}

// ask reads a line. The end of the context ends it too: the terminal is given back by the
// caller, and the read stays behind until the process ends.
func ask(ctx context.Context, line *liner.State, p string) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := line.Prompt(p)
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// report prints what went wrong.
func (s *Shell) report(err error) {
	if err == nil {
		return
	}
	_ = s.Out.Flush() // the next flush has the error too
	text := err.Error()
	if s.Said != nil {
		text = s.Said(err)
	}
	fmt.Fprintln(s.Err, "error:", show.Safe(text))
}

// remember keeps a statement in the history, on one line.
func remember(line *liner.State, history *History, statement string) {
	if strings.Contains(statement, "--") { // whose end is that of its line
		for part := range strings.SplitSeq(statement, "\n") {
			line.AppendHistory(part)
			history.Add(part)
		}
		return
	}
	statement = strings.Join(strings.FieldsFunc(statement, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	line.AppendHistory(statement)
	history.Add(statement)
}
