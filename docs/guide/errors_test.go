package guide_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/store"
)

func Example_errors() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		_, err := sys.Users.Get(ctx, "nobody")
		fmt.Println(errors.Is(err, store.ErrNotFound))
		var at *store.Error
		if errors.As(err, &at) {
			fmt.Println(at.Op, at.Table, at.Key)
		}
		return nil
	})
	// Output:
	// true
	// get system.users nobody
}

// The page has every error that a store or an engine returns.
func TestErrorsAreAllThere(t *testing.T) {
	text, err := page("errors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"store", "errs", "engine"} {
		for name := range exported(t, "../../runtime/"+dir) {
			if strings.HasPrefix(name, "Err") && !strings.Contains(text, "."+name+"`") {
				t.Errorf("errors.md does not tell of %s.%s", dir, name)
			}
		}
	}
}
