package bench

import (
	"errors"

	"github.com/hashicorp/go-memdb"
)

// memStore is go-memdb: in memory only, a limit of another kind. Its rows are
// shared, not copied.
type memStore struct{ db *memdb.MemDB }

func openMemdb(Options) (Contestant, error) {
	field := func(name string) memdb.Indexer { return &memdb.StringFieldIndex{Field: name} }
	db, err := memdb.NewMemDB(&memdb.DBSchema{Tables: map[string]*memdb.TableSchema{"users": {Name: "users", Indexes: map[string]*memdb.IndexSchema{
		"id":       {Name: "id", Unique: true, Indexer: field("ID")},
		"username": {Name: "username", Unique: true, Indexer: field("Username")},
		"role":     {Name: "role", Indexer: field("Role")},
	}}}})
	return &memStore{db}, err
}

func (m *memStore) Insert(u *User) error { return m.InsertBatch([]*User{u}) }

func (m *memStore) InsertBatch(us []*User) error {
	tx := m.db.Txn(true)
	defer tx.Abort()
	for _, u := range us {
		for index, value := range map[string]string{"id": u.ID, "username": u.Username} {
			if old, err := tx.First("users", index, value); err != nil || old != nil {
				return errors.Join(err, errExists)
			}
		}
		if err := tx.Insert("users", u); err != nil {
			return err
		}
	}
	tx.Commit()
	return nil
}

func (m *memStore) Update(id, role string) error {
	tx := m.db.Txn(true)
	defer tx.Abort()
	old, err := tx.First("users", "id", id)
	if err != nil || old == nil {
		return errors.Join(err, errNotFound)
	}
	u := *old.(*User)
	u.Role = role
	if err := tx.Insert("users", &u); err != nil {
		return err
	}
	tx.Commit()
	return nil
}

func (m *memStore) first(index, value string, u *User) (bool, error) {
	v, err := m.db.Txn(false).First("users", index, value)
	if err != nil || v == nil {
		return false, err
	}
	*u = *v.(*User)
	return true, nil
}

func (m *memStore) Get(id string, u *User) (bool, error) { return m.first("id", id, u) }

func (m *memStore) Has(id string) (bool, error) {
	v, err := m.db.Txn(false).First("users", "id", id)
	return v != nil, err
}

func (m *memStore) GetMany(ids []string, visit func(u *User)) error { return getEach(m, ids, visit) }

func (m *memStore) GetByUsername(name string, u *User) (bool, error) {
	return m.first("username", name, u)
}

func (m *memStore) scan(index string, limit int, visit func(u *User), args ...any) error {
	it, err := m.db.Txn(false).Get("users", index, args...)
	if err != nil {
		return err
	}
	for n := 0; limit == 0 || n < limit; n++ {
		v := it.Next()
		if v == nil {
			break
		}
		visit(v.(*User))
	}
	return nil
}

func (m *memStore) ScanRole(role string, limit int, visit func(u *User)) error {
	return m.scan("role", limit, visit, role)
}

func (m *memStore) ScanAll(visit func(u *User)) error { return m.scan("id", 0, visit) }

func (m *memStore) ScanPrefix(prefix string, visit func(u *User)) error {
	return m.scan("id_prefix", 0, visit, prefix)
}

func (m *memStore) Delete(id string) error {
	tx := m.db.Txn(true)
	defer tx.Abort()
	old, err := tx.First("users", "id", id)
	if err != nil || old == nil {
		return err
	}
	if err := tx.Delete("users", old); err != nil {
		return err
	}
	tx.Commit()
	return nil
}

func (m *memStore) Close() error { return nil }
