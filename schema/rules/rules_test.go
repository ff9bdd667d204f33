package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestRulesAreSorted(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range All() {
		if ids[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		ids[r.ID] = true
		if r.Purpose == "" || !strings.HasSuffix(r.Purpose, ".") {
			t.Errorf("%s has the purpose %q", r.ID, r.Purpose)
		}
	}
	if !slices.IsSortedFunc(All(), func(a, b Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the rules are not in order of their ids")
	}
}
