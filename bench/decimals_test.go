package bench

import (
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/go-cmp/cmp"
	shopspring "github.com/shopspring/decimal"
	"github.com/storegen/storegen/runtime/decimal"
)

// decimalWork is what a row with an amount has done to it, by a package for decimals:
// texts are parsed, added, compared and printed.
type decimalWork struct {
	name string
	run  func(a, b string) (sum string, order int, err error)
}

var decimalWorks = []decimalWork{
	{"storegen", func(a, b string) (string, int, error) {
		x, err := decimal.Parse(a)
		if err != nil {
			return "", 0, err
		}
		y, err := decimal.Parse(b)
		if err != nil {
			return "", 0, err
		}
		sum, err := x.Add(y)
		return sum.String(), x.Cmp(y), err
	}},
	{"shopspring", func(a, b string) (string, int, error) {
		x, err := shopspring.NewFromString(a)
		if err != nil {
			return "", 0, err
		}
		y, err := shopspring.NewFromString(b)
		return x.Add(y).String(), x.Cmp(y), err
	}},
	{"apd", func(a, b string) (string, int, error) {
		var x, y, sum apd.Decimal
		if _, _, err := x.SetString(a); err != nil {
			return "", 0, err
		}
		if _, _, err := y.SetString(b); err != nil {
			return "", 0, err
		}
		_, err := apd.BaseContext.WithPrecision(decimal.MaxDigits).Add(&sum, &x, &y)
		return sum.Text('f'), x.Cmp(&y), err
	}},
}

var decimalPairs = map[string][2]string{
	"short": {"1234.56", "-0.005"},
	"long":  {"12345678901234567890.123456", "9876543210987654321.000001"},
}

// TestDecimals makes sure that the benchmark compares the same work.
func TestDecimals(t *testing.T) {
	type result struct {
		Sum   string
		Order int
	}
	want := map[string]result{
		"short": {"1234.555", 1},
		"long":  {"22222222112222222211.123457", 1},
	}
	for name, pair := range decimalPairs {
		for _, w := range decimalWorks {
			sum, order, err := w.run(pair[0], pair[1])
			if diff := cmp.Diff(want[name], result{sum, order}); diff != "" || err != nil {
				t.Errorf("%s, %s: %v (-want +got)\n%s", name, w.name, err, diff)
			}
		}
	}
}

func BenchmarkDecimals(b *testing.B) {
	for name, pair := range decimalPairs {
		for _, w := range decimalWorks {
			b.Run(name+"/"+w.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := w.run(pair[0], pair[1]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
