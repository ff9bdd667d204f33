package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

var ann = access.Principal{User: "ann", Role: access.User}

// ownUsers is a table of users in which each sees the own row alone: ann's, and bob's
// with secrets in it.
func (e *env) ownUsers() (all, own *users.Store) {
	e.Helper()
	s := must(users.Open(ctx, e.db, store.WithAccess(access.Owned)))
	for _, name := range []string{"ann", "bob"} {
		u := newUser(models.UserID(name), models.UserName("SECRET-"+name), models.RoleUser)
		u.PasswordHash = "SECRET-hash-" + name
		e.ok(s.Put(ctx, u))
	}
	return s, s.As(ann)
}

// tells reports what an error says of others: its text, and all that is in it.
func tells(err error) []string {
	var said []string
	var u *store.UniqueError
	if errors.As(err, &u) {
		said = append(said, u.Value, u.Holder, string(u.HolderKey))
	}
	var e *store.Error
	if errors.As(err, &e) {
		said = append(said, e.Key)
	}
	var c *engine.ConflictError
	if errors.As(err, &c) {
		said = append(said, string(c.Key))
	}
	said = append(said, fmt.Sprint(err))
	return slices.DeleteFunc(said, func(s string) bool { return !strings.Contains(s, "bob") && !strings.Contains(s, "SECRET") })
}

// Whatever a principal asks for, no error tells anything of another's row; trusted
// code is told.
func TestErrorsTellNothingOfOthers(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		all, own := e.ownUsers()
		taken := func() *users.User {
			u := newUser("ann", "secret-BOB", models.RoleUser) // the same, as letter case is folded
			return u
		}
		ways := map[string]func(s *users.Store) error{
			"put":      func(s *users.Store) error { return s.Put(ctx, taken()) },
			"put many": func(s *users.Store) error { return s.PutMany(ctx, []*users.User{taken()}) },
			"update": func(s *users.Store) error {
				return s.Update(ctx, "ann", func(u *users.User) error { u.Username = taken().Username; return nil })
			},
			"in a transaction": func(s *users.Store) error {
				return e.db.Update(ctx, func(tx *store.Tx) error { return s.In(tx).Put(ctx, taken()) })
			},
			"raw": func(s *users.Store) error {
				raw := rawstore.Of(s.Handle())
				return raw.Update(ctx, []byte("ann"), func(v []byte) ([]byte, error) {
					return bytes.Replace(v, []byte("SECRET-ann"), []byte("SECRET-bob"), 1), nil
				})
			},
			"provider": func(s *users.Store) error {
				p := provider.Of(s.Handle()).(*provider.Provider)
				name := slices.IndexFunc(p.Def().Columns, func(c provider.Column) bool { return c.Name == "username" })
				return p.Update(ctx, provider.Scope{}, []byte("ann"), []provider.Assignment{{Column: name, Value: provider.String("SECRET-bob")}})
			},
		}
		for name, do := range ways {
			for _, s := range []*users.Store{all, own} {
				err := do(s)
				isErr(t, err, store.ErrUnique)
				if said := tells(err); (len(said) > 0) != (s == all) {
					t.Errorf("%s: of another's row, trusted %v, it tells %q", name, s == all, said)
				}
			}
		}

		// Where stored bytes are wrong.
		space := keys.AppendUvarint(nil, spaceOf(all.Handle()))
		it := e.eng.Iterate(ctx, engine.Range{Start: space, End: keys.Successor(space)})
		was := map[string][]byte{}
		broken := e.eng.NewBatch()
		for it.Next() {
			if k := bytes.ToLower(it.Key()); bytes.Contains(k, []byte("bob")) || bytes.Contains(k, []byte("secret-bob")) {
				was[string(it.Key())] = bytes.Clone(it.Value())
				broken.Put(it.Key(), []byte("\xffSECRET"))
			}
		}
		e.ok(it.Close())
		e.ok(e.eng.Write(ctx, broken, engine.WriteOptions{}))
		for name, do := range map[string]func(s *users.Store) error{
			"put":      ways["put"],
			"unique":   func(s *users.Store) error { return second(s.ByUsername.Get(ctx, "SECRET-bob")) },
			"by index": func(s *users.Store) error { return second(s.ByRole.Role(models.RoleUser).Rows(ctx)) },
			"count":    func(s *users.Store) error { return second(s.ByRole.Role(models.RoleUser).Count(ctx)) },
			"last":     func(s *users.Store) error { return second(s.ByRole.Role(models.RoleUser).Last(ctx)) },
			"page":     func(s *users.Store) error { return second(s.ByRole.Role(models.RoleUser).Page(ctx, 9, "")) },
			"delete":   func(s *users.Store) error { return second(s.ByRole.Role(models.RoleUser).Delete(ctx)) },
			"in a view": func(s *users.Store) error {
				return e.db.View(ctx, func(tx *store.Tx) error { return second(s.In(tx).ByRole.Role(models.RoleUser).Rows(ctx)) })
			},
			"raw": func(s *users.Store) error {
				c := must(rawstore.Of(s.Handle()).Scan(ctx, rawstore.Scan{Index: 1}))
				for c.Next() {
				}
				return c.Close()
			},
			"covered": func(s *users.Store) error {
				for _, err := range s.ByRole.Entries(ctx, s.ByRole.Scan()) {
					if err != nil {
						return err
					}
				}
				return nil
			},
			"raw entries": func(s *users.Store) error {
				c := must(rawstore.Of(s.Handle()).Scan(ctx, rawstore.Scan{Index: 1, NoValues: true}))
				for c.Next() {
				}
				return c.Close()
			},
		} {
			for _, s := range []*users.Store{all, own} {
				err := do(s)
				isErr(t, err, store.ErrCorrupt)
				if said := tells(err); (len(said) > 0) != (s == all) {
					t.Errorf("%s, with wrong bytes in the database: trusted %v, it tells %q of %v", name, s == all, said, err)
				}
			}
		}
		repaired := e.eng.NewBatch()
		for k, v := range was {
			repaired.Put([]byte(k), v)
		}
		e.ok(e.eng.Write(ctx, repaired, engine.WriteOptions{}))

		// On what a transaction lost.
		for _, s := range []*users.Store{all, own} {
			err := e.db.Update(ctx, func(tx *store.Tx) error {
				if err := s.In(tx).Put(ctx, newUser("ann", "SECRET-new", models.RoleUser)); err != nil {
					return err
				}
				if err := second(s.In(tx).ByRole.Scan().Count(ctx)); err != nil {
					return err
				}
				return all.Update(ctx, "bob", func(u *users.User) error { u.Role = 3 - u.Role; return nil })
			}, store.NoRetry())
			isErr(t, err, store.ErrConflict)
			if said := tells(err); (len(said) > 0) != (s == all) {
				t.Errorf("a conflict, trusted %v, tells %q: %v", s == all, said, err)
			}
		}
	})
}

