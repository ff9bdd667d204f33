// Mutants runs the tests against wrong builds. Each file of list/ has small changes of
// the source, each of which is a mistake that somebody might make; a change that no
// test fails with shows where the tests are blind. The tree itself is never touched:
// the go command is given the changed file in the place of the one that is there. The
// same tests are run without any change, before and after: what fails then catches
// nothing.
//
//	go run ./internal/mutants                 all of them, with the score
//	go run ./internal/mutants -only ^keys:    those whose list and name, as they are printed, match this
//	go run ./internal/mutants -apply          only that each change still fits the source
//	go run ./internal/mutants -build          only that each wrong build is one: it compiles
//	go run ./internal/mutants -every 20       each twentieth
//
// A list is lines:
//
//	module engines/pebble                     the folder of the module whose tests are run, until the next such line; first that of the root
//	tests ./keys ./runtime/store -run Order   what go test is called with there, until the next such line
//	file keys/append.go                       what the changes below are made to
//	== a name, in a few words
//	-	a line of the source, as it is there; it may be several, which occur once
//	+	what stands there instead
//	equivalent: why no test can fail with it
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

type mutant struct {
	list       string // the file that it is in, without its ending
	name       string
	file       string
	module     string // the folder in which its tests are run; "" is the root
	tests      []string
	old, new   string
	equivalent string // why no test can fail with it
}

func main() {
	only := flag.String("only", "", "a regular expression that the list and name match, as they are printed")
	every := flag.Int("every", 1, "take one of so many")
	apply := flag.Bool("apply", false, "only look whether each change fits the source")
	build := flag.Bool("build", false, "only build what is changed: what does not compile tells nothing of the tests")
	least := flag.Float64("least", 0.95, "the share that has to be caught")
	flag.Parse()
	how := tryAll
	switch {
	case *apply:
		how = onlyFit
	case *build:
		how = onlyBuild
	}
	if err := run(*only, *every, how, *least); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// A mode says what is done with mutants.
type mode int

const (
	tryAll    mode = iota // their tests are run
	onlyFit               // they are looked for in the source
	onlyBuild             // they are built
)

func run(only string, every int, how mode, least float64) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	all, err := readLists("internal/mutants/list")
	if err != nil {
		return err
	}
	var chosen []*mutant
	var misfits []error
	for i, m := range all {
		if _, err := m.changed(); err != nil {
			misfits = append(misfits, err)
		}
		if i%every == 0 && wanted.MatchString(m.list+": "+m.name) {
			chosen = append(chosen, m)
		}
	}
	if len(misfits) > 0 {
		return errors.Join(misfits...)
	}
	if how == onlyFit {
		fmt.Printf("%d mutants fit the source\n", len(all))
		return nil
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if how == tryAll {
		if err := unchanged(chosen); err != nil {
			return err
		}
	}
	results := make([]result, len(chosen))
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(1, runtime.NumCPU()) {
		wg.Go(func() {
			for i := range next {
				results[i] = chosen[i].run(filepath.Join(dir, fmt.Sprint(i)), how)
				if how == tryAll || results[i].problem != "" {
					fmt.Println(results[i])
				}
			}
		})
	}
	for i := range chosen {
		next <- i
	}
	close(next)
	wg.Wait()
	if how == onlyBuild {
		bad := slices.DeleteFunc(results, func(r result) bool { return r.problem == "" })
		if len(bad) > 0 {
			return fmt.Errorf("%d of %d do not compile", len(bad), len(chosen))
		}
		fmt.Printf("%d mutants compile\n", len(chosen))
		return nil
	}
	if err := unchanged(chosen); err != nil {
		return fmt.Errorf("the source has changed meanwhile: %w", err)
	}
	return report(results, least)
}

// readLists reads all lists of a folder.
func readLists(dir string) (all []*mutant, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("there are no lists in %s: run it from the root of the project", dir)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		list, err := parse(strings.TrimSuffix(filepath.Base(file), ".txt"), string(data))
		if err != nil {
			return nil, fmt.Errorf("%s:%w", file, err)
		}
		all = append(all, list...)
	}
	return all, nil
}

func parse(list, text string) (all []*mutant, err error) {
	var tests []string
	file, module := "", ""
	var m *mutant
	for i, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case word == "module":
			module, tests = filepath.Clean(rest), nil
		case word == "tests":
			tests = strings.Fields(rest)
		case word == "file":
			file, m = rest, nil
		case word == "==":
			if file == "" || len(tests) == 0 {
				return nil, fmt.Errorf("%d: which file is %q about, and which tests?", i+1, rest)
			}
			m = &mutant{list: list, name: rest, file: file, module: module, tests: tests}
			all = append(all, m)
		case m != nil && strings.HasPrefix(line, "-"):
			m.old += line[1:] + "\n"
		case m != nil && strings.HasPrefix(line, "+"):
			m.new += line[1:] + "\n"
		case m != nil && word == "equivalent:":
			m.equivalent = rest
		default:
			return nil, fmt.Errorf("%d: what is %q?", i+1, line)
		}
	}
	return all, nil
}

// changed is the source with the change.
func (m *mutant) changed() (string, error) {
	data, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(data), m.old); n != 1 || m.old == "" {
		return "", fmt.Errorf("%s, %q: what it changes is in %s %d times, and must be there once", m.list, m.name, m.file, n)
	}
	if m.old == m.new {
		return "", fmt.Errorf("%s, %q: it changes nothing", m.list, m.name)
	}
	text := strings.Replace(string(data), m.old, m.new, 1)
	if _, err := parser.ParseFile(token.NewFileSet(), m.file, text, parser.SkipObjectResolution); err != nil {
		return "", fmt.Errorf("%s, %q: the changed source is no Go: %w", m.list, m.name, err)
	}
	return text, nil
}

