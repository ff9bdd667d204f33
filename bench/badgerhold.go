package bench

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/timshannon/badgerhold/v4"
)

// badgerStore is badgerhold, with the indexes that its struct tags declare.
type badgerStore struct{ s *badgerhold.Store }

// badgerUser is a User with badgerhold's tags.
type badgerUser struct {
	ID       string `badgerhold:"key"`
	Username string `badgerhold:"unique"`
	Role     string `badgerhold:"index"`
	Rest     User
}

// The rows of the smaller tables.
type (
	badgerMember struct {
		ID          string `badgerhold:"key"`
		Role        string `badgerhold:"index"`
		Email, Hash string
	}
	badgerAccount struct {
		ID      string `badgerhold:"key"`
		Balance int64
	}
	badgerCounter struct {
		ID string `badgerhold:"key"`
		N  int64
	}
	badgerSession struct {
		ID        string `badgerhold:"key"`
		Username  string
		ExpiresAt int64 `badgerhold:"index"`
	}
)

func openBadgerhold(o Options) (Contestant, error) {
	opts := badgerhold.DefaultOptions
	opts.Options = badger.DefaultOptions(filepath.Join(o.Dir, "badger")).WithLogger(nil).WithSyncWrites(o.Sync).WithBlockCacheSize(128 << 20)
	s, err := badgerhold.Open(opts)
	return &badgerStore{s}, err
}

func (h *badgerStore) Insert(u *User) error {
	return h.s.Insert(u.ID, &badgerUser{u.ID, u.Username, u.Role, *u})
}

func (h *badgerStore) InsertBatch(us []*User) error {
	return h.update(func(tx *badger.Txn) error {
		for _, u := range us {
			if err := h.s.TxInsert(tx, u.ID, &badgerUser{u.ID, u.Username, u.Role, *u}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *badgerStore) Update(id, role string) error {
	return h.change(id, func(u *badgerUser) { u.Role, u.Rest.Role = role, role })
}

func (h *badgerStore) Touch(id, hash string) error {
	return h.change(id, func(u *badgerUser) { u.Rest.Hash = hash })
}

func (h *badgerStore) update(fn func(tx *badger.Txn) error) error {
	return updateBadger(h.s.Badger(), fn)
}

func (h *badgerStore) change(id string, fn func(u *badgerUser)) error {
	return h.update(func(tx *badger.Txn) error {
		var u badgerUser
		if err := h.s.TxGet(tx, id, &u); err != nil {
			return err
		}
		fn(&u)
		return h.s.TxUpdate(tx, id, &u)
	})
}

func (h *badgerStore) Get(id string, u *User) (bool, error) {
	var v badgerUser
	err := h.s.Get(id, &v)
	if errors.Is(err, badgerhold.ErrNotFound) {
		return false, nil
	}
	*u = v.Rest
	return err == nil, err
}

func (h *badgerStore) Has(id string) (bool, error) {
	var u User
	return h.Get(id, &u)
}

func (h *badgerStore) GetMany(ids []string, visit func(u *User)) error { return getEach(h, ids, visit) }

func (h *badgerStore) find(q *badgerhold.Query, visit func(u *User)) (int, error) {
	var vs []badgerUser
	err := h.s.Find(&vs, q)
	for i := range vs {
		visit(&vs[i].Rest)
	}
	return len(vs), err
}

func (h *badgerStore) GetByUsername(name string, u *User) (bool, error) {
	n, err := h.find(badgerhold.Where("Username").Eq(name), func(v *User) { *u = *v })
	return n > 0, err
}

func (h *badgerStore) ScanRole(role string, limit int, visit func(u *User)) error {
	_, err := h.find(badgerhold.Where("Role").Eq(role).Index("Role").SortBy("ID").Limit(limit), visit)
	return err
}

func (h *badgerStore) PageRole(role string, n int, from string, visit func(u *User)) (next string, err error) {
	q := badgerhold.Where("Role").Eq(role).Index("Role")
	if from != "" {
		q = q.And(badgerhold.Key).Gt(from)
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

func (h *badgerStore) ScanColumns(visit func(id, email string)) error {
	return h.s.ForEach(nil, func(u *badgerUser) error {
		visit(u.ID, u.Rest.Email)
		return nil
	})
}

func (h *badgerStore) ScanAll(visit func(u *User)) error {
	_, err := h.find(nil, visit)
	return err
}

func (h *badgerStore) ScanPrefix(prefix string, visit func(u *User)) error {
	end := []byte(prefix)
	end[len(end)-1]++
	_, err := h.find(badgerhold.Where(badgerhold.Key).Ge(prefix).And(badgerhold.Key).Lt(string(end)), visit)
	return err
}

func (h *badgerStore) Delete(id string) error {
	err := h.s.Delete(id, &badgerUser{})
	if errors.Is(err, badgerhold.ErrNotFound) {
		return nil
	}
	return err
}

func (h *badgerStore) AddMembers(ms []*Member) error {
	return h.update(func(tx *badger.Txn) error {
		for _, m := range ms {
			if err := h.s.TxInsert(tx, m.ID, &badgerMember{m.ID, m.Role, m.Email, m.Hash}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *badgerStore) RoleEmails(role string, limit int, visit func(id, email string)) error {
	var ms []badgerMember
	err := h.s.Find(&ms, badgerhold.Where("Role").Eq(role).Index("Role").SortBy("ID").Limit(limit))
	for i := range ms {
		visit(ms[i].ID, ms[i].Email)
	}
	return err
}

func (h *badgerStore) AddAccounts(ids []string) error {
	return h.update(func(tx *badger.Txn) error {
		for _, id := range ids {
			if err := errors.Join(h.s.TxInsert(tx, id, &badgerAccount{ID: id}), h.s.TxInsert(tx, id, &badgerCounter{ID: id})); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *badgerStore) Transfer(account, counter string, amount int64) error {
	return h.update(func(tx *badger.Txn) error {
		var a badgerAccount
		var c badgerCounter
		if err := errors.Join(h.s.TxGet(tx, account, &a), h.s.TxGet(tx, counter, &c)); err != nil {
			return err
		}
		a.Balance -= amount
		c.N += amount
		return errors.Join(h.s.TxUpdate(tx, account, &a), h.s.TxUpdate(tx, counter, &c))
	})
}

func (h *badgerStore) Balance(account, counter string) (int64, int64, error) {
	var a badgerAccount
	var c badgerCounter
	err := h.s.Badger().View(func(tx *badger.Txn) error {
		return errors.Join(h.s.TxGet(tx, account, &a), h.s.TxGet(tx, counter, &c))
	})
	return a.Balance, c.N, err
}

func (h *badgerStore) AddSessions(ss []*Session) error {
	return h.update(func(tx *badger.Txn) error {
		for _, s := range ss {
			if err := h.s.TxInsert(tx, s.ID, &badgerSession{s.ID, s.Username, s.ExpiresAt.UnixNano()}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *badgerStore) Sweep() (int, error) {
	due := badgerhold.Where("ExpiresAt").Le(time.Now().UnixNano()).Index("ExpiresAt")
	n, err := h.s.Count(&badgerSession{}, due)
	if err != nil {
		return 0, err
	}
	return int(n), h.s.DeleteMatching(&badgerSession{}, due)
}

func (h *badgerStore) HasSession(id string) (bool, error) {
	var s badgerSession
	err := h.s.Get(id, &s)
	if errors.Is(err, badgerhold.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (h *badgerStore) Close() error { return h.s.Close() }