// Hooks of a guarded table get what its principal may read, and nothing that counts
// others' commits.
func TestHooksOfAPrincipal(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		all, own := e.ownUsers()
		none := all.As(access.Principal{User: "ann"})
		var expired, changed, denied []string
		store.OnExpired(own, func(u users.User) { expired = append(expired, string(u.UserID)) })
		store.OnExpired(none, func(u users.User) { denied = append(denied, string(u.UserID)) })
		defer own.Handle().OnCommit(func(c *store.Commit, _ []storeimpl.ChangedRow) {
			changed = append(changed, fmt.Sprint("number ", c.Number))
			for _, r := range c.Changes {
				changed = append(changed, string(r.Key))
			}
		})()
		gone := start
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			for _, id := range []models.UserID{"bob", "ann"} {
				if err := all.In(tx).Update(ctx, id, func(u *users.User) error { u.DeletedAt = &gone; return nil }); err != nil {
					return err
				}
			}
			return nil
		}))
		e.ok(e.db.WaitHooks(ctx))
		same(t, "changes", changed, []string{"number 0", "ann"})
		e.clock.Advance(1000 * 24 * time.Hour)
		same(t, "swept", must(admin.Sweep(ctx, e.db, 0)).Removed, 2)
		same(t, "expired", expired, []string{"ann"})
		same(t, "expired, for one who may not read", denied, nil)
	})
}

