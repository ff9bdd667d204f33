package model

import (
	"encoding/hex"
	"fmt"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
)

// Hash is an array with a text of its own, as packages of blockchains have it.
type Hash [32]byte

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(text []byte) error {
	if n, err := hex.Decode(h[:], text); err != nil || n != len(h) {
		return fmt.Errorf("no hash: %q", text)
	}
	return nil
}

// Block has the scalars that Go and its libraries have small or fixed types for.
type Block struct {
	Hash   Hash
	Height uint64 `storegen:",uvarint"`
	Parent *Hash
	Uncles []Hash
	Roots  map[string]Hash
	Magic  [4]byte
	Tip    int8
	Drift  int16 `storegen:"drift"`
	Kind   uint8
	Port   uint16
	Score  float32
	Offset int64 `storegen:",varint"`
	Day    civil.Date
	At     civil.TimeOfDay
	Fee    decimal.Decimal  `storegen:",decimal(20,8)"`
	Reward *decimal.Decimal `storegen:",decimal(20,8)"`
	Days   []civil.Date
}
