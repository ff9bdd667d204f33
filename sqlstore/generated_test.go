package sqlstore

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// Generated code and SQL work on one table, whichever opens it first.
func TestBesideGeneratedCode(t *testing.T) {
	for _, first := range []string{"SQL", "code"} {
		db, err := store.Open(ctx, memory.New())
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if first == "code" {
			if _, err := system.Open(ctx, db); err != nil {
				t.Fatal(err)
			}
		} else {
			defineSystem(t, db)
		}
		s := open(t, db)
		if _, err := read(s, "SELECT * FROM system_users"); err != nil {
			t.Fatal(err)
		}
		sys, err := system.Open(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		if err := sys.Users.Insert(ctx, &users.User{UserID: "a", Username: "x", Role: models.RoleUser}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Exec("UPDATE system_users SET username = 'y'"); err != nil {
			t.Fatal(err)
		}
		u, err := sys.Users.ByUsername.Get(ctx, "y")
		if err != nil || u.UserID != "a" {
			t.Errorf("%s first: %v %v", first, u, err)
		}
		got, err := read(s, "SELECT user_id, username, role FROM system_users")
		if diff := cmp.Diff([]string{`string "a" | string "y" | string "user"`}, got); diff != "" || err != nil {
			t.Errorf("%s first: %v %s", first, err, diff)
		}
	}
}

// defineSystem gives the tables of the system their places, without opening them.
func defineSystem(t *testing.T, db *store.DB) {
	t.Helper()
	other, err := store.Open(ctx, memory.New())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := system.Open(ctx, other); err != nil {
		t.Fatal(err)
	}
	stored, err := other.Tables(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stored {
		if err := db.Define(ctx, s.Table); err != nil {
			t.Fatal(err)
		}
	}
}
