package bench

import (
	"errors"
	"path/filepath"

	"github.com/timshannon/bolthold"
	bolt "go.etcd.io/bbolt"
)

// holdStore is bolthold, with the indexes that its struct tags declare.
type holdStore struct{ s *bolthold.Store }

// holdUser is a User with bolthold's tags.
type holdUser struct {
	ID       string `boltholdKey:"ID"`
	Username string `boltholdUnique:"Username"`
	Role     string `boltholdIndex:"Role"`
	Rest     User
}

func openBolthold(o Options) (Contestant, error) {
	s, err := bolthold.Open(filepath.Join(o.Dir, "hold"), 0o600, &bolthold.Options{Options: &bolt.Options{NoSync: !o.Sync}})
	return &holdStore{s}, err
}

func (h *holdStore) Insert(u *User) error {
	return h.s.Insert(u.ID, &holdUser{u.ID, u.Username, u.Role, *u})
}

func (h *holdStore) InsertBatch(us []*User) error {
	return h.s.Bolt().Update(func(tx *bolt.Tx) error {
		for _, u := range us {
			if err := h.s.TxInsert(tx, u.ID, &holdUser{u.ID, u.Username, u.Role, *u}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *holdStore) Update(id, role string) error {
	return h.s.Bolt().Update(func(tx *bolt.Tx) error {
		var u holdUser
		if err := h.s.TxGet(tx, id, &u); err != nil {
			return err
		}
		u.Role, u.Rest.Role = role, role
		return h.s.TxUpdate(tx, id, &u)
	})
}

func (h *holdStore) Get(id string, u *User) (bool, error) {
	var v holdUser
	err := h.s.Get(id, &v)
	if errors.Is(err, bolthold.ErrNotFound) {
		return false, nil
	}
	*u = v.Rest
	return err == nil, err
}

func (h *holdStore) Has(id string) (bool, error) {
	var u User
	return h.Get(id, &u)
}

func (h *holdStore) GetMany(ids []string, visit func(u *User)) error { return getEach(h, ids, visit) }

func (h *holdStore) find(q *bolthold.Query, visit func(u *User)) (int, error) {
	var vs []holdUser
	err := h.s.Find(&vs, q)
	for i := range vs {
		visit(&vs[i].Rest)
	}
	return len(vs), err
}

func (h *holdStore) GetByUsername(name string, u *User) (bool, error) {
	n, err := h.find(bolthold.Where("Username").Eq(name), func(v *User) { *u = *v })
	return n > 0, err
}

func (h *holdStore) ScanRole(role string, limit int, visit func(u *User)) error {
	_, err := h.find(bolthold.Where("Role").Eq(role).Index("Role").SortBy("ID").Limit(limit), visit)
	return err
}

func (h *holdStore) ScanAll(visit func(u *User)) error {
	_, err := h.find(nil, visit)
	return err
}

func (h *holdStore) ScanPrefix(prefix string, visit func(u *User)) error {
	end := []byte(prefix)
	end[len(end)-1]++
	_, err := h.find(bolthold.Where(bolthold.Key).Ge(prefix).And(bolthold.Key).Lt(string(end)), visit)
	return err
}

func (h *holdStore) Delete(id string) error {
	err := h.s.Delete(id, &holdUser{})
	if errors.Is(err, bolthold.ErrNotFound) {
		return nil
	}
	return err
}

func (h *holdStore) Close() error { return h.s.Close() }
