package proof

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

// counted is an engine that counts the snapshots, transactions and iterators that are open.
type counted struct {
	engine.Engine
	open *atomic.Int64
}

type countedSnapshot struct {
	engine.Snapshot
	open   *atomic.Int64
	closed atomic.Bool
}

func (c counted) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	s, err := c.Engine.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	c.open.Add(1)
	return &countedSnapshot{Snapshot: s, open: c.open}, nil
}

func (s *countedSnapshot) Close() error {
	if !s.closed.Swap(true) {
		s.open.Add(-1)
	}
	return s.Snapshot.Close()
}

const (
	accounts = 40
	total    = accounts * 100
)

// invariants are queries of the accounts whose answer is one number, whatever was moved.
var invariants = []struct {
	query string
	want  int64
}{
	{"select sum(balance) from accounts", total},
	{"select count(*) from accounts", accounts},
	{"select sum(balance) from accounts where place = 'a' or place = 'b' or place > 'b'", total},
	{"select (select sum(balance) from accounts where place <= 'b') + (select sum(balance) from accounts where place > 'b')", total},
	{"select sum(n) from (select sum(balance) as n from accounts group by place)", total},
	{"select count(*) from accounts x join accounts y on y.id = x.id where x.balance <> y.balance or x.place <> y.place", 0},
	{"select count(*) from accounts x where not exists (select 1 from accounts y where y.place = x.place and y.id = x.id and y.balance = x.balance)", 0},
	{"select (select sum(balance) from accounts) - (select sum(balance) from accounts order by id desc)", 0},
	{"with p as materialized (select place, sum(balance) as n from accounts group by place), a as (select sum(balance) as n from accounts) select sum(p.n) - (select n from a) from p", 0},
	{"select sum(balance) from (select balance from accounts where place < 'c' union all select balance from accounts where place >= 'c')", total},
	{"select count(*) from (select id, balance from accounts where place >= '' except select id, balance from accounts where id >= 0)", 0},
	{"select max(s) from (select sum(balance) over (order by id rows between unbounded preceding and unbounded following) as s from accounts)", total},
	{"select sum(balance) from accounts where id in (select id from accounts where place in ('a', 'b', 'c', 'd'))", total},
	{"select sum(x.balance) from accounts x left join accounts y on y.place = x.place and y.id = x.id where y.id = x.id", total},
}

// While others move money from row to row, and rows from place to place, each statement sees
// one state: all of its reads, by whichever path, agree.
func TestStatementsSeeOneState(t *testing.T) {
	ctx := t.Context()
	var open atomic.Int64
	db, err := store.Open(ctx, counted{memory.New(), &open})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	table, err := dynamic.Open(ctx, db, &catalog.Table{
		Name: "accounts", Row: "row", Access: access.Public, Key: []int{0},
		Fields: []catalog.Field{
			{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.Int64}},
			{Name: "place", Number: 2, Type: catalog.Type{Kind: kind.String}},
			{Name: "balance", Number: 3, Type: catalog.Type{Kind: kind.Int64}},
		},
		Indexes: []catalog.Index{{Name: "place", Number: 1, Columns: []catalog.Column{{Field: 1}}, Include: []int{2}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := provider.New(table)
	balances := make([]int64, accounts)
	places := []string{"a", "b", "c", "d"}
	for i := range balances {
		balances[i] = 100
		if _, err := p.Insert(ctx, provider.Scope{}, []provider.Value{provider.Int64(int64(i)), provider.String(places[i%4]), provider.Int64(100)}); err != nil {
			t.Fatal(err)
		}
	}
	sql, err := sqlstore.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var moves atomic.Int64
	var writers, readers sync.WaitGroup
	writers.Go(func() {
		rng := rand.New(rand.NewPCG(1, 1))
		for {
			select {
			case <-done:
				return
			default:
			}
			// Some transfers, and a row that is written anew at another place.
			err := db.Update(ctx, func(tx *store.Tx) error {
				s := provider.Scope{Tx: tx}
				for range 1 + rng.IntN(3) {
					from, to, n := rng.IntN(accounts), rng.IntN(accounts), int64(rng.IntN(50))
					balances[from] -= n
					balances[to] += n
					for _, i := range []int{from, to} {
						key, err := p.Def().EncodeKey(nil, provider.Int64(int64(i)))
						if err != nil {
							return err
						}
						if _, err := p.Delete(ctx, s, key); err != nil {
							return err
						}
						if _, err := p.Insert(ctx, s, []provider.Value{provider.Int64(int64(i)), provider.String(pick(rng, places)), provider.Int64(balances[i])}); err != nil {
							return err
						}
					}
				}
				return nil
			}, store.NoRetry())
			if err != nil {
				t.Error(err)
				return
			}
			moves.Add(1)
		}
	})
	for reader := range 3 {
		readers.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(reader), 2))
			for range 200 {
				inv := pick(rng, invariants)
				var got int64
				if err := sql.QueryRowContext(ctx, inv.query).Scan(&got); err != nil {
					t.Errorf("%s: %v", inv.query, err)
				} else if got != inv.want {
					t.Errorf("%s: %d, want %d", inv.query, got, inv.want)
				}
			}
		})
	}
	readers.Add(1)
	go func() { // who does not read to the end, or gives up
		defer readers.Done()
		for i := range 100 {
			half, stop := context.WithCancel(ctx)
			rows, err := sql.QueryContext(half, "select x.id from accounts x, accounts y")
			if err != nil {
				t.Error(err)
				stop()
				continue
			}
			rows.Next()
			if i%2 == 0 {
				stop()
				for rows.Next() {
				}
				if err := rows.Err(); err != nil && !errors.Is(err, context.Canceled) && half.Err() == nil {
					t.Error(err)
				}
			}
			rows.Close()
			stop()
		}
	}()
	readers.Wait()
	close(done)
	writers.Wait()
	if moves.Load() < 100 {
		t.Errorf("only %d commits while others read", moves.Load())
	}
	t.Logf("%d commits", moves.Load())
	if n := sqlstore.OpenStates(sql); n != 0 {
		t.Errorf("%d states are left open", n)
	}
	if err := sql.Close(); err != nil {
		t.Error(err)
	}
	if n := open.Load(); n != 0 {
		t.Errorf("%d snapshots of the engine are left open", n)
	}
}

