package bench

import (
	"context"
	"errors"

	"github.com/storegen/storegen/bench/db/accounts"
	"github.com/storegen/storegen/bench/db/blobs"
	"github.com/storegen/storegen/bench/db/counters"
	"github.com/storegen/storegen/bench/db/members"
	"github.com/storegen/storegen/bench/db/sessions"
	"github.com/storegen/storegen/bench/db/users"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

var ctx = context.Background()

// generated is the generated store, as a program would use it.
type generated struct {
	db       *store.DB
	eng      compactable
	st       *users.Store
	members  *members.Store
	accounts *accounts.Store
	counters *counters.Store
	sessions *sessions.Store
	blobs    *blobs.Store
	// The provider of the users, and what a scan of two columns asks of it.
	users     provider.Table
	id, email int
}

// compactable is an engine that is brought to rest before it is measured.
type compactable interface {
	engine.Engine
	Compact(ctx context.Context, start, end []byte) error
}

func openGenerated(o Options) (Contestant, error) {
	g, err := openWith(o)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// openOnPebble opens the generated store on the pebble engine.
func openOnPebble(o Options) (Contestant, error) {
	eng, err := pebble.Open(o.Dir, &pebble.Options{BlockCache: 128 << 20})
	if err != nil {
		return nil, err
	}
	g, err := openOn(eng, o)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// openWith opens the generated store with more options than it has to have.
func openWith(o Options, opts ...store.Option) (*generated, error) {
	eng, err := leveldb.Open(o.Dir, &leveldb.Options{BlockCache: 128 << 20})
	if err != nil {
		return nil, err
	}
	return openOn(eng, o, opts...)
}

func openOn(eng compactable, o Options, opts ...store.Option) (*generated, error) {
	if !o.Sync {
		opts = append(opts, store.WithoutSync())
	}
	db, err := store.Open(ctx, eng, opts...)
	if err != nil {
		return nil, err
	}
	g := &generated{db: db, eng: eng}
	if err := g.open(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return g, nil
}

func (g *generated) open() (err error) {
	if err = g.db.Define(ctx, users.Desc, members.Desc, accounts.Desc, counters.Desc, sessions.Desc, blobs.Desc); err != nil {
		return err
	}
	if g.st, err = users.Open(ctx, g.db); err != nil {
		return err
	}
	if g.members, err = members.Open(ctx, g.db); err != nil {
		return err
	}
	if g.accounts, err = accounts.Open(ctx, g.db); err != nil {
		return err
	}
	if g.counters, err = counters.Open(ctx, g.db); err != nil {
		return err
	}
	if g.sessions, err = sessions.Open(ctx, g.db); err != nil {
		return err
	}
	if g.blobs, err = blobs.Open(ctx, g.db); err != nil {
		return err
	}
	g.users = g.st.Provider()
	g.id, g.email = g.users.Def().ColumnNamed("id"), g.users.Def().ColumnNamed("email")
	return nil
}

func (g *generated) Insert(u *User) error         { return g.st.Insert(ctx, u) }
func (g *generated) InsertBatch(us []*User) error { return g.st.InsertMany(ctx, us) }

// PutBlobs implements Blobber.
func (g *generated) PutBlobs(bs []*Blob) error {
	if len(bs) == 1 {
		return g.blobs.Put(ctx, bs[0])
	}
	return g.blobs.PutMany(ctx, bs)
}

func (g *generated) Update(id, role string) error {
	return g.st.Update(ctx, id, func(u *User) error {
		u.Role = role
		return nil
	})
}

func (g *generated) Touch(id, hash string) error {
	return g.st.Update(ctx, id, func(u *User) error {
		u.Hash = hash
		return nil
	})
}

func (g *generated) Get(id string, u *User) (bool, error) {
	var err error
	*u, err = g.st.Get(ctx, id)
	return found(err)
}

func found(err error) (bool, error) {
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (g *generated) Has(id string) (bool, error) { return g.st.Has(ctx, id) }

func (g *generated) GetMany(ids []string, visit func(u *User)) error {
	us, err := g.st.GetMany(ctx, ids)
	for _, u := range us {
		if u != nil {
			visit(u)
		}
	}
	return err
}

func (g *generated) GetByUsername(name string, u *User) (bool, error) {
	var err error
	*u, err = g.st.ByUsername.Get(ctx, name)
	return found(err)
}

func visitAll(q *users.Query, visit func(u *User)) error {
	return q.Each(ctx, func(u *User) error {
		visit(u)
		return nil
	})
}

func (g *generated) ScanRole(role string, limit int, visit func(u *User)) error {
	return visitAll(g.st.ByRole.Role(role).Limit(limit), visit)
}

func (g *generated) PageRole(role string, n int, from string, visit func(u *User)) (string, error) {
	page, err := g.st.ByRole.Role(role).Page(ctx, n, store.Cursor[User](from))
	for i := range page.Rows {
		visit(&page.Rows[i])
	}
	return string(page.Next), err
}

func (g *generated) ScanColumns(visit func(id, email string)) error {
	c, err := g.users.Scan(ctx, &provider.ScanRequest{Columns: provider.Cols(g.id, g.email)})
	if err != nil {
		return err
	}
	for c.Next() {
		visit(c.Value(g.id).Text(), c.Value(g.email).Text())
	}
	return c.Close()
}

func (g *generated) ScanAll(visit func(u *User)) error { return visitAll(g.st.Scan(), visit) }

func (g *generated) ScanPrefix(prefix string, visit func(u *User)) error {
	return visitAll(g.st.ByKey.IDPrefix(prefix), visit)
}

func (g *generated) Delete(id string) error {
	_, err := g.st.Delete(ctx, id)
	return err
}

func (g *generated) AddMembers(ms []*Member) error { return g.members.InsertMany(ctx, ms) }

func (g *generated) RoleEmails(role string, limit int, visit func(id, email string)) error {
	for e, err := range g.members.ByRole.Entries(ctx, g.members.ByRole.Role(role).Limit(limit)) {
		if err != nil {
			return err
		}
		visit(e.ID, e.Email)
	}
	return nil
}

func (g *generated) AddAccounts(ids []string) error {
	return g.db.Update(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			if err := g.accounts.In(tx).Insert(ctx, &accounts.Account{ID: id}); err != nil {
				return err
			}
			if err := g.counters.In(tx).Insert(ctx, &counters.Counter{ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (g *generated) Transfer(account, counter string, amount int64) error {
	return g.db.Update(ctx, func(tx *store.Tx) error {
		err := g.accounts.In(tx).Update(ctx, account, func(a *accounts.Account) error {
			a.Balance -= amount
			return nil
		})
		if err != nil {
			return err
		}
		return g.counters.In(tx).Update(ctx, counter, func(c *counters.Counter) error {
			c.N += amount
			return nil
		})
	})
}

func (g *generated) Balance(account, counter string) (a, c int64, err error) {
	err = g.db.View(ctx, func(tx *store.Tx) error {
		row, err := g.accounts.In(tx).Get(ctx, account)
		if err != nil {
			return err
		}
		other, err := g.counters.In(tx).Get(ctx, counter)
		a, c = row.Balance, other.N
		return err
	})
	return a, c, err
}

func (g *generated) AddSessions(ss []*Session) error { return g.sessions.InsertMany(ctx, ss) }

func (g *generated) Sweep() (int, error) {
	swept, err := admin.Sweep(ctx, g.db, 0)
	return swept.Removed, err
}

func (g *generated) HasSession(id string) (bool, error) { return g.sessions.Has(ctx, id) }

func (g *generated) Compact() error { return g.eng.Compact(ctx, nil, nil) }
func (g *generated) Close() error   { return g.db.Close() }
