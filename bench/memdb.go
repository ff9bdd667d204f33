package bench

import (
	"errors"
	"time"

	"github.com/hashicorp/go-memdb"
)

// memStore is go-memdb: in memory only, a limit of another kind. Its rows are
// shared, not copied.
type memStore struct{ db *memdb.MemDB }

func openMemdb(Options) (Contestant, error) {
	field := func(name string) memdb.Indexer { return &memdb.StringFieldIndex{Field: name} }
	table := func(name string, indexes ...*memdb.IndexSchema) *memdb.TableSchema {
		t := &memdb.TableSchema{Name: name, Indexes: map[string]*memdb.IndexSchema{"id": {Name: "id", Unique: true, Indexer: field("ID")}}}
		for _, ix := range indexes {
			t.Indexes[ix.Name] = ix
		}
		return t
	}
	// The id is part of the index by role, so that pages can begin at a row.
	role := &memdb.IndexSchema{Name: "role", Unique: true, Indexer: &memdb.CompoundIndex{Indexes: []memdb.Indexer{field("Role"), field("ID")}}}
	username := &memdb.IndexSchema{Name: "username", Unique: true, Indexer: field("Username")}
	db, err := memdb.NewMemDB(&memdb.DBSchema{Tables: map[string]*memdb.TableSchema{
		"users":    table("users", username, role),
		"members":  table("members", role),
		"accounts": table("accounts"),
		"counters": table("counters"),
		"sessions": table("sessions", &memdb.IndexSchema{Name: "expiry", Indexer: expiryIndex{}}),
	}})
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
	return m.change(id, func(u *User) { u.Role = role })
}

func (m *memStore) Touch(id, hash string) error {
	return m.change(id, func(u *User) { u.Hash = hash })
}

func (m *memStore) change(id string, fn func(u *User)) error {
	tx := m.db.Txn(true)
	defer tx.Abort()
	old, err := tx.First("users", "id", id)
	if err != nil || old == nil {
		return errors.Join(err, errNotFound)
	}
	u := *old.(*User)
	fn(&u)
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
	return m.scan("role_prefix", limit, visit, role)
}

func (m *memStore) PageRole(role string, n int, from string, visit func(u *User)) (next string, err error) {
	it, err := m.db.Txn(false).LowerBound("users", "role", role, from)
	if err != nil {
		return "", err
	}
	for i := 1; i <= n; i++ {
		v := it.Next()
		if v == nil || v.(*User).Role != role {
			break
		}
		u := v.(*User)
		visit(u)
		if i == n {
			next = u.ID + "\x00" // the first place behind it
		}
	}
	return next, nil
}

func (m *memStore) ScanColumns(visit func(id, email string)) error {
	return m.ScanAll(func(u *User) { visit(u.ID, u.Email) })
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

func (m *memStore) AddMembers(ms []*Member) error { return addMem(m, "members", ms) }

func addMem[T any](m *memStore, table string, rows []T) error {
	tx := m.db.Txn(true)
	defer tx.Abort()
	for _, r := range rows {
		if err := tx.Insert(table, r); err != nil {
			return err
		}
	}
	tx.Commit()
	return nil
}

func (m *memStore) RoleEmails(role string, limit int, visit func(id, email string)) error {
	it, err := m.db.Txn(false).Get("members", "role_prefix", role)
	if err != nil {
		return err
	}
	for range limit {
		v := it.Next()
		if v == nil {
			break
		}
		visit(v.(*Member).ID, v.(*Member).Email)
	}
	return nil
}

type memNumber struct {
	ID string
	N  int64
}

func (m *memStore) AddAccounts(ids []string) error {
	var ns []*memNumber
	for _, id := range ids {
		ns = append(ns, &memNumber{ID: id})
	}
	return errors.Join(addMem(m, "accounts", ns), addMem(m, "counters", ns))
}

func (m *memStore) balance(tx *memdb.Txn, account, counter string) (a, c *memNumber, err error) {
	av, aerr := tx.First("accounts", "id", account)
	cv, cerr := tx.First("counters", "id", counter)
	if err := errors.Join(aerr, cerr); err != nil {
		return nil, nil, err
	}
	if av == nil || cv == nil {
		return nil, nil, errNotFound
	}
	return av.(*memNumber), cv.(*memNumber), nil
}

func (m *memStore) Transfer(account, counter string, amount int64) error {
	tx := m.db.Txn(true)
	defer tx.Abort()
	a, c, err := m.balance(tx, account, counter)
	if err != nil {
		return err
	}
	if err := errors.Join(tx.Insert("accounts", &memNumber{account, a.N - amount}), tx.Insert("counters", &memNumber{counter, c.N + amount})); err != nil {
		return err
	}
	tx.Commit()
	return nil
}

func (m *memStore) Balance(account, counter string) (int64, int64, error) {
	a, c, err := m.balance(m.db.Txn(false), account, counter)
	if err != nil {
		return 0, 0, err
	}
	return a.N, c.N, nil
}

// expiryIndex orders sessions by when they expire.
type expiryIndex struct{}

func (expiryIndex) FromObject(v any) (bool, []byte, error) {
	return true, appendExpiry(nil, v.(*Session).ExpiresAt), nil
}

func (expiryIndex) FromArgs(args ...any) ([]byte, error) {
	if len(args) != 1 {
		return nil, errors.New("one time is wanted")
	}
	at, ok := args[0].(time.Time)
	if !ok {
		return nil, errors.New("a time is wanted")
	}
	return appendExpiry(nil, at), nil
}

func (m *memStore) AddSessions(ss []*Session) error { return addMem(m, "sessions", ss) }

func (m *memStore) Sweep() (int, error) {
	tx := m.db.Txn(true)
	defer tx.Abort()
	it, err := tx.LowerBound("sessions", "expiry", time.Unix(0, 0))
	if err != nil {
		return 0, err
	}
	var due []any
	now := time.Now()
	for v := it.Next(); v != nil && !v.(*Session).ExpiresAt.After(now); v = it.Next() {
		due = append(due, v)
	}
	for _, v := range due {
		if err := tx.Delete("sessions", v); err != nil {
			return 0, err
		}
	}
	tx.Commit()
	return len(due), nil
}

func (m *memStore) HasSession(id string) (bool, error) {
	v, err := m.db.Txn(false).First("sessions", "id", id)
	return v != nil, err
}

func (m *memStore) Close() error { return nil }
