package access_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/access"
)

func TestMatrix(t *testing.T) {
	roles := []access.Role{0, access.User, access.Service, access.DBA, access.System, 9}
	for _, c := range []struct {
		level       access.Level
		read, write []bool
	}{
		{access.SystemTable, []bool{false, false, false, true, true, true}, []bool{false, false, false, true, true, true}},
		{access.Public, []bool{true, true, true, true, true, true}, []bool{false, false, true, true, true, true}},
		{access.Private, make([]bool, 6), make([]bool, 6)},
		{access.Restricted, []bool{false, false, true, true, true, true}, []bool{false, false, true, true, true, true}},
		{access.Owned, []bool{false, true, true, true, true, true}, []bool{false, true, true, true, true, true}},
		{0, make([]bool, 6), make([]bool, 6)}, // what is not set is closed
		{77, make([]bool, 6), make([]bool, 6)},
	} {
		var read, write []bool
		for _, r := range roles {
			p := access.Principal{User: "u", Role: r}
			read = append(read, access.CheckRead(p, c.level, "t") == nil)
			write = append(write, access.CheckWrite(p, c.level, "t") == nil)
			if c.level.CanRead(r) != (access.CheckRead(p, c.level, "t") == nil) || c.level.CanWrite(r) != (access.CheckWrite(p, c.level, "t") == nil) {
				t.Errorf("%v, %v: Check and Can do not agree", c.level, r)
			}
		}
		if diff := cmp.Diff([][]bool{c.read, c.write}, [][]bool{read, write}); diff != "" {
			t.Errorf("%v (-want +got)\n%s", c.level, diff)
		}
	}
}

func TestNames(t *testing.T) {
	for _, r := range []access.Role{access.User, access.Service, access.DBA, access.System} {
		if got, err := access.ParseRole(r.String()); got != r || err != nil {
			t.Errorf("%v is read back as %v, %v", r, got, err)
		}
	}
	for _, l := range []access.Level{access.SystemTable, access.Public, access.Private, access.Restricted, access.Owned} {
		if got, err := access.ParseLevel(l.String()); got != l || err != nil {
			t.Errorf("%v is read back as %v, %v", l, got, err)
		}
	}
	for _, text := range []string{"", "root", "User", "Role(1)"} {
		if r, err := access.ParseRole(text); err == nil {
			t.Errorf("%q is the role %v", text, r)
		}
		if l, err := access.ParseLevel(text); err == nil {
			t.Errorf("%q is the level %v", text, l)
		}
	}
	if got := access.Role(9).String() + " " + access.Level(9).String(); got != "Role(9) Level(9)" {
		t.Errorf("unknown numbers print as %s", got)
	}
}

func TestDenied(t *testing.T) {
	p := access.Principal{User: "bob", Role: access.User}
	for _, c := range []struct {
		err  error
		want string
	}{
		{access.CheckRead(p, access.SystemTable, "system.users"), "access denied: bob (user) may not read system table system.users"},
		{access.CheckWrite(p, access.Public, "news"), "access denied: bob (user) may not write public table news"},
		{access.CheckRead(access.Principal{User: "bob"}, access.Owned, "notes"), "access denied: bob has no role, and so may read nothing in table notes: give the principal one, as access.User"},
	} {
		if !errors.Is(c.err, access.ErrDenied) || c.err.Error() != c.want {
			t.Errorf("got %v\nwant %s", c.err, c.want)
		}
	}
}
