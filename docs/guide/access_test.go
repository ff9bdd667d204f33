package guide_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/store"
)

func Example_access() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		bob := access.Principal{User: "u2", Role: access.User}
		_, err := sys.As(bob).Users.Get(ctx, "u1")
		fmt.Println(errors.Is(err, store.ErrDenied), err)
		return nil
	})
	// Output:
	// true get system.users/u1: access denied: u2 (user) may not read system table system.users
}

func Example_accessOwner() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys, bob := d.sys, access.Principal{User: "u2", Role: access.User}
		notes, err := user.Open(ctx, sys.DB, "app", "notes")
		if err != nil {
			return err
		}
		for _, owner := range []models.UserID{"u1", "u2"} {
			if err := notes.Put(ctx, &user.Row{UserID: owner, RowID: "note"}); err != nil {
				return err
			}
		}
		mine, err := notes.As(bob).Count(ctx)
		all, err2 := notes.Count(ctx)
		fmt.Println(mine, all, errors.Join(err, err2))
		for _, row := range []models.RowID{"note", "none"} { // of somebody else: what is there is not told
			_, err = notes.As(bob).Get(ctx, models.UserRowID{User: "u1", Row: row})
			fmt.Println(errors.Is(err, store.ErrDenied))
		}
		return nil
	})
	// Output:
	// 1 2 <nil>
	// true
	// true
}

// The page's table of levels and roles is what package access does.
func TestAccessTable(t *testing.T) {
	text, err := page("access.md")
	if err != nil {
		t.Fatal(err)
	}
	roles := []access.Role{access.User, access.Service, access.DBA, access.System}
	rows := regexp.MustCompile("(?m)^\\| `(\\{owner: field\\}|[a-z]+)` \\| (.*) \\|$").FindAllStringSubmatch(text, -1)
	if len(rows) != 5 {
		t.Fatalf("the table has %d rows, want one for each level", len(rows))
	}
	for _, m := range rows {
		level, cells := access.Owned, strings.Split(m[2], " | ")
		if !strings.HasPrefix(m[1], "{") {
			if level, err = access.ParseLevel(m[1]); err != nil {
				t.Fatal(err)
			}
		}
		for i, r := range roles {
			want := "–"
			switch read, write := level.CanRead(r), level.CanWrite(r); {
			case level == access.Owned:
				want = "own rows"
			case read && write:
				want = "reads and writes"
			case read:
				want = "reads"
			case write:
				want = "writes"
			}
			if cells[i] != want {
				t.Errorf("%s, %s: the page says %q, the code %q", level, r, cells[i], want)
			}
		}
	}
}
