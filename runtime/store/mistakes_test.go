package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/table_schemas"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// TestMistakes is one test for each way in which stores like these have gone
// wrong elsewhere.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, e *env)
	}{
		{"mistake 1: a composite key is its first component", mistakeFirstComponent},
		{"mistake 2: delimiters and length prefixes", refSeparators},
		{"mistake 3: row and entries are separate writes", mistakeSeparateWrites},
		{"mistake 4: a rename drops the old entry first", mistakeRename},
		{"mistake 5: uniqueness is a look, then a write", mistakeLookThenWrite},
		{"mistake 6: expiry never fires", mistakeExpiry},
		{"mistake 7: limit below a filter", mistakeLimit},
		{"mistake 8: hidden caps", mistakeCaps},
		{"mistake 9: an iterator's error looks like the end", mistakeIterator},
		{"mistake 10: a file family for each table", mistakeFamilies},
		{"mistake 11: every store says system table", mistakeAccess},
		{"mistake 12: an index named like a table", mistakeNames},
		{"mistake 13: the fake takes what the engine refuses", mistakeFake},
		{"mistake 14: an index in one list", mistakeList},
		{"mistake 15: no reverse scan for the latest", mistakeReverse},
	} {
		t.Run(c.name, func(t *testing.T) { onEngines(t, c.run) })
	}
}

func mistakeFirstComponent(t *testing.T, e *env) {
	s := must(user.Open(ctx, e.db, "app", "notes"))
	keys := []models.UserRowID{{User: "ann", Row: "1"}, {User: "ann", Row: "2"}, {User: "anna", Row: "1"}}
	for _, k := range keys {
		e.ok(s.Put(ctx, &user.Row{UserID: k.User, RowID: k.Row, Fields: []byte(fmt.Sprintf("%q", k))}))
	}
	for _, k := range keys {
		row, err := s.Get(ctx, k)
		e.ok(err)
		same(t, "row", string(row.Fields), fmt.Sprintf("%q", k))
	}
	same(t, "the prefix shows nobody else's", rowsOf(t, s.ByKey.UserID("ann").Scan(), user.KeyOf), keys[:2])
	same(t, "one deleted", must(s.ByKey.UserID("ann").Scan().Delete(ctx)), 2)
	same(t, "the other stays", must(s.Count(ctx)), 1)
}

// A commit that fails at any of its writes leaves nothing behind.
func mistakeSeparateWrites(t *testing.T, e *env) {
	eng := newSpy(e.eng)
	db := must(store.Open(ctx, eng, store.WithClock(e.clock)))
	s := must(jobs.Open(ctx, db))
	row := func() *jobs.Job {
		j := newJob("j1", models.JobStatusRunning, start)
		j.TableName, j.IdempotencyKey = ptr(models.TableName("t")), ptr("k")
		return j
	}
	steps := []struct {
		name string
		do   func() error
	}{
		{"insert", func() error { return s.Insert(ctx, row()) }},
		{"update", func() error {
			return s.Update(ctx, "j1", func(j *jobs.Job) error {
				j.Status, j.TableName, j.IdempotencyKey, j.FinishedAt = models.JobStatusCompleted, ptr(models.TableName("u")), ptr("l"), ptr(start)
				return nil
			})
		}},
	}
	for _, step := range steps {
		fails := 0
		for at := int64(1); ; at++ {
			before := dump(e.eng)
			eng.failPut.Store(at)
			err := step.do()
			if err == nil {
				break
			}
			isErr(t, err, errSpy)
			same(t, fmt.Sprintf("after %s failed at write %d", step.name, at), dump(e.eng), before)
			fails++
		}
		if fails < 4 { // the row and its three entries
			t.Errorf("%s made %d writes only", step.name, fails)
		}
		eng.failPut.Store(1 << 40)
	}
}

