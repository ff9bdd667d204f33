// Run measures the contestants of package bench.
//
//	go run ./run [flags] [compare] [threads] [patterns] [ycsb] [load] [growth] [codec] [start] [layers]
//
//	compare  every operation of every contestant, as ratios to the hand-written twin (the default)
//	threads  the same by the processor time of one thread, in slices that alternate: less noise, and nothing of the background
//	patterns the access patterns of real programs beside code by hand for the same tables, by the processor time of one thread
//	ycsb     the workloads A to F of YCSB, on the generated store and on engines by hand
//	load     many rows into an empty table: the twin, InsertMany and Load
//	growth   the twin and the generated store at growing sizes: cost, bytes on disk, memory; with -on pebble, both on pebble
//	codec    encoding and decoding of the row, against protocol buffers and JSON
//	start    opening a database with many tables and rows, against goleveldb's own opening
//	layers   what each layer takes of the operations of the twin and of the generated store, by profiles
//
// Reports are Markdown, on standard output. With -o they are files in a folder
// too, with a plot, and with a file for each contestant that benchstat reads. With
// -update they replace the marked sections of Markdown files: a report is written into
// each file that has its marks.
//
// In each pass every operation is done by all contestants, an eighth of it at a time,
// in a random order and round again. What is compared is the
// processor time of the process, user and system, so that compaction and garbage
// collection count, also that which an operation leaves behind for the background;
// allocations are those of the operations. The twin stands in the list twice: the
// spread of its second entry is the noise of the run.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

var (
	rows         = flag.Int("rows", 100_000, "rows that are there before")
	syncRows     = flag.Int("syncrows", 10_000, "rows of the databases whose commits are synced")
	passes       = flag.Int("passes", 8, "passes over all contestants")
	peers        = flag.Int("peers", 0, "in how many of the passes the others than the twin and the generated store play; all if 0")
	only         = flag.String("only", "", "operations to run, separated by commas; all if empty")
	names        = flag.String("contestants", "", "contestants to run beside the twins, separated by commas; all if empty")
	scale        = flag.Float64("scale", 1, "how much longer each operation is run")
	most         = flag.Int("most", 1_000_000, "the greatest number of rows in growth, up to ten million, and the number in start and load")
	growOn       = flag.String("on", "goleveldb", "the engine that growth is on: goleveldb or pebble")
	outDir       = flag.String("o", "", "a folder for the reports, the plot and files for benchstat")
	update       = flag.String("update", "", "Markdown files, separated by commas, whose marked sections are to be replaced; the plot goes beside the first")
	threadSlices = flag.Int("slices", 60, "slices of an operation in threads")
	profile      = flag.String("profile", "", "a folder for a processor profile of each contestant and operation")
)

// reports are what can be asked for, by name.
var reports = []struct {
	name string
	run  func(r *reporter) error
}{
	{"compare", compare},
	{"threads", threads},
	{"patterns", patternsReport},
	{"ycsb", ycsb},
	{"load", load},
	{"codec", codec},
	{"start", start},
	{"layers", layersReport},
	{"growth", growth},
}

func main() {
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

func run(wanted []string) error {
	if len(wanted) == 0 {
		wanted = []string{"compare"}
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(reports, func(r struct {
			name string
			run  func(r *reporter) error
		}) bool {
			return r.name == w
		}) {
			return fmt.Errorf("there is no report %q", w)
		}
	}
	out := &reporter{out: os.Stdout, dir: *outDir}
	if *update != "" {
		out.docs = strings.Split(*update, ",")
	}
	for _, r := range reports {
		if !slices.Contains(wanted, r.name) {
			continue
		}
		if err := r.run(out); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

func selected(list, name string) bool {
	return list == "" || slices.Contains(strings.Split(list, ","), name)
}

// reporter takes what is found to where it is wanted.
type reporter struct {
	out  io.Writer
	dir  string // "" for none
	docs []string
}

// section writes a part of a report: to standard output, to a file of its name,
// and between its marks in the documents that have them, which is one at least.
func (r *reporter) section(name, text string) error {
	fmt.Fprintf(r.out, "%s\n", text)
	if err := r.file(name+".md", []byte(text)); err != nil {
		return err
	}
	if len(r.docs) == 0 {
		return nil
	}
	found := false
	for _, doc := range r.docs {
		old, err := os.ReadFile(doc)
		if err != nil {
			return err
		}
		if !strings.Contains(string(old), beginMark(name)) {
			continue
		}
		found = true
		replaced, err := replaceSection(string(old), name, text)
		if err != nil {
			return fmt.Errorf("%s: %w", doc, err)
		}
		if err := os.WriteFile(doc, []byte(replaced), 0o644); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("none of %s has the mark %s", strings.Join(r.docs, ", "), beginMark(name))
	}
	return nil
}

// file writes a file of the reports' folder, if there is one.
func (r *reporter) file(name string, b []byte) error {
	if r.dir == "" {
		return nil
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, name), b, 0o644)
}

// picture writes an SVG file into the reports' folder and beside the first document.
func (r *reporter) picture(name string, b []byte) error {
	if err := r.file(name, b); err != nil || len(r.docs) == 0 {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(r.docs[0]), name), b, 0o644)
}

func beginMark(section string) string { return "<!-- " + section + " -->" }

// replaceSection puts text between the marks <!-- name --> and <!-- /name -->.
func replaceSection(doc, name, text string) (string, error) {
	begin, end := beginMark(name), "<!-- /"+name+" -->"
	before, rest, ok := strings.Cut(doc, begin)
	if !ok {
		return "", fmt.Errorf("there is no mark %s", begin)
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("there is no mark %s behind %s", end, begin)
	}
	return before + begin + "\n" + strings.TrimSpace(text) + "\n" + end + after, nil
}

// machine says what the numbers were measured on.
func machine() string {
	return fmt.Sprintf("%s %s/%s, %d processors (%s)", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cmp.Or(processor(), "unknown"))
}

// processor is the processor's own name, where the system tells it.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