// unchanged makes sure that the tests of mutants pass without them, and that there are
// such tests in each package that is named.
func unchanged(mutants []*mutant) error {
	done := map[string]bool{}
	for _, m := range mutants {
		what := strings.Join(m.tests, " ")
		if m.module != "" {
			what += " in " + m.module
		}
		if done[what] {
			continue
		}
		done[what] = true
		cmd := exec.Command("go", append([]string{"test", "-vet=off"}, m.tests...)...)
		cmd.Dir = m.module
		out, err := cmd.CombinedOutput()
		switch text := string(out); {
		case err != nil:
			return fmt.Errorf("go test %s fails without any mutant:\n%s", what, text)
		case strings.Contains(text, "no test files") || strings.Contains(text, "no tests to run"):
			return fmt.Errorf("go test %s: a package has no such tests:\n%s", what, text)
		}
	}
	return nil
}

type result struct {
	*mutant
	caught   bool
	problem  string // it could not be tried
	duration time.Duration
}

// String is a line of the report.
func (r result) String() string {
	word := "SURVIVED"
	switch {
	case r.problem != "":
		word = "PROBLEM"
	case r.caught:
		word = "caught"
	case r.equivalent != "":
		word = "same"
	}
	line := fmt.Sprintf("%-8s %5.1f s  %s: %s", word, r.duration.Seconds(), r.list, r.name)
	if r.problem != "" {
		line += "\n" + r.problem
	}
	return line
}

// run builds the change, and runs the tests with it.
func (m *mutant) run(dir string, how mode) result {
	r := result{mutant: m}
	text, err := m.changed()
	if err == nil {
		err = os.Mkdir(dir, 0o777)
	}
	if err != nil {
		r.problem = err.Error()
		return r
	}
	source, overlay := filepath.Join(dir, "source.go"), filepath.Join(dir, "overlay.json")
	path, err := filepath.Abs(m.file)
	if err != nil {
		r.problem = err.Error()
		return r
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: source}})
	if err == nil {
		err = os.WriteFile(source, []byte(text), 0o666)
	}
	if err == nil {
		err = os.WriteFile(overlay, replace, 0o666)
	}
	if err != nil {
		r.problem = err.Error()
		return r
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	begun := time.Now()
	if out, err := m.build(ctx, overlay).CombinedOutput(); err != nil {
		r.problem = "it does not compile:\n" + string(out)
		return r
	}
	if how == onlyBuild {
		return r
	}
	// A wrong build may well hang: that is caught too.
	args := append([]string{"test", "-vet=off", "-overlay", overlay, "-count", "1", "-failfast", "-timeout", "3m"}, m.tests...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = m.module
	out, err := cmd.CombinedOutput()
	r.duration = time.Since(begun)
	r.caught = err != nil
	if r.caught && strings.Contains(string(out), "[build failed]") {
		r.problem = "its tests do not compile:\n" + string(out)
	}
	return r
}

// build is the command that builds the changed package, in the module that it is of: the
// file may be one that the module of the tests only imports.
func (m *mutant) build(ctx context.Context, overlay string) *exec.Cmd {
	module, dir := "", filepath.Dir(m.file)
	if rel, err := filepath.Rel(m.module, dir); m.module != "" && err == nil && filepath.IsLocal(rel) {
		module, dir = m.module, rel
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "./"+dir)
	cmd.Dir = module
	return cmd
}

// score counts what became of mutants.
type score struct{ all, caught, same, wrong int }

// report prints the score, by list, and is an error where it is too low.
func report(results []result, least float64) error {
	var total score
	lists := map[string]*score{}
	var bad []string
	for _, r := range results {
		if lists[r.list] == nil {
			lists[r.list] = new(score)
		}
		problem := ""
		for _, s := range []*score{&total, lists[r.list]} {
			s.all++
			switch {
			case r.problem == "" && r.caught && r.equivalent == "":
				s.caught++
			case r.problem == "" && !r.caught && r.equivalent != "":
				s.same++
			default:
				s.wrong++
				problem = r.String()
			}
		}
		if r.problem == "" && r.caught && r.equivalent != "" {
			problem = fmt.Sprintf("%s: %s is said to be the same, and a test fails with it", r.list, r.name)
		}
		if problem != "" {
			bad = append(bad, problem)
		}
	}
	fmt.Printf("\n%-12s %5s %7s %5s %8s\n", "list", "all", "caught", "same", "look at")
	for _, list := range slices.Sorted(maps.Keys(lists)) {
		s := lists[list]
		fmt.Printf("%-12s %5d %7d %5d %8d\n", list, s.all, s.caught, s.same, s.wrong)
	}
	share := float64(total.caught) / float64(max(1, total.all))
	fmt.Printf("%-12s %5d %7d %5d %8d   %.1f %% caught\n", "", total.all, total.caught, total.same, total.wrong, 100*share)
	slices.Sort(bad)
	for _, b := range bad {
		fmt.Println(b)
	}
	if len(bad) > 0 || share < least {
		return fmt.Errorf("%d of %d were caught, and %.0f %% have to be; each other one needs its reason", total.caught, total.all, 100*least)
	}
	return nil
}
