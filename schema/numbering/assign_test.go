package numbering_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/numbering"
	"pgregory.net/rapid"
)

var afterNumber = regexp.MustCompile(`(?m)^(\w+ \S+ \d+)(?: retired$| .*)?`)

// numberLines is a lock's text without its head and without what its things are.
func numberLines(l *lock.Lock) string {
	return afterNumber.ReplaceAllStringFunc(schematest.LockLines(l), func(line string) string {
		if line, _, retired := strings.Cut(line, " retired"); retired {
			return line + " retired"
		}
		return afterNumber.FindStringSubmatch(line)[1]
	})
}

// Each step is a schema loaded with the lock that the step before left.
func TestLockSteps(t *testing.T) {
	table := func(name, fields, more string) string {
		return "table: " + name + "\naccess: public\nkey: id\nfields: {id: string" + fields + "}\n" + more
	}
	type step struct{ what, schema, want string }
	tests := []struct {
		name  string
		steps []step
	}{
		{"fields", []step{
			{"new", table("t", ", b: string, a: string", ""), "field t.id 1\nfield t.b 2\nfield t.a 3\ntable t 1\n"},
			{"moved", table("t", ", a: string, b: string", ""), "field t.id 1\nfield t.b 2\nfield t.a 3\ntable t 1\n"},
			{"put between", table("t", ", a: string, c: string, b: string", ""), "field t.id 1\nfield t.b 2\nfield t.a 3\nfield t.c 4\ntable t 1\n"},
			{"removed", table("t", ", b: string", ""), "field t.id 1\nfield t.b 2\nfield t.a 3 retired\nfield t.c 4 retired\ntable t 1\n"},
			{"new after retired", table("t", ", b: string, d: string", ""), "field t.id 1\nfield t.b 2\nfield t.a 3 retired\nfield t.c 4 retired\nfield t.d 5\ntable t 1\n"},
			{"renamed", table("t", ", e: {type: string, was: b}, d: string", ""), "field t.id 1\nfield t.e 2\nfield t.a 3 retired\nfield t.c 4 retired\nfield t.d 5\ntable t 1\n"},
			{"was stays", table("t", ", e: {type: string, was: b}, d: string", ""), "field t.id 1\nfield t.e 2\nfield t.a 3 retired\nfield t.c 4 retired\nfield t.d 5\ntable t 1\n"},
			{"renamed again", table("t", ", f: {type: string, was: [e, b]}, d: string", ""), "field t.id 1\nfield t.f 2\nfield t.a 3 retired\nfield t.c 4 retired\nfield t.d 5\ntable t 1\n"},
			{"the old name for another", table("t", ", f: string, d: string, b: int32", ""), "field t.id 1\nfield t.f 2\nfield t.a 3 retired\nfield t.c 4 retired\nfield t.d 5\nfield t.b 6\ntable t 1\n"},
		}},
		{"tables", []step{
			{"new", table("g.b", "", "") + "---\n" + table("a", "", ""), "field a.id 1\nfield g.b.id 1\ntable a 1\ntable g.b 2\n"},
			{"one before", table("g.b", "", "") + "---\n" + table("a", "", "") + "---\n" + table("g.a", "", ""), "field a.id 1\nfield g.a.id 1\nfield g.b.id 1\ntable a 1\ntable g.b 2\ntable g.a 3\n"},
			{"renamed", table("g.c", "", "was: g.b\n") + "---\n" + table("a", "", "") + "---\n" + table("g.a", "", ""), "field a.id 1\nfield g.a.id 1\nfield g.c.id 1\ntable a 1\ntable g.c 2\ntable g.a 3\n"},
			{"removed", table("a", "", ""), "field a.id 1\nfield g.a.id 1 retired\nfield g.c.id 1 retired\ntable a 1\ntable g.c 2 retired\ntable g.a 3 retired\n"},
			{"new", table("a", "", "") + "---\n" + table("z", "", ""), "field a.id 1\nfield g.a.id 1 retired\nfield g.c.id 1 retired\nfield z.id 1\ntable a 1\ntable g.c 2 retired\ntable g.a 3 retired\ntable z 4\n"},
		}},
		{"a struct in another's place", []step{
			{"new", table("t", ", s: {type: A}, l: \"[]A\"", "") + "---\ntypes: {A: {struct: {x: string, y: string, n: In}}, In: {struct: {p: string, q: string}}}\n",
				"field A.x 1\nfield A.y 2\nfield A.n 3\nfield In.p 1\nfield In.q 2\nfield t.id 1\nfield t.s 2\nfield t.l 3\ntable t 1\n"},
			{"replaced", table("t", ", s: {type: A}, l: \"[]B\"", "") + "---\ntypes: {A: {struct: {x: string, y: string, n: In}}, In: {struct: {p: string, q: string}}, B: {struct: {x: string}}}\n",
				"field A.x 1\nfield A.y 2\nfield A.n 3\nfield B.x 1\nfield B.y 2 retired\nfield B.n 3 retired\nfield In.p 1\nfield In.q 2\nfield t.id 1\nfield t.s 2\nfield t.l 3\ntable t 1\n"},
			{"what comes then has another number", table("t", ", s: {type: C}, l: \"[]B\"", "") + "---\ntypes: {C: {struct: {x: string, y: string, n: Out}}, Out: {struct: {p: string}}, B: {struct: {x: string, z: string}}}\n",
				"field A.x 1 retired\nfield A.y 2 retired\nfield A.n 3 retired\nfield B.x 1\nfield B.y 2 retired\nfield B.n 3 retired\nfield B.z 4\nfield C.x 1\nfield C.y 2\nfield C.n 3\nfield In.p 1 retired\nfield In.q 2 retired\nfield Out.p 1\nfield Out.q 2 retired\nfield t.id 1\nfield t.s 2\nfield t.l 3\ntable t 1\n"},
		}},
		{"an enum in another's place", []step{
			{"new", table("t", ", k: K", "per: {a: K}\n") + "---\ntypes: {K: {enum: [a, b, c]}}\n",
				"enum K.a 1\nenum K.b 2\nenum K.c 3\nfield t.id 1\nfield t.k 2\ntable t 1\n"},
			{"replaced", table("t", ", k: K", "per: {a: L}\n") + "---\ntypes: {K: {enum: [a, b, c]}, L: {enum: [a]}}\n",
				"enum K.a 1\nenum K.b 2\nenum K.c 3\nenum L.a 1\nenum L.b 2 retired\nenum L.c 3 retired\nfield t.id 1\nfield t.k 2\ntable t 1\n"},
			{"what comes then has another number", table("t", ", k: M", "per: {a: L}\n") + "---\ntypes: {M: {enum: [a, b]}, L: {enum: [a, d]}}\n",
				"enum K.a 1 retired\nenum K.b 2 retired\nenum K.c 3 retired\nenum L.a 1\nenum L.b 2 retired\nenum L.c 3 retired\nenum L.d 4\nenum M.a 1\nenum M.b 2\nenum M.c 3 retired\nfield t.id 1\nfield t.k 2\ntable t 1\n"},
			{"a new name is no other enum", table("t", ", k: N", "per: {a: L}\n") + "---\ntypes: {N: {enum: [a, b], was: M}, L: {enum: [a, d]}}\n",
				"enum K.a 1 retired\nenum K.b 2 retired\nenum K.c 3 retired\nenum L.a 1\nenum L.b 2 retired\nenum L.c 3 retired\nenum L.d 4\nenum N.a 1\nenum N.b 2\nenum N.c 3 retired\nfield t.id 1\nfield t.k 2\ntable t 1\n"},
		}},
		{"indexes", []step{
			{"new", table("t", ", a: string", "indexes: {x: a, y: fold a}\n"), "field t.id 1\nfield t.a 2\nindex t.x 1\nindex t.y 2\ntable t 1\n"},
			{"renamed and removed", table("t", ", a: string", "indexes: {z: {on: fold a, was: y}}\n"), "field t.id 1\nfield t.a 2\nindex t.x 1 retired\nindex t.z 2\ntable t 1\n"},
			{"with its table", table("u", ", a: string", "was: t\nindexes: {z: {on: fold a, was: y}}\n"), "field u.id 1\nfield u.a 2\nindex u.x 1 retired\nindex u.z 2\ntable u 1\n"},
		}},
		{"was with a new lock", []step{
			{"new", table("t", ", b: {type: string, was: a}", "was: s\nindexes: {i: b, j: {on: fold b, was: k}}\n"), "field t.id 1\nfield t.b 2\nindex t.i 1\nindex t.j 2\ntable t 1\n"},
			{"again", table("t", ", b: {type: string, was: a}", "was: s\nindexes: {i: b, j: {on: fold b, was: k}}\n"), "field t.id 1\nfield t.b 2\nindex t.i 1\nindex t.j 2\ntable t 1\n"},
		}},
		{"types", []step{
			{"new", "types: {E: {enum: [b, a]}, S: {struct: {y: string, x: string}}}\n", "enum E.b 1\nenum E.a 2\nfield S.y 1\nfield S.x 2\n"},
			{"renamed", "types: {F: {enum: [a, {name: c, was: b}], was: E}, R: {struct: {x: string, z: {type: string, was: y}}, was: S}}\n", "enum F.c 1\nenum F.a 2\nfield R.z 1\nfield R.x 2\n"},
			{"turned", "types: {F: {struct: {a: string}}}\n", "enum F.c 1 retired\nenum F.a 2 retired\nfield F.a 1\nfield R.z 1 retired\nfield R.x 2 retired\n"},
		}},
	}
	tests = append(tests, struct {
		name  string
		steps []step
	}{"an index that comes back has a number of its own", []step{
		{"new", table("t", ", a: string", "indexes: {x: a}\n"), "field t.id 1\nfield t.a 2\nindex t.x 1\ntable t 1\n"},
		{"removed", table("t", ", a: string", ""), "field t.id 1\nfield t.a 2\nindex t.x 1 retired\ntable t 1\n"},
		{"back", table("t", ", a: string", "indexes: {y: fold a, x: a}\n"), "field t.id 1\nfield t.a 2\nindex t.y 2\nindex t.x 3\ntable t 1\n"},
		{"gone", table("t", ", a: string", "indexes: {y: fold a}\n"), "field t.id 1\nfield t.a 2\nindex t.y 2\nindex t.x 3 retired\ntable t 1\n"},
		{"and another", table("t", ", a: string", "indexes: {y: fold a, z: a}\n"), "field t.id 1\nfield t.a 2\nindex t.y 2\nindex t.x 3 retired\nindex t.z 4\ntable t 1\n"},
	}})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lock := ""
			for _, step := range test.steps {
				set, err := schematest.ParseText(step.schema, lock)
				if err != nil {
					t.Fatalf("%s: %v", step.what, err)
				}
				if diff := cmp.Diff(step.want, numberLines(set.Lock)); diff != "" {
					t.Fatalf("%s (-want +got):\n%s", step.what, diff)
				}
				lock = string(set.Lock.Format())
			}
		})
	}
}

