package bench

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// The twin's smaller tables.

func (t *twin) AddMembers(ms []*Member) error {
	sc := t.pool.Get().(*twinScratch)
	for _, m := range ms {
		sc.stripes = append(sc.stripes, t.stripe('m', m.ID))
	}
	t.lock(sc)
	defer t.unlock(sc)
	for _, m := range ms {
		sc.key, sc.value = memberKey(sc.key[:0], m.ID), appendMember(sc.value[:0], m)
		sc.batch.Put(sc.key, sc.value)
		sc.key = append(memberRolePrefix(sc.key[:0], m.Role), m.ID...)
		sc.value = append(sc.value[:0], m.Email...)
		sc.batch.Put(sc.key, sc.value)
		sc.key, sc.value = emailKey(sc.key[:0], m.Email), appendEmailEntry(sc.value[:0], m)
		sc.batch.Put(sc.key, sc.value)
	}
	return t.db.Write(&sc.batch, t.wo)
}

func (t *twin) RoleEmails(role string, limit int, visit func(id, email string)) error {
	prefix := memberRolePrefix(nil, role)
	it := t.db.NewIterator(&util.Range{Start: prefix, Limit: upTo(prefix)}, nil)
	defer it.Release()
	var mem block
	for n := 0; n < limit && it.Next(); n++ {
		visit(textOf(mem.copy(it.Key()[len(prefix):])), textOf(mem.copy(it.Value())))
	}
	return it.Error()
}

// PutBlobs implements Blobber: it is one batch of goleveldb, and nothing else.
func (t *twin) PutBlobs(bs []*Blob) error {
	sc := t.pool.Get().(*twinScratch)
	defer t.unlock(sc)
	for _, b := range bs {
		sc.key, sc.value = blobKey(sc.key[:0], b.ID), appendBlob(sc.value[:0], b)
		sc.batch.Put(sc.key, sc.value)
	}
	return t.db.Write(&sc.batch, t.wo)
}

func (t *twin) AddAccounts(ids []string) error {
	sc := t.pool.Get().(*twinScratch)
	for _, id := range ids {
		sc.stripes = append(sc.stripes, t.stripe('a', id), t.stripe('c', id))
	}
	t.lock(sc)
	defer t.unlock(sc)
	sc.value = binary.AppendVarint(sc.value[:0], 0)
	for _, id := range ids {
		sc.key = accountKey(sc.key[:0], id)
		sc.batch.Put(sc.key, sc.value)
		sc.key = counterKey(sc.key[:0], id)
		sc.batch.Put(sc.key, sc.value)
	}
	return t.db.Write(&sc.batch, t.wo)
}

func (t *twin) Transfer(account, counter string, amount int64) error {
	sc := t.pool.Get().(*twinScratch)
	sc.stripes = append(sc.stripes, t.stripe('a', account), t.stripe('c', counter))
	t.lock(sc)
	defer t.unlock(sc)
	sc.key = accountKey(sc.key[:0], account)
	if err := t.add(sc, -amount); err != nil {
		return err
	}
	sc.key = counterKey(sc.key[:0], counter)
	if err := t.add(sc, amount); err != nil {
		return err
	}
	return t.db.Write(&sc.batch, t.wo)
}

// add puts the number at sc.key with an amount added into the batch.
func (t *twin) add(sc *twinScratch, amount int64) error {
	b, err := t.db.Get(sc.key, nil)
	if err != nil {
		return err
	}
	n, err := decodeNumber(b)
	if err != nil {
		return err
	}
	sc.value = binary.AppendVarint(sc.value[:0], n+amount)
	sc.batch.Put(sc.key, sc.value)
	return nil
}

func (t *twin) Balance(account, counter string) (a, c int64, err error) {
	snap, err := t.db.GetSnapshot()
	if err != nil {
		return 0, 0, err
	}
	defer snap.Release()
	for _, p := range []struct {
		key []byte
		to  *int64
	}{{accountKey(nil, account), &a}, {counterKey(nil, counter), &c}} {
		b, err := snap.Get(p.key, nil)
		if err != nil {
			return 0, 0, err
		}
		if *p.to, err = decodeNumber(b); err != nil {
			return 0, 0, err
		}
	}
	return a, c, nil
}

func (t *twin) AddSessions(ss []*Session) error {
	sc := t.pool.Get().(*twinScratch)
	for _, s := range ss {
		sc.stripes = append(sc.stripes, t.stripe('s', s.ID))
	}
	t.lock(sc)
	defer t.unlock(sc)
	for _, s := range ss {
		sc.key, sc.value = sessionKey(sc.key[:0], s.ID), appendSession(sc.value[:0], s)
		sc.batch.Put(sc.key, sc.value)
		sc.key = expiryKey(sc.key[:0], sc.value[:expirySize], s.ID)
		sc.batch.Put(sc.key, nil)
	}
	return t.db.Write(&sc.batch, t.wo)
}

// Sweep follows the order of expiry, a batch of rows in each commit. A row is
// looked at again under its lock, as it may have been written since.
func (t *twin) Sweep() (int, error) {
	end := append([]byte{'x'}, appendExpiry(nil, time.Now())...)
	it := t.db.NewIterator(&util.Range{Start: []byte{'x'}, Limit: end}, nil)
	defer it.Release()
	total := 0
	due := make([][]byte, 0, sweepBatch)
	var mem block
	for more := true; more; {
		due = due[:0]
		for len(due) < sweepBatch {
			if more = it.Next(); !more {
				break
			}
			due = append(due, mem.copy(it.Key()))
		}
		n, err := t.remove(due)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, it.Error()
}

func (t *twin) remove(due [][]byte) (n int, err error) {
	sc := t.pool.Get().(*twinScratch)
	for _, d := range due {
		sc.stripes = append(sc.stripes, t.stripe('s', textOf(d[1+expirySize:])))
	}
	t.lock(sc)
	defer t.unlock(sc)
	for _, d := range due {
		at, id := d[1:1+expirySize], d[1+expirySize:]
		sc.key = sessionKey(sc.key[:0], textOf(id))
		b, err := t.db.Get(sc.key, nil)
		if errors.Is(err, leveldb.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if len(b) < expirySize || string(b[:expirySize]) != string(at) {
			continue
		}
		sc.batch.Delete(sc.key)
		sc.batch.Delete(d)
		n++
	}
	if n == 0 {
		return 0, nil
	}
	return n, t.db.Write(&sc.batch, t.wo)
}

func (t *twin) HasSession(id string) (bool, error) {
	sc := t.pool.Get().(*twinScratch)
	defer t.pool.Put(sc)
	sc.key = sessionKey(sc.key[:0], id)
	return t.db.Has(sc.key, nil)
}
