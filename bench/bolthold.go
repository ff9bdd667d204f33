package bench

import (
	"errors"
	"path/filepath"
	"time"

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

// The rows of the smaller tables.
type (
	holdMember struct {
		ID          string `boltholdKey:"ID"`
		Role        string `boltholdIndex:"Role"`
		Email, Hash string
	}
	holdAccount struct {
		ID      string `boltholdKey:"ID"`
		Balance int64
	}
	holdCounter struct {
		ID string `boltholdKey:"ID"`
		N  int64
	}
	holdSession struct {
		ID        string `boltholdKey:"ID"`
		Username  string
		ExpiresAt int64 `boltholdIndex:"ExpiresAt"`
	}
)

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
	return h.change(id, func(u *holdUser) { u.Role, u.Rest.Role = role, role })
}

func (h *holdStore) Touch(id, hash string) error {
	return h.change(id, func(u *holdUser) { u.Rest.Hash = hash })
}

func (h *holdStore) change(id string, fn func(u *holdUser)) error {
	return h.s.Bolt().Update(func(tx *bolt.Tx) error {
		var u holdUser
		if err := h.s.TxGet(tx, id, &u); err != nil {
			return err
		}
		fn(&u)
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

func (h *holdStore) PageRole(role string, n int, from string, visit func(u *User)) (next string, err error) {
	q := bolthold.Where("Role").Eq(role).Index("Role")
	if from != "" {
		q = q.And(bolthold.Key).Gt(from)
	}
	got, err := h.find(q.SortBy("ID").Limit(n), func(u *User) {
		visit(u)
		next = u.ID
	})
	if got < n {
		next = ""
	}
	return next, err
}

func (h *holdStore) ScanColumns(visit func(id, email string)) error {
	return h.s.ForEach(nil, func(u *holdUser) error {
		visit(u.ID, u.Rest.Email)
		return nil
	})
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

func (h *holdStore) AddMembers(ms []*Member) error {
	return h.s.Bolt().Update(func(tx *bolt.Tx) error {
		for _, m := range ms {
			if err := h.s.TxInsert(tx, m.ID, &holdMember{m.ID, m.Role, m.Email, m.Hash}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *holdStore) RoleEmails(role string, limit int, visit func(id, email string)) error {
	var ms []holdMember
	err := h.s.Find(&ms, bolthold.Where("Role").Eq(role).Index("Role").SortBy("ID").Limit(limit))
	for i := range ms {
		visit(ms[i].ID, ms[i].Email)
	}
	return err
}

func (h *holdStore) AddAccounts(ids []string) error {
	return h.s.Bolt().Update(func(tx *bolt.Tx) error {
		for _, id := range ids {
			if err := errors.Join(h.s.TxInsert(tx, id, &holdAccount{ID: id}), h.s.TxInsert(tx, id, &holdCounter{ID: id})); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *holdStore) Transfer(account, counter string, amount int64) error {
	return h.s.Bolt().Update(func(tx *bolt.Tx) error {
		var a holdAccount
		var c holdCounter
		if err := errors.Join(h.s.TxGet(tx, account, &a), h.s.TxGet(tx, counter, &c)); err != nil {
			return err
		}
		a.Balance -= amount
		c.N += amount
		return errors.Join(h.s.TxUpdate(tx, account, &a), h.s.TxUpdate(tx, counter, &c))
	})
}

func (h *holdStore) Balance(account, counter string) (int64, int64, error) {
	var a holdAccount
	var c holdCounter
	err := h.s.Bolt().View(func(tx *bolt.Tx) error {
		return errors.Join(h.s.TxGet(tx, account, &a), h.s.TxGet(tx, counter, &c))
	})
	return a.Balance, c.N, err
}

func (h *holdStore) AddSessions(ss []*Session) error {
	return h.s.Bolt().Update(func(tx *bolt.Tx) error {
		for _, s := range ss {
			if err := h.s.TxInsert(tx, s.ID, &holdSession{s.ID, s.Username, s.ExpiresAt.UnixNano()}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *holdStore) Sweep() (int, error) {
	due := bolthold.Where("ExpiresAt").Le(time.Now().UnixNano()).Index("ExpiresAt")
	n, err := h.s.Count(&holdSession{}, due)
	if err != nil {
		return 0, err
	}
	return n, h.s.DeleteMatching(&holdSession{}, due)
}

func (h *holdStore) HasSession(id string) (bool, error) {
	var s holdSession
	err := h.s.Get(id, &s)
	if errors.Is(err, bolthold.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (h *holdStore) Close() error { return h.s.Close() }