// In a transaction of SQL all statements see one state, until it ends.
func TestTransactionsSeeOneState(t *testing.T) {
	db := guarded(t, "ann")
	sql, err := sqlstore.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	defer sql.Close()
	ctx := t.Context()
	tx, err := sql.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var before, during, after int
	if err := tx.QueryRowContext(ctx, "select count(*) from b_public").Scan(&before); err != nil {
		t.Fatal(err)
	}
	stored, err := db.Tables(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stored {
		if s.Table.Name != "b.public" {
			continue
		}
		table, err := dynamic.Open(ctx, db, s.Table)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.New(table).Insert(ctx, provider.Scope{}, []provider.Value{provider.String("new"), provider.Int64(1), provider.String("new"), provider.Int64(1)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.QueryRowContext(ctx, "select count(*) from b_public where amount >= 0").Scan(&during); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := sql.QueryRowContext(ctx, "select count(*) from b_public").Scan(&after); err != nil {
		t.Fatal(err)
	}
	if before != 5 || during != 5 || after != 6 {
		t.Errorf("%d rows, then %d while another commits, then %d: want 5, 5, 6", before, during, after)
	}
	if n := sqlstore.OpenStates(sql); n != 0 {
		t.Errorf("%d states are left open", n)
	}
}

// What is committed while a statement runs does not show in it, in none of its parts.
func TestStatementsDoNotSeeWhatIsCommittedMeanwhile(t *testing.T) {
	for _, query := range []string{
		"select count(*) from b_public where amount = 300 and meanwhile() or amount = 301 or amount > 302",
		"select count(*) from b_public where text_of_public = 'secret b.public ann 0' and meanwhile() or owner = 'ann' and n > 0",
		"select count(*) from b_public where n in (select n from b_public where meanwhile() and amount >= 0)",
		"select count(*) from b_public x left join b_public y on y.owner = x.owner and y.n = x.n where meanwhile() and y.n is not null",
		"select (select count(*) from b_public where meanwhile()) + (select count(*) from b_public) - 5",
		"select count(*) from (select n from b_public where meanwhile() union select n from b_public where amount >= 0)",
	} {
		t.Run(query, func(t *testing.T) {
			ctx := t.Context()
			db := guarded(t, "ann")
			s, err := sqlstore.Open(db)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			other, err := sqlstore.Open(db)
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			side, err := NewSide(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			defer side.Close()
			want := int64(5)
			if strings.Contains(query, "301 or") {
				want = 4 // all but 302
			}
			err = side.conn.CreateFunction("meanwhile", 0, 0, func(c sqlite3.Context, _ ...sqlite3.Value) {
				if _, err := other.ExecContext(ctx, "delete from b_public"); err != nil {
					c.ResultError(err)
					return
				}
				c.ResultBool(true)
			})
			if err != nil {
				t.Fatal(err)
			}
			a := side.Run(query)
			if a.Err != nil {
				t.Fatal(a.Err)
			}
			if a.Rows[0][0] != want {
				t.Errorf("%v rows, want %d", a.Rows[0][0], want)
			}
			if left := side.Run("select count(*) from b_public"); left.Err != nil || left.Rows[0][0] != int64(0) {
				t.Errorf("behind it: %v rows, %v", left.Rows, left.Err)
			}
		})
	}
}
