package schema

import (
	"strconv"
	"time"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lang"
)

// An EnumValue is one value of an enum.
type EnumValue struct {
	Name   string
	GoName string // the enum's name and the value's: JobStatusRunning
	Doc    string
	Number int32 // from the lock, at least 1: 0 means that no value is set
	Was    []string
	Pos    diag.Pos
}

// A Literal is a value that is written in a schema: a default, or one side of a
// comparison. Kind says which of the other fields holds it.
type Literal struct {
	Kind  Kind
	Bool  bool
	Int   int64         // Int32, Int64; also a length
	Uint  uint64        // Uint32, Uint64
	Float float64       // Float64
	Str   string        // String, Bytes, JSON
	Dur   time.Duration // Duration
	Enum  *EnumValue    // Enum
	Now   bool          // Timestamp: the time of the write
	New   bool          // UUID: a new version 7 UUID
}

// String returns the literal as an expression writes it.
func (l *Literal) String() string {
	switch l.Kind {
	case kind.Bool:
		return strconv.FormatBool(l.Bool)
	case kind.Int32, kind.Int64:
		return strconv.FormatInt(l.Int, 10)
	case kind.Uint32, kind.Uint64:
		return strconv.FormatUint(l.Uint, 10)
	case kind.Float64:
		return strconv.FormatFloat(l.Float, 'g', -1, 64)
	case kind.String, kind.Bytes, kind.JSON:
		return strconv.Quote(l.Str)
	case kind.Duration:
		return lang.FormatDuration(l.Dur)
	case kind.Enum:
		return l.Enum.Name
	case kind.Timestamp:
		return "now"
	case kind.UUID:
		return "new"
	}
	return "invalid"
}
