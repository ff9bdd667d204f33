package guide_test

import (
	"context"
	"fmt"
	"time"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

func Example_preparedQuery() {
	withTables(func(ctx context.Context, d *fixture) error {
		two := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
		table := d.sys.Jobs.Provider()
		def := table.Def()
		status, created := def.ColumnNamed("status"), def.ColumnNamed("created_at")
		shape := plan.Choose(def, plan.Query{
			Columns: def.Set("job_id"),
			Where: []plan.Constraint{
				{Column: status, Op: plan.Eq, Unknown: true},
				{Column: created, Op: plan.Ge, Unknown: true},
			},
			Limit: 2,
		})
		if shape.Err != nil {
			return shape.Err
		}
		prepared, err := provider.Prepare(table, shape.Path, shape.Columns)
		if err != nil {
			return err
		}
		for _, since := range []time.Time{two, two.Add(2 * time.Hour), two.Add(24 * time.Hour)} {
			p := shape.Bind([][]provider.Value{{enum(def, "status", "running")}, {provider.Time(since)}})
			cur, err := p.Run(ctx, prepared, provider.Scope{}, nil)
			if err != nil {
				return err
			}
			for cur.Next() {
				fmt.Println(since.Format(time.DateTime), cur.Value(def.ColumnNamed("job_id")))
			}
			if err := cur.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	// Output:
	// 2026-03-01 02:00:00 job-4
	// 2026-03-01 02:00:00 job-3
	// 2026-03-01 04:00:00 job-4
}
