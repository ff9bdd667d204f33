package sqlstore

import (
	"fmt"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// form is how SQL has the values of a column.
type form uint8

const (
	formInt      form = iota + 1 // an integer
	formUint                     // an integer, or text where it is from 2^63 on
	formBool                     // 0 or 1
	formFloat                    // NULL where it is no number
	formText                     // of a string
	formJSON                     // a document
	formBlob                     // bytes
	formUUID                     // text
	formTime                     // text of fixed width
	formDate                     // the same
	formClock                    // the same, a time of day
	formDuration                 // nanoseconds
	formEnum                     // its name
	formDecimal                  // text that is compared by number
)

// forms are the forms of the scalars, and the types with which columns are declared. The
// words decide how SQLite compares: text in it makes texts of numbers, and none leaves
// values as they are.
var forms = map[kind.Kind]struct {
	form form
	decl string
}{
	kind.Bool:       {formBool, "BOOLEAN"},
	kind.Int8:       {formInt, "INTEGER"},
	kind.Int16:      {formInt, "INTEGER"},
	kind.Int32:      {formInt, "INTEGER"},
	kind.Int64:      {formInt, "INTEGER"},
	kind.Varint:     {formInt, "INTEGER"},
	kind.Uint8:      {formInt, "INTEGER"},
	kind.Uint16:     {formInt, "INTEGER"},
	kind.Uint32:     {formInt, "INTEGER"},
	kind.Uint64:     {formUint, ""},
	kind.Uvarint:    {formUint, ""},
	kind.Float32:    {formFloat, "REAL"},
	kind.Float64:    {formFloat, "REAL"},
	kind.String:     {formText, "TEXT"},
	kind.Bytes:      {formBlob, "BLOB"},
	kind.FixedBytes: {formBlob, "BLOB"},
	kind.JSON:       {formJSON, "JSON TEXT"},
	kind.UUID:       {formUUID, "UUID TEXT"},
	kind.Timestamp:  {formTime, timestampDecl},
	kind.Date:       {formDate, "DATE TEXT"},
	kind.TimeOfDay:  {formClock, "TIME TEXT"},
	kind.Duration:   {formDuration, "INTEGER"},
	kind.Enum:       {formEnum, "ENUM TEXT"},
	kind.Decimal:    {formDecimal, "DECIMAL TEXT"},
}

// timestampDecl is the type of columns whose values are a time.Time in Go.
const timestampDecl = "TIMESTAMP TEXT"

// column is a column as SQL has it.
type column struct {
	form   form
	kind   kind.Kind
	params *kind.Params
	decl   string
}

func newColumn(c *provider.Column) (column, error) {
	f, ok := forms[c.Kind]
	if !ok {
		return column{}, fmt.Errorf("column %s is of the kind %s, which this version does not know", c.Name, c.Kind)
	}
	return column{form: f.form, kind: c.Kind, params: &c.Type.Params, decl: f.decl}, nil
}

// collation is the collation that the column is compared by.
func (c *column) collation() string {
	switch c.form {
	case formDecimal:
		return decimalCollation
	case formTime:
		return timestampCollation
	}
	return binaryCollation
}

// collated reports whether the collation matters to the values.
func (c *column) collated() bool {
	switch c.form {
	case formText, formJSON, formUUID, formTime, formDate, formClock, formEnum, formDecimal, formUint:
		return true
	}
	return false
}
