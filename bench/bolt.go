package bench

import (
	"bytes"
	"errors"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// boltStore is the same by hand on bbolt, one bucket for all keys.
type boltStore struct {
	byHand
	db *bolt.DB
}

// boltTx is the handTx of a bucket.
type boltTx struct{ b *bolt.Bucket }

func (t boltTx) get(key []byte) ([]byte, error) { return t.b.Get(key), nil }
func (t boltTx) put(key, value []byte) error    { return t.b.Put(key, value) }
func (t boltTx) del(key []byte) error           { return t.b.Delete(key) }

func (t boltTx) walk(start, end []byte, visit func(key, value []byte) (bool, error)) error {
	c := t.b.Cursor()
	for k, v := c.Seek(start); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
		if more, err := visit(k, v); err != nil || !more {
			return err
		}
	}
	return nil
}

var bucket = []byte("all")

func openBolt(o Options) (Contestant, error) {
	db, err := bolt.Open(filepath.Join(o.Dir, "bolt"), 0o600, &bolt.Options{NoSync: !o.Sync, NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	s := &boltStore{db: db}
	s.read = func(fn func(tx handTx) error) error {
		return db.View(func(tx *bolt.Tx) error { return fn(boltTx{tx.Bucket(bucket)}) })
	}
	s.write = func(fn func(tx handTx) error) error {
		return db.Update(func(tx *bolt.Tx) error { return fn(boltTx{tx.Bucket(bucket)}) })
	}
	return s, db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
}

func (s *boltStore) Insert(u *User) error { return s.InsertBatch([]*User{u}) }

func (s *boltStore) InsertBatch(us []*User) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		for _, u := range us {
			key, name := rowKey(nil, u.ID), nameKey(nil, u.Username)
			if b.Get(key) != nil {
				return errExists
			}
			if b.Get(name) != nil {
				return errTaken
			}
			if err := errors.Join(b.Put(key, appendRow(nil, u)), b.Put(name, []byte(u.ID)), b.Put(roleKey(nil, u.Role, u.ID), nil)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *boltStore) Update(id, role string) error {
	return s.change(id, func(u *User) { u.Role = role })
}

func (s *boltStore) Touch(id, hash string) error {
	return s.change(id, func(u *User) { u.Hash = hash })
}

func (s *boltStore) change(id string, fn func(u *User)) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		key := rowKey(nil, id)
		old := b.Get(key)
		if old == nil {
			return errNotFound
		}
		var u User
		if err := decodeRow(bytes.Clone(old), &u); err != nil {
			return err
		}
		was := u.Role
		fn(&u)
		err := b.Put(key, appendRow(nil, &u))
		if was != u.Role {
			err = errors.Join(err, b.Delete(roleKey(nil, was, id)), b.Put(roleKey(nil, u.Role, id), nil))
		}
		return err
	})
}

func getBolt(b *bolt.Bucket, id string, u *User) (bool, error) {
	v := b.Get(rowKey(nil, id))
	if v == nil {
		return false, nil
	}
	*u = User{ID: id}
	return true, decodeRow(bytes.Clone(v), u)
}

func (s *boltStore) Get(id string, u *User) (ok bool, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		ok, err = getBolt(tx.Bucket(bucket), id, u)
		return err
	})
	return ok, err
}

func (s *boltStore) Has(id string) (ok bool, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		ok = tx.Bucket(bucket).Get(rowKey(nil, id)) != nil
		return nil
	})
	return ok, err
}

func (s *boltStore) GetMany(ids []string, visit func(u *User)) error {
	return s.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		for _, id := range ids {
			var u User
			ok, err := getBolt(b, id, &u)
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

func (s *boltStore) GetByUsername(name string, u *User) (ok bool, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		id := b.Get(nameKey(nil, name))
		if id == nil {
			return nil
		}
		ok, err = getBolt(b, string(id), u)
		return err
	})
	return ok, err
}

func (s *boltStore) ScanRole(role string, limit int, visit func(u *User)) error {
	_, err := s.PageRole(role, limit, "", visit)
	return err
}

func (s *boltStore) PageRole(role string, limit int, from string, visit func(u *User)) (next string, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		prefix := rolePrefix(nil, role)
		start := append(rolePrefix(nil, role), from...)
		c := b.Cursor()
		n := 0
		for k, _ := c.Seek(start); n < limit && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			var u User
			if _, err := getBolt(b, string(k[len(prefix):]), &u); err != nil {
				return err
			}
			visit(&u)
			if n++; n == limit {
				next = u.ID + "\x00" // the first place behind it
			}
		}
		return nil
	})
	return next, err
}

func (s *boltStore) ScanColumns(visit func(id, email string)) error {
	return s.db.View(func(tx *bolt.Tx) error {
		return boltTx{tx.Bucket(bucket)}.walk([]byte{'r'}, []byte{'s'}, func(k, v []byte) (bool, error) {
			email, err := decodeEmail(v)
			visit(textOf(k[1:]), email)
			return true, err
		})
	})
}

func (s *boltStore) ScanAll(visit func(u *User)) error { return s.ScanPrefix("", visit) }

func (s *boltStore) ScanPrefix(prefix string, visit func(u *User)) error {
	return s.db.View(func(tx *bolt.Tx) error {
		var mem block
		p := rowKey(nil, prefix)
		c := tx.Bucket(bucket).Cursor()
		for k, v := c.Seek(p); bytes.HasPrefix(k, p); k, v = c.Next() {
			u := User{ID: textOf(mem.copy(k[1:]))}
			if err := decodeRow(mem.copy(v), &u); err != nil {
				return err
			}
			visit(&u)
		}
		return nil
	})
}

func (s *boltStore) Delete(id string) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		key := rowKey(nil, id)
		old := b.Get(key)
		if old == nil {
			return nil
		}
		role, name, err := decodeIndexed(bytes.Clone(old))
		if err != nil {
			return err
		}
		return errors.Join(b.Delete(key), b.Delete(nameKey(nil, name)), b.Delete(roleKey(nil, role, id)))
	})
}

func (s *boltStore) Close() error { return s.db.Close() }
