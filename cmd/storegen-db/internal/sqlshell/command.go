package sqlshell

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
)

// A dot is a command of the shell itself, on a line that begins with a dot.
type dot struct {
	name, args, doc string
	// run returns whether the shell ends.
	run func(s *Shell, args []string) (quit bool, err error)
	// words are what an argument may be.
	words []string
}

var dots []dot

func init() { // which refers to itself, by help
	onOff := []string{"on", "off"}
	dots = []dot{
		{name: ".tables", doc: "list the tables", run: (*Shell).listTables},
		{name: ".schema", args: "[TABLE]", doc: "show a table as its schema has it, or all", run: (*Shell).showSchema},
		{name: ".mode", args: "table|json|csv", doc: "print rows so", words: Formats, run: func(s *Shell, args []string) (bool, error) {
			return false, s.choose(args, Formats, func(word string) { s.Format = word })
		}},
		{name: ".timer", args: "on|off", doc: "show how long statements take", words: onOff, run: func(s *Shell, args []string) (bool, error) {
			return false, s.choose(args, onOff, func(word string) { s.timer = word == "on" })
		}},
		{name: ".explain", args: "on|off", doc: "show the plan before each answer: which index is taken, over which range", words: onOff, run: func(s *Shell, args []string) (bool, error) {
			return false, s.choose(args, onOff, func(word string) { s.explain = word == "on" })
		}},
		{name: ".help", doc: "list these commands", run: (*Shell).help},
		{name: ".quit", doc: "end; Ctrl-D does it too", run: func(*Shell, []string) (bool, error) { return true, nil }},
	}
}

// command runs a line with a command of the shell.
func (s *Shell) command(line string) (quit bool, err error) {
	words := strings.Fields(strings.TrimSuffix(line, ";"))
	name := words[0]
	if name == ".exit" {
		name = ".quit"
	}
	i := slices.IndexFunc(dots, func(d dot) bool { return d.name == name })
	if i < 0 {
		return false, fmt.Errorf("there is no command %s; .help lists them", show.OneLine(name))
	}
	if len(words) > 1 && dots[i].args == "" {
		return false, fmt.Errorf("%s takes no argument", name)
	}
	quit, err = dots[i].run(s, words[1:])
	if flushed := s.Out.Flush(); err == nil {
		err = flushed
	}
	return quit, err
}

// choose sets something to one of some words.
func (s *Shell) choose(args, words []string, set func(word string)) error {
	if len(args) != 1 || !slices.Contains(words, args[0]) {
		return fmt.Errorf("use one of %s", strings.Join(words, ", "))
	}
	set(args[0])
	return nil
}

func (s *Shell) help(_ []string) (bool, error) {
	for _, d := range dots {
		fmt.Fprintf(s.Out, "%-24s %s\n", strings.TrimSpace(d.name+" "+d.args), d.doc)
	}
	fmt.Fprintln(s.Out, "A statement ends with a semicolon, and may have several lines. Ctrl-C ends the statement\nthat runs, or drops the one that is typed.")
	return false, nil
}

func (s *Shell) listTables(_ []string) (bool, error) {
	for _, t := range s.Tables {
		line := show.OneLine(t.Name)
		if t.Doc != "" {
			line = fmt.Sprintf("%-24s %s", line, show.Cell(t.Doc, 80))
		}
		fmt.Fprintln(s.Out, line)
	}
	return false, nil
}

func (s *Shell) showSchema(args []string) (bool, error) {
	if len(args) > 1 {
		return false, fmt.Errorf("name one table")
	}
	found := 0
	for _, t := range s.Tables {
		if len(args) == 1 && !strings.EqualFold(args[0], t.Name) {
			continue
		}
		text, err := s.Schema(t.Name)
		if err != nil {
			return false, err
		}
		if found++; found > 1 {
			fmt.Fprintln(s.Out)
		}
		if _, err := io.WriteString(s.Out, show.Safe(text)); err != nil {
			return false, err
		}
	}
	if found == 0 && len(args) == 1 {
		var names []string
		for _, t := range s.Tables {
			names = append(names, t.Name)
		}
		return false, fmt.Errorf("there is no table %q; %s", args[0], show.Suggest(args[0], names))
	}
	return false, nil
}
