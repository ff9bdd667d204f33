package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

// setup is a table of jobs in the store, and the same rows in one of SQLite's own, in one
// connection.
type setup struct {
	store *store.DB
	jobs  *jobs.Store
	db    *sql.DB
	conn  *sql.Conn
	rows  int
}

// open makes both tables.
func open(ctx context.Context, dir string, rows int) (*setup, error) {
	eng, err := leveldb.Open(dir, nil)
	if err != nil {
		return nil, err
	}
	s := &setup{rows: rows}
	if s.store, err = store.Open(ctx, eng, store.WithoutSync()); err != nil {
		return nil, err
	}
	if s.jobs, err = jobs.Open(ctx, s.store); err != nil {
		return nil, err
	}
	for from := 0; from < rows; from += 500 {
		var batch []*jobs.Job
		for i := from; i < min(from+500, rows); i++ {
			batch = append(batch, job(i))
		}
		if err := s.jobs.InsertMany(ctx, batch); err != nil {
			return nil, err
		}
	}
	if err := eng.Compact(ctx, nil, nil); err != nil { // else most of a scan is the memory table of goleveldb
		return nil, err
	}
	if s.db, err = sqlstore.Open(s.store); err != nil {
		return nil, err
	}
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return nil, err
	}
	return s, s.makeNative(ctx)
}

// job is the n-th row.
func job(n int) *jobs.Job {
	table := models.TableName(fmt.Sprintf("table-%03d", n%200))
	params := []byte(fmt.Sprintf(`{"from": %d}`, n))
	key := fmt.Sprintf("wish-%07d", n)
	used := int64(n * 37 % 10_000)
	return &jobs.Job{
		JobID: models.JobID(id(n)), JobType: models.JobTypeFlush, NamespaceID: models.NamespaceID(fmt.Sprintf("space-%02d", n%40)),
		TableName: &table, Status: models.JobStatusNew, Parameters: params, MemoryUsed: &used,
		CreatedAt: time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC), NodeID: fmt.Sprintf("node-%d", n%7),
		IdempotencyKey: &key, Priority: int32(n % 10), MaxRetries: 3,
	}
}

// id is the key of the n-th row: they are not made in the order of their keys.
func id(n int) string { return fmt.Sprintf("job-%07d", n*7919%10_000_000) }

