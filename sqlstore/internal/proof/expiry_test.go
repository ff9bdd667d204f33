package proof

import (
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

// Rows that have expired are not there for SQL, before any sweep: they show in no query, and
// their keys and unique values are free.
func TestExpired(t *testing.T) {
	ctx := t.Context()
	clock := store.NewManualClock(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	db, err := store.Open(ctx, memory.New(), store.WithClock(clock))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := on(on(named(kind.Int64, kind.Timestamp, kind.String), catalog.Index{}, 1), catalog.Index{Unique: true}, 2)
	d.TTL = &catalog.TTL{From: 1, Keep: time.Hour}
	if _, err := dynamic.Open(ctx, db, d); err != nil {
		t.Fatal(err)
	}
	sql, err := sqlstore.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	defer sql.Close()
	ours, err := NewSide(ctx, sql)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	native, err := NewNative()
	if err != nil {
		t.Fatal(err)
	}
	defer native.Close()
	if err := native.Native(ours, "t", nil, "primary key (f0)", "unique (f2)"); err != nil {
		t.Fatal(err)
	}
	both := func(statement string, fails bool) {
		t.Helper()
		n, a := native.Do(ctx, statement)
		m, b := ours.Do(ctx, statement)
		if (a != nil) != fails || (b != nil) != fails || n != m {
			t.Errorf("%s: native %d rows, %v; ours %d rows, %v", statement, n, a, m, b)
		}
	}
	look := func() {
		t.Helper()
		for _, q := range []string{
			"select count(*) from t", "select * from t", "select f0 from t where f0 = 1", "select f0 from t where f2 = 'a'", "select f0 from t where f1 >= '2026'", "select f0 from t where f0 in (1, 2, 3)",
			"select max(f0), min(f1), count(f2) from t", "select x.f0, y.f0 from t x left join t y on y.f0 = x.f0 + 1", "select f0 from t where f0 = 1 or f2 = 'b'", "select f2, count(*) from t group by f2",
		} {
			if diff := Compare(&Query{}, native.Run(q), ours.Run(q), Answer{}); diff != "" {
				t.Errorf("%s\n%s", q, diff)
			}
		}
	}
	both("insert into t values (1, '2026-03-01T00:00:00.000000000Z', 'a'), (2, '2026-03-01T00:30:00.000000000Z', 'b'), (3, null, 'c')", false)
	look()
	clock.Advance(time.Hour)
	both("delete from t where 0", false)
	native.Run("delete from t where f0 = 1")
	look()
	both("update t set f2 = 'z' where f0 = 1", false)
	both("insert into t values (1, '2026-03-01T01:00:00.000000000Z', 'd')", false)
	both("insert into t values (4, null, 'a')", false)
	both("insert into t values (5, null, 'b')", true)
	look()
	clock.Advance(30 * time.Minute)
	native.Run("delete from t where f0 = 2")
	both("update t set f2 = 'b' where f0 = 4", false)
	both("delete from t where f0 = 2", false)
	both("insert or ignore into t values (2, null, 'e')", false)
	look()
	report, err := admin.Verify(ctx, db, admin.VerifyOptions{})
	if err != nil || report.Findings > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
