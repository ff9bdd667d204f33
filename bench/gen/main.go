// Command gen measures what the generator costs: processor time, time and memory
// for projects of 10 to 5,000 tables, how far that is from formatting the output
// once, what a run costs that finds nothing or one table changed, and what the
// output costs to compile. Beside it stand sqlc and ent with the same tables.
//
//	go run .                      all of it
//	go run . -tables 10,100 -peers 10
//
// It is a module of its own, since the peers bring much with them.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	tables := flag.String("tables", "10,100,1000,5000", "the `sizes` of the projects, in tables")
	peers := flag.String("peers", "10,100,1000", "the `sizes` at which sqlc and ent run too; none where it is empty. At 1,000 ent takes two minutes and 1.6 GB")
	times := flag.Int("times", 3, "how often each run is made; the one with the least processor time counts")
	check := flag.Bool("check", false, "end with an error where a target is missed")
	formatDir := flag.String("format", "", "format the Go files below a `folder` once, and do nothing else")
	flag.Parse()
	var err error
	if *formatDir != "" {
		err = formatAll(*formatDir)
	} else {
		err = run(*tables, *peers, *times, *check)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// formatAll formats the Go files below a folder: the least that a generator of
// them can do.
func formatAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		src, err := os.ReadFile(path)
		if err == nil {
			_, err = format.Source(src)
		}
		return err
	})
}

// A bench is one run of the command.
type bench struct {
	root     string // of the repository
	tmp      string
	storegen string // the program
	times    int
	projects int     // how many were made
	missed   []error // targets
}

func run(tables, peers string, times int, check bool) error {
	sizes, err := numbers(tables)
	if err != nil {
		return err
	}
	withPeers, err := numbers(peers)
	if err != nil {
		return err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "bench-gen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	b := &bench{root: root, tmp: tmp, storegen: filepath.Join(tmp, "storegen"), times: times}
	if _, err := measure(root, nil, "go", "build", "-o", b.storegen, "./cmd/storegen"); err != nil {
		return err
	}
	if err := b.sizes(sizes); err != nil {
		return err
	}
	if err := b.compile(); err != nil {
		return err
	}
	if err := b.build(); err != nil {
		return err
	}
	if len(withPeers) > 0 {
		if err := b.peers(withPeers); err != nil {
			return err
		}
	}
	if check {
		return errors.Join(b.missed...)
	}
	return nil
}

func numbers(list string) ([]int, error) {
	var out []int
	for s := range strings.SplitSeq(list, ",") {
		if s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of tables", s)
		}
		out = append(out, n)
	}
	return out, nil
}

// target notes a target that was missed.
func (b *bench) target(ok bool, format string, args ...any) {
	if !ok {
		b.missed = append(b.missed, fmt.Errorf("missed: "+format, args...))
	}
}

func newTable() *tabwriter.Writer {
	return tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
}

// sizes measures projects of several sizes.
func (b *bench) sizes(sizes []int) error {
	fmt.Println("storegen: 8 columns and 2 indexes a table; CPU in seconds; floor is go/format of the same files once")
	w := newTable()
	fmt.Fprintln(w, "tables\tlines\tcold CPU\tms per 1,000 lines\twall\tpeak MB\tfloor CPU\tof floor\tunchanged CPU\tone changed CPU\t")
	cpu := map[int]time.Duration{}
	for _, n := range sizes {
		r, err := b.size(n)
		if err != nil {
			return err
		}
		cpu[n] = r.cold.cpu
		perLine := r.cold.cpu.Seconds() * 1e6 / float64(r.lines)
		fmt.Fprintf(w, "%d\t%d\t%.2f\t%.1f\t%.2f\t%d\t%.2f\t%.2f\t%.3f\t%.3f\t\n", n, r.lines, r.cold.cpu.Seconds(), perLine,
			r.cold.wall.Seconds(), r.cold.peak>>20, r.floor.cpu.Seconds(), r.cold.cpu.Seconds()/r.floor.cpu.Seconds(),
			r.unchanged.cpu.Seconds(), r.changed.cpu.Seconds())
		if n == 1000 {
			b.target(perLine <= 10, "%.1f ms of CPU for 1,000 lines at 1,000 tables, at most 10", perLine)
			b.target(r.cold.peak <= 120<<20, "%d MB at 1,000 tables, at most 120", r.cold.peak>>20)
			b.target(r.unchanged.cpu <= 200*time.Millisecond, "%v of CPU with nothing changed, at most 200ms", r.unchanged.cpu)
			b.target(r.changed.cpu <= 300*time.Millisecond, "%v of CPU with one table changed, at most 300ms", r.changed.cpu)
		}
	}
	if one, five := cpu[1000], cpu[5000]; one > 0 && five > 0 {
		b.target(five <= 6*one, "5,000 tables cost %.1f times 1,000, at most 6", five.Seconds()/one.Seconds())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if one, five := cpu[1000], cpu[5000]; one > 0 && five > 0 {
		fmt.Printf("5,000 tables cost %.1f times 1,000\n", five.Seconds()/one.Seconds())
	}
	return nil
}

type sizeResult struct {
	lines                           int
	cold, floor, unchanged, changed cost
}

func (b *bench) size(n int) (r sizeResult, err error) {
	// Each cold run is in a folder of its own: where many files were just removed, a
	// file system can take longer to make new ones than the whole run does.
	var dir, cache string
	generate := func() (cost, error) {
		return measure(dir, []string{"STOREGEN_CACHE=" + cache}, b.storegen, "generate")
	}
	if r.cold, err = least(b.times, func() (cost, error) {
		b.projects++
		dir = filepath.Join(b.tmp, fmt.Sprintf("tables%d-%d", n, b.projects))
		cache = dir + "-cache"
		if err := writeSchemas(dir, n); err != nil {
			return cost{}, err
		}
		return generate()
	}); err != nil {
		return r, err
	}
	db := filepath.Join(dir, "db")
	if r.lines, err = countLines(db); err != nil {
		return r, err
	}
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	if r.floor, err = least(b.times, func() (cost, error) { return measure(dir, nil, self, "-format", db) }); err != nil {
		return r, err
	}
	// In turn, since what is looked at is how far they are apart.
	for i := range shortTimes {
		if err := r.unchanged.least(i, generate); err != nil {
			return r, err
		}
		if err := writeFiles(dir, map[string]string{schemaFile(n / 2): schemaOf(n/2, fmt.Sprintf(", form %d", i+1))}); err != nil {
			return r, err
		}
		if err := r.changed.least(i, generate); err != nil {
			return r, err
		}
	}
	return r, nil
}

func countLines(dir string) (int, error) {
	lines := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		src, err := os.ReadFile(path)
		lines += bytes.Count(src, []byte("\n"))
		return err
	})
	return lines, err
}
