// Package seal seals texts with a key, so that they tell nothing and come back as they
// were made or not at all. Cursors are sealed so. It knows nothing of what a text means.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"sync"

	"github.com/storegen/storegen/runtime/internal/mem"
)

// sealSize is what a seal adds to a text, in bytes.
const Size = 16

// Sealer seals texts. It is an interface so that those who import this package need
// not read what it is made of.
type Sealer interface {
	// seal appends a text to dst, sealed. about is what open must be given too.
	Seal(dst, about, text []byte) []byte
	// open returns the text, in the memory of what is sealed, or false if it was not
	// sealed so.
	Open(about, sealed []byte) (text []byte, ok bool)
}

// sivSealer makes a seal of about and the text, by HMAC-SHA256, and enciphers the text by
// AES in counter mode, from the seal on. So it needs no random number for each seal,
// and tells no more than that two texts are equal.
type sivSealer struct {
	block cipher.Block
	pool  mem.Pool // of *sealing
}

// sealing is what a seal needs of memory, for use again.
type sealing struct {
	mac      hash.Hash
	sum      [sha256.Size]byte
	ctr, pad [aes.BlockSize]byte
	size     [binary.MaxVarintLen64]byte
}

// New returns a Sealer with a key of 32 bytes.
func New(key []byte) Sealer {
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
	return m.mac.Sum(m.sum[:0])[:Size]
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

// Seal implements Sealer.
func (s *sivSealer) Seal(dst, about, text []byte) []byte {
	m := s.pool.Get().(*sealing)
	defer s.pool.Put(m)
	seal := m.seal(about, text)
	dst = append(append(dst, seal...), text...)
	m.encipher(s.block, seal, dst[len(dst)-len(text):])
	return dst
}

// Open implements Sealer.
func (s *sivSealer) Open(about, sealed []byte) ([]byte, bool) {
	if len(sealed) < Size {
		return nil, false
	}
	m := s.pool.Get().(*sealing)
	defer s.pool.Put(m)
	seal, text := sealed[:Size], sealed[Size:]
	m.encipher(s.block, seal, text)
	return text, hmac.Equal(seal, m.seal(about, text))
}
