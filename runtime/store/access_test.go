package store_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
)

var roles = []access.Role{0, access.User, access.Service, access.DBA, access.System}

// TestAccessMatrix tries every operation in every cell of the matrix.
func TestAccessMatrix(t *testing.T) {
	// By role: none, user, service, dba, system.
	matrix := []struct {
		level       access.Level
		read, write [5]bool
	}{
		{access.SystemTable, [5]bool{false, false, false, true, true}, [5]bool{false, false, false, true, true}},
		{access.Public, [5]bool{true, true, true, true, true}, [5]bool{false, false, true, true, true}},
		{access.Private, [5]bool{}, [5]bool{}},
		{access.Restricted, [5]bool{false, false, true, true, true}, [5]bool{false, false, true, true, true}},
	}
	type S = *shared.Store
	row := func(id models.RowID) *shared.Row { return &shared.Row{RowID: id, UpdatedAt: start} }
	reads := map[string]func(s S) error{
		"Get":            func(s S) error { return second(s.Get(ctx, "r1")) },
		"Has":            func(s S) error { return second(s.Has(ctx, "r1")) },
		"GetMany":        func(s S) error { return second(s.GetMany(ctx, []models.RowID{"r1", "r2"})) },
		"Rows":           func(s S) error { return second(s.Scan().Rows(ctx)) },
		"All":            func(s S) error { return firstError(s.Scan()) },
		"Keys":           func(s S) error { return keysError(s.Scan()) },
		"by key":         func(s S) error { return second(s.ByKey.RowIDFrom("r").Rows(ctx)) },
		"by index":       func(s S) error { return second(s.ByUpdatedAt.UpdatedAt(start).Rows(ctx)) },
		"Count":          func(s S) error { return second(s.Count(ctx)) },
		"First":          func(s S) error { return second(s.ByUpdatedAt.Scan().First(ctx)) },
		"Last":           func(s S) error { return second(s.Scan().Last(ctx)) },
		"Page":           func(s S) error { return second(s.Scan().Page(ctx, 1, "")) },
		"Filter":         func(s S) error { return second(s.Scan().Filter(func(*shared.Row) bool { return true }).Count(ctx)) },
		"by index, keys": func(s S) error { return keysError(s.ByUpdatedAt.Scan()) },
		"Each":           func(s S) error { return s.Scan().Each(ctx, func(*shared.Row) error { return nil }) },
		"raw":            func(s S) error { return second(rawstore.Of(s.Handle()).Get(ctx, []byte("r1"))) },
		"raw scan": func(s S) error {
			c, err := rawstore.Of(s.Handle()).Scan(ctx, rawstore.Scan{Index: rawstore.ByKey})
			if err != nil {
				return err
			}
			return c.Close()
		},
		"provider": func(s S) error {
			c, err := s.Provider().Scan(ctx, providerAll(s.Provider()))
			if err != nil {
				return err
			}
			return c.Close()
		},
		"in a view": func(s S) error {
			return store.DBOf(s.Handle()).View(ctx, func(tx *store.Tx) error { return second(s.In(tx).Get(ctx, "r1")) })
		},
		"in a transaction": func(s S) error {
			return store.DBOf(s.Handle()).Update(ctx, func(tx *store.Tx) error { return second(s.In(tx).Scan().Rows(ctx)) })
		},
	}
	writes := map[string]func(s S) error{
		"Insert":     func(s S) error { return s.Insert(ctx, row("new")) },
		"InsertMany": func(s S) error { return s.InsertMany(ctx, []*shared.Row{row("new")}) },
		"Put":        func(s S) error { return s.Put(ctx, row("r1")) },
		"PutMany":    func(s S) error { return s.PutMany(ctx, []*shared.Row{row("r1")}) },
		"Update":     func(s S) error { return s.Update(ctx, "r1", func(r *shared.Row) error { return nil }) },
		"Delete": func(s S) error {
			_, err := s.Delete(ctx, "r2")
			return err
		},
		"DeleteRange": func(s S) error { return second(s.DeleteRange(ctx, "r2", "r3")) },
		"Query.Delete": func(s S) error {
			return second(s.ByUpdatedAt.UpdatedAt(start).Delete(ctx))
		},
		"raw insert": func(s S) error { return second(rawstore.Of(s.Handle()).Insert(ctx, []byte("new"), nil)) },
		"raw update": func(s S) error {
			return rawstore.Of(s.Handle()).Update(ctx, []byte("r1"), func(v []byte) ([]byte, error) { return v, nil })
		},
		"raw delete": func(s S) error { return second(rawstore.Of(s.Handle()).Delete(ctx, []byte("r2"))) },
		"provider, insert": func(s S) error {
			p := s.Provider().(provider.Mutable)
			values := make([]provider.Value, len(p.Def().Columns))
			values[p.Def().Key[0]] = provider.Bytes([]byte("new"))
			return second(p.Insert(ctx, provider.Scope{}, values))
		},
		"provider, update": func(s S) error {
			return s.Provider().(provider.Mutable).Update(ctx, provider.Scope{}, []byte("r1"), nil)
		},
		"provider, delete": func(s S) error {
			return second(s.Provider().(provider.Mutable).Delete(ctx, provider.Scope{}, []byte("r2")))
		},
		"in a transaction": func(s S) error {
			return store.DBOf(s.Handle()).Update(ctx, func(tx *store.Tx) error { return s.In(tx).Put(ctx, row("r1")) })
		},
		"raw, in a transaction": func(s S) error {
			return store.DBOf(s.Handle()).Update(ctx, func(tx *store.Tx) error {
				return second(rawstore.Of(s.Handle()).In(tx).Delete(ctx, []byte("r2")))
			})
		},
		"guarded for another one behind that": func(s S) error {
			return s.As(access.Principal{User: "root", Role: access.System}).Put(ctx, row("r1"))
		},
	}
	onEngines(t, func(t *testing.T, e *env) {
		for _, m := range matrix {
			s := must(shared.Open(ctx, e.db, "app", models.TableName(m.level.String()), store.WithAccess(m.level)))
			for i, role := range roles {
				who := access.Principal{User: "u1", Role: role}
				try := func(kind access.Action, name string, do func(s S) error, may bool) {
					t.Helper()
					e.ok(s.PutMany(ctx, []*shared.Row{row("r1"), row("r2")}))
					e.ok(second(s.Delete(ctx, "new")))
					before := dump(e.eng)
					err := do(s.As(who))
					var denied *access.DeniedError
					switch {
					case may && err != nil:
						t.Errorf("%s of a %s table by %v: %v", name, m.level, role, err)
					case !may && !errors.As(err, &denied):
						t.Errorf("%s of a %s table by %v is not denied: %v", name, m.level, role, err)
					case !may:
						same(t, "denial", *denied, access.DeniedError{Principal: who, Action: kind, Table: s.Handle().Name(), Level: m.level})
						same(t, "unchanged", dump(e.eng), before)
					}
				}
				for name, do := range reads {
					try(access.Read, name, do, m.read[i])
				}
				for name, do := range writes {
					try(access.Write, name, do, m.write[i])
				}
				same(t, "CanRead", s.CanRead(role), m.read[i])
			}
		}
	})
}

