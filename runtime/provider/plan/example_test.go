package plan_test

import (
	"context"
	"fmt"
	"log"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/provider/plan"
)

func ExampleSelect() {
	ctx := context.Background()
	e, err := testtable.OpenEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	for i, name := range []string{"one", "two", "three"} {
		it := testtable.Item{Tenant: "t", Name: name, Email: name, N32: uint32(i + 1), Score: float64(i), Ref: [16]byte{byte(i)}}
		if err := e.Items.Insert(ctx, &it); err != nil {
			log.Fatal(err)
		}
	}
	table := provider.New(e.Items)
	def := table.Def()
	name, number := def.ColumnNamed("name"), def.ColumnNamed("n32")
	rows, p, err := plan.Select(ctx, table, provider.Scope{}, plan.Query{
		Where:   []plan.Constraint{{Column: number, Op: plan.Ge, Value: provider.Uint32(2)}},
		Order:   []plan.OrderBy{{Column: number, Desc: true}},
		Columns: provider.Cols(name),
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	fmt.Println(def.Paths[p.Path].Name, p.Covering, p.Ordered)
	for rows.Next() {
		fmt.Println(rows.Value(name))
	}
	if err := rows.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// cover true true
	// three
	// two
}
