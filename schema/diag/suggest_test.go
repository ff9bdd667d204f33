package diag

import (
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
