package bench

import (
	"errors"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// pebbleStore is the same by hand on pebble, behind one lock for writes: its
// commits are fast enough not to need more here.
type pebbleStore struct {
	byHand
	mu sync.Mutex
	db *pebble.DB
	wo *pebble.WriteOptions
}

func openPebble(o Options) (Contestant, error) {
	cache := pebble.NewCache(128 << 20)
	defer cache.Unref()
	po := &pebble.Options{Cache: cache, MemTableSize: 16 << 20, Logger: quiet{}, FormatMajorVersion: pebble.FormatTableFormatV6}
	po.Experimental.ReadSamplingMultiplier = -1 // as the engine has it
	for i := range po.Levels {
		po.Levels[i] = pebble.LevelOptions{FilterPolicy: bloom.FilterPolicy(10), BlockSize: 16 << 10}
	}
	db, err := pebble.Open(o.Dir, po)
	wo := pebble.NoSync
	if o.Sync {
		wo = pebble.Sync
	}
	if err != nil {
		return nil, err
	}
	p := &pebbleStore{db: db, wo: wo}
	p.read = func(fn func(tx handTx) error) error {
		snap := db.NewSnapshot()
		return errors.Join(fn(pebbleTx{p, snap, nil}), snap.Close())
	}
	p.write = func(fn func(tx handTx) error) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		b := db.NewBatch()
		defer b.Close()
		if err := fn(pebbleTx{p, db, b}); err != nil {
			return err
		}
		return b.Commit(p.wo)
	}
	return p, nil
}

// pebbleTx is the handTx of a snapshot, or of a batch while the lock is held. It
// does not see its own writes, which none of its users reads.
type pebbleTx struct {
	p *pebbleStore
	r pebble.Reader
	b *pebble.Batch
}

func (t pebbleTx) get(key []byte) ([]byte, error) {
	v, _, err := getPebble(t.r, key)
	return v, err
}
func (t pebbleTx) put(key, value []byte) error { return t.b.Set(key, value, nil) }
func (t pebbleTx) del(key []byte) error        { return t.b.Delete(key, nil) }

func (t pebbleTx) walk(start, end []byte, visit func(key, value []byte) (bool, error)) error {
	return walkPebble(t.r, start, end, visit)
}

type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(string, ...any) {}

func (p *pebbleStore) get(key []byte) ([]byte, bool, error) { return getPebble(p.db, key) }

func getPebble(r pebble.Reader, key []byte) ([]byte, bool, error) {
	v, closer, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	b := append([]byte{}, v...)
	return b, true, closer.Close()
}

func (p *pebbleStore) has(key []byte) (bool, error) {
	_, closer, err := p.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, closer.Close()
}

func (p *pebbleStore) insert(b *pebble.Batch, u *User) error {
	key := rowKey(nil, u.ID)
	if has, err := p.has(key); err != nil || has {
		return errors.Join(err, errExists)
	}
	name := nameKey(nil, u.Username)
	if has, err := p.has(name); err != nil || has {
		return errors.Join(err, errTaken)
	}
	return errors.Join(b.Set(key, appendRow(nil, u), nil), b.Set(name, []byte(u.ID), nil), b.Set(roleKey(nil, u.Role, u.ID), nil, nil))
}

func (p *pebbleStore) Insert(u *User) error { return p.InsertBatch([]*User{u}) }

func (p *pebbleStore) InsertBatch(us []*User) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.db.NewBatch()
	defer b.Close()
	for _, u := range us {
		if err := p.insert(b, u); err != nil {
			return err
		}
	}
	return b.Commit(p.wo)
}

func (p *pebbleStore) Update(id, role string) error {
	return p.change(id, func(u *User) { u.Role = role })
}

func (p *pebbleStore) Touch(id, hash string) error {
	return p.change(id, func(u *User) { u.Hash = hash })
}

func (p *pebbleStore) change(id string, fn func(u *User)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := rowKey(nil, id)
	old, ok, err := p.get(key)
	if err != nil || !ok {
		return errors.Join(err, errNotFound)
	}
	var u User
	if err := decodeRow(old, &u); err != nil {
		return err
	}
	was := u.Role
	fn(&u)
	b := p.db.NewBatch()
	defer b.Close()
	err = b.Set(key, appendRow(nil, &u), nil)
	if was != u.Role {
		err = errors.Join(err, b.Delete(roleKey(nil, was, id), nil), b.Set(roleKey(nil, u.Role, id), nil, nil))
	}
	return errors.Join(err, b.Commit(p.wo))
}

