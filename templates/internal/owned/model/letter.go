package model

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/storegen/storegen/templates/internal/owned/plain"
)

// Letter knows itself how it becomes bytes.
type Letter struct {
	in   letter
	Sent time.Time
}

type letter struct {
	Number int
	From   plain.Name
	To     *string
	Pages  []string
	Sent   time.Time
	Hash   plain.Hash
}

// NewLetter makes one.
func NewLetter(number int, from plain.Name, to *string, sent time.Time, pages ...string) *Letter {
	return &Letter{in: letter{Number: number, From: from, To: to, Pages: pages, Hash: plain.Hash{byte(number)}}, Sent: sent}
}

// MarshalBinary implements encoding.BinaryMarshaler.
func (l *Letter) MarshalBinary() ([]byte, error) {
	if l.in.From == "nobody" {
		return nil, errors.New("somebody has written it")
	}
	in := l.in
	in.Sent = l.Sent
	return json.Marshal(in)
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (l *Letter) UnmarshalBinary(b []byte) error {
	if err := json.Unmarshal(b, &l.in); err != nil {
		return err
	}
	l.Sent = l.in.Sent
	return nil
}

// Number tells letters apart.
func (l *Letter) Number() int { return l.in.Number }

// To is who gets it, if anybody.
func (l *Letter) To() *string { return l.in.To }

// From is who has written it.
func From(l *Letter) plain.Name { return l.in.From }

// HashOf is what it is found by.
func HashOf(l Letter) plain.Hash { return l.in.Hash }

// Pages are the texts.
func (l *Letter) Pages() []string { return l.in.Pages }

// Address takes something.
func (l *Letter) Address(to string) string { return to }

// Weigh gives nothing that a column has.
func (l *Letter) Weigh() map[string]int { return nil }

// SetTo changes it.
func (l *Letter) SetTo(to string) { l.in.To = &to }
