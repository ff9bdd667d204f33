package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"testing"
)

// The seal is made as the format says, by the standard library's own parts.
func TestSealIsOfTheFormat(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	s := New(key)
	for n := range 70 {
		about, text := bytes.Repeat([]byte{1}, n%5), bytes.Repeat([]byte{2}, n)
		want := mac(mac(key, []byte("storegen cursor seal")), []byte{byte(len(about))}, about, text)[:Size]
		block, err := aes.NewCipher(mac(key, []byte("storegen cursor text"))[:16])
		if err != nil {
			t.Fatal(err)
		}
		enciphered := make([]byte, n)
		cipher.NewCTR(block, want).XORKeyStream(enciphered, text)
		want = append(want, enciphered...)
		got := s.Seal(nil, about, text)
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes are sealed as %x, want %x", n, got, want)
		}
		if back, ok := s.Open(about, bytes.Clone(got)); !ok || !bytes.Equal(back, text) {
			t.Fatalf("%x is opened as %x, %v", got, back, ok)
		}
		if _, ok := s.Open(append(about, 1), bytes.Clone(got)); ok {
			t.Errorf("%x is opened for something else", got)
		}
	}
}
