package logictest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Finding is a record that is not answered as its file says.
type Finding struct {
	File string
	Line int
	SQL  string
	Text string
}

// String is file:line: what is wrong, and the statement.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s\n%s\n", f.File, f.Line, strings.TrimSpace(f.Text), f.SQL)
}

// Report is what became of the records of some files.
type Report struct {
	Passed, Skipped int
	Failed          []Finding
	Not             []Finding // what this runner does not make of SQL
}

// Add adds a report to another.
func (r *Report) Add(o Report) {
	r.Passed += o.Passed
	r.Skipped += o.Skipped
	r.Failed = append(r.Failed, o.Failed...)
	r.Not = append(r.Not, o.Not...)
}

// String is the summary, in one line.
func (r Report) String() string {
	return fmt.Sprintf("%d records: %d passed, %d failed, %d skipped, %d not made by this runner",
		r.Passed+r.Skipped+len(r.Failed)+len(r.Not), r.Passed, len(r.Failed), r.Skipped, len(r.Not))
}

// Run runs the records of a file. name is what skipif and onlyif call the target.
func Run(ctx context.Context, file string, records []Record, t Target, name string) (rep Report) {
	labels := map[string]string{}
	for i := range records {
		r := &records[i]
		if err := ctx.Err(); err != nil {
			rep.Failed = append(rep.Failed, Finding{file, r.Line, r.SQL, err.Error()})
			return rep
		}
		if !r.Runs(name) {
			rep.Skipped++
			continue
		}
		var err error
		switch r.Kind {
		case Halt:
			return rep
		case Unknown:
			err = errors.New(r.Problem)
		case Statement:
			err = exec(ctx, t, r)
		case Query:
			err = ask(ctx, t, r, labels)
		default:
			continue
		}
		switch {
		case err == nil:
			rep.Passed++
		case errors.Is(err, ErrNot):
			rep.Not = append(rep.Not, Finding{file, r.Line, r.SQL, err.Error()})
		default:
			rep.Failed = append(rep.Failed, Finding{file, r.Line, r.SQL, err.Error()})
		}
	}
	return rep
}

func exec(ctx context.Context, t Target, r *Record) error {
	n, err := t.Exec(ctx, r.SQL)
	if done, err := r.failure(err); done {
		return err
	}
	if r.N >= 0 && n != r.N {
		return fmt.Errorf("it changed %d rows, want %d", n, r.N)
	}
	return nil
}

// failure judges an error. done says that there is nothing else to judge.
func (r *Record) failure(err error) (done bool, _ error) {
	switch {
	case errors.Is(err, ErrNot):
		return true, err
	case !r.Fails:
		return err != nil, err
	case err == nil:
		return true, errors.New("it succeeds, and an error is wanted")
	case r.Match == "":
		return true, nil
	}
	re, bad := regexp.Compile(r.Match)
	if bad != nil {
		return true, bad
	}
	if !re.MatchString(err.Error()) {
		return true, fmt.Errorf("the error is %q, want one that matches %q", err, r.Match)
	}
	return true, nil
}

func ask(ctx context.Context, t Target, r *Record, labels map[string]string) error {
	width, rows, err := t.Query(ctx, r.SQL)
	if done, err := r.failure(err); done {
		return err
	}
	if width != len(r.Types) {
		return fmt.Errorf("there are %d columns, and types for %d", width, len(r.Types))
	}
	got := result(rows, r.Types, r.Sort)
	if r.Told {
		if diff := got.differs(r.Want, width); diff != "" {
			return errors.New(diff)
		}
	}
	if r.Label != "" {
		hash := got.Hash()
		if was, ok := labels[r.Label]; ok && was != hash {
			return fmt.Errorf("queries of the label %s show different results: %s, and before %s", r.Label, hash, was)
		}
		labels[r.Label] = hash
	}
	return nil
}