// What the engine says of the size of a table is mostly about others' rows.
func TestNoEstimateForAPrincipal(t *testing.T) {
	e := newEnv(t, t.TempDir())
	all, own := e.ownUsers()
	if _, known, err := rawstore.Of(all.Handle()).Estimate(ctx); !known || err != nil {
		t.Errorf("trusted code: known %v, %v", known, err)
	}
	if n, known, err := rawstore.Of(own.Handle()).Estimate(ctx); known || n != 0 || err != nil {
		t.Errorf("a principal is told of about %d rows, %v", n, err)
	}
}

// The unique value of another's row is not there for a principal, by every way.
func TestUniqueOfAnothersRow(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		_, own := e.ownUsers()
		try := func(name string, s *users.Store) {
			for what, err := range map[string]error{
				"Get": second(s.ByUsername.Get(ctx, "SECRET-bob")),
				"Key": second(s.ByUsername.Key(ctx, "SECRET-bob")),
			} {
				if !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDenied) {
					t.Errorf("%s %s: %v, want not found", name, what, err)
				}
				if nobody := second(s.ByUsername.Get(ctx, "SECRET-xyz")); strings.ReplaceAll(fmt.Sprint(err), "bob", "xyz") != fmt.Sprint(nobody) {
					t.Errorf("%s %s: %q, and where nobody has it %q", name, what, err, nobody)
				}
			}
			same(t, name+", one's own", must(s.ByUsername.Get(ctx, "SECRET-ann")).UserID, "ann")
		}
		try("at once", own)
		e.ok(e.db.View(ctx, func(tx *store.Tx) error { try("in a view", own.In(tx)); return nil }))
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error { try("in a transaction", own.In(tx)); return nil }))
	})
}

// A guarded Raw stays so in transactions and views, and for nobody else.
func TestRawStaysGuardedInTransactions(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		all, own := e.ownUsers()
		raw := rawstore.Of(all.Handle()).As(ann)
		for name, raw := range map[string]rawstore.Table{"As": raw, "a store's": rawstore.Of(own.Handle()), "As twice": raw.As(access.Principal{User: "bob", Role: access.System})} {
			guarded := func(where string, raw rawstore.Table) {
				if who := raw.Principal(); who == nil || *who != ann {
					t.Errorf("%s %s: it is guarded for %v", name, where, who)
				}
				isErr(t, second(raw.Get(ctx, []byte("bob"))), store.ErrDenied)
				isErr(t, raw.Update(ctx, []byte("bob"), func(v []byte) ([]byte, error) { return v, nil }), store.ErrDenied)
				c := must(raw.Scan(ctx, rawstore.Scan{Index: rawstore.ByKey}))
				n := 0
				for c.Next() {
					n++
				}
				e.ok(c.Close())
				same(t, name+" "+where+", rows", n, 1)
			}
			guarded("at once", raw)
			e.ok(e.db.View(ctx, func(tx *store.Tx) error { guarded("in a view", raw.In(tx)); return nil }))
			e.ok(e.db.Update(ctx, func(tx *store.Tx) error { guarded("in a transaction", raw.In(tx)); return nil }))
		}
	})
}

