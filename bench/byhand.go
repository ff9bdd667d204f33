package bench

import (
	"encoding/binary"
	"errors"
	"time"
)

// byHand is the smaller tables on an ordered map of bytes with transactions, for
// the contestants whose engine has those. The twin has code of its own.
type byHand struct {
	// They may run the function again, where a transaction has met another.
	read, write func(fn func(tx handTx) error) error
}

// handTx is a transaction. What get and walk give holds until its end.
type handTx interface {
	get(key []byte) ([]byte, error) // nil where there is none
	put(key, value []byte) error
	del(key []byte) error
	walk(start, end []byte, visit func(key, value []byte) (more bool, err error)) error
}

func (h byHand) AddMembers(ms []*Member) error {
	return h.write(func(tx handTx) error {
		for _, m := range ms {
			entry := append(memberRolePrefix(nil, m.Role), m.ID...)
			if err := errors.Join(tx.put(memberKey(nil, m.ID), appendMember(nil, m)), tx.put(entry, []byte(m.Email))); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h byHand) RoleEmails(role string, limit int, visit func(id, email string)) error {
	prefix := memberRolePrefix(nil, role)
	var mem block
	n := 0
	return h.read(func(tx handTx) error {
		return tx.walk(prefix, upTo(prefix), func(key, value []byte) (bool, error) {
			visit(textOf(mem.copy(key[len(prefix):])), textOf(mem.copy(value)))
			n++
			return n < limit, nil
		})
	})
}

func (h byHand) AddAccounts(ids []string) error {
	return h.write(func(tx handTx) error {
		zero := binary.AppendVarint(nil, 0)
		for _, id := range ids {
			if err := errors.Join(tx.put(accountKey(nil, id), zero), tx.put(counterKey(nil, id), zero)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h byHand) Transfer(account, counter string, amount int64) error {
	return h.write(func(tx handTx) error {
		a, c, err := balance(tx, account, counter)
		if err != nil {
			return err
		}
		return errors.Join(
			tx.put(accountKey(nil, account), binary.AppendVarint(nil, a-amount)),
			tx.put(counterKey(nil, counter), binary.AppendVarint(nil, c+amount)))
	})
}

func balance(tx handTx, account, counter string) (a, c int64, err error) {
	av, err := tx.get(accountKey(nil, account))
	if err != nil {
		return 0, 0, err
	}
	cv, err := tx.get(counterKey(nil, counter))
	if err != nil {
		return 0, 0, err
	}
	if av == nil || cv == nil {
		return 0, 0, errNotFound
	}
	a, aerr := decodeNumber(av)
	c, cerr := decodeNumber(cv)
	return a, c, errors.Join(aerr, cerr)
}

func (h byHand) Balance(account, counter string) (a, c int64, err error) {
	err = h.read(func(tx handTx) error {
		a, c, err = balance(tx, account, counter)
		return err
	})
	return a, c, err
}

func (h byHand) AddSessions(ss []*Session) error {
	return h.write(func(tx handTx) error {
		for _, s := range ss {
			v := appendSession(nil, s)
			if err := errors.Join(tx.put(sessionKey(nil, s.ID), v), tx.put(expiryKey(nil, v[:expirySize], s.ID), nil)); err != nil {
				return err
			}
		}
		return nil
	})
}

// sweepBatch is how many rows a sweep removes in one commit.
const sweepBatch = 256

func (h byHand) Sweep() (int, error) {
	total := 0
	end := append([]byte{'x'}, appendExpiry(nil, time.Now())...)
	for {
		var due []string // the expiry and the id
		err := h.write(func(tx handTx) error {
			due = due[:0]
			err := tx.walk([]byte{'x'}, end, func(key, _ []byte) (bool, error) {
				due = append(due, string(key[1:]))
				return len(due) < sweepBatch, nil
			})
			for _, d := range due {
				err = errors.Join(err, tx.del(append([]byte{'x'}, d...)), tx.del(sessionKey(nil, d[expirySize:])))
			}
			return err
		})
		total += len(due)
		if err != nil || len(due) < sweepBatch {
			return total, err
		}
	}
}

func (h byHand) HasSession(id string) (ok bool, err error) {
	err = h.read(func(tx handTx) error {
		v, err := tx.get(sessionKey(nil, id))
		ok = v != nil
		return err
	})
	return ok, err
}
