// Package model holds the types of a program that are there before its schema.
package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/templates/internal/owned/db/models"
	"github.com/storegen/storegen/templates/internal/owned/plain"
)

// Span has a form as bytes, which its methods with pointers know, and keeps the
// bytes that it is given.
type Span struct {
	From, To byte
	kept     []byte
}

// MarshalBinary implements encoding.BinaryMarshaler.
func (s *Span) MarshalBinary() ([]byte, error) {
	if s.From > s.To {
		return nil, errors.New("a span ends before it begins")
	}
	return []byte{s.From, s.To}, nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (s *Span) UnmarshalBinary(b []byte) error {
	if len(b) != 2 || b[0] > b[1] {
		return fmt.Errorf("%x is no span", b)
	}
	s.From, s.To, s.kept = b[0], b[1], b
	return nil
}

// Kept is what UnmarshalBinary was given.
func (s *Span) Kept() []byte { return s.kept }

// IsZero reports whether nothing is set.
func (s *Span) IsZero() bool { return s.From == 0 && s.To == 0 }

// Path is text, and is a slice in Go.
type Path []string

// MarshalText implements encoding.TextMarshaler.
func (p Path) MarshalText() ([]byte, error) { return []byte(strings.Join(p, "/")), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Path) UnmarshalText(text []byte) error {
	*p = strings.Split(string(text), "/")
	return nil
}

// Types over scalars, of rows alone.
type (
	Word int
	Doc  json.RawMessage
)

// Place is a struct of structs.
type Place struct {
	// Street is where it is.
	Street plain.Name
	Zip    plain.Zip
	Old    *plain.Zip
	All    []plain.Zip
	ByName map[string]plain.Zip
	Addr   netip.Addr
	Spans  []Span
	Role   models.Role
	Photo  plain.Photo
	At     time.Time
}

// User is a row.
type User struct {
	ID     plain.ID
	Name   string
	Nick   *plain.Name
	Addr   netip.Addr
	Via    *netip.Addr
	Addrs  []netip.Addr
	Seen   map[netip.Addr]Place
	Span   Span
	Spans  map[string]Span
	Next   *Span
	Link   *url.URL
	Level  slog.Level
	Plain  slog.Level `storegen:",scalar"`
	Path   Path
	Home   Place
	Work   *Place
	Places []Place
	ByName map[plain.Name]Place
	Photo  plain.Photo
	Wait   plain.Wait
	Moment plain.Moment
	Ends   *plain.Moment
	Ref    plain.Ref
	Doc    Doc
	Words  []Word
	Ints   []int
	Role   models.Role
	Note   []byte
	cache  any `storegen:"-"`
}

// Base is what rows begin with: its fields are columns of them.
type Base struct {
	ID   plain.ID
	Made time.Time
}

type kept struct{ Kept string }

// Shape is a row of what fields of structs may look like.
type Shape struct {
	Base
	plain.Stamp
	kept
	plain.Name `json:"label"`
	Parts      []*Part
	ByKind     map[string]*Part
	Visits     []*models.Visit
	Tours      map[plain.Name]*models.Visit
	Blobs      [][]byte
	Named      map[string][]byte
	Last       *Part
	ByNumber   map[uint64]*Part
	ByWord     map[Word][]byte
	ByCount    map[plain.Count]plain.Zip
	ByFew      map[plain.Few]models.Visit
	Small      map[int32]string
	Hash       plain.Hash
	Maybe      *plain.Hash
	Hashes     []plain.Hash
	ByName     map[string]plain.Hash
	Raw        [4]byte
	Text       plain.Hash `storegen:",text"`
	Tiny       int8
	Port       uint16
	Half       float32
	Bits       []uint16
	Day        civil.Date
}

// Part is a struct with one that is embedded.
type Part struct {
	plain.Stamp
	Size  int
	Parts []*plain.Zip
}

// Cache is of the program's own.
func (u *User) Cache() any { return u.cache }
