package guide_test

import (
	"fmt"
	"time"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
)

func Example_amounts() {
	err := func() error {
		price := decimal.MustParse("19.99")
		sum, err := price.Add(decimal.MustNew(250, 2)) // 250 cents
		if err != nil {
			return err // more than 38 digits
		}
		cents, ok := sum.Unscaled(2)
		fmt.Println(sum, sum.StringFixed(4), cents, ok)
		return nil
	}()
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 22.49 22.4900 2249 true
}

func Example_dates() {
	err := func() error {
		due, err := civil.MustDate(2026, time.January, 31).AddDays(30)
		if err != nil {
			return err // beyond the year 9999
		}
		fmt.Println(due, due.Weekday(), due.Sub(civil.MustDate(2026, 3, 1)))
		fmt.Println(due.At(civil.MustTimeOfDay(9, 30, 0, 0), time.UTC))
		return nil
	}()
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2026-03-02 Monday 1
	// 2026-03-02 09:30:00 +0000 UTC
}
