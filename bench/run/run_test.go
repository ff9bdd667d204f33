package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	samples "github.com/google/pprof/profile"
	"github.com/storegen/storegen/bench"
)

func TestReplaceSection(t *testing.T) {
	const doc = "head\n<!-- a -->\nold\n<!-- /a -->\ntail\n"
	for _, c := range []struct{ doc, name, text, want, err string }{
		{doc, "a", "\nnew\n\n", "head\n<!-- a -->\nnew\n<!-- /a -->\ntail\n", ""},
		{doc, "b", "new", "", "there is no mark <!-- b -->"},
		{"<!-- a -->\n", "a", "new", "", "there is no mark <!-- /a --> behind <!-- a -->"},
	} {
		got, err := replaceSection(c.doc, c.name, c.text)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("error %v, want %s", err, c.err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// TestPages makes sure that the page about performance and the one of results have the
// marks of all sections.
func TestPages(t *testing.T) {
	for page, sections := range map[string][]string{
		"../../docs/performance.md": {"summary", "threads", "patterns", "ycsb", "load"},
		"../RESULTS.md":             {"goals", "ratios", "wall", "allocations", "growth", "memory", "growth-pebble", "memory-pebble", "codec", "start", "layers"},
	} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range sections {
			if _, err := replaceSection(string(b), name, "text"); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

func TestLayerOf(t *testing.T) {
	stack := func(innermostFirst ...string) *samples.Sample {
		s := &samples.Sample{}
		for _, name := range innermostFirst {
			s.Location = append(s.Location, &samples.Location{Line: []samples.Line{{Function: &samples.Function{Name: name}}}})
		}
		return s
	}
	const module = "github.com/storegen/storegen/"
	const level = "github.com/syndtr/goleveldb/leveldb."
	for _, c := range []struct {
		stack *samples.Sample
		want  string
	}{
		{stack("runtime.mallocgc", level+"(*DB).Get", module+"runtime/engine/leveldb.reader.Get", module+"runtime/store.(*table).get"), "goleveldb"},
		{stack("runtime.memmove", module+"runtime/engine/occ.(*keySet).add", module+"runtime/store.(*table).put"), "engine, transactions"},
		{stack(module+"runtime/store.(*table).put", module+"bench.(*generated).Insert", "main.layersOf"), "store"},
		{stack(module+"bench/db/users.(*codec).DecodeValue", module+"runtime/store.(*table).get"), "codec, keys, generated code"},
		{stack("cmpbody", module+"bench.(*twin).Get", "main.main"), "code by hand, benchmark"},
		{stack("internal/runtime/syscall.Syscall6", "syscall.write", module+"runtime/engine/leveldb.(*guardedWriter).Write", level+"(*DB).Write"), "system calls"},
		{stack("runtime.memmove", level+"(*tableCompactionBuilder).run", level+"(*DB).tableCompaction", level+"(*DB).tCompaction"), compaction},
		{stack("runtime.scanobject", "runtime.gcBgMarkWorker"), rest},
	} {
		if got := layerOf(c.stack); got != c.want {
			t.Errorf("%s: got %s, want %s", c.stack.Location[0].Line[0].Function.Name, got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	mine := []sample{{cpu: 2}, {cpu: 9}, {cpu: 4}}
	other := []sample{{cpu: 1}, {cpu: 3}, {cpu: 4}}
	if diff := cmp.Diff(ratio{2, 1, 3}, ratioOf(mine, other, cpuOf), cmp.AllowUnexported(ratio{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ratioOf(nil, other, cpuOf); got != (ratio{}) {
		t.Errorf("a ratio of nothing is %v", got)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("the median is %v", got)
	}
}

func TestJoined(t *testing.T) {
	got := joined([]sample{{units: 1, cpu: 10, wall: 20, allocs: 3, bytes: 8}, {units: 3, cpu: 2, wall: 4, allocs: 3, bytes: 16}})
	if diff := cmp.Diff(sample{units: 4, cpu: 4, wall: 8, allocs: 3, bytes: 14}, got, cmp.AllowUnexported(sample{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := joined(nil); got != (sample{}) {
		t.Errorf("nothing is joined to %v", got)
	}
}

// TestPlay runs a small pass twice: each operation is in the samples of each
// contestant once a pass, and all rows that were inserted are gone again.
func TestPlay(t *testing.T) {
	var teams []team
	for _, e := range pair() {
		p, err := bench.NewPlayer(e, 400, false)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		teams = append(teams, team{entry: e, plain: p})
	}
	old := *scale
	*scale = 0.002
	defer func() { *scale = old }()
	res := &results{samples: map[string]map[string][]sample{}}
	for range 2 {
		if err := play(teams, res); err != nil {
			t.Fatal(err)
		}
	}
	for i := range bench.Operations {
		op := &bench.Operations[i]
		for _, team := range teams {
			want := 2
			if op.Sync {
				want = 0
			}
			if got := len(res.of(op.Name, team.entry.Name)); got != want {
				t.Errorf("%s of %s was measured %d times, not %d", op.Name, team.entry.Name, got, want)
			}
		}
	}
	for _, team := range teams {
		n := 0
		if err := team.plain.Contestant().ScanAll(func(*bench.User) { n++ }); err != nil || n != 400 {
			t.Errorf("%s has %d rows, %v", team.entry.Name, n, err)
		}
	}
}

// made are results in which the generated store costs as much as is said of each
// operation, and the twin 100; what is not said is level.
func made(cost map[string]float64) *results {
	r := &results{passes: 2, rows: 10, samples: map[string]map[string][]sample{}, spins: []float64{2, 2}}
	for _, e := range bench.Entries {
		if e.Name == bench.Twin || e.Name == bench.TwinAgain || e.Name == bench.Generated || e.Name == bbolt {
			r.players = append(r.players, e)
		}
	}
	for _, op := range bench.Operations {
		r.samples[op.Name] = map[string][]sample{}
		for _, e := range r.players {
			c := 100.0
			if got, ok := cost[op.Name]; ok && e.Name == bench.Generated {
				c = got
			}
			if e.Name == bbolt {
				c = 150
			}
			s := sample{units: 7, cpu: c, wall: c, allocs: 3, bytes: 20}
			r.samples[op.Name][e.Name] = []sample{s, s}
		}
	}
	return r
}

func TestGoals(t *testing.T) {
	met := made(map[string]float64{"RoleEmails50": 60, "ScanRole50": 80, "ScanColumns": 60, "Touch": 90, "GetMany100": 70 * 100, "LockedUpdateSync": 400, "Get": 180, "ParallelGet": 100})
	for _, g := range []struct {
		part string
		r    *results
		want bool
	}{
		{"RoleEmails50", met, true},
		{"ScanRole50 costs", met, true},
		{"two columns", met, true},
		{"Touch", met, true},
		{"GetMany100", met, true},
		{"behind one lock", met, true},
		{"reads scale", met, true},
		{"RoleEmails50", made(nil), false},
		{"ScanRole50 costs", made(nil), false},
		{"two columns", made(nil), false},
		{"Touch", made(nil), false},
		{"behind one lock", made(nil), false},
		{"reads scale", made(map[string]float64{"Get": 179, "ParallelGet": 100}), false},
		{"1.05 times", made(nil), true},
		{"1.05 times", made(map[string]float64{"Has": 106}), false},
		{"allocates more often", made(nil), true},
		{"ahead of every peer", made(nil), true},
		{"ahead of every peer", made(map[string]float64{"Insert": 151}), false},
		{"ahead of every peer", made(map[string]float64{"Get": 151}), true},
		{"bbolt's reads", made(nil), true},
		{"within 2 times", made(map[string]float64{"Get": 301}), false},
	} {
		found := false
		for _, goal := range goals {
			if !strings.Contains(goal.text, g.part) {
				continue
			}
			found = true
			if what, met, measured := goal.measure(g.r); met != g.want || !measured {
				t.Errorf("%s: %s, met %v, measured %v", goal.text, what, met, measured)
			}
			break
		}
		if !found {
			t.Errorf("there is no goal about %s", g.part)
		}
	}
}

func TestReport(t *testing.T) {
	dir := t.TempDir()
	// Each section goes into the page that has its marks, or both.
	pages := map[string][]string{"page.md": {"summary", "goals"}, "results.md": {"goals", "ratios", "wall", "allocations"}}
	for name, sections := range pages {
		var page strings.Builder
		for _, s := range sections {
			page.WriteString("<!-- " + s + " -->\n<!-- /" + s + " -->\n")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := made(map[string]float64{"Get": 123})
	out := &reporter{out: io.Discard, dir: filepath.Join(dir, "out"), docs: []string{filepath.Join(dir, "page.md"), filepath.Join(dir, "results.md")}}
	if err := r.report(out); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, sections := range pages {
		for _, s := range sections {
			if !strings.Contains(read(name), strings.TrimSpace(read("out/"+s+".md"))) {
				t.Errorf("%s has no section %s", name, s)
			}
		}
	}
	for name, want := range map[string]string{
		"page.md":    "| Get | 100 ns | 1.23 | 1.50 |",
		"results.md": "| Get | 100 ns | 1.00 (1.00–1.00) | 1.23 (1.23–1.23) | 1.50 (1.50–1.50) |",
	} {
		if !strings.Contains(read(name), want) {
			t.Errorf("%s has no line %s", name, want)
		}
	}
	out.docs = out.docs[:1]
	if err := r.report(out); err == nil || !strings.Contains(err.Error(), "has the mark <!-- ratios -->") {
		t.Errorf("a section that no page has a place for: %v", err)
	}
	if want := "BenchmarkGet-"; !strings.Contains(read("out/generated.txt"), want) || !strings.Contains(read("out/generated.txt"), "\t7\t123.0 ns/op\t123.0 cpu-ns/op\t20 B/op\t3.00 allocs/op\n") {
		t.Errorf("generated.txt: %s", read("out/generated.txt"))
	}
	d := xml.NewDecoder(strings.NewReader(read("performance.svg")))
	dots := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the plot is no XML: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "title" {
			dots++
		}
	}
	if want := 2 * len(bench.Operations); dots != want {
		t.Errorf("the plot has %d dots, not %d", dots, want)
	}
}

// TestColours makes sure that no two contestants look the same in the plot.
func TestColours(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range colours {
		if seen[c] {
			t.Errorf("the colour %s is there twice", c)
		}
		seen[c] = true
	}
	if want := len(bench.Entries) - 1; len(colours) < want {
		t.Errorf("%d colours for %d contestants", len(colours), want)
	}
}

func TestPeak(t *testing.T) {
	for _, looks := range []bool{true, false} {
		var kept [][]byte
		got, err := peak(8, func(look func()) error {
			for range 64 {
				kept = append(kept, make([]byte, 1<<20))
				if looks {
					look()
				}
			}
			kept = append(kept[:0:0], kept[0]) // the rest is gone before the end
			return nil
		})
		if most := uint64(66 << 20); err != nil || got > most || looks && got < 63<<20 {
			t.Errorf("looks %v: 64 MiB that are kept for a while are a peak of %d, %v", looks, got, err)
		}
		if len(kept) != 1 {
			t.Fatal("nothing was kept")
		}
	}
}

func TestUnknownReport(t *testing.T) {
	if err := run([]string{"speed"}); err == nil || err.Error() != `there is no report "speed"` {
		t.Error(err)
	}
}
