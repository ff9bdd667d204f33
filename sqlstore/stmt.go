package sqlstore

import (
	"context"
	"database/sql/driver"
	"io"
	"math"
	"reflect"
	"time"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
)

// statement is what SQLite's driver has of a statement.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
	driver.NamedValueChecker
	ColumnDeclType(column int) string
}

// stmt is a statement.
type stmt struct {
	statement
	s         *session
	savepoint bool
}

// CheckNamedValue implements driver.NamedValueChecker: values become what SQL shows for
// them.
func (st *stmt) CheckNamedValue(arg *driver.NamedValue) error {
	switch v := arg.Value.(type) {
	case time.Time:
		arg.Value = TimeText(v)
		return nil
	case uint64:
		if v <= math.MaxInt64 {
			arg.Value = int64(v)
		} else {
			arg.Value = string(appendDigits(nil, v, uintWidth))
		}
		return nil
	case civil.Date:
		arg.Value = string(appendDay(nil, int64(v.UnixDays())))
		return nil
	case civil.TimeOfDay:
		d := v.SinceMidnight()
		arg.Value = string(appendClock(nil, int64(d/time.Second), int32(d%time.Second)))
		return nil
	case decimal.Decimal:
		arg.Value = v.String()
		return nil
	}
	return st.statement.CheckNamedValue(arg)
}

// ExecContext implements driver.StmtExecContext.
func (st *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (_ driver.Result, err error) {
	defer st.s.guard(&err)
	st.s.begins(st.savepoint)
	before := st.s.raw.TotalChanges()
	_, err = st.statement.ExecContext(ctx, args)
	if err = st.s.done(ctx, err); err != nil {
		return nil, err
	}
	return st.s.result(before), nil
}

// QueryContext implements driver.StmtQueryContext.
func (st *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (_ driver.Rows, err error) {
	defer st.s.guard(&err)
	st.s.begins(st.savepoint)
	inner, err := st.statement.QueryContext(ctx, args)
	if err != nil {
		return nil, st.s.done(ctx, err)
	}
	return &rows{Rows: inner, of: st, ctx: ctx}, nil
}

// Close implements driver.Stmt.
func (st *stmt) Close() (err error) {
	defer st.s.guard(&err)
	return st.s.done(context.Background(), st.statement.Close())
}

// rows are the rows of a query.
type rows struct {
	driver.Rows
	of    *stmt
	ctx   context.Context
	times []int // columns whose values are times in Go
	known bool
}

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) (err error) {
	defer r.of.s.guard(&err)
	if err := r.Rows.Next(dest); err != nil {
		if err = r.of.s.done(r.ctx, err); err == nil {
			err = io.EOF
		}
		return err
	}
	if !r.known {
		r.known = true
		for i := range dest {
			if r.of.ColumnDeclType(i) == timestampDecl {
				r.times = append(r.times, i)
			}
		}
	}
	for _, i := range r.times {
		if text, ok := dest[i].(string); ok {
			if t, ok := ParseTime(text); ok {
				dest[i] = t
			}
		}
	}
	return nil
}

// Close implements driver.Rows.
func (r *rows) Close() (err error) {
	defer r.of.s.guard(&err)
	return r.of.s.done(r.ctx, r.Rows.Close())
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if t, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return t.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

// ColumnTypeNullable implements driver.RowsColumnTypeNullable.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	if t, ok := r.Rows.(driver.RowsColumnTypeNullable); ok {
		return t.ColumnTypeNullable(i)
	}
	return false, false
}

// ColumnTypeScanType implements driver.RowsColumnTypeScanType.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if r.of.ColumnDeclType(i) == timestampDecl {
		return reflect.TypeFor[time.Time]()
	}
	if t, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		return t.ColumnTypeScanType(i)
	}
	return reflect.TypeFor[any]()
}
