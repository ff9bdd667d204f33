package diag

import (
	"strconv"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"username", "user_id", "created_at", "role"}
	for name, want := range map[string]string{
		"usernmae": "username", "userid": "user_id", "UserID": "user_id", "createdat": "created_at", "roel": "role", "xyz": "", "": "",
		"username": "", strings.Repeat("x", 1000): "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

// However many candidates there are, something is said about what to do.
func TestSuggest(t *testing.T) {
	names := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, "column_"+strconv.Itoa(i))
		}
		return out
	}
	for _, c := range []struct {
		name       string
		candidates []string
		want       string
	}{
		{"usernmae", []string{"role", "username"}, `did you mean "username"?`},
		{"x", nil, "there is none to use: declare it first"},
		{"x", names(1), "use one of column_0"},
		{"x", names(mostNamed), "use one of " + strings.Join(names(mostNamed), ", ")},
		{"x", names(mostNamed + 1), "use one of " + strings.Join(names(mostNamed), ", ") + " and 1 more"},
		{"x", names(500), "use one of " + strings.Join(names(mostNamed), ", ") + " and 480 more"},
	} {
		if got := new(Report).Suggest(c.name, c.candidates).Diagnostic.Help; got != c.want {
			t.Errorf("Suggest(%q, %d candidates) helps with %q, want %q", c.name, len(c.candidates), got, c.want)
		}
	}
}
