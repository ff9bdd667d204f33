package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/storegen/storegen/schema/load"
)

// What a word of the command line may be completed to is asked of the hidden
// command below, which knows the commands, their flags and their words, and the
// tables of the project; the scripts of the shells only ask and show.

const completeWord = "__complete"

var shells = map[string]string{
	"bash": `# Completion of storegen for bash: source it, or put it where bash-completion looks.
_storegen() {
	local word line
	word=${COMP_WORDS[COMP_CWORD]}
	COMPREPLY=()
	while IFS= read -r line; do
		[[ $line == "$word"* ]] && COMPREPLY+=("${line%%$'\t'*}")
	done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _storegen storegen
`,
	"zsh": `#compdef storegen
# Completion of storegen for zsh: put it into a folder of fpath as _storegen.
_storegen() {
	local -a found
	local line
	for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		[[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
	done
	_describe storegen found || _files
}
compdef _storegen storegen
`,
	"fish": `# Completion of storegen for fish: put it into ~/.config/fish/completions/storegen.fish.
function __storegen_words
	storegen __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null
end
# Where storegen has nothing to say, the word is a file.
complete -c storegen -n '__storegen_words | string length -q' -f -a '(__storegen_words)'
`,
}

var completionCommand = &command{
	name: "completion", args: "bash|zsh|fish", free: true,
	short: "print a script that completes commands, flags and tables in a shell",
	long: `Load it with, for example:

  source <(storegen completion bash)`,
	setup: simple(func(c *call) error {
		if len(c.args) != 1 || shells[c.args[0]] == "" {
			return usageError("it takes bash, zsh or fish")
		}
		_, err := fmt.Fprint(c.stdout, shells[c.args[0]])
		return err
	}),
}

// complete prints what the last of the words may become, a line each: the word,
// a tab, and what it is.
func (c *call) complete(words []string) {
	last := ""
	if n := len(words); n > 0 {
		last, words = words[n-1], words[:n-1]
	}
	for _, s := range c.candidates(words, last) {
		if strings.HasPrefix(s.word, last) {
			fmt.Fprintf(c.stdout, "%s\t%s\n", s.word, s.what)
		}
	}
}

type candidate struct{ word, what string }

func (c *call) candidates(words []string, last string) []candidate {
	var out []candidate
	if len(words) == 0 {
		for _, cmd := range commands {
			out = append(out, candidate{cmd.name, cmd.short})
		}
		return out
	}
	cmd := find(words[0])
	if cmd == nil {
		return nil
	}
	flags, _ := cmd.flags(c)
	if f := flags.Lookup(strings.TrimLeft(words[len(words)-1], "-")); f != nil && strings.HasPrefix(words[len(words)-1], "-") && !isSwitch(f) {
		return nil // its value, which the shell completes to a file
	}
	if strings.HasPrefix(last, "-") {
		flags.VisitAll(func(f *flag.Flag) {
			_, usage := flag.UnquoteUsage(f)
			out = append(out, candidate{"-" + f.Name, usage})
		})
		return out
	}
	flags.SetOutput(io.Discard)
	if c.parse(flags, words[1:]) != nil || len(c.args) > 0 {
		return nil // one argument is the most that a command takes
	}
	switch cmd.args {
	case "TABLE":
		if cmd != newCommand {
			out = c.tables()
		}
	case "[COMMAND]":
		return c.candidates(nil, last)
	default:
		for word := range strings.SplitSeq(strings.Trim(cmd.args, "[]"), "|") {
			if word != "" && word == strings.ToLower(word) {
				out = append(out, candidate{word, cmd.name + " " + word})
			}
		}
	}
	return out
}

// tables are those of the project; none where it cannot be loaded.
func (c *call) tables() []candidate {
	config, err := load.ReadConfigOnly(c.config)
	if err != nil {
		return nil
	}
	set, err := load.SchemasWithGo(config, goLoader(config))
	if err != nil {
		return nil
	}
	var out []candidate
	for _, t := range set.Tables {
		what, _, _ := strings.Cut(t.Doc, "\n")
		out = append(out, candidate{t.Name, what})
	}
	return out
}

func isSwitch(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}
