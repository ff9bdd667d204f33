package arrowstore

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// Rows are the rows of a batch as values for the columns of a table, which are found by their
// names.
type Rows struct {
	def     *provider.TableDef
	columns []rowsColumn
	n       int
}

type rowsColumn struct {
	at  int // in the table
	arr arrow.Array
	get func(i int) (kind.Value, error)
}

// NewRows reads a batch, which has to stay until all rows are read. The error is
// store.ErrInvalid for columns that the table does not have, or has with a type that says something else.
func NewRows(def *provider.TableDef, batch arrow.RecordBatch) (*Rows, error) {
	if batch.NumCols() == 0 && batch.NumRows() > 0 {
		return nil, fmt.Errorf("%w: a batch of %d rows has no columns", store.ErrInvalid, batch.NumRows())
	}
	r := &Rows{def: def, columns: make([]rowsColumn, batch.NumCols()), n: int(batch.NumRows())}
	given := make([]bool, len(def.Columns))
	for i := range r.columns {
		name := batch.ColumnName(i)
		at := def.ColumnNamed(name)
		if at < 0 {
			return nil, fmt.Errorf("%w: %s has no column %q", store.ErrInvalid, def.Name, name)
		}
		if given[at] {
			return nil, fmt.Errorf("%w: the column %s is there twice", store.ErrInvalid, name)
		}
		f, p, err := formOf(&def.Columns[at])
		if err != nil {
			return nil, err
		}
		arr := batch.Column(i)
		if named, ok := arr.(array.ExtensionArray); ok { // uuid, json: another name for what is stored
			arr = named.Storage()
		}
		get := foreign
		if arrow.TypeEqual(arr.DataType(), f.typ(p)) {
			get = func(a arrow.Array, _ *provider.Column) func(int) (kind.Value, error) { return f.getter(a, p) }
		}
		given[at] = true
		r.columns[i] = rowsColumn{at, arr, get(arr, &def.Columns[at])}
		if r.columns[i].get == nil {
			return nil, fmt.Errorf("%w: the column %s of %s is %s, and the batch has %s", store.ErrInvalid, name, def.Name, f.typ(p), batch.Column(i).DataType())
		}
	}
	return r, nil
}

// Len is how many rows there are.
func (r *Rows) Len() int { return r.n }

// Row sets values, one for each column of the table, to those of a row. Columns that the batch
// does not have are null. The error is store.ErrInvalid for what is no value of its column.
func (r *Rows) Row(i int, values []kind.Value) (err error) {
	defer recovered(&err) // offsets that are wrong show only now
	clear(values)
	for c := range r.columns {
		c := &r.columns[c]
		if c.arr.IsNull(i) {
			continue
		}
		if values[c.at], err = c.get(i); err != nil {
			return fmt.Errorf("%w: %s: %w", store.ErrInvalid, r.def.Columns[c.at].Name, err)
		}
	}
	return nil
}
