package model

import (
	"net/netip"
	"time"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/templates/internal/owned/db/models"
	"github.com/storegen/storegen/templates/internal/owned/plain"
)

// Grid is a row of arrays, each of which is a list with a fixed number of elements.
type Grid struct {
	ID int64
	Cell
	Axes    [3]float64
	At      plain.Vec
	Names   [2]string
	Aliases [2]plain.Name
	Times   [4]time.Time
	On      [2]bool
	Counts  [2]int
	Few     [3]plain.Few
	Bits    [2]uint16
	Hashes  [2]plain.Hash
	Blobs   [2][]byte
	Addrs   [2]netip.Addr
	Spans   [2]Span
	Zips    [2]plain.Zip
	Visits  [2]models.Visit
	Roles   [2]models.Role
	Days    [2]civil.Date
	Sums    [2]decimal.Decimal `storegen:",decimal(12,2)"`
	Cells   []Cell
	Pair    Pairs
	Note    *string
	Weight  float64
	Room    models.Room
}

// Cell is a struct with an array.
type Cell struct {
	Sides [4]plain.Count
	Label string
}

// Pairs are an array with a name, of structs with arrays.
type Pairs [2]plain.Wall
