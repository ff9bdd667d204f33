package provider

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// TestFieldsInAnyOrder decodes rows as any writer may have written them, one after the other
// by one decoder: fields in any order, left out, several times, and of other numbers.
func TestFieldsInAnyOrder(t *testing.T) {
	table := &catalog.Table{Name: "t", Number: 1, Access: access.Public, Key: []int{0}}
	numbers := []int{1, 9, 3, 70, 4, 65} // of the fields, in declared order
	for i, n := range numbers {
		k := kind.Uint64
		if i%2 == 1 {
			k = kind.String
		}
		table.Fields = append(table.Fields, catalog.Field{Name: fmt.Sprint("f", n), Number: n, Type: catalog.Type{Kind: k}, Optional: n == 3})
	}
	def := newDef(table, "t", access.Public)
	rapid.Check(t, func(t *rapid.T) {
		var wanted ColSet
		for i := range numbers[1:] {
			if rapid.Bool().Draw(t, "wanted") {
				wanted.Add(i + 1)
			}
		}
		dec := newDecoder(def, &def.Paths[0], wanted)
		for range 3 {
			want := make([]string, len(numbers))
			for _, i := range wanted.List() {
				want[i] = zeroOf(def.Columns[i].Type).String()
				if def.Columns[i].Nullable {
					want[i] = Value{}.String()
				}
			}
			var body []byte
			for n := range rapid.IntRange(0, 8).Draw(t, "fields") {
				i := rapid.IntRange(1, len(numbers)).Draw(t, "field")
				switch {
				case i == len(numbers): // which no column has
					body = record.AppendUint64(body, rapid.SampledFrom([]int{2, 69, 300}).Draw(t, "number"), 7)
					continue
				case i%2 == 1:
					body = record.AppendString(body, numbers[i], fmt.Sprint("text ", n))
				default:
					body = record.AppendUint64(body, numbers[i], uint64(n+1))
				}
				if wanted.Has(i) {
					want[i] = fmt.Sprint(n + 1)
					if i%2 == 1 {
						want[i] = fmt.Sprint("text ", n)
					}
				}
			}
			if err := dec.record(body); err != nil {
				t.Fatal(err)
			}
			got := make([]string, len(numbers))
			for _, i := range wanted.List() {
				got[i] = dec.values[i].String()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%x (-want +got):\n%s", body, diff)
			}
		}
	})
}
