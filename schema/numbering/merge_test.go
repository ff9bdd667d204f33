package numbering_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
)

func TestResolveLock(t *testing.T) {
	const schema = `types: {E: {enum: [a, b, c]}}
---
table: t
access: public
key: id
fields: {id: string, a: string, b: string, c: string, d: {type: string, was: [old]}}
`
	tests := []struct {
		name, text, want string
		moved            []string
	}{
		{"no marks", "field t.id 1 string key 1\ntable t 1\n", "field t.id 1 string key 1\ntable t 1\n", nil},
		{"both add a field",
			"field t.id 1 string key 1\n<<<<<<< HEAD\nfield t.a 2 string\n=======\nfield t.b 2 string\nfield t.c 3 string\n>>>>>>> other\ntable t 1 public\n",
			"field t.id 1 string key 1\nfield t.a 2 string\nfield t.c 3 string\nfield t.b 4 string\ntable t 1 public\n",
			[]string{"the field t.b: 2 to 4, by the field t.a"}},
		{"diff3, with ends of lines of Windows",
			"field t.id 1\r\n<<<<<<< HEAD\r\nfield t.a 2\r\n||||||| 1234\r\n=======\r\nfield t.b 2\r\n>>>>>>> other\r\ntable t 1\r\n",
			"field t.id 1\nfield t.a 2\nfield t.b 3\ntable t 1\n",
			[]string{"the field t.b: 2 to 3, by the field t.a"}},
		{"values of an enum, in two places",
			"<<<<<<< HEAD\nenum E.a 1\n=======\nenum E.b 1\n>>>>>>> x\nfield t.id 1\n<<<<<<< HEAD\nfield t.a 2\n=======\nfield t.b 2\n>>>>>>> x\n",
			"enum E.a 1\nenum E.b 2\nfield t.id 1\nfield t.a 2\nfield t.b 3\n",
			[]string{"the value E.b: 1 to 2, by the value E.a", "the field t.b: 2 to 3, by the field t.a"}},
		{"one name on both sides",
			"field t.id 1\n<<<<<<< HEAD\nfield t.a 2 string\nfield t.b 3 string\n=======\nfield t.b 2 string\n>>>>>>> x\n",
			"field t.id 1\nfield t.a 2 string\nfield t.b 3 string\n",
			[]string{"the field t.b: 2 to 3, by the field t.a"}},
		{"a shape on both sides", "<<<<<<< HEAD\ntable t 1 public\n=======\ntable t 1 private\n>>>>>>> x\n", "table t 1 public\n", nil},
		{"removed here, alive there", "<<<<<<< HEAD\nfield t.a 2 retired\n=======\nfield t.a 2 string\nfield t.b 3\n>>>>>>> x\n", "field t.a 2 string\nfield t.b 3\n", nil},
		{"renamed here", "<<<<<<< HEAD\nfield t.d 2 string\nfield t.a 3\n=======\nfield t.old 2 string\nfield t.b 3\n>>>>>>> x\n", "field t.d 2 string\nfield t.a 3\nfield t.b 4\n",
			[]string{"the field t.b: 3 to 4, by the field t.a"}},
		{"renamed there", "<<<<<<< HEAD\nfield t.old 2 string\nfield t.a 3\n=======\nfield t.d 2 string\nfield t.b 3\n>>>>>>> x\n", "field t.old 2 string\nfield t.a 3\nfield t.b 4\n",
			[]string{"the field t.b: 3 to 4, by the field t.a"}},
		{"came and went there", "<<<<<<< HEAD\nfield t.a 2\n=======\nfield t.x 2 retired\nfield t.y 3 retired\n>>>>>>> x\n", "field t.a 2\nfield t.y 3 retired\n", nil},
		{"tables", "<<<<<<< HEAD\ntable t 1\n=======\ntable u 1\n>>>>>>> x\n", "table t 1\ntable u 2\n", []string{"the table u: 1 to 2, by the table t"}},
		{"renamed on both sides, ours stays", "field t.id 1\nfield t.d 9\n<<<<<<< HEAD\nfield t.a 2 string was(gone)\n=======\nfield t.x 2 string was(gone)\n>>>>>>> x\n",
			"field t.id 1\nfield t.a 2 string was(x, gone)\nfield t.d 9\n", nil},
		{"renamed on both sides, theirs stays", "field t.d 9\n<<<<<<< HEAD\nfield t.x 2 string was(y, gone)\n=======\nfield t.a 2 string was(gone)\n>>>>>>> x\n", "field t.a 2 string was(x, y, gone)\nfield t.d 9\n", nil},
		{"former names of both sides", "<<<<<<< HEAD\nfield t.a 2 string was(x)\n=======\nfield t.a 2 string was(y)\n>>>>>>> x\n", "field t.a 2 string was(x, y)\n", nil},
		{"limits on both sides", "<<<<<<< HEAD\nfield t.a 2 string max 3\n=======\nfield t.a 2 string max 4\n>>>>>>> x\n", "field t.a 2 string max 3\n", nil},
		{"indexes", "<<<<<<< HEAD\nindex t.a 1 on(a)\n=======\nindex t.b 1 on(b) where(a == \"x\")\n>>>>>>> x\n", "index t.a 1 on(a)\nindex t.b 2 on(b) where(a == \"x\")\n",
			[]string{"the index t.b: 1 to 2, by the index t.a"}},
	}
	set, err := schematest.ParseText(schema, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			merged, moved, err := numbering.Merge("storegen.lock", []byte(test.text), set)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, schematest.LockLines(merged)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var got []string
			for _, m := range moved {
				got = append(got, fmt.Sprintf("%s: %d to %d, by %s", m.What, m.Old, m.New, m.By))
				if m.Pos.Line == 0 {
					t.Errorf("%s has no place", m.What)
				}
			}
			if diff := cmp.Diff(test.moved, got); diff != "" {
				t.Errorf("renumbered (-want +got):\n%s", diff)
			}
			if again, err := lock.Parse("storegen.lock", merged.Format()); err != nil {
				t.Errorf("the result is refused: %v", err)
			} else if err := numbering.Assign(again, set); err != nil && strings.Contains(test.name, "renamed") {
				t.Errorf("the result does not fit the schema: %v", err)
			}
		})
	}
}