// dump is all pairs of an engine.
func dump(eng engine.Engine) map[string]string {
	out := map[string]string{}
	it := eng.Iterate(ctx, engine.Range{})
	defer it.Close()
	for it.Next() {
		out[string(it.Key())] = string(it.Value())
	}
	if it.Err() != nil {
		panic(it.Err())
	}
	return out
}

func mistakeRename(t *testing.T, e *env) {
	s := e.sys.Users
	e.ok(s.Insert(ctx, newUser("u1", "alice", 0)))
	e.ok(s.Insert(ctx, newUser("u2", "bob", 0)))
	before := dump(e.eng)
	isErr(t, s.Put(ctx, newUser("u1", "BOB", models.RoleDBA)), store.ErrUnique)
	isErr(t, s.Update(ctx, "u1", func(u *users.User) error { u.Username, u.Role = "bob", models.RoleDBA; return nil }), store.ErrUnique)
	same(t, "all is as before", dump(e.eng), before)
	// Names change hands within one transaction, and a delete takes only its own.
	e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
		in := s.In(tx)
		rename := func(id models.UserID, to models.UserName) error {
			return in.Update(ctx, id, func(u *users.User) error { u.Username = to; return nil })
		}
		return errors.Join(rename("u1", "spare"), rename("u2", "alice"), rename("u1", "bob"))
	}))
	e.ok(second(s.Delete(ctx, "u1")))
	same(t, "alice is still held", must(s.ByUsername.Key(ctx, "alice")), "u2")
	// In a transaction that goes on behind a refusal, the old entry is there too.
	e.ok(s.Insert(ctx, newUser("u3", "carl", 0)))
	e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
		isErr(t, s.In(tx).Put(ctx, newUser("u3", "alice", 0)), store.ErrUnique)
		_, err := s.In(tx).ByUsername.Get(ctx, "carl")
		return err
	}))
}

func mistakeLookThenWrite(t *testing.T, e *env) {
	const n = 8
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			errs[i] = e.sys.Users.Insert(ctx, newUser(models.UserID(fmt.Sprint("u", i)), "alice", 0))
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		isErr(t, err, store.ErrUnique)
	}
	same(t, "winners", won, 1)
	same(t, "rows", must(e.sys.Users.Count(ctx)), 1)
	same(t, "entries", entries(e.sys.Users.Handle(), 0), 1)
}

func mistakeExpiry(t *testing.T, e *env) {
	s := must(stream.Open(ctx, e.db, "app", "events"))
	// The writer leaves every time empty, and the row expires all the same.
	e.ok(s.Insert(ctx, &stream.Row{RowID: "a", TTLSeconds: ptr(uint32(5))}))
	e.clock.Advance(5 * time.Second)
	_, err := s.Get(ctx, "a")
	isErr(t, err, store.ErrNotFound)
	same(t, "swept", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 1})
}

