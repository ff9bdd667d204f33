package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/rules"
)

const messagesHead = `# Messages

The messages of the command, by their ids. The id is in square brackets at the end of a message, in ` + "`rule`" + ` with ` + "`-json`" + `, and in the annotations of ` + "`-ci`" + `. Ids stay the same over versions.

A message has a position (file, line and column, both from 1), what is wrong, and the line itself with a mark under the part that it is about. It may have a note, what to do, and other lines that it is about. All messages are reported together, ordered by file and position.

The tests write this page from what the command says about schemas with mistakes in them. Every id is here.

`

const messagesTail = `
## Files

| id | what it says | what to do |
|---|---|---|
| ` + "`not-current`" + ` | ` + "`diff`" + `: a generated file, the lock or a file for editors is not what ` + "`generate`" + ` would write | run ` + "`" + diag.Command + " generate`" + `, and commit what it writes |
| ` + "`not-formatted`" + ` | ` + "`fmt -l`" + `: a schema file is not in its canonical form | run ` + "`" + diag.Command + " fmt`" + ` |
| ` + "`in-the-way`" + ` | ` + "`generate`" + `: a file that was not generated is where one would be written | move it elsewhere |
| ` + "`edited`" + ` | ` + "`generate`" + `: somebody has changed a generated file by hand, and writing it would lose that | keep what you need of the change elsewhere, then run ` + "`" + diag.Command + " generate -force`" + ` |
| ` + "`text-order`" + ` | ` + "`check`" + `, ` + "`generate`" + `, a warning: a key or an index has a type that is stored as text and has another order in Go | use it for equal values only, or a field that has the order that you want; or say ` + "`" + `order: text` + "`" + ` at the type |
| ` + "`sparse-index`" + ` | ` + "`check`" + `, ` + "`generate`" + `, a warning: a later column of an index may be absent, and rows without it are not in the index | add an index on the columns before it if you ask for those alone; or say ` + "`" + `where: has` + "`" + ` and the field, if only such rows are meant |
| ` + "`lock-lost`" + ` | ` + "`generate`" + `, ` + "`diff`" + `: the lock is missing, or has lost a number that generated code has | take the lock from version control again |
| ` + "`lock-renumbered`" + ` | ` + "`lock resolve`" + `: a thing of the other branch got another number | delete databases that only that branch has written |
| ` + "`failed`" + ` | something else could not be done, such as writing a file | what the message says |
`

// docs/messages.md holds every rule of schemas and of changes, with what it is for
// and an example as the command prints it.
func TestMessagesPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(messagesHead)
	b.WriteString("- [Mistakes](#mistakes): `check`, `generate` and every other command that loads the schemas\n- [Changes](#changes): `plan`, and `generate` if a change is forbidden\n- [Files](#files): all other messages\n")
	b.WriteString("\n## Mistakes\n")
	examples := exampleDiagnostics(t)
	for _, rule := range rules.All() {
		d, ok := examples[rule.ID]
		if !ok {
			t.Errorf("%s has no example", rule.ID)
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n%s", rule.ID, rule.Purpose, quoted(d.String()))
	}
	b.WriteString("\n## Changes\n\nWhat a change of the schemas means for stored data. Each change has a class: safe (nothing has to be done), rebuild (an index is built or dropped), migrate (rows must be rewritten), forbidden (stored rows could not be read). To move fields, values and indexes within their lists is no change.\n\n| id | class |\n|---|---|\n")
	for _, rule := range evolve.Rules() {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", rule.ID, rule.ID, rule.Class)
	}
	changes := exampleChanges(t)
	for _, rule := range evolve.Rules() {
		e, ok := changes[rule.ID]
		if !ok {
			t.Errorf("%s has no example", rule.ID)
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s: %s\n\n%s", rule.ID, strings.ToUpper(string(rule.Class[:1]))+string(rule.Class[1:]), rule.Reason, quoted(e.String()))
	}
	b.WriteString(messagesTail)
	schematest.Golden(t, "../../docs/messages.md", b.String())
}

// quoted is a message as a block of the page.
func quoted(text string) string {
	return "```text\n" + strings.ReplaceAll(text, "```", "` ` `") + "\n```\n"
}

// exampleDiagnostics is a message for each rule: of the case that bears its name,
// where there is one.
func exampleDiagnostics(t *testing.T) map[string]diag.Diagnostic {
	t.Helper()
	out := map[string]diag.Diagnostic{}
	own := map[string]bool{}
	for _, c := range schematest.Cases(t, "load/testdata/errors") {
		for _, d := range c.Mistakes(t) {
			_, known := out[d.Rule]
			if named := c.Name == d.Rule; !known || named && !own[d.Rule] {
				out[d.Rule], own[d.Rule] = d, named
			}
		}
	}
	return out
}

// exampleChanges is a change for each rule of changes.
func exampleChanges(t *testing.T) map[string]evolve.Change {
	t.Helper()
	out := map[string]evolve.Change{}
	for _, c := range schematest.Cases(t, "evolve/testdata/changes") {
		for _, e := range c.Changes(t) {
			if _, ok := out[e.Rule]; !ok {
				out[e.Rule] = e
			}
		}
	}
	return out
}