func firstError[V any](q interface {
	All(ctx context.Context) iter.Seq2[V, error]
}) error {
	for _, err := range q.All(ctx) {
		return err
	}
	return nil
}

func keysError[K any](q interface {
	Keys(ctx context.Context) iter.Seq2[K, error]
}) error {
	for _, err := range q.Keys(ctx) {
		return err
	}
	return nil
}

// TestAccessOwned is the isolation of tables whose rows have owners: it holds
// for every role.
func TestAccessOwned(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		s := must(user.Open(ctx, e.db, "app", "notes"))
		for _, role := range roles {
			for _, u := range []models.UserID{"ann", "anna", "bob", ""} {
				for i := range 3 {
					e.ok(s.Put(ctx, &user.Row{UserID: u, RowID: models.RowID(fmt.Sprint("r", i)), UpdatedAt: start}))
				}
			}
			own := s.As(access.Principal{User: "ann", Role: role})
			otherKey := keys.AppendStringLast(keys.AppendString(nil, "anna"), "r1")
			mine, other := models.UserRowID{User: "ann", Row: "r1"}, models.UserRowID{User: "anna", Row: "r1"}
			if role == 0 { // no role at all reads nothing
				isErr(t, second(own.Get(ctx, mine)), store.ErrDenied)
				isErr(t, second(own.Count(ctx)), store.ErrDenied)
				continue
			}
			want := []models.UserRowID{{User: "ann", Row: "r0"}, {User: "ann", Row: "r1"}, {User: "ann", Row: "r2"}}
			for name, q := range map[string]*user.Query{
				"scan": own.Scan(), "index": own.ByUpdatedAt.Scan(), "from": own.ByKey.UserIDFrom(""), "prefix": own.ByKey.UserIDPrefix("an"),
			} {
				same(t, name, rowsOf(t, q, user.KeyOf), want)
				same(t, name+", count", must(q.Count(ctx)), 3)
				same(t, name+", last", user.KeyOf(ptr(must(q.Last(ctx)))), want[2])
				page := must(q.Page(ctx, 2, ""))
				same(t, name+", pages", len(page.Rows)+len(must(q.Page(ctx, 2, page.Next)).Rows), 3)
			}
			same(t, "others' by key", must(own.ByKey.UserID("anna").Scan().Count(ctx)), 0)
			same(t, "others' by index", must(own.ByUpdatedAt.UserID("bob").Scan().Count(ctx)), 0)

			same(t, "one's own", user.KeyOf(ptr(must(own.Get(ctx, mine)))), mine)
			same(t, "one's own is there", must(own.Has(ctx, mine)), true)
			before := dump(e.eng)
			for name, err := range map[string]error{
				"get":        second(own.Get(ctx, other)),
				"has":        second(own.Has(ctx, other)),
				"get many":   second(own.GetMany(ctx, []models.UserRowID{mine, other})),
				"insert":     own.Insert(ctx, &user.Row{UserID: "anna", RowID: "new"}),
				"put":        own.Put(ctx, &user.Row{UserID: "anna", RowID: "r1"}),
				"put many":   own.PutMany(ctx, []*user.Row{{UserID: "ann", RowID: "r1", Deleted: true}, {UserID: "bob", RowID: "r1"}}),
				"update":     own.Update(ctx, other, func(*user.Row) error { return nil }),
				"delete":     second(own.Delete(ctx, other)),
				"raw":        second(rawstore.Of(own.Handle()).Get(ctx, otherKey)),
				"raw update": rawstore.Of(own.Handle()).Update(ctx, otherKey, func(v []byte) ([]byte, error) { return v, nil }),
				"raw delete": second(rawstore.Of(own.Handle()).Delete(ctx, otherKey)),
				"raw insert": second(rawstore.Of(own.Handle()).Insert(ctx, append(otherKey[:len(otherKey):len(otherKey)], 'x'), nil)),
				"in a view":  e.db.View(ctx, func(tx *store.Tx) error { return second(own.In(tx).Get(ctx, other)) }),
				"in a transaction": e.db.Update(ctx, func(tx *store.Tx) error {
					_, err := own.In(tx).Delete(ctx, other)
					return err
				}),
			} {
				if !errors.Is(err, store.ErrDenied) {
					t.Errorf("%s of another's row by %v: %v", name, role, err)
				}
			}
			same(t, "nothing has changed", dump(e.eng), before)

			e.ok(own.Put(ctx, &user.Row{UserID: "ann", RowID: "r3"}))
			e.ok(second(own.Delete(ctx, models.UserRowID{User: "ann", Row: "r3"})))
			same(t, "range over all", must(own.DeleteRange(ctx, models.UserRowID{}, models.UserRowID{User: "zoe"})), 3)
			same(t, "others are left", must(s.Count(ctx)), 9)
			same(t, "index over all", must(s.As(access.Principal{User: "bob", Role: role}).ByUpdatedAt.Scan().Delete(ctx)), 3)
			same(t, "others are left", must(s.Count(ctx)), 6)
		}
	})
}

