package bench

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestContestants gives every contestant the same work and wants the same
// answers: nobody wins by leaving something out.
func TestContestants(t *testing.T) {
	for _, e := range Entries {
		for _, sync := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, sync %v", e.Name, sync), func(t *testing.T) { contest(t, e, sync) })
		}
	}
}

func contest(t *testing.T, e Entry, sync bool) {
	c, err := e.Open(Options{Dir: t.TempDir(), Sync: sync})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	equal := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	model := map[string]*User{}
	var batch []*User
	for i := range 300 {
		u := Row(i)
		model[u.ID] = u
		if i < 20 {
			must(c.Insert(Row(i)))
			continue
		}
		batch = append(batch, Row(i))
	}
	must(c.InsertBatch(batch))
	if co, ok := c.(Compacter); ok {
		must(co.Compact())
	}
	if !e.Floor {
		if c.Insert(Row(5)) == nil {
			t.Error("an id was inserted twice")
		}
		twice := Row(1000)
		twice.Username = Row(7).Username
		if c.Insert(twice) == nil {
			t.Error("a username was inserted twice")
		}
		if c.Update("nobody", "guest") == nil {
			t.Error("a row that is not there was updated")
		}
	}
	must(c.Update(Row(3).ID, "owner"))
	model[Row(3).ID].Role = "owner"
	must(c.Delete(Row(9).ID))
	must(c.Delete("nobody"))
	delete(model, Row(9).ID)

	var u User
	ok, err := c.Get(Row(3).ID, &u)
	must(err)
	equal("Get", true, ok)
	equal("Get", model[Row(3).ID], &u)
	ok, err = c.Get(Row(9).ID, &u)
	must(err)
	equal("Get of what is deleted", false, ok)
	for i, want := range map[int]bool{3: true, 9: false} {
		ok, err := c.Has(Row(i).ID)
		must(err)
		equal("Has", want, ok)
	}
	collect := func(into *[]string) func(u *User) {
		return func(u *User) {
			if diff := cmp.Diff(model[u.ID], u); diff != "" {
				t.Errorf("a row (-want +got):\n%s", diff)
			}
			*into = append(*into, u.ID)
		}
	}
	var got, want []string
	must(c.GetMany([]string{Row(5).ID, Row(9).ID, Row(2).ID}, collect(&got)))
	equal("GetMany", []string{Row(5).ID, Row(2).ID}, got)
	got, want = nil, nil
	must(c.ScanAll(collect(&got)))
	for i := range 300 {
		if i != 9 {
			want = append(want, Row(i).ID)
		}
	}
	equal("ScanAll", want, got)
	got = nil
	must(c.ScanPrefix("user-000001", collect(&got)))
	equal("ScanPrefix", want[99:199], got)
	if e.Floor {
		return
	}
	ok, err = c.GetByUsername(Row(12).Username, &u)
	must(err)
	equal("GetByUsername", true, ok)
	equal("GetByUsername", model[Row(12).ID], &u)
	ok, err = c.GetByUsername(Row(9).Username, &u)
	must(err)
	equal("GetByUsername of what is deleted", false, ok)
	got, want = nil, nil
	must(c.ScanRole("owner", 5, collect(&got)))
	for i := 0; len(want) < 5; i++ {
		if u := model[Row(i).ID]; u != nil && u.Role == "owner" {
			want = append(want, u.ID)
		}
	}
	equal("ScanRole", want, got)
	// What is deleted can be inserted again, under its name.
	must(c.Insert(Row(9)))
}