// What cannot be decided is refused, with its place.
func TestResolveLockRefuses(t *testing.T) {
	set, err := schematest.ParseText("table: u\nwas: t\naccess: public\nkey: id\nfields: {id: string, d: {type: string, was: [old]}}\n", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, text, want string }{
		{"no end", "table u 1\n<<<<<<< HEAD\nfield u.id 1\n=======\n", "storegen.lock:2:1: the conflict markers are incomplete"},
		{"no beginning", "table u 1\n>>>>>>> x\n", "storegen.lock:2:1: the conflict markers are incomplete"},
		{"one in another", "<<<<<<< HEAD\n<<<<<<< HEAD\n", "storegen.lock:2:1: the conflict markers are incomplete"},
		{"what is no line", "<<<<<<< HEAD\nfeild u.id 1\n=======\n>>>>>>> x\n", `storegen.lock:2:1: unknown kind "feild"`},
		{"a number twice on one side", "<<<<<<< HEAD\nfield u.a 1\nfield u.b 1\n=======\n>>>>>>> x\n", "storegen.lock:3:1: field u.b 1 and u.a 1 are both here"},
		{"a renamed table", "<<<<<<< HEAD\nfield t.a 2\n=======\nfield u.b 2\n>>>>>>> x\n", "storegen.lock:2:1: one branch renamed t to u"},
		{"one name and two types", "<<<<<<< HEAD\nfield u.d 2 string\n=======\nfield u.d 2 bool?\n>>>>>>> x\n", "storegen.lock:4:1: the field u.d is a string on one side, and a bool? on the other"},
		{"one name and two types, and numbers", "<<<<<<< HEAD\nfield u.d 2 []string\n=======\nfield u.d 3 string\n>>>>>>> x\n", "storegen.lock:4:1: the field u.d is a []string on one side, and a string on the other"},
		{"a table that both renamed", "<<<<<<< HEAD\ntable u 1 public was(t)\n=======\ntable v 1 public was(t)\n>>>>>>> x\n", "storegen.lock:4:1: one branch renamed t to u, and the other to v"},
		{"a rename on both sides, and the schema has both", "<<<<<<< HEAD\nfield u.d 2 string was(x)\n=======\nfield u.id 2 string was(x)\n>>>>>>> x\n", "storegen.lock:4:1: the field u.d and the field u.id are one thing"},
		{"renamed on both sides", "<<<<<<< HEAD\nfield u.e 2\n=======\nfield u.d 2\n>>>>>>> x\n", "storegen.lock:4:1: the field u.d was old, and neither side has that name"},
	} {
		_, _, err := numbering.Merge("storegen.lock", []byte(test.text), set)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
			continue
		}
		for _, d := range err.(diag.Diagnostics) {
			if d.Help == "" {
				t.Errorf("%s does not say what to do", d)
			}
		}
	}
}

// FuzzResolveLock: any text is resolved to a lock that can be read, or refused
// with places in it.
func FuzzResolveLock(tf *testing.F) {
	f := inputs.New(tf)
	f.Add([]byte("field t.id 1\n<<<<<<< HEAD\nfield t.a 2 string\n||||||| x\n=======\nfield t.b 2 string\n>>>>>>> other\ntable t 1 public\n"))
	set, err := schematest.ParseText("table: t\naccess: public\nkey: id\nfields: {id: string, a: string, b: {type: string, was: c}}\n", "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		merged, _, err := numbering.Merge("x.lock", data, set)
		if err != nil {
			schematest.CheckPositions(t, err.(diag.Diagnostics))
			return
		}
		if _, err := lock.Parse("x.lock", merged.Format()); err != nil {
			t.Fatalf("%q became\n%s\nwhich is refused:\n%v", data, merged.Format(), err)
		}
	})
}
