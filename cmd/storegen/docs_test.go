package main

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every command is on the page, with its usage, its flags and an example, and no
// other is.
func TestCommandPage(t *testing.T) {
	data, err := os.ReadFile("../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(data), "\n## What all have in common\n")
	sections := map[string]string{}
	for _, s := range strings.Split(page, "\n## ")[1:] {
		name, text, _ := strings.Cut(s, "\n")
		sections[name] = text
	}
	for _, c := range commands {
		text, ok := sections[c.name]
		if !ok {
			t.Errorf("the command %s is not on the page", c.name)
			continue
		}
		if !strings.Contains(string(data), "| [`"+c.name+"`](#"+c.name+") | ") {
			t.Errorf("%s is not in the list", c.name)
		}
		if !strings.Contains(text, "\n    "+c.line()+"\n") {
			t.Errorf("%s lacks its usage: %s", c.name, c.line())
		}
		if !strings.Contains(text, "```sh\nstoregen "+c.name) {
			t.Errorf("%s lacks an example", c.name)
		}
		flags, _ := c.flags(&call{})
		flags.VisitAll(func(f *flag.Flag) {
			if f.Name != "config" && f.Name != "json" && f.Name != "ci" && !strings.Contains(text, "| `-"+f.Name+"` | ") {
				t.Errorf("%s lacks its flag -%s", c.name, f.Name)
			}
		})
		delete(sections, c.name)
	}
	for name := range sections {
		t.Errorf("there is no command %s", name)
	}
}

// The examples are calls that the command takes.
func TestCommandPageExamples(t *testing.T) {
	data, err := os.ReadFile("../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("```sh\nstoregen ([^>\n]*)").FindAllStringSubmatch(string(data), -1) {
		words := strings.Fields(m[1])
		cmd := find(words[0])
		if cmd == nil {
			t.Errorf("%q: no such command", m[1])
			continue
		}
		flags, _ := cmd.flags(&call{})
		if err := flags.Parse(words[1:]); err != nil {
			t.Errorf("%q: %v", m[1], err)
		}
		if flags.NArg() > 0 && cmd.args == "" {
			t.Errorf("%q has arguments, and takes none", m[1])
		}
	}
}
