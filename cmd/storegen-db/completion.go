package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/rowfile"
	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// What a word of the command line may be completed to is asked of the hidden command below,
// which knows the commands and their flags, and looks into the database for its tables,
// indexes, columns and the values of enums; the scripts of the shells only ask and show.

const completeWord = "__complete"

var shells = map[string]string{
	"bash": `# Completion of storegen-db for bash: source it, or put it where bash-completion looks.
_storegen_db() {
	local word line words=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do # as they are typed, with backslashes
		[[ $word == "~/"* ]] && word=$HOME/${word:2}
		words+=("${word//\\/}")
	done
	word=${words[COMP_CWORD-1]}
	COMPREPLY=()
	while IFS= read -r line; do
		line=${line%%$'\t'*}
		[[ $line == "$word"* ]] && COMPREPLY+=("$(printf %q "$line")")
	done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
}
complete -o default -F _storegen_db storegen-db
`,
	"zsh": `#compdef storegen-db
# Completion of storegen-db for zsh: put it into a folder of fpath as _storegen-db.
_storegen-db() {
	local -a found
	local line
	for line in "${(@f)$("${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
		[[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
	done
	_describe storegen-db found || _files
}
compdef _storegen-db storegen-db
`,
	"fish": `# Completion of storegen-db for fish: put it into ~/.config/fish/completions/storegen-db.fish.
function __storegen_db_words
	storegen-db __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null
end
# Where storegen-db has nothing to say, the word is a file.
complete -c storegen-db -n '__storegen_db_words | string length -q' -f -a '(__storegen_db_words)'
`,
}

var completionCommand = &command{
	name: "completion", args: "bash|zsh|fish",
	short:    "print a script that completes commands, flags, tables, indexes and columns in a shell",
	long:     "Load it with, for example:\n\n  source <(storegen-db completion bash)\n\nTables and what they have are looked up in the database, unless another process has it open.",
	examples: []string{"completion bash"},
	setup: simple(func(c *call) error {
		if len(c.args) != 1 || shells[c.args[0]] == "" {
			return usageError("it takes bash, zsh or fish")
		}
		_, err := fmt.Fprint(c.stdout, shells[c.args[0]])
		return err
	}),
}

// A candidate is what a word may become, and what that is.
type candidate struct{ word, what string }

// complete prints what the last of the words may become, a line each: the word, a tab, and
// what it is.
func complete(ctx context.Context, w io.Writer, words []string) {
	last := ""
	if n := len(words); n > 0 {
		last, words = words[n-1], words[:n-1]
	}
	for _, s := range candidates(ctx, words, last) {
		if word := show.OneLine(s.word); strings.HasPrefix(word, last) {
			fmt.Fprintf(w, "%s\t%s\n", word, show.Cell(s.what, 80))
		}
	}
}

// candidates are for the word that follows words, of which last is there already. Where there
// are none, shells complete names of files.
func candidates(ctx context.Context, words []string, last string) []candidate {
	if len(words) == 0 {
		return verbs()
	}
	cmd := find(words[0])
	if cmd == nil {
		return nil
	}
	c := &call{ctx: ctx}
	flags, _ := cmd.flags(c)
	// The flag whose value the word is, if it is one.
	valued := words[len(words)-1]
	if n, err := flagLength(flags, valued); !strings.HasPrefix(valued, "-") || err != nil || n < 2 {
		valued = ""
	} else {
		words = words[:len(words)-1]
	}
	if c.parse(flags, words[1:]) != nil {
		return nil
	}
	switch {
	case valued != "":
		return c.flagValues(cmd, flags, strings.TrimLeft(valued, "-"), last)
	case strings.HasPrefix(last, "-"):
		var out []candidate
		flags.VisitAll(func(f *flag.Flag) {
			_, usage := flag.UnquoteUsage(f)
			out = append(out, candidate{"-" + f.Name, usage})
		})
		return out
	}
	switch place := placeOf(cmd, len(c.args)); place {
	case "COMMAND":
		return verbs()
	case "TABLE":
		return c.tableNames()
	case "KEY", "VALUE":
		return c.values(flags)
	case "DATABASE", "FILE", "NEW", "ROW", "STATEMENT":
		return nil
	default:
		var out []candidate
		for word := range strings.SplitSeq(place, "|") {
			if word != "" {
				out = append(out, candidate{word, ""})
			}
		}
		return out
	}
}