func (p *pebbleStore) Get(id string, u *User) (bool, error) {
	b, ok, err := p.get(rowKey(nil, id))
	if err != nil || !ok {
		return false, err
	}
	*u = User{ID: id}
	return true, decodeRow(b, u)
}

func (p *pebbleStore) Has(id string) (bool, error) { return p.has(rowKey(nil, id)) }

func (p *pebbleStore) GetMany(ids []string, visit func(u *User)) error {
	return getEach(p, ids, visit)
}

// getEach is GetMany for those that have nothing better.
func getEach(c Contestant, ids []string, visit func(u *User)) error {
	for _, id := range ids {
		var u User
		ok, err := c.Get(id, &u)
		if err != nil {
			return err
		}
		if ok {
			visit(&u)
		}
	}
	return nil
}

func (p *pebbleStore) GetByUsername(name string, u *User) (bool, error) {
	id, ok, err := p.get(nameKey(nil, name))
	if err != nil || !ok {
		return false, err
	}
	return p.Get(string(id), u)
}

func walkPebble(r pebble.Reader, start, end []byte, visit func(key, value []byte) (bool, error)) error {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: start, UpperBound: end})
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		more, err := visit(it.Key(), it.Value())
		if err != nil || !more {
			return errors.Join(err, it.Close())
		}
	}
	return it.Close()
}

func (p *pebbleStore) ScanRole(role string, limit int, visit func(u *User)) error {
	_, err := p.PageRole(role, limit, "", visit)
	return err
}

func (p *pebbleStore) PageRole(role string, limit int, from string, visit func(u *User)) (next string, err error) {
	snap := p.db.NewSnapshot()
	defer snap.Close()
	prefix := rolePrefix(nil, role)
	n := 0
	err = walkPebble(snap, append(rolePrefix(nil, role), from...), upTo(prefix), func(key, _ []byte) (bool, error) {
		u := User{ID: string(key[len(prefix):])}
		v, closer, err := snap.Get(rowKey(nil, u.ID))
		if err != nil {
			return false, err
		}
		err = decodeRow(append([]byte(nil), v...), &u)
		visit(&u)
		if n++; n == limit {
			next = u.ID + "\x00" // the first place behind it
		}
		return n < limit, errors.Join(err, closer.Close())
	})
	return next, err
}

func (p *pebbleStore) ScanColumns(visit func(id, email string)) error {
	return walkPebble(p.db, []byte{'r'}, []byte{'s'}, func(k, v []byte) (bool, error) {
		email, err := decodeEmail(v)
		visit(textOf(k[1:]), email)
		return true, err
	})
}

func (p *pebbleStore) rows(prefix []byte, visit func(u *User)) error {
	var mem block
	return walkPebble(p.db, prefix, upTo(prefix), func(key, value []byte) (bool, error) {
		u := User{ID: textOf(mem.copy(key[1:]))}
		err := decodeRow(mem.copy(value), &u)
		visit(&u)
		return true, err
	})
}

func (p *pebbleStore) ScanAll(visit func(u *User)) error { return p.rows([]byte{'r'}, visit) }

func (p *pebbleStore) ScanPrefix(prefix string, visit func(u *User)) error {
	return p.rows(rowKey(nil, prefix), visit)
}

func (p *pebbleStore) Delete(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := rowKey(nil, id)
	old, ok, err := p.get(key)
	if err != nil || !ok {
		return err
	}
	role, name, err := decodeIndexed(old)
	if err != nil {
		return err
	}
	b := p.db.NewBatch()
	defer b.Close()
	return errors.Join(b.Delete(key, nil), b.Delete(nameKey(nil, name), nil), b.Delete(roleKey(nil, role, id), nil), b.Commit(p.wo))
}

func (p *pebbleStore) Compact() error { return p.db.Compact(ctx, []byte{0}, []byte{255}, false) }
func (p *pebbleStore) Close() error   { return p.db.Close() }