// A cursor tells nothing, whoever reads it, and is as long as what it stands for and
// a little more.
func TestCursorTellsNothing(t *testing.T) {
	e := newEnv(t, "")
	all, own := e.ownUsers()
	more := must(users.Open(ctx, e.db, store.WithAccess(access.Owned)))
	for i := range 9 {
		e.ok(more.Put(ctx, newUser(models.UserID(fmt.Sprint("SECRET", i)), models.UserName(fmt.Sprint("name-SECRET", i)), models.RoleUser)))
	}
	pages := map[string]func(c store.Cursor[users.User]) (store.Page[users.User], error){
		"by key": func(c store.Cursor[users.User]) (store.Page[users.User], error) { return all.Scan().Page(ctx, 1, c) },
		"by index": func(c store.Cursor[users.User]) (store.Page[users.User], error) {
			return all.ByRole.Scan().Page(ctx, 1, c)
		},
		"by a unique index": func(c store.Cursor[users.User]) (store.Page[users.User], error) {
			return all.ByUsername.Scan().Page(ctx, 1, c)
		},
		"reverse": func(c store.Cursor[users.User]) (store.Page[users.User], error) {
			return all.ByUsername.Scan().Reverse().Page(ctx, 1, c)
		},
		"within a limit": func(c store.Cursor[users.User]) (store.Page[users.User], error) {
			return all.Scan().Limit(3).Page(ctx, 1, c)
		},
	}
	for name, page := range pages {
		first := must(page(""))
		if len(first.Rows) != 1 || first.Next == "" {
			t.Fatalf("%s: a page of %d rows", name, len(first.Rows))
		}
		b := must(base64.RawURLEncoding.DecodeString(string(first.Next)))
		for _, known := range []string{"ann", "bob", "SECRET", "secret", "name"} {
			if bytes.Contains(b, []byte(known)) {
				t.Errorf("%s: there is %q in a cursor: %q", name, known, b)
			}
		}
		if len(b) > 64 {
			t.Errorf("%s: a cursor of %d bytes", name, len(b))
		}
		// No bit of it may be another, and none may be taken away or put behind it.
		for i := range len(b) * 8 {
			altered := bytes.Clone(b)
			altered[i/8] ^= 1 << (i % 8)
			isErr(t, second(page(store.Cursor[users.User](base64.RawURLEncoding.EncodeToString(altered)))), store.ErrStaleCursor)
		}
		for n := 1; n < len(b); n++ {
			isErr(t, second(page(store.Cursor[users.User](base64.RawURLEncoding.EncodeToString(b[:n])))), store.ErrStaleCursor)
		}
		isErr(t, second(page(store.Cursor[users.User](base64.RawURLEncoding.EncodeToString(append(b, 0))))), store.ErrStaleCursor)
		// It is of this order, and of no other.
		for other, page := range pages {
			err := second(page(first.Next))
			if same := other == name || name == "by key" && other == "within a limit" || other == "by key" && name == "within a limit"; same != (err == nil) {
				t.Errorf("a cursor %s, used %s: %v", name, other, err)
			}
		}
		rows, c := 1, first.Next
		for c != "" {
			p := must(page(c))
			rows, c = rows+len(p.Rows), p.Next
		}
		want := 11
		if name == "within a limit" {
			want = 3
		}
		same(t, name+", rows of all pages", rows, want)
	}
	// Nor is it anybody else's.
	c := must(all.Scan().Page(ctx, 1, "")).Next
	isErr(t, second(own.Scan().Page(ctx, 1, c)), store.ErrStaleCursor)
	public := must(users.Open(ctx, e.db, store.WithAccess(access.Public)))
	c = must(public.As(ann).Scan().Page(ctx, 1, "")).Next
	e.ok(second(public.As(ann).Scan().Page(ctx, 1, c)))
	isErr(t, second(public.As(access.Principal{User: "bob", Role: access.User}).Scan().Page(ctx, 1, c)), store.ErrStaleCursor)
	isErr(t, second(public.Scan().Page(ctx, 1, c)), store.ErrStaleCursor)
	for _, role := range []access.Role{access.Service, access.DBA, access.System} {
		isErr(t, second(public.As(access.Principal{User: ann.User, Role: role}).Scan().Page(ctx, 1, c)), store.ErrStaleCursor)
	}
	nobody := public.As(access.Principal{Role: access.User})
	isErr(t, second(nobody.Scan().Page(ctx, 1, must(public.Scan().Page(ctx, 1, "")).Next)), store.ErrStaleCursor)
	// Nor of another database.
	elsewhere := newEnv(t, "")
	other, _ := elsewhere.ownUsers()
	isErr(t, second(other.Scan().Page(ctx, 1, must(all.Scan().Page(ctx, 1, "")).Next)), store.ErrStaleCursor)
}

