package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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

// TestOperations runs every operation of the comparison once with every
// contestant; each looks at what it gets.
func TestOperations(t *testing.T) {
	for _, e := range Entries {
		t.Run(e.Name, func(t *testing.T) {
			for _, sync := range []bool{false, true} {
				p, err := NewPlayer(e, 400, sync)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(p.Close)
				if err := p.Rest(); err != nil {
					t.Fatal(err)
				}
				for i := range Operations {
					op := &Operations[i]
					if op.Sync != sync || !op.Of(e) {
						continue
					}
					n, err := op.Prepare(p, 2)
					if err == nil {
						err = op.Do(p, n)
					}
					if err != nil {
						t.Errorf("%s: %v", op.Name, err)
					}
				}
			}
		})
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
	must(c.Touch(Row(4).ID, "another hash"))
	model[Row(4).ID].Hash = "another hash"
	if c.Touch("nobody", "hash") == nil {
		t.Error("a row that is not there was touched")
	}
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
	var emails []string
	got = nil
	must(c.ScanColumns(func(id, email string) {
		got, emails = append(got, strings.Clone(id)), append(emails, strings.Clone(email))
	}))
	equal("ScanColumns", want, got)
	for i, id := range want {
		equal("ScanColumns", model[id].Email, emails[i])
	}
	got = nil
	must(c.ScanPrefix("user-000001", collect(&got)))
	equal("ScanPrefix", want[99:199], got)
	contestAccounts(t, c)
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
	role := rolesOf(model, "owner")
	for _, n := range []int{1, 7, 20, 1000} {
		got = nil
		pages := 0
		for from := ""; ; pages++ {
			before := len(got)
			next, err := c.PageRole("owner", n, from, collect(&got))
			must(err)
			if len(got)-before > n {
				t.Errorf("a page of %d has %d rows", n, len(got)-before)
			}
			if from = next; from == "" {
				break
			}
		}
		equal(fmt.Sprintf("pages of %d", n), role, got)
		if pages < len(role)/n-1 {
			t.Errorf("%d rows came in %d pages of %d", len(role), pages, n)
		}
	}
	contestMembers(t, c)
	contestSessions(t, c)
	// What is deleted can be inserted again, under its name.
	must(c.Insert(Row(9)))
}

// rolesOf is the ids of a role, in order.
func rolesOf(model map[string]*User, role string) (ids []string) {
	for id, u := range model {
		if u.Role == role {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// contestAccounts moves amounts from many goroutines: nothing is lost on the way.
func contestAccounts(t *testing.T, c Contestant) {
	var ids []string
	for i := range 4 {
		ids = append(ids, AccountID(i))
	}
	if err := c.AddAccounts(ids); err != nil {
		t.Fatal(err)
	}
	if c.Transfer("nobody", ids[0], 1) == nil || c.Transfer(ids[0], "nobody", 1) == nil {
		t.Error("an amount came from nowhere, or went there")
	}
	if _, floored := c.(floor); floored { // which locks nothing
		if err := c.Transfer(ids[0], ids[1], 5); err != nil {
			t.Fatal(err)
		}
		if a, n, err := c.Balance(ids[0], ids[1]); err != nil || a != -5 || n != 5 {
			t.Errorf("balance %d and %d, %v", a, n, err)
		}
		return
	}
	const each = 20
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for g := range errs {
		wg.Go(func() {
			for i := range each {
				errs[g] = errors.Join(errs[g], c.Transfer(ids[i%len(ids)], ids[g%len(ids)], 3))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		a, n, err := c.Balance(id, id)
		if want := int64(3 * each * len(errs) / len(ids)); err != nil || a != -want || n != want {
			t.Errorf("account %d has %d and its counter %d, not %d, %v", i, a, n, want, err)
		}
	}
}

func contestMembers(t *testing.T, c Contestant) {
	var ms []*Member
	var want []string
	for i := range 100 {
		m := MemberRow(i)
		ms = append(ms, m)
		if m.Role == "guest" && len(want) < 15 {
			want = append(want, m.ID+" "+m.Email)
		}
	}
	if err := c.AddMembers(ms); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := c.RoleEmails("guest", 15, func(id, email string) { got = append(got, id+" "+email) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("RoleEmails (-want +got):\n%s", diff)
	}
	f, ok := c.(finder)
	if !ok {
		return
	}
	got = nil
	err := f.MembersByEmail([]string{ms[7].Email, "nobody", ms[3].Email}, func(id, role string) { got = append(got, id+" "+role) })
	if diff := cmp.Diff([]string{ms[7].ID + " " + ms[7].Role, ms[3].ID + " " + ms[3].Role}, got); diff != "" || err != nil {
		t.Errorf("MembersByEmail: %v (-want +got):\n%s", err, diff)
	}
	if _, _, found, err := f.MemberByEmail("nobody"); found || err != nil {
		t.Errorf("an email that nobody has: %v, %v", found, err)
	}
}

// contestSessions sweeps more rows than go into one commit, and only those that have
// expired.
func contestSessions(t *testing.T, c Contestant) {
	const n = 900
	var ss []*Session
	for i := range n {
		ss = append(ss, SessionRow(i, i%3 != 0))
	}
	if err := c.AddSessions(ss); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{n * 2 / 3, 0} {
		if swept, err := c.Sweep(); err != nil || swept != want {
			t.Errorf("a sweep removed %d rows, not %d, %v", swept, want, err)
		}
	}
	for i, s := range ss {
		if ok, err := c.HasSession(s.ID); err != nil || ok != (i%3 == 0) {
			t.Fatalf("session %d is there: %v, %v", i, ok, err)
		}
	}
}
