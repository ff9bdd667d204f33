package numbering_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
	"pgregory.net/rapid"
)

// sides is what a branch declares: fields, values and indexes of one table and
// one enum.
type sides struct{ fields, values, indexes []string }

func (s sides) sources() []schema.Source {
	var b strings.Builder
	b.WriteString("table: t\naccess: public\nkey: id\nfields:\n  id: string\n  e: E\n")
	for _, f := range s.fields {
		fmt.Fprintf(&b, "  %s: string\n", f)
	}
	b.WriteString("indexes:\n  base: e\n")
	for _, ix := range s.indexes {
		fmt.Fprintf(&b, "  %s: {on: [e], where: id == %q}\n", ix, ix)
	}
	return []schema.Source{
		{Name: "t.yaml", Data: []byte(b.String())},
		{Name: "types.yaml", Data: []byte("types: {E: {enum: [" + strings.Join(append([]string{"none"}, s.values...), ", ") + "]}}\n")},
	}
}

// change adds some names to a branch and removes some that the base has.
func (s sides) change(t *rapid.T, branch string) sides {
	list := func(what string, names []string) []string {
		out := slices.Clone(names)
		for len(out) > 0 && rapid.IntRange(0, 3).Draw(t, branch+" removes of "+what) == 0 {
			i := rapid.IntRange(0, len(out)-1).Draw(t, "which")
			out = slices.Delete(out, i, i+1)
		}
		for range rapid.IntRange(0, 3).Draw(t, branch+" adds to "+what) {
			name := fmt.Sprintf("%s_%d", rapid.SampledFrom([]string{branch, "both"}).Draw(t, "whose"), rapid.IntRange(1, 5).Draw(t, "name"))
			if !slices.Contains(out, name) {
				out = slices.Insert(out, rapid.IntRange(0, len(out)).Draw(t, "at"), name)
			}
		}
		return out
	}
	return sides{list("fields", s.fields), list("values", s.values), list("indexes", s.indexes)}
}

// joined is what people make of both branches: what both keep, and what either
// adds.
func joined(base, ours, theirs sides) sides {
	list := func(base, ours, theirs []string) []string {
		var out []string
		for _, name := range slices.Concat(ours, theirs) {
			kept := !slices.Contains(base, name) || slices.Contains(ours, name) && slices.Contains(theirs, name)
			if kept && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		return out
	}
	return sides{list(base.fields, ours.fields, theirs.fields), list(base.values, ours.values, theirs.values), list(base.indexes, ours.indexes, theirs.indexes)}
}

// Whatever two branches add and remove, git's merge of their locks is resolved so
// that all numbers of our side stay, no number has two names, and the merged
// schema loads with it.
func TestResolveLockOfGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git, whose merges are resolved here")
	}
	dir := t.TempDir()
	conflicts := 0
	rapid.Check(t, func(t *rapid.T) {
		base := sides{fields: []string{"f1", "f2"}, values: []string{"v1", "v2"}, indexes: []string{"i1"}}
		ours, theirs := base.change(t, "ours"), base.change(t, "theirs")
		load := func(s sides, numbers []byte) *schema.Set {
			var source *schema.Source
			if numbers != nil {
				source = &schema.Source{Name: "storegen.lock", Data: numbers}
			}
			set, err := load.Parse(s.sources(), source)
			if err != nil {
				t.Fatalf("%v\n%s", err, numbers)
			}
			return set
		}
		baseLock := load(base, nil).Lock.Format()
		oursLock, theirsLock := load(ours, baseLock).Lock.Format(), load(theirs, baseLock).Lock.Format()
		args := []string{"merge-file", "-p"}
		if rapid.Bool().Draw(t, "diff3") {
			args = append(args, "--diff3")
		}
		for i, text := range [][]byte{oursLock, baseLock, theirsLock} {
			file := filepath.Join(dir, fmt.Sprint(i))
			if err := os.WriteFile(file, text, 0o666); err != nil {
				t.Fatal(err)
			}
			args = append(args, file)
		}
		merged, err := exec.Command(git, args...).Output()
		if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() < 0 || exit.ExitCode() > 127) {
			t.Fatal(err)
		}
		if err != nil {
			conflicts++
		}
		both := joined(base, ours, theirs)
		resolved, moved, err := numbering.Merge("storegen.lock", merged, load(both, nil))
		if err != nil {
			t.Fatalf("%v\n%s", err, merged)
		}
		after := load(both, resolved.Format()).Lock
		numbers := map[lock.ID]int64{}
		for _, e := range after.Entries {
			numbers[e.ID] = e.Number
		}
		mine, err := lock.Parse("ours", oursLock)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range mine.Entries {
			if numbers[e.ID] != e.Number {
				t.Fatalf("%s had the number %d on our side, and has %d\n%s", e.What(), e.Number, numbers[e.ID], merged)
			}
		}
		other, err := lock.Parse("theirs", theirsLock)
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]int{}
		for _, m := range moved {
			told[m.What] = m.New
		}
		for _, e := range other.Entries {
			n, ok := numbers[e.ID]
			if ok && n != e.Number && !e.Retired && int64(told[e.What()]) != n {
				t.Fatalf("%s had the number %d on their side and has %d, and nobody is told\n%s", e.What(), e.Number, n, merged)
			}
		}
	})
	if conflicts == 0 {
		t.Error("git found no conflict in any of the merges")
	}
}
