package record

import (
	"errors"
	"fmt"
	"strings"
)

// Broken collects the rules that a row breaks. The zero value is one that breaks none.
type Broken struct{ errs []error }

// Add adds what a rule says of the row; nil is a rule that it meets.
func (b *Broken) Add(err error) {
	if err != nil {
		b.add(err)
	}
}

//go:noinline
func (b *Broken) add(err error) {
	var several *InvalidErrors
	if errors.As(err, &several) {
		b.errs = append(b.errs, several.Errs...)
		return
	}
	b.errs = append(b.errs, err)
}

// Err is nil for a row that breaks no rule, an InvalidError where it breaks one, and
// InvalidErrors where it breaks several.
func (b *Broken) Err() error {
	switch len(b.errs) {
	case 0:
		return nil
	case 1:
		return b.errs[0]
	}
	return &InvalidErrors{Errs: b.errs}
}

// InvalidErrors are the rules that a row breaks, where they are several. errors.As
// finds the first InvalidError among them.
type InvalidErrors struct{ Errs []error }

// shownErrors bounds how many rules the message of InvalidErrors tells.
const shownErrors = 5

// Error implements error.
func (e *InvalidErrors) Error() string {
	var b strings.Builder
	for i, err := range e.Errs {
		if i > 0 {
			b.WriteString("; ")
		}
		if i == shownErrors {
			fmt.Fprintf(&b, "and %d more", len(e.Errs)-i)
			break
		}
		b.WriteString(err.Error())
	}
	return b.String()
}

// Unwrap makes errors.Is and errors.As look at each of them.
func (e *InvalidErrors) Unwrap() []error { return e.Errs }

// NewlyBroken returns of the rules that a row breaks those that it did not break in
// the same way before, as the errors of a check of both say. It is nil where there
// are none.
func NewlyBroken(now, before error) error {
	count := map[string]int{}
	for _, err := range each(before) {
		count[err.Error()]++
	}
	var b Broken
	for _, err := range each(now) {
		if text := err.Error(); count[text] > 0 {
			count[text]--
			continue
		}
		b.Add(err)
	}
	return b.Err()
}

func each(err error) []error {
	var several *InvalidErrors
	switch {
	case err == nil:
		return nil
	case errors.As(err, &several):
		return several.Errs
	}
	return []error{err}
}
