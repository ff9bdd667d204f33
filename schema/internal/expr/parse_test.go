package expr

import (
	"testing"

	"github.com/storegen/storegen/internal/torture/inputs"
)

// FuzzParse: any text is a condition as it is written, or there is a place in it
// that says why not.
func FuzzParse(tf *testing.F) {
	f := inputs.New(tf)
	for _, seed := range []string{
		"a and not (b or c)", "n == 3 and 4 < m", "has s", "len(s) > 5", `s == "x"`, "status != done", "d < 1h", "((", "a a", "not",
		"len(", "'", "1 2", "é == 3", "n == 1e5", "a\x00", "n == -", "s == '\\x'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw, bad := parse(text)
		if bad != nil {
			if raw != nil || bad.from < 0 || bad.to < bad.from || bad.to > len(text) || bad.text == "" {
				t.Fatalf("%q: broken error %+v", text, bad)
			}
		}
	})
}
