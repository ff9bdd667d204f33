package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// Cursors are sealed with a random key of the database's own, which its catalog
// holds: they may be given to those who may not read all that is in them, and come
// back as they were made or not at all.

const cursorKeySize = 32

// sealSize is what a seal adds to a text, in bytes.
const sealSize = 16

// cursorRecord is the key of the cursors.
type cursorRecord struct {
	Key []byte `json:"key"`
}

func (r *cursorRecord) check() error {
	if len(r.Key) != cursorKeySize {
		return fmt.Errorf("a key of %d bytes", len(r.Key))
	}
	return nil
}

// loadCursorKey reads the key, and makes it where there is none yet. A database that
// takes no writes and has none gets one for as long as it is open.
func (db *DB) loadCursorKey(ctx context.Context) error {
	var rec cursorRecord
	err := readRecord(ctx, db.eng, catalogKey(catalogCursors), &rec)
	if errors.Is(err, ErrNotFound) {
		rec.Key = newCursorKey()
		err = db.changeCatalog(ctx, true, func(w *writer) error {
			key := catalogKey(catalogCursors)
			v, err := w.tx.GetForUpdate(ctx, key)
			if isNotFound(err) {
				return writeRecord(w.tx, key, &rec)
			}
			if err != nil {
				return err
			}
			return decodeRecord(key, v, &rec)
		})
		if errors.Is(err, ErrReadOnly) {
			err = nil
		}
	}
	if err == nil {
		db.cursors = newSealer(rec.Key)
	}
	return err
}

func newCursorKey() []byte {
	key := make([]byte, cursorKeySize)
	rand.Read(key) // which does not fail
	return key
}

// sealer seals texts. It is an interface so that those who import this package need
// not read what it is made of.
type sealer interface {
	// seal appends a text to dst, sealed. about is what open must be given too.
	seal(dst, about, text []byte) []byte
	// open returns the text, in the memory of what is sealed, or false if it was not
	// sealed so.
	open(about, sealed []byte) (text []byte, ok bool)
}

// sivSealer makes a seal of about and the text, by HMAC-SHA256, and enciphers the text by
// AES in counter mode, from the seal on. So it needs no random number for each seal,
// and tells no more than that two texts are equal.
type sivSealer struct {
	block cipher.Block
	pool  pool // of *sealing
}

// sealing is what a seal needs of memory, for use again.
type sealing struct {
	mac      hash.Hash
	sum      [sha256.Size]byte
	ctr, pad [aes.BlockSize]byte
	size     [binary.MaxVarintLen64]byte
}

func newSealer(key []byte) sealer {
	block, err := aes.NewCipher(derive(key, "storegen cursor text")[:16])
	if err != nil {
		panic(err) // the size is right
	}
	mac := derive(key, "storegen cursor seal")
	return &sivSealer{block: block, pool: &sync.Pool{New: func() any {
		return &sealing{mac: hmac.New(sha256.New, mac)}
	}}}
}

func derive(key []byte, use string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(use))
	return h.Sum(nil)
}

// seal makes the seal of a text.
func (m *sealing) seal(about, text []byte) []byte {
	m.mac.Reset()
	m.mac.Write(m.size[:binary.PutUvarint(m.size[:], uint64(len(about)))])
	m.mac.Write(about)
	m.mac.Write(text)
	return m.mac.Sum(m.sum[:0])[:sealSize]
}

// encipher enciphers a text in place, or deciphers it.
func (m *sealing) encipher(block cipher.Block, seal, text []byte) {
	copy(m.ctr[:], seal)
	for len(text) > 0 {
		block.Encrypt(m.pad[:], m.ctr[:])
		text = text[subtle.XORBytes(text, text, m.pad[:]):]
		for i := len(m.ctr) - 1; i >= 0; i-- {
			if m.ctr[i]++; m.ctr[i] != 0 {
				break
			}
		}
	}
}

func (s *sivSealer) seal(dst, about, text []byte) []byte {
	m := s.pool.Get().(*sealing)
	defer s.pool.Put(m)
	seal := m.seal(about, text)
	dst = append(append(dst, seal...), text...)
	m.encipher(s.block, seal, dst[len(dst)-len(text):])
	return dst
}

func (s *sivSealer) open(about, sealed []byte) ([]byte, bool) {
	if len(sealed) < sealSize {
		return nil, false
	}
	m := s.pool.Get().(*sealing)
	defer s.pool.Put(m)
	seal, text := sealed[:sealSize], sealed[sealSize:]
	m.encipher(s.block, seal, text)
	return text, hmac.Equal(seal, m.seal(about, text))
}