// makeNative makes the table of SQLite's own, with the same key and indexes.
func (s *setup) makeNative(ctx context.Context) error {
	var columns []string
	list, err := s.conn.QueryContext(ctx, "SELECT name, type FROM pragma_table_info('system_jobs')")
	if err != nil {
		return err
	}
	defer list.Close()
	for list.Next() {
		var name, typ string
		if err := list.Scan(&name, &typ); err != nil {
			return err
		}
		columns = append(columns, name+" "+typ)
	}
	if err := list.Err(); err != nil {
		return err
	}
	for _, statement := range []string{
		"CREATE TEMP TABLE native (" + strings.Join(columns, ", ") + ", PRIMARY KEY (job_id))",
		"INSERT INTO native SELECT * FROM system_jobs",
		"CREATE INDEX temp.native_status ON native (status, created_at DESC)",
		"CREATE UNIQUE INDEX temp.native_wish ON native (idempotency_key)",
		"CREATE INDEX temp.native_table ON native (namespace_id, table_name) WHERE table_name IS NOT NULL",
	} {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (s *setup) close() {
	s.conn.Close()
	s.db.Close()
	s.store.Close()
}

// statement is what is measured.
type statement struct {
	name string
	text string // T stands for the table
	args func(s *setup, n int) []any
	// own is the same by the store's method, nil where there is none.
	own func(ctx context.Context, s *setup, n int) (answer, error)
	raw bool // without database/sql
}

// rawSide is side without database/sql, whose share is as large as that of a look-up.
func (s *setup) rawSide(st statement, table string) (side, error) {
	var p *sqlite3.Stmt
	err := s.conn.Raw(func(c any) (err error) {
		p, _, err = c.(interface{ Raw() *sqlite3.Conn }).Raw().Prepare(strings.ReplaceAll(st.text, "T", table))
		return err
	})
	return func(n int) (answer, error) {
		var a answer
		for i, arg := range st.args(s, n) {
			if err := p.BindText(i+1, arg.(string)); err != nil {
				return a, err
			}
		}
		for p.Step() {
			a.rows++
			for i := range p.ColumnCount() {
				a.sum += len(p.ColumnRawText(i))
			}
		}
		return a, p.Reset()
	}, err
}

// side prepares a statement for one table.
func (s *setup) side(ctx context.Context, st statement, table string) (side, error) {
	if st.raw {
		return s.rawSide(st, table)
	}
	p, err := s.conn.PrepareContext(ctx, strings.ReplaceAll(st.text, "T", table))
	if err != nil {
		return nil, err
	}
	return func(n int) (answer, error) {
		var args []any
		if st.args != nil {
			args = st.args(s, n)
		}
		return rowsOf(p.QueryContext(ctx, args...))
	}, nil
}

func byKey(s *setup, n int) []any { return []any{id(n % s.rows)} }

func byWish(s *setup, n int) []any { return []any{fmt.Sprintf("wish-%07d", n%s.rows)} }

func getByKey(ctx context.Context, s *setup, n int) (answer, error) {
	j, err := s.jobs.Get(ctx, models.JobID(id(n%s.rows)))
	return answer{1, len(j.JobID) + len(j.NodeID)}, err
}

func getByWish(ctx context.Context, s *setup, n int) (answer, error) {
	j, err := s.jobs.ByIdempotencyKey.Get(ctx, fmt.Sprintf("wish-%07d", n%s.rows))
	return answer{1, len(j.JobID) + len(j.NodeID)}, err
}

// The statements: T is not in any other word.
var statements = []statement{
	{name: "a row by its key", text: keyLookUp, args: byKey, own: getByKey},
	{name: "the same without `database/sql`", text: keyLookUp, args: byKey, own: getByKey, raw: true},
	{name: "a row by a unique index", text: wishLookUp, args: byWish, own: getByWish},
	{name: "and that without `database/sql`", text: wishLookUp, args: byWish, own: getByWish, raw: true},
	{name: "100 keys, IN", text: "select priority from T where job_id in (" + strings.Repeat("?,", 99) + "?)",
		args: func(s *setup, n int) (args []any) {
			for i := range 100 {
				args = append(args, id((n*100+i)%s.rows))
			}
			return args
		}},
	{name: "100 rows of a range of keys", text: "select job_id, node_id, priority from T where job_id >= ? limit 100",
		args: func(s *setup, n int) []any { return []any{id(n % (s.rows / 2))} }},
	{name: "100 rows by an index, in order", text: "select job_id, created_at from T where status = 'new' and created_at < ? order by created_at desc limit 100",
		args: func(s *setup, n int) []any {
			return []any{time.Date(2026, 1, 1, 0, 0, s.rows/2+n%(s.rows/2), 0, time.UTC)}
		}},
	{name: "a scan of three columns", text: "select job_id, node_id, priority from T"},
	{name: "a scan with a sum", text: "select sum(priority) from T where node_id = 'node-3'"},
	{name: "count(*)", text: "select count(*) from T", own: func(ctx context.Context, s *setup, n int) (answer, error) {
		c, err := s.jobs.Scan().Count(ctx)
		return answer{1, len(fmt.Sprint(c))}, err
	}},
	{name: "groups of an index: status", text: "select status, count(*) from T group by status"},
	{name: "groups of an index: namespace", text: "select namespace_id, count(*) from T where table_name is not null group by namespace_id"},
	{name: "a join by 1,000 keys", text: "select sum(b.priority) from (select job_id from T limit 1000) a join T b on b.job_id = a.job_id"},
}

const (
	keyLookUp  = "select job_id, node_id, priority from T where job_id = ?"
	wishLookUp = "select job_id, node_id, priority from T where idempotency_key = ?"
)