// What cursors are sealed with stays with the database, also in a backup. A database
// of before gets it when it is opened; one that takes no writes has one meanwhile.
func TestCursorKey(t *testing.T) {
	eng := memory.New()
	openOn := func(eng engine.Engine) (*store.DB, *users.Store) {
		db := must(store.Open(ctx, open{eng}))
		return db, must(users.Open(ctx, db))
	}
	key := keys.AppendUvarint(keys.AppendUvarint(nil, 0), 6)
	db, s := openOn(eng)
	for i := range 3 {
		if err := s.Put(ctx, newUser(models.UserID(fmt.Sprint(i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)); err != nil {
			t.Fatal(err)
		}
	}
	next := must(s.Scan().Page(ctx, 1, "")).Next
	record := must(eng.Get(ctx, key))
	var stream bytes.Buffer
	if err := admin.Backup(ctx, db, &stream); err != nil {
		t.Fatal(err)
	}
	copied := memory.New()
	if err := admin.Restore(ctx, copied, &stream); err != nil {
		t.Fatal(err)
	}
	for _, eng := range []engine.Engine{eng, copied} {
		_, s := openOn(eng)
		same(t, "the page behind it, in a database opened again", must(s.Scan().Page(ctx, 1, next)).Rows[0].UserID, "1")
	}

	b := eng.NewBatch()
	b.Delete(key)
	if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	readOnly := must(store.Open(ctx, noWrites{open{eng}}))
	r := must(users.Open(ctx, readOnly))
	mine := must(r.Scan().Page(ctx, 1, "")).Next
	same(t, "a page while it takes no writes", must(r.Scan().Page(ctx, 1, mine)).Rows[0].UserID, "1")
	isErr(t, second(eng.Get(ctx, key)), store.ErrNotFound)
	_, s = openOn(eng)
	isErr(t, second(s.Scan().Page(ctx, 1, mine)), store.ErrStaleCursor)
	isErr(t, second(s.Scan().Page(ctx, 1, next)), store.ErrStaleCursor)
	if made := must(eng.Get(ctx, key)); len(made) != len(record) || bytes.Equal(made, record) {
		t.Errorf("the key of a database of before is made as %q", made)
	}
}

// noWrites is an engine that was opened for reading.
type noWrites struct{ engine.Engine }

func (noWrites) Begin(context.Context, engine.TxOptions) (engine.Tx, error) {
	return nil, engine.ErrReadOnly
}

// A backup whose keys do not come in order, or come twice, is none, though its sums
// are right.
func TestRestoreRefusesDisorder(t *testing.T) {
	db := must(store.Open(ctx, memory.New()))
	s := must(users.Open(ctx, db))
	for i := range 4 {
		if err := s.Put(ctx, newUser(models.UserID(fmt.Sprint(i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)); err != nil {
			t.Fatal(err)
		}
	}
	var pairs [][2][]byte
	it := db.Engine().Iterate(ctx, engine.Range{})
	for it.Next() {
		pairs = append(pairs, [2][]byte{bytes.Clone(it.Key()), bytes.Clone(it.Value())})
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	restore := func(pairs [][2][]byte, perBlock int) error {
		target := memory.New()
		err := admin.Restore(ctx, target, bytes.NewReader(backupOf(pairs, perBlock)))
		left := countKeys(target, nil)
		if (err == nil) != (left > 0) {
			t.Errorf("%v, and %d keys are there", err, left)
		}
		return err
	}
	for _, perBlock := range []int{1, 3, math.MaxInt} {
		if err := restore(pairs, perBlock); err != nil {
			t.Fatalf("in order, %d in a block: %v", perBlock, err)
		}
		for i := 1; i < len(pairs); i++ {
			swapped := slices.Clone(pairs)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			isErr(t, restore(swapped, perBlock), errs.ErrBackup)
			isErr(t, restore(slices.Insert(slices.Clone(pairs), i, pairs[i-1]), perBlock), errs.ErrBackup)
		}
	}
}

// backupOf is a stream of pairs as they are given.
func backupOf(pairs [][2][]byte, perBlock int) []byte {
	out := []byte("storegen backup\x01")
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	for block := range slices.Chunk(pairs, min(perBlock, len(pairs))) {
		var b []byte
		for _, p := range block {
			for _, part := range p {
				b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
			}
		}
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(b))), b...)
		out = binary.BigEndian.AppendUint32(out, crc32.Checksum(b, castagnoli))
	}
	out = binary.BigEndian.AppendUint64(append(out, 0, 0, 0, 0), uint64(len(pairs)))
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}
