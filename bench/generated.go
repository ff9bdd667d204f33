package bench

import (
	"context"
	"errors"

	"github.com/storegen/storegen/bench/db/users"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

var ctx = context.Background()

// generated is the generated store, as a program would use it.
type generated struct {
	db  *store.DB
	eng *leveldb.DB
	st  users.Store
}

func openGenerated(o Options) (Contestant, error) {
	eng, err := leveldb.Open(o.Dir, &leveldb.Options{BlockCache: 128 << 20})
	if err != nil {
		return nil, err
	}
	var opts []store.Option
	if !o.Sync {
		opts = append(opts, store.WithoutSync())
	}
	db, err := store.Open(ctx, eng, opts...)
	if err != nil {
		return nil, err
	}
	st, err := users.Open(ctx, db)
	return &generated{db, eng, st}, err
}

func (g *generated) Insert(u *User) error         { return g.st.Insert(ctx, u) }
func (g *generated) InsertBatch(us []*User) error { return g.st.InsertMany(ctx, us) }

func (g *generated) Update(id, role string) error {
	return g.st.Update(ctx, id, func(u *User) error {
		u.Role = role
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

func visitAll(q store.Query[string, User], visit func(u *User)) error {
	var now User // one for all rows, since the visitor keeps none
	for u, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		now = u
		visit(&now)
	}
	return nil
}

func (g *generated) ScanRole(role string, limit int, visit func(u *User)) error {
	return visitAll(g.st.ByRole.Role(role).Limit(limit), visit)
}

func (g *generated) ScanAll(visit func(u *User)) error { return visitAll(g.st.Scan(), visit) }

func (g *generated) ScanPrefix(prefix string, visit func(u *User)) error {
	return visitAll(g.st.ByKey.IDPrefix(prefix), visit)
}

func (g *generated) Delete(id string) error { return g.st.Delete(ctx, id) }
func (g *generated) Compact() error         { return g.eng.Compact(ctx, nil, nil) }
func (g *generated) Close() error           { return g.db.Close() }
