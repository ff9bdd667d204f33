// Package plain holds types of a program that know nothing of what is generated,
// so that structs of the schema can hold them.
package plain

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ID is a number that is written with a letter before it, and whose zero value
// has no text.
type ID struct{ n int }

// NewID makes one.
func NewID(n int) ID { return ID{n} }

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) {
	if id.n <= 0 {
		return nil, errors.New("an ID is more than 0")
	}
	return fmt.Appendf(nil, "n%04d", id.n), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "n")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n <= 0 {
		return fmt.Errorf("%q is no ID", text)
	}
	id.n = n
	return nil
}

// Types over scalars.
type (
	Name   string
	On     bool
	Small  int32
	Count  int64
	Few    uint32
	Many   uint64
	Ratio  float64
	Photo  []byte
	Wait   time.Duration
	Moment time.Time
	Ref    uuid.UUID
)

// Zip is a struct that is compared.
type Zip struct {
	Country Name
	Code    Small
}

// Hash is an array of bytes, which is stored as it is although it has a text.
type Hash [20]byte

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "0x%x", h[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(strings.TrimPrefix(string(text), "0x"))
	if err != nil || len(b) != len(h) {
		return fmt.Errorf("%q is no hash", text)
	}
	*h = Hash(b)
	return nil
}

// Stamp is embedded in others.
type Stamp struct {
	By   Name
	Note string `json:"remark"`
}

// Vec is an array with a name.
type Vec [Dimensions]float64

// Dimensions is how many elements a Vec has.
const Dimensions = 3

// Wall is an element of an array, and holds some.
type Wall struct {
	Ends Vec
	Of   [2]string
}
