// Command cmd runs files in the format of sqllogictest over tables of a store, or with
// -native over SQLite's own:
//
//	go run ./internal/logictest/cmd [-native] [-v] [-update] FILE...
//
// It prints what is not answered as a file says, and a summary. The exit code is 1 where
// something is not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/storegen/storegen/sqlstore/internal/logictest"
)

func main() {
	native := flag.Bool("native", false, "run on SQLite's own tables")
	verbose := flag.Bool("v", false, "print a line for each file, and what this runner does not make of SQL")
	most := flag.Int("most", 20, "print so many findings of a file; 0 is all")
	update := flag.Bool("update", false, "write the results that SQLite's own tables show into the files")
	name := flag.String("name", "sqlite", "the name that skipif and onlyif have for the database")
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	var total logictest.Report
	start := time.Now()
	for _, file := range flag.Args() {
		begin := time.Now()
		if *update {
			if err := write(context.Background(), file, *name); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
				os.Exit(2)
			}
			continue
		}
		rep, err := run(context.Background(), file, *native, *name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		show(rep.Failed, *most)
		if *verbose {
			show(rep.Not, *most)
			fmt.Printf("%s: %v, in %v\n", file, rep, time.Since(begin).Round(time.Millisecond))
		}
		total.Add(rep)
	}
	fmt.Printf("%d files, %v, in %v\n", flag.NArg(), total, time.Since(start).Round(time.Millisecond))
	if len(total.Failed) > 0 {
		os.Exit(1)
	}
}

func show(findings []logictest.Finding, most int) {
	for i, f := range findings {
		if most > 0 && i == most {
			fmt.Printf("and %d more\n", len(findings)-i)
			return
		}
		fmt.Println(f)
	}
}

func run(ctx context.Context, file string, native bool, name string) (rep logictest.Report, err error) {
	f, err := os.Open(file)
	if err != nil {
		return rep, err
	}
	defer f.Close()
	records, err := logictest.Parse(f)
	if err != nil {
		return rep, fmt.Errorf("%s: %w", file, err)
	}
	var t logictest.Target
	if native {
		t, err = logictest.NewNative()
	} else {
		t, err = logictest.NewStore(ctx)
	}
	if err != nil {
		return rep, err
	}
	rep = logictest.Run(ctx, file, records, t, name)
	return rep, t.Close()
}

// write writes results into a file.
func write(ctx context.Context, file, name string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	records, err := logictest.Parse(f)
	if err != nil {
		return err
	}
	t, err := logictest.NewNative()
	if err != nil {
		return err
	}
	defer t.Close()
	text, err := logictest.Update(ctx, records, t, name)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
