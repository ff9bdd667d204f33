// Command speed measures what statements cost over tables of the store, beside the same
// statements over SQLite's own tables and, where there is one, the store's own method. It
// prints a table, or replaces the one in a document.
//
//	go run ./internal/speed -update ../docs/sql.md
//
// Both tables are in one connection. What is measured is the processor time of the thread,
// in slices that alternate, so that what else the machine does counts little; the figures
// are medians, and those of SQLite's table against itself say how far they can be trusted.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

func main() {
	var o options
	flag.IntVar(&o.rows, "rows", 20_000, "rows of the table")
	flag.IntVar(&o.slices, "slices", 40, "slices of each statement and side")
	flag.DurationVar(&o.slice, "slice", 20*time.Millisecond, "processor time that a slice takes at least")
	flag.StringVar(&o.only, "only", "", "measure statements whose names contain this")
	flag.StringVar(&o.profile, "profile", "", "a file for a processor profile of the store's side")
	update := flag.String("update", "", "the Markdown file whose table is to be replaced")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout, *update); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

type options struct {
	rows, slices int
	slice        time.Duration
	only         string
	profile      string
}

// run measures, and prints the table.
func run(ctx context.Context, o options, w io.Writer, update string) error {
	dir, err := os.MkdirTemp("", "speed")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := open(ctx, dir, o.rows)
	if err != nil {
		return err
	}
	defer s.close()
	var lines []string
	for _, st := range statements {
		if !strings.Contains(st.name, o.only) {
			continue
		}
		line, err := s.measure(ctx, st, o)
		if err != nil {
			return fmt.Errorf("%s: %w", st.name, err)
		}
		fmt.Fprintln(os.Stderr, st.name)
		lines = append(lines, line)
	}
	text := fmt.Sprintf("%d rows of nineteen columns on goleveldb; %s %s/%s, %d processors.\n\n%s%s\n",
		o.rows, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), head, strings.Join(lines, "\n"))
	if update == "" {
		_, err = io.WriteString(w, text)
		return err
	}
	return replace(update, text)
}

const head = `| statement | SQLite's own table | again | the store's table | the store's method |
|---|---|---|---|---|
`

// The marks around the table in a document.
const (
	begin = "<!-- speed: begin -->\n"
	end   = "<!-- speed: end -->\n"
)

// replace puts the text between the marks.
func replace(file, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no lines %q and %q", file, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return os.WriteFile(file, []byte(before+begin+text+end+after), 0o644)
}

// A side runs a statement with the n-th values, and returns what it has answered, for
// comparison.
type side func(n int) (answer, error)

// answer is how many rows there were, and a sum over what was in them.
type answer struct{ rows, sum int }

// measure measures a statement on all sides, which must give the same answers.
func (s *setup) measure(ctx context.Context, st statement, o options) (string, error) {
	native, err := s.side(ctx, st, "native")
	if err != nil {
		return "", err
	}
	virtual, err := s.side(ctx, st, "system_jobs")
	if err != nil {
		return "", err
	}
	sides := []side{native, native, virtual}
	if st.own != nil {
		sides = append(sides, func(n int) (answer, error) { return st.own(ctx, s, n) })
	}
	for n := range 5 {
		want, err := native(n)
		if err != nil {
			return "", err
		}
		for i, side := range sides[2:] {
			got, err := side(n)
			if err != nil {
				return "", err
			}
			if got != want && !(i == 1 && got.rows == want.rows) {
				return "", fmt.Errorf("the sides differ: SQLite's table has %v, the other %v", want, got)
			}
		}
	}
	if o.profile != "" {
		return "", profiled(o, virtual)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times := make([][]float64, len(sides))
	counts := make([]int, len(sides))
	n := 0
	for range o.slices {
		for i, side := range sides {
			took, runs := time.Duration(0), 0
			for took < o.slice {
				// Reading the clock is a call of the system: it is read seldom.
				more := max(1, counts[i])
				start := processorTime()
				for range more {
					if _, err := side(n); err != nil {
						return "", err
					}
					n++
				}
				took += processorTime() - start
				runs += more
			}
			times[i] = append(times[i], float64(took)/float64(runs))
			counts[i] = runs
		}
	}
	base := median(times[0])
	line := fmt.Sprintf("| %s | %s | %.2f | **%.2f** |", st.name, short(base), median(times[1])/base, median(times[2])/base)
	if st.own != nil {
		return line + fmt.Sprintf(" %.2f |", median(times[3])/base), nil
	}
	return line + " |", nil
}

// profiled writes a profile of one side, run for as long as the slices would take.
func profiled(o options, side side) error {
	f, err := os.Create(o.profile)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	for n, start := 0, processorTime(); processorTime()-start < time.Duration(o.slices)*o.slice; n++ {
		if _, err := side(n); err != nil {
			return err
		}
	}
	return nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// short is a time with three digits.
func short(ns float64) string {
	switch {
	case ns < 1e4:
		return fmt.Sprintf("%.2f µs", ns/1e3)
	case ns < 1e6:
		return fmt.Sprintf("%.0f µs", ns/1e3)
	}
	return fmt.Sprintf("%.2f ms", ns/1e6)
}

// rowsOf reads all rows of a query.
func rowsOf(rows *sql.Rows, err error) (answer, error) {
	var a answer
	if err != nil {
		return a, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return a, err
	}
	values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return a, err
		}
		a.rows++
		for _, v := range values {
			a.sum += len(v)
		}
	}
	return a, rows.Err()
}
