// Package checks says how many made-up cases a test takes where one of them is costly.
package checks

import (
	"flag"
	"strconv"
	"testing"
)

// Few has rapid check n cases in the rest of a test, instead of a hundred. A number that
// the command line gives, as -rapid.checks 100, stays. The test must not be parallel to
// others that use rapid.
func Few(t testing.TB, n int) {
	t.Helper()
	const name = "rapid.checks"
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	f := flag.Lookup(name)
	if f == nil {
		t.Fatal("Few is called in a test without rapid")
	}
	if given {
		return
	}
	before := f.Value.String()
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(before); err != nil {
			t.Error(err)
		}
	})
}
