package guide_test

import (
	"context"
	"fmt"
	"time"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

func Example_provider() {
	withTables(func(ctx context.Context, d *fixture) error {
		sys := d.sys
		table := sys.Jobs.Provider()
		def := table.Def()
		for _, p := range def.Paths {
			fmt.Println(p.Name, "unique:", p.Unique)
		}
		return nil
	})
	// Output:
	// key unique: true
	// status unique: false
	// idempotency_key unique: true
	// table unique: false
}

func Example_providerQuery() {
	withTables(func(ctx context.Context, d *fixture) error {
		two := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
		table := d.sys.Jobs.Provider()
		def := table.Def()
		query := plan.Query{
			Columns: def.Set("job_id", "created_at"),
			Where: []plan.Constraint{
				{Column: def.ColumnNamed("status"), Op: plan.Eq, Value: enum(def, "status", "running")},
				{Column: def.ColumnNamed("created_at"), Op: plan.Ge, Value: provider.Time(two)},
			},
			Order: []plan.OrderBy{{Column: def.ColumnNamed("created_at"), Desc: true}},
			Limit: 2,
		}
		cur, how, err := plan.Select(ctx, table, provider.Scope{}, query, nil)
		if err != nil {
			return err
		}
		defer cur.Close()
		fmt.Print(how.Explain())
		for cur.Next() {
			fmt.Println(cur.Value(def.ColumnNamed("job_id")))
		}
		if err := cur.Err(); err != nil {
			return err
		}
		return nil
	})
	// Output:
	// system.jobs: by index status
	//   ranges: status = running, created_at >= 2026-03-01T02:00:00Z
	//   order: served
	//   reads: index entries alone
	//   limit: 2, by the scan
	//   cost: 4, for about 30 rows
	// not by key: cost 3992: reads all of it, since it serves no constraint on job_id; rows must be sorted
	// not by index idempotency_key: it holds only rows that have idempotency_key, and the query does not exclude others
	// not by index table: it holds only rows where has table_name, which the constraints do not imply
	// job-4
	// job-3
}

func enum(def *provider.TableDef, column, text string) provider.Value {
	v, ok := provider.EnumText(def.Columns[def.ColumnNamed(column)].Type, text)
	if !ok {
		panic(column + " is never " + text)
	}
	return v
}