// A guarded group stays guarded in its transactions.
func TestAccessOfGroup(t *testing.T) {
	e := newEnv(t, "")
	e.ok(e.sys.Users.Insert(ctx, newUser("u1", "alice", 0)))
	guarded := e.sys.As(access.Principal{User: "u1", Role: access.User})
	isErr(t, guarded.View(ctx, func(tx *system.Tx) error { return second(tx.Users.Get(ctx, "u1")) }), store.ErrDenied)
	isErr(t, guarded.Update(ctx, func(tx *system.Tx) error {
		_, err := tx.Users.Delete(ctx, "u1")
		return err
	}), store.ErrDenied)
	isErr(t, second(guarded.Users.ByUsername.Get(ctx, "alice")), store.ErrDenied)
	isErr(t, second(guarded.Users.ByUsername.Key(ctx, "alice")), store.ErrDenied)
	e.ok(e.sys.As(access.Principal{User: "u1", Role: access.DBA}).Update(ctx, func(tx *system.Tx) error {
		_, err := tx.Users.Delete(ctx, "u1")
		return err
	}))
}

// Where the owner is the whole key, nobody has a row but that of one's own name, also not
// those whose names begin with it or that it begins with.
func TestAccessWhereTheOwnerIsTheKey(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		all := must(users.Open(ctx, e.db, store.WithAccess(access.Owned)))
		names := []models.UserID{"a", "an", "ann", "ann\x00", "anna", "b"}
		for _, id := range names {
			e.ok(all.Put(ctx, newUser(id, models.UserName(keys.FormatBytes(string(id))), 0)))
		}
		for _, me := range names {
			own := all.As(access.Principal{User: string(me), Role: access.User})
			same(t, "scan", rowsOf(t, own.Scan(), users.KeyOf), []models.UserID{me})
			same(t, "scan in reverse", rowsOf(t, own.Scan().Reverse(), users.KeyOf), []models.UserID{me})
			same(t, "index", rowsOf(t, own.ByRole.Scan(), users.KeyOf), []models.UserID{me})
			for _, id := range names {
				u := newUser(id, models.UserName(keys.FormatBytes(string(id))), 0)
				for what, err := range map[string]error{
					"get": second(own.Get(ctx, id)), "has": second(own.Has(ctx, id)), "put": own.Put(ctx, u),
					"update": own.Update(ctx, id, func(*users.User) error { return nil }),
				} {
					if id == me && err != nil || id != me && !errors.Is(err, store.ErrDenied) {
						t.Errorf("%s of %q by %q: %v", what, id, me, err)
					}
				}
				err := second(own.ByUsername.Key(ctx, u.Username))
				if id == me && err != nil || id != me && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("the holder of %q for %q: %v", u.Username, me, err)
				}
			}
		}
	})
}