func mistakeLimit(t *testing.T, e *env) {
	for i := range 300 {
		e.ok(e.sys.Users.Insert(ctx, newUser(models.UserID(fmt.Sprintf("u%03d", i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)))
	}
	odd := func(u *users.User) bool { return u.UserID[3]%2 == 1 }
	for _, q := range []*users.Query{e.sys.Users.Scan(), e.sys.Users.ByRole.Role(models.RoleUser)} {
		same(t, "limit behind the filter", rowsOf(t, q.Limit(3).Filter(odd), userID), []models.UserID{"u001", "u003", "u005"})
		same(t, "first", must(q.Filter(func(u *users.User) bool { return u.UserID == "u299" }).First(ctx)).UserID, "u299")
		same(t, "count", must(q.Filter(odd).Limit(200).Count(ctx)), 150)
		page := must(q.Filter(odd).Page(ctx, 149, ""))
		same(t, "page", len(page.Rows), 149)
		same(t, "next page", len(must(q.Filter(odd).Page(ctx, 149, page.Next)).Rows), 1)
		// One limit is for all pages.
		got := 0
		for cursor, more := store.Cursor[users.User](""), true; more; more = cursor != "" {
			p := must(q.Limit(5).Page(ctx, 3, cursor))
			got, cursor = got+len(p.Rows), p.Next
		}
		same(t, "rows of all pages", got, 5)
	}
	e.clock.Advance(time.Hour)
	s := must(stream.Open(ctx, e.db, "app", "events"))
	for i := range 20 {
		e.ok(s.Insert(ctx, &stream.Row{RowID: models.RowID(fmt.Sprintf("%02d", i)), TTLSeconds: ptr(uint32(i % 2))}))
	}
	same(t, "limit behind expiry", rowsOf(t, s.Scan().Limit(2), func(r *stream.Row) models.RowID { return r.RowID }), []models.RowID{"01", "03"})
}

func mistakeCaps(t *testing.T, e *env) {
	n := 10_500
	if testing.Short() {
		n = 1_500
	}
	s := must(shared.Open(ctx, e.db, "app", "big"))
	rows := make([]*shared.Row, n)
	for i := range rows {
		rows[i] = &shared.Row{RowID: models.RowID(fmt.Sprintf("%06d", i))}
	}
	e.ok(s.InsertMany(ctx, rows))
	same(t, "scan", len(must(s.Scan().Rows(ctx))), n)
	same(t, "index", len(must(s.ByUpdatedAt.Scan().Rows(ctx))), n)
	same(t, "count", must(s.Count(ctx)), n)
	same(t, "keys", must(s.ByUpdatedAt.Scan().Count(ctx)), n)
	same(t, "deleted", must(s.Scan().Delete(ctx)), n)
}

func mistakeIterator(t *testing.T, e *env) {
	for i := range 40 {
		e.ok(e.sys.Users.Insert(ctx, newUser(models.UserID(fmt.Sprintf("u%02d", i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)))
	}
	eng := newSpy(e.eng)
	db := must(store.Open(ctx, eng, store.WithClock(e.clock)))
	s := must(users.Open(ctx, db))
	eng.failNext.Store(20)
	for name, q := range map[string]*users.Query{"key": s.Scan(), "index": s.ByRole.Scan(), "reverse": s.Scan().Reverse()} {
		seen := 0
		var last error
		for _, err := range q.All(ctx) {
			if last = err; err == nil {
				seen++
			}
		}
		isErr(t, last, errSpy)
		if seen > 20 {
			t.Errorf("%s: %d rows before the failure at 20", name, seen)
		}
		_, err := q.Rows(ctx)
		isErr(t, err, errSpy)
		_, err = q.Count(ctx)
		isErr(t, err, errSpy)
		_, err = q.Page(ctx, 30, "")
		isErr(t, err, errSpy)
		_, err = q.Delete(ctx)
		isErr(t, err, errSpy)
		var keyErr error
		for _, err := range q.Keys(ctx) {
			keyErr = err
		}
		isErr(t, keyErr, errSpy)
		_, err = q.Filter(func(u *users.User) bool { return false }).First(ctx)
		isErr(t, err, errSpy)
	}
	_, err := s.DeleteRange(ctx, "", "v")
	isErr(t, err, errSpy)
	c, err := s.Provider().Scan(ctx, providerAll(s.Provider()))
	e.ok(err)
	for c.Next() {
	}
	isErr(t, c.Close(), errSpy)
	eng.failNext.Store(0)
	same(t, "nothing was deleted", must(s.Count(ctx)), 40)

	// What is malformed is an error too, and says where.
	e.ok(enginetest.Update(ctx, e.eng, engine.TxOptions{}, func(_ context.Context, tx engine.Tx) error {
		return tx.Put(storedKey(s.Handle(), &users.User{UserID: "u20"}), []byte{1, 0xFF})
	}))
	for name, err := range map[string]error{
		"get":   second(s.Get(ctx, "u20")),
		"many":  second(s.GetMany(ctx, []models.UserID{"u20"})),
		"scan":  second(s.Scan().Rows(ctx)),
		"index": second(s.ByRole.Scan().Rows(ctx)),
		"put":   s.Put(ctx, newUser("u20", "x", 0)),
	} {
		if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s of a malformed row: %v", name, err)
		}
	}
	e.ok(enginetest.Update(ctx, e.eng, engine.TxOptions{}, func(_ context.Context, tx engine.Tx) error {
		return tx.Delete(storedKey(s.Handle(), &users.User{UserID: "u20"}))
	}))
	if _, err := s.ByRole.Scan().Rows(ctx); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("an entry without its row: %v", err)
	}
	if _, err := s.ByUsername.Get(ctx, "n20"); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a unique entry without its row: %v", err)
	}
	// The test leaves what it found.
	for i, ix := range [][]byte{keys.AppendString(nil, "n20"), append(keys.AppendEnum(nil, int32(models.RoleUser)), "u20"...)} {
		prefix := keys.AppendUvarint(keys.AppendUvarint(nil, spaceOf(s.Handle())), uint64(i+1))
		e.ok(enginetest.Update(ctx, e.eng, engine.TxOptions{}, func(_ context.Context, tx engine.Tx) error { return tx.Delete(append(prefix, ix...)) }))
	}
}

func second[T any](_ T, err error) error { return err }

func mistakeFamilies(t *testing.T, e *env) {
	const n = 200
	for i := range n {
		s := must(shared.Open(ctx, e.db, "app", models.TableName(fmt.Sprintf("t%03d", i))))
		e.ok(s.Insert(ctx, &shared.Row{RowID: "r"}))
		if l := len(storedKey(s.Handle(), &shared.Row{RowID: "r"})); l > 5 {
			t.Fatalf("the key of a row of table %d has %d bytes", i, l)
		}
	}
	e.reopen()
	members := must(shared.Members(ctx, e.db))
	same(t, "members", len(members), n)
	s := must(shared.Open(ctx, e.db, members[150].Namespace, members[150].Table))
	same(t, "rows", must(s.Count(ctx)), 1)
}

func mistakeAccess(t *testing.T, e *env) {
	sh := must(shared.Open(ctx, e.db, "app", "a"))
	pub := must(shared.Open(ctx, e.db, "app", "b", store.WithAccess(access.Public)))
	st := must(stream.Open(ctx, e.db, "app", "c"))
	us := must(user.Open(ctx, e.db, "app", "d"))
	same(t, "levels",
		[]access.Level{e.sys.Users.TableAccess(), sh.TableAccess(), pub.TableAccess(), st.TableAccess(), us.TableAccess()},
		[]access.Level{access.SystemTable, access.Restricted, access.Public, access.Public, access.Owned})
	same(t, "a user reads", []bool{e.sys.Users.CanRead(access.User), sh.CanRead(access.User), pub.CanRead(access.User)}, []bool{false, false, true})
}

func mistakeNames(t *testing.T, e *env) {
	// Tables named so that joined names would meet: "a" with index "b_c", "a_b"
	// with index "c", and a family with members of such names.
	open := func(table, index string) *store.Table[string, pairRow] {
		return must(storeimpl.OpenTyped(ctx, e.db, pairCodec{desc: pairDesc(table, index)}))
	}
	x, y := open("a", "b_c"), open("a_b", "c")
	e.ok(x.Insert(ctx, &pairRow{K: "k", A: "x"}))
	e.ok(y.Insert(ctx, &pairRow{K: "k", A: "y"}))
	same(t, "x", must(x.Get(ctx, "k")).A, "x")
	same(t, "y", must(y.Get(ctx, "k")).A, "y")
	same(t, "entries of x", must(x.Index(0).Count(ctx)), 1)
	same(t, "rows of y", must(y.Count(ctx)), 1)
}

func mistakeFake(t *testing.T, e *env) {
	// What is refused is refused on each engine: onEngines runs this on both.
	s := e.sys.Users
	e.ok(s.Insert(ctx, newUser("u1", "alice", 0)))
	isErr(t, s.Insert(ctx, newUser("u1", "other", 0)), store.ErrExists)
	isErr(t, s.Insert(ctx, newUser("u2", "alice", 0)), store.ErrUnique)
	long := models.UserID(make([]byte, 257))
	isErr(t, s.Insert(ctx, newUser(long, "long", 0)), store.ErrInvalid)
	isErr(t, s.Insert(ctx, &users.User{UserID: "u3", Username: "json", AuthData: []byte("{")}), store.ErrInvalid)
	isErr(t, e.db.View(ctx, func(tx *store.Tx) error { return s.In(tx).Insert(ctx, newUser("u4", "view", 0)) }), store.ErrReadOnly)
	isErr(t, s.Update(ctx, "u1", func(u *users.User) error { u.UserID = "u9"; return nil }), store.ErrInvalid)
	var kept *store.Tx
	e.ok(e.db.Update(ctx, func(tx *store.Tx) error { kept = tx; return nil }))
	isErr(t, s.In(kept).Put(ctx, newUser("u5", "late", 0)), store.ErrTxDone)
	big := newJob("big", models.JobStatusQueued, start)
	big.NodeID, big.IdempotencyKey = "n", ptr(string(make([]byte, 70<<10)))
	isErr(t, e.sys.Jobs.Insert(ctx, big), store.ErrTooLarge)
	same(t, "rows", must(s.Count(ctx)), 1)
}

func mistakeList(t *testing.T, e *env) {
	// A change of one row costs the same however many rows share the value.
	eng := newSpy(e.eng)
	s := must(users.Open(ctx, must(store.Open(ctx, eng, store.WithClock(e.clock)))))
	cost := func() (puts int64, reads int64) {
		eng.reads()
		eng.failPut.Store(1 << 40)
		e.ok(s.Update(ctx, "u000", func(u *users.User) error { u.Role ^= 3; return nil }))
		gets, pairs := eng.reads()
		return 1<<40 - eng.failPut.Load(), gets + pairs
	}
	e.ok(s.Insert(ctx, newUser("u000", "n000", models.RoleUser)))
	puts, reads := cost()
	for i := 1; i < 300; i++ {
		e.ok(s.Insert(ctx, newUser(models.UserID(fmt.Sprintf("u%03d", i)), models.UserName(fmt.Sprintf("n%03d", i)), models.RoleUser)))
	}
	morePuts, moreReads := cost()
	same(t, "writes and reads", []int64{morePuts, moreReads}, []int64{puts, reads})
}

func mistakeReverse(t *testing.T, e *env) {
	eng := newSpy(e.eng)
	s := must(table_schemas.Open(ctx, must(store.Open(ctx, eng))))
	for v := uint32(1); v <= 300; v++ {
		e.ok(s.Insert(ctx, &table_schemas.TableSchema{NamespaceID: "app", TableName: "t", Version: v}))
	}
	eng.reads()
	same(t, "latest", must(s.ByKey.NamespaceID("app").TableName("t").Scan().Last(ctx)).Version, 300)
	if _, pairs := eng.reads(); pairs > 1 {
		t.Errorf("the latest version read %d pairs", pairs)
	}
}

// pairRow is a row of tables that tests describe by hand.
type pairRow struct{ K, A, B string }

func pairDesc(name string, indexes ...string) *catalog.Table {
	str := catalog.Type{Kind: kind.String}
	d := &catalog.Table{Name: name, Access: access.Public, Key: []int{0}, Fields: []catalog.Field{
		{Name: "k", Number: 1, Type: str}, {Name: "a", Number: 2, Type: str}, {Name: "b", Number: 3, Type: str}}}
	for i, ix := range indexes {
		d.Indexes = append(d.Indexes, catalog.Index{Name: ix, Number: i + 1, Columns: []catalog.Column{{Field: 1}}})
	}
	return d
}