func verbs() []candidate {
	var out []candidate
	for _, cmd := range commands {
		out = append(out, candidate{cmd.name, cmd.short})
	}
	return out
}

// placeOf is the name of an argument of a command, by its place; "" behind the last.
func placeOf(cmd *command, at int) string {
	names := strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(cmd.args))
	if n := len(names); n > 0 && at >= n && strings.HasSuffix(names[n-1], "…") {
		at = n - 1
	}
	if at >= len(names) {
		return ""
	}
	return strings.TrimSuffix(names[at], "…")
}

// opened calls do with the database of the call and, where that is named, the table, which is
// nil otherwise. A database that cannot be opened has nothing to say.
func (c *call) opened(do func(d *database, t *catalog.Table) []candidate) (out []candidate) {
	if len(c.args) == 0 {
		return nil
	}
	args := c.args
	defer func() { c.args = args }()
	c.write = false
	d, err := c.open()
	if err != nil {
		return nil
	}
	defer func() { _ = d.Close() }() // it was only read
	var desc *catalog.Table
	if len(c.args) > 0 {
		if t, err := c.named(d); err == nil {
			desc = t.desc
		}
	}
	return do(d, desc)
}

func (c *call) tableNames() []candidate {
	c.args = c.args[:min(1, len(c.args))]
	return c.opened(func(d *database, _ *catalog.Table) (out []candidate) {
		for _, t := range d.tables {
			out = append(out, candidate{t.name, t.desc.Doc})
		}
		return out
	})
}

// flagValues are the values that a flag may have.
func (c *call) flagValues(cmd *command, flags *flag.FlagSet, name, last string) []candidate {
	switch name {
	case "format":
		var out []candidate
		if cmd == scanCommand {
			out = append(out, candidate{"table", "for people"})
		}
		for _, f := range rowfile.Formats() {
			out = append(out, candidate{f, ""})
		}
		return out
	case "index":
		return c.opened(func(_ *database, t *catalog.Table) (out []candidate) {
			if t == nil {
				return nil
			}
			for i := range t.Indexes {
				out = append(out, candidate{t.Indexes[i].Name, t.Indexes[i].Doc})
			}
			return out
		})
	case "columns":
		before := last[:strings.LastIndex(last, ",")+1] // those that are there already
		return c.opened(func(_ *database, t *catalog.Table) (out []candidate) {
			if t == nil {
				return nil
			}
			def := provider.DefOf(t)
			for i := range def.Columns {
				if col := &def.Columns[i]; !strings.Contains(","+before, ","+col.Name+",") {
					out = append(out, candidate{before + col.Name, col.Doc})
				}
			}
			return out
		})
	case "from", "after", "to", "before", "prefix":
		return c.values(flags)
	}
	return nil
}

// values are those of the column that the next argument is about, if there are few.
func (c *call) values(flags *flag.FlagSet) []candidate {
	return c.opened(func(_ *database, t *catalog.Table) (out []candidate) {
		if t == nil {
			return nil
		}
		def := provider.DefOf(t)
		path := 0
		if f := flags.Lookup("index"); f != nil {
			path = def.PathNamed(f.Value.String())
		}
		if path < 0 || len(c.args) >= len(def.Paths[path].Columns) {
			return nil
		}
		at := def.Paths[path].Columns[len(c.args)]
		typ := def.Columns[at.Column].Type
		if at.Each {
			typ = typ.Elem
		}
		switch typ.Kind {
		case kind.Bool:
			return []candidate{{"true", ""}, {"false", ""}}
		case kind.Enum:
			for _, v := range typ.Values {
				out = append(out, candidate{v.Name, ""})
			}
		}
		return out
	})
}
