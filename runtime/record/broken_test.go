package record_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/record"
)

func broken(errs ...error) error {
	var b record.Broken
	for _, err := range errs {
		b.Add(err)
	}
	return b.Err()
}

func TestBroken(t *testing.T) {
	a, b := record.Invalid("a", "is not set"), record.Invalid("b", "is not JSON")
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"none", broken(nil, nil), "<nil>"},
		{"one", broken(nil, a), "invalid a: is not set"},
		{"several", broken(a, nil, b), "invalid a: is not set; invalid b: is not JSON"},
		{"within a struct", record.In("s", broken(a, b)), "invalid s.a: is not set; invalid s.b: is not JSON"},
		{"of a struct and beside", broken(record.In("s", broken(a, b)), a), "invalid s.a: is not set; invalid s.b: is not JSON; invalid a: is not set"},
		{"many", broken(a, a, a, a, b, b, b), "invalid a: is not set; invalid a: is not set; invalid a: is not set; invalid a: is not set; invalid b: is not JSON; and 2 more"},
	} {
		if got := fmt.Sprint(c.err); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		var invalid *record.InvalidError
		if c.err != nil && (!errors.Is(c.err, record.ErrInvalid) || !errors.As(c.err, &invalid)) {
			t.Errorf("%s: the error is no InvalidError", c.name)
		}
	}
}

func TestNewlyBroken(t *testing.T) {
	a, b, other := record.Invalid("a", "is not set"), record.Invalid("b", "has 9 bytes, the most is 3"), errors.New("something else")
	for _, c := range []struct {
		name        string
		now, before error
		want        string
	}{
		{"nothing", nil, broken(a), "<nil>"},
		{"as before", broken(a, b), broken(a, b), "<nil>"},
		{"less than before", b, broken(a, b), "<nil>"},
		{"one more", broken(a, b), a, "invalid b: has 9 bytes, the most is 3"},
		{"another value that breaks it", record.Invalid("b", "has 8 bytes, the most is 3"), b, "invalid b: has 8 bytes, the most is 3"},
		{"twice where it was once", broken(a, a), a, "invalid a: is not set"},
		{"new altogether", broken(a, b), nil, "invalid a: is not set; invalid b: has 9 bytes, the most is 3"},
		{"of a codec's own", other, other, "<nil>"},
		{"another of its own", other, a, "something else"},
	} {
		if diff := cmp.Diff(c.want, fmt.Sprint(record.NewlyBroken(c.now, c.before))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestDecimalFits(t *testing.T) {
	for _, c := range []struct {
		value            string
		precision, scale int
		want             string
	}{
		{"0", 5, 2, "<nil>"},
		{"-123.45", 5, 2, "<nil>"},
		{"123.456", 5, 2, "invalid price: has 3 digits behind the point, the most is 2"},
		{"-1234.5", 5, 2, "invalid price: has 4 digits before the point, the most is 3"},
		{"1", 38, 38, "invalid price: has 1 digit before the point, the most is 0"},
		{"-0.1", 38, 0, "invalid price: has 1 digit behind the point, the most is 0"},
	} {
		if got := fmt.Sprint(record.DecimalFits("price", decimal.MustParse(c.value), c.precision, c.scale)); got != c.want {
			t.Errorf("%s: %s, want %s", c.value, got, c.want)
		}
	}
}
