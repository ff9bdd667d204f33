package rowfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/parquetstore"
	"github.com/storegen/storegen/runtime/provider"
)

// A Row is a row of a file, with a value for each column of its table.
type Row struct {
	Place  string // in the file, for messages
	Values []provider.Value
	Given  []bool // by column; in CSV and in columns what is null is not given
}

// Read reads the rows of a file in a format, for a table. What is wrong is an error with its
// place, the last that comes. A Parquet file that is no parquetstore.File is copied to a
// temporary one, since its directory is at its end.
func Read(ctx context.Context, r io.Reader, format string, def *provider.TableDef) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		ended := false
		err := read(ctx, r, format, def, func(row Row) bool {
			ended = !yield(row, nil)
			return !ended
		})
		if err != nil && !ended {
			yield(Row{}, err)
		}
	}
}

// errEnded ends the reading of rows that nobody wants any more.
var errEnded = errors.New("ended")

func read(ctx context.Context, r io.Reader, format string, def *provider.TableDef, add func(Row) bool) error {
	switch format {
	case "json":
		err := Objects(r, func(n int, text json.RawMessage) error {
			place := fmt.Sprintf("row %d", n)
			values, given, err := ParseRow(def, text)
			if err != nil {
				return fmt.Errorf("%s: %w", place, err)
			}
			if !add(Row{place, values, given}) {
				return errEnded
			}
			return nil
		})
		if err == errEnded {
			return nil
		}
		return err
	case "csv":
		return readCSV(r, def, add)
	case "arrow", "arrows": // which are told apart by their first bytes
		return readBatches(def, arrowstore.Batches(r), add)
	case "parquet":
		f, ok := r.(parquetstore.File)
		if !ok {
			spooled, remove, err := spool(r)
			if err != nil {
				return err
			}
			defer remove()
			f = spooled
		}
		return readBatches(def, parquetstore.Batches(ctx, f), add)
	}
	return CheckFormat(format, false)
}

func readCSV(r io.Reader, def *provider.TableDef, add func(Row) bool) error {
	in := newCSVReader(r)
	head, err := in.read()
	if err == io.EOF {
		return errors.New("the file is empty, where the names of columns are to be")
	}
	if err != nil {
		return err
	}
	columns := make([]int, len(head))
	seen := map[int]bool{}
	for i, name := range head {
		if columns[i], err = Column(def, name.text); err != nil {
			return fmt.Errorf("line %d: %w", in.line, err)
		}
		if seen[columns[i]] {
			return fmt.Errorf("line %d: the column %q is there twice", in.line, name.text)
		}
		seen[columns[i]] = true
	}
	for {
		cells, err := in.read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		place := fmt.Sprintf("line %d", in.line)
		values, given, err := cellsRow(def, columns, cells)
		if err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		if !add(Row{place, values, given}) {
			return nil
		}
	}
}

func readBatches(def *provider.TableDef, batches iter.Seq2[arrow.RecordBatch, error], add func(Row) bool) error {
	n := 0
	for batch, err := range batches {
		if err != nil {
			return err
		}
		rows, err := arrowstore.NewRows(def, batch)
		if err != nil {
			return err
		}
		for i := range rows.Len() {
			n++
			row := Row{fmt.Sprintf("row %d", n), make([]provider.Value, len(def.Columns)), make([]bool, len(def.Columns))}
			if err := rows.Row(i, row.Values); err != nil {
				return fmt.Errorf("%s: %w", row.Place, err)
			}
			for i, v := range row.Values {
				row.Values[i], row.Given[i] = v.Clone(), !v.IsNull() // the batch is used again
			}
			if !add(row) {
				return nil
			}
		}
	}
	return nil
}

// spool copies what comes from a pipe into a temporary file, for remove to take away.
func spool(r io.Reader) (f *os.File, remove func(), err error) {
	f, err = os.CreateTemp("", "storegen-db-*.parquet")
	if err != nil {
		return nil, nil, err
	}
	// Where a file can be removed that is open, a killed process leaves none.
	removed := os.Remove(f.Name()) == nil
	remove = func() {
		f.Close()
		if !removed {
			os.Remove(f.Name())
		}
	}
	if _, err := io.Copy(f, r); err != nil {
		remove()
		return nil, nil, err
	}
	return f, remove, nil
}