// What a thing was called stays in the lock when the schema no longer says it, and the
// Set has it.
func TestFormerNamesStay(t *testing.T) {
	first := "table: u\nwas: t\naccess: public\nper: {q: {type: string, was: p}}\nkey: id\nfields: {id: string, b: {type: int32, was: a}, k: K}\nindexes: {j: {on: b, was: i}}\n---\ntypes: {K: {enum: [{name: y, was: x}]}}\n"
	later := strings.NewReplacer("was: t\n", "", "{type: string, was: p}", "string", "{type: int32, was: a}", "{type: int32, was: c}", ", was: i", "", "{name: y, was: x}", "y").Replace(first)
	set, err := schematest.ParseText(first, "")
	if err != nil {
		t.Fatal(err)
	}
	if set, err = schematest.ParseText(later, string(set.Lock.Format())); err != nil {
		t.Fatal(err)
	}
	want := "enum K.y 1 was(x)\nfield u.id 1 string key 1\nfield u.b 2 int32 was(c, a)\nfield u.k 3 K\nindex u.j 1 on(b) was(i)\ntable u 1 public per(q string was p) was(t)\n"
	if diff := cmp.Diff(want, schematest.LockLines(set.Lock)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	table := set.Table("u")
	got := [][]string{table.Was, table.Per[0].Was, table.Field("b").Was, table.Index("j").Was, set.Type("K").Values[0].Was}
	if diff := cmp.Diff([][]string{{"t"}, {"p"}, {"c", "a"}, {"i"}, {"x"}}, got); diff != "" {
		t.Errorf("the Set (-want +got):\n%s", diff)
	}
}

// A lock that a newer storegen wrote is not read for what it may not say.
func TestLockVersion(t *testing.T) {
	for text, want := range map[string]bool{"version 2\n": true, "version 1\n": true, "": true, "version 3\n": false, "version x\n": false, "version 0\n": false} {
		_, err := lock.Parse("storegen.lock", []byte(text+"table t 1 public\n"))
		if (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The numbers in the Set are those in the lock.
func TestAssign(t *testing.T) {
	set, err := schematest.ParseText("types: {E: {enum: [b, a]}, S: {struct: {y: E}}}\n---\ntable: t\naccess: public\nkey: id\nfields: {id: S, e: E}\nindexes: {e: e}\n",
		"enum E.a 7\nfield S.y 3\nfield t.e 9\nindex t.e 4\ntable t 2\n")
	if err != nil {
		t.Fatal(err)
	}
	e, table := set.Type("E"), set.Table("t")
	got := []int{int(e.Values[0].Number), int(e.Values[1].Number), set.Type("S").Fields[0].Number, table.Field("id").Number, table.Field("e").Number, table.Indexes[0].Number, table.Number}
	if want := []int{8, 7, 3, 10, 9, 4, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	fresh, err := lock.Parse("other.lock", []byte("table t 5\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := numbering.Assign(fresh, set); err != nil || table.Number != 5 || table.Field("id").Number != 1 {
		t.Errorf("assigned by another lock: %v, table %d, id %d", err, table.Number, table.Field("id").Number)
	}
	retired, err := lock.Parse("other.lock", []byte("table t 5 retired\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := numbering.Assign(retired, set); err == nil || !strings.Contains(err.Error(), "[lock-retired]") {
		t.Errorf("a retired table: %v", err)
	}
}

// However fields come and go, a name keeps its number while it is there, no
// number has two names in all the time, and the text round-trips.
func TestLockModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lock := ""
		owner := map[int]string{} // of every number that was ever given
		numbers := map[string]int{}
		gone := map[string]bool{}
		next := 0
		present := []string{}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			for range rapid.IntRange(0, 3).Draw(t, "added") {
				next++
				at := rapid.IntRange(0, len(present)).Draw(t, "at")
				present = slices.Insert(present, at, fmt.Sprintf("f%d", next))
			}
			if len(present) > 0 && rapid.Bool().Draw(t, "remove") {
				i := rapid.IntRange(0, len(present)-1).Draw(t, "which")
				if _, known := numbers[present[i]]; known {
					gone[present[i]] = true
				}
				present = slices.Delete(present, i, i+1)
			}
			var b strings.Builder
			b.WriteString("table: t\naccess: public\nkey: id\nfields:\n  id: string\n")
			for _, name := range present {
				fmt.Fprintf(&b, "  %s: string\n", name)
			}
			set, err := schematest.ParseText(b.String(), lock)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range set.Tables[0].Fields {
				if n, ok := numbers[f.Name]; ok && n != f.Number {
					t.Fatalf("%s had the number %d and has %d", f.Name, n, f.Number)
				}
				if o, ok := owner[f.Number]; ok && o != f.Name {
					t.Fatalf("%s has the number %d of %s", f.Name, f.Number, o)
				}
				numbers[f.Name], owner[f.Number] = f.Number, f.Name
			}
			lock = string(set.Lock.Format())
			for name := range gone {
				if !strings.Contains(lock, fmt.Sprintf("field t.%s %d retired\n", name, numbers[name])) {
					t.Fatalf("%s is not retired in\n%s", name, lock)
				}
			}
		}
	})
}
