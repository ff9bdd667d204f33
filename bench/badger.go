package bench

import (
	"bytes"
	"errors"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// badgerByHand is the same by hand on badger, in its own transactions: they see
// what they have written, and are run again where they have met another.
type badgerByHand struct {
	byHand
	db *badger.DB
}

// badgerTx is the handTx of a transaction.
type badgerTx struct{ tx *badger.Txn }

// get gives a copy, as badger's own bytes hold only while a function looks at them.
func (t badgerTx) get(key []byte) ([]byte, error) {
	item, err := t.tx.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return item.ValueCopy(nil)
}

func (t badgerTx) has(key []byte) (bool, error) {
	_, err := t.tx.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (t badgerTx) put(key, value []byte) error { return t.tx.Set(key, value) }
func (t badgerTx) del(key []byte) error        { return t.tx.Delete(key) }

// walk gives key and value for the time of the visit.
func (t badgerTx) walk(start, end []byte, visit func(key, value []byte) (bool, error)) error {
	// Values are beside the keys, so that nothing is won by fetching them ahead.
	it := t.tx.NewIterator(badger.IteratorOptions{})
	defer it.Close()
	for it.Seek(start); it.Valid(); it.Next() {
		item := it.Item()
		key := item.Key()
		if bytes.Compare(key, end) >= 0 {
			return nil
		}
		more := false
		err := item.Value(func(value []byte) (err error) {
			more, err = visit(key, value)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func openBadger(o Options) (Contestant, error) {
	// The filter of one in a hundred is of 10 bits, and the values are in the tree.
	db, err := badger.Open(badger.DefaultOptions(filepath.Join(o.Dir, "badger")).WithLogger(nil).WithSyncWrites(o.Sync).
		WithBlockCacheSize(128 << 20).WithBlockSize(16 << 10).WithMemTableSize(16 << 20))
	if err != nil {
		return nil, err
	}
	s := &badgerByHand{db: db}
	s.read = func(fn func(tx handTx) error) error {
		return s.view(func(tx badgerTx) error { return fn(tx) })
	}
	s.write = func(fn func(tx handTx) error) error {
		return s.update(func(tx badgerTx) error { return fn(tx) })
	}
	return s, nil
}

func (s *badgerByHand) view(fn func(tx badgerTx) error) error {
	return s.db.View(func(tx *badger.Txn) error { return fn(badgerTx{tx}) })
}

func (s *badgerByHand) update(fn func(tx badgerTx) error) error {
	return updateBadger(s.db, func(tx *badger.Txn) error { return fn(badgerTx{tx}) })
}

// updateBadger runs a transaction, again where it has met another.
func updateBadger(db *badger.DB, fn func(tx *badger.Txn) error) error {
	for {
		err := db.Update(fn)
		if !errors.Is(err, badger.ErrConflict) {
			return err
		}
	}
}

func (s *badgerByHand) Insert(u *User) error { return s.InsertBatch([]*User{u}) }

func (s *badgerByHand) InsertBatch(us []*User) error {
	return s.update(func(tx badgerTx) error {
		for _, u := range us {
			key, name := rowKey(nil, u.ID), nameKey(nil, u.Username)
			if has, err := tx.has(key); err != nil || has {
				return errors.Join(err, errExists)
			}
			if has, err := tx.has(name); err != nil || has {
				return errors.Join(err, errTaken)
			}
			if err := errors.Join(tx.put(key, appendRow(nil, u)), tx.put(name, []byte(u.ID)), tx.put(roleKey(nil, u.Role, u.ID), nil)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *badgerByHand) Update(id, role string) error {
	return s.change(id, func(u *User) { u.Role = role })
}

func (s *badgerByHand) Touch(id, hash string) error {
	return s.change(id, func(u *User) { u.Hash = hash })
}

func (s *badgerByHand) change(id string, fn func(u *User)) error {
	return s.update(func(tx badgerTx) error {
		var u User
		ok, err := tx.row(id, &u)
		if err != nil {
			return err
		}
		if !ok {
			return errNotFound
		}
		was := u.Role
		fn(&u)
		err = tx.put(rowKey(nil, id), appendRow(nil, &u))
		if was != u.Role {
			err = errors.Join(err, tx.del(roleKey(nil, was, id)), tx.put(roleKey(nil, u.Role, id), nil))
		}
		return err
	})
}

// row reads the row of an id.
func (t badgerTx) row(id string, u *User) (bool, error) {
	v, err := t.get(rowKey(nil, id))
	if err != nil || v == nil {
		return false, err
	}
	*u = User{ID: id}
	return true, decodeRow(v, u)
}

func (s *badgerByHand) Get(id string, u *User) (ok bool, err error) {
	err = s.view(func(tx badgerTx) error {
		ok, err = tx.row(id, u)
		return err
	})
	return ok, err
}

func (s *badgerByHand) Has(id string) (ok bool, err error) {
	err = s.view(func(tx badgerTx) error {
		ok, err = tx.has(rowKey(nil, id))
		return err
	})
	return ok, err
}

func (s *badgerByHand) GetMany(ids []string, visit func(u *User)) error {
	return s.view(func(tx badgerTx) error {
		for _, id := range ids {
			var u User
			ok, err := tx.row(id, &u)
			if err != nil {
				return err
			}
			if ok {
				visit(&u)
			}
		}
		return nil
	})
}

func (s *badgerByHand) GetByUsername(name string, u *User) (ok bool, err error) {
	err = s.view(func(tx badgerTx) error {
		id, err := tx.get(nameKey(nil, name))
		if err != nil || id == nil {
			return err
		}
		ok, err = tx.row(string(id), u)
		return err
	})
	return ok, err
}

func (s *badgerByHand) ScanRole(role string, limit int, visit func(u *User)) error {
	_, err := s.PageRole(role, limit, "", visit)
	return err
}

func (s *badgerByHand) PageRole(role string, limit int, from string, visit func(u *User)) (next string, err error) {
	err = s.view(func(tx badgerTx) error {
		prefix := rolePrefix(nil, role)
		n := 0
		return tx.walk(append(rolePrefix(nil, role), from...), upTo(prefix), func(key, _ []byte) (bool, error) {
			var u User
			ok, err := tx.row(string(key[len(prefix):]), &u)
			if err != nil {
				return false, err
			}
			if !ok {
				return false, errCorrupt
			}
			visit(&u)
			if n++; n == limit {
				next = u.ID + "\x00" // the first place behind it
			}
			return n < limit, nil
		})
	})
	return next, err
}

func (s *badgerByHand) ScanColumns(visit func(id, email string)) error {
	return s.view(func(tx badgerTx) error {
		return tx.walk([]byte{'r'}, []byte{'s'}, func(k, v []byte) (bool, error) {
			email, err := decodeEmail(v)
			visit(textOf(k[1:]), email)
			return true, err
		})
	})
}

func (s *badgerByHand) ScanAll(visit func(u *User)) error { return s.ScanPrefix("", visit) }

func (s *badgerByHand) ScanPrefix(prefix string, visit func(u *User)) error {
	return s.view(func(tx badgerTx) error {
		var mem block
		p := rowKey(nil, prefix)
		return tx.walk(p, upTo(p), func(k, v []byte) (bool, error) {
			u := User{ID: textOf(mem.copy(k[1:]))}
			err := decodeRow(mem.copy(v), &u)
			visit(&u)
			return true, err
		})
	})
}

func (s *badgerByHand) Delete(id string) error {
	return s.update(func(tx badgerTx) error {
		key := rowKey(nil, id)
		old, err := tx.get(key)
		if err != nil || old == nil {
			return err
		}
		role, name, err := decodeIndexed(old)
		if err != nil {
			return err
		}
		return errors.Join(tx.del(key), tx.del(nameKey(nil, name)), tx.del(roleKey(nil, role, id)))
	})
}

func (s *badgerByHand) Compact() error { return s.db.Flatten(1) }
func (s *badgerByHand) Close() error   { return s.db.Close() }
