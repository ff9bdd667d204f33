package decimal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/decimal"
	"pgregory.net/rapid"
)

var (
	nines = strings.Repeat("9", 38)
	// wraps is 2^128 / 10, rounded up: ten times as much takes 129 bits.
	wraps = "34028236692093846346337460743176821146"
	tiny  = "0." + strings.Repeat("0", 37) + "1"
)

// anyDecimal prefers few digits, zeros at the end, and the ends of the range.
var anyDecimal = rapid.Custom(func(t *rapid.T) decimal.Decimal {
	n := rapid.OneOf(rapid.IntRange(0, 4), rapid.IntRange(0, 38)).Draw(t, "digits")
	digits := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]byte("019")), rapid.ByteRange('0', '9')), n, n).Draw(t, "digits")
	d, err := decimal.FromDigits(rapid.Bool().Draw(t, "negative"), digits, rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, 38)).Draw(t, "scale"))
	if err != nil {
		panic(err)
	}
	return d
})

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "+0": "0", "0.000": "0", ".0": "0", "0.": "0", "0e999999999999999999999": "0", "-0.0e-999": "0",
		"1": "1", "-1": "-1", "+1": "1", "007": "7", "1.50": "1.5", "1.5": "1.5", "100": "100", "1e2": "100", "1E+2": "100", "100e-2": "1",
		".5": "0.5", "5.": "5", "-.5": "-0.5", "12.34": "12.34", "-0.05": "-0.05", "0.10": "0.1", "1234567890123456789012345678901234567.8": "1234567890123456789012345678901234567.8",
		"18446744073709551615": "18446744073709551615", "18446744073709551616": "18446744073709551616",
		"10000000000000000000": "10000000000000000000", "10000000000000000005": "10000000000000000005", "100000000000000000000000000000000000.01": "100000000000000000000000000000000000.01",
		nines: nines, "-" + nines: "-" + nines, tiny: tiny, "1e-38": tiny, "0." + nines: "0." + nines, "1e37": "1" + strings.Repeat("0", 37),
		nines + ".000": nines, strings.Repeat("0", 100) + "1": "1", "1" + strings.Repeat("0", 100) + "e-100": "1", "0." + strings.Repeat("0", 100) + "1e101": "1",
	} {
		d, err := decimal.Parse(in)
		if err != nil || d.String() != want {
			t.Errorf("%s is read as %v, %v, want %s", in, d, err, want)
		}
		if again := decimal.MustParse(want); again != d {
			t.Errorf("%s is not == %s", in, want)
		}
	}
}

func TestErrors(t *testing.T) {
	parse := func(s string) error { _, err := decimal.Parse(s); return err }
	add := func(a, b string) error {
		_, err := decimal.MustParse(a).Add(decimal.MustParse(b))
		return err
	}
	sub := func(a, b string) error {
		_, err := decimal.MustParse(a).Sub(decimal.MustParse(b))
		return err
	}
	scale := func(n int) error { _, err := decimal.New(1, n); return err }
	rat := func(a, b int64, shift uint) error {
		r := big.NewRat(a, b)
		_, err := decimal.FromRat(r.SetInt(new(big.Int).Lsh(r.Num(), shift)).Mul(r, big.NewRat(1, b)))
		return err
	}
	wide := func(hi, lo uint64, scale int) error {
		_, err := decimal.FromUint128(false, hi, lo, scale)
		return err
	}
	digits := func(s string, scale int) error { _, err := decimal.FromDigits(false, []byte(s), scale); return err }
	for _, c := range []struct {
		err  error
		is   error
		want string
	}{
		{parse(""), decimal.ErrSyntax, `decimal: bad syntax: "" is no number: it is written as -12.34`},
		{parse("."), decimal.ErrSyntax, "is no number"},
		{parse("-"), decimal.ErrSyntax, "is no number"},
		{parse("--1"), decimal.ErrSyntax, "is no number"},
		{parse("1.2.3"), decimal.ErrSyntax, "is no number"},
		{parse("1e"), decimal.ErrSyntax, "is no number"},
		{parse("1e+"), decimal.ErrSyntax, "is no number"},
		{parse("1e1.5"), decimal.ErrSyntax, "is no number"},
		{parse("e5"), decimal.ErrSyntax, "is no number"},
		{parse("1,000"), decimal.ErrSyntax, "is no number"},
		{parse("1_000"), decimal.ErrSyntax, "is no number"},
		{parse(" 1"), decimal.ErrSyntax, "is no number"},
		{parse("NaN"), decimal.ErrSyntax, "is no number"},
		{parse("Infinity"), decimal.ErrSyntax, "is no number"},
		{parse("0x10"), decimal.ErrSyntax, "is no number"},
		{parse("1" + strings.Repeat("0", 38)), decimal.ErrRange, "decimals have at most 38 digits, and at most 38 behind the point"},
		{parse("1e38"), decimal.ErrRange, `decimal: "1e38" is out of range`},
		{parse("1e-39"), decimal.ErrRange, `"1e-39" is out of range`},
		{parse("1e999999999999999999999999"), decimal.ErrRange, "is out of range"},
		{parse("1e-999999999999999999999999"), decimal.ErrRange, "is out of range"},
		{parse(nines + "9"), decimal.ErrRange, "is out of range"},
		{parse(nines + ".1"), decimal.ErrRange, "is out of range"},
		{parse("1" + strings.Repeat("0", 40) + "1"), decimal.ErrRange, "is out of range"},
		{parse("0." + nines + "9"), decimal.ErrRange, "is out of range"},
		{parse(strings.Repeat("7", 1000)), decimal.ErrRange, strings.Repeat("7", 60) + `..." is out of range`},
		{add(nines, "1"), decimal.ErrRange, "decimal: " + nines + " + 1 is out of range: decimals have at most 38 digits"},
		{add(nines, "0.1"), decimal.ErrRange, "is out of range"},
		{add("1", tiny), decimal.ErrRange, "is out of range"},
		{add(nines, tiny), decimal.ErrRange, "is out of range"},
		{add(wraps, "0.1"), decimal.ErrRange, "is out of range"},
		{parse(wraps + "1"), decimal.ErrRange, "is out of range"},
		{add("-"+nines, "-1"), decimal.ErrRange, "is out of range"},
		{sub("-"+nines, "1"), decimal.ErrRange, "decimal: -" + nines + " - 1 is out of range"},
		{sub(nines, tiny), decimal.ErrRange, "is out of range"},
		{scale(-1), decimal.ErrRange, "decimal: scale -1 is out of range: it is 0 to 38"},
		{scale(39), decimal.ErrRange, "scale 39 is out of range"},
		{rat(1, 3, 0), decimal.ErrRange, "decimal: 1/3 is out of range"},
		{rat(1, 1, 127), decimal.ErrRange, "is out of range"},
		{rat(1, 1, 5000), decimal.ErrRange, "a fraction of more than 128 bits is out of range"},
		{wide(0, 1, -1), decimal.ErrRange, "scale -1 is out of range"},
		{wide(0, 1, 39), decimal.ErrRange, "scale 39 is out of range"},
		{wide(1<<63, 0, 0), decimal.ErrRange, "a number is out of range"},
		{digits("12a", 0), decimal.ErrSyntax, "decimal: bad syntax: 'a' is no digit"},
		{digits("1", 39), decimal.ErrRange, "a number is out of range"},
		{digits("1", -38), decimal.ErrRange, "a number is out of range"},
		{digits(nines+"1", 1), decimal.ErrRange, "a number is out of range"},
	} {
		if c.err == nil || !errors.Is(c.err, c.is) || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

func TestUnscaled(t *testing.T) {
	for _, c := range []struct {
		in    string
		scale int
		want  int64
		ok    bool
	}{
		{"0", 0, 0, true}, {"0", 38, 0, true}, {"12.34", 2, 1234, true}, {"12.3", 2, 1230, true}, {"-12", 2, -1200, true}, {"12.345", 2, 0, false},
		{"9223372036854775807", 0, math.MaxInt64, true}, {"9223372036854775808", 0, 0, false}, {"-9223372036854775808", 0, math.MinInt64, true},
		{"-9223372036854775809", 0, 0, false}, {"92233720368547758.07", 2, math.MaxInt64, true}, {"92233720368547758.08", 2, 0, false},
		{"18446744073709551616", 0, 0, false}, {"1", 19, 0, false}, {"1", 38, 0, false}, {"1", 39, 0, false}, {"1", -1, 0, false}, {nines, 38, 0, false},
	} {
		got, ok := decimal.MustParse(c.in).Unscaled(c.scale)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s, scale %d: %d, %v", c.in, c.scale, got, ok)
		}
		if c.ok {
			if back, err := decimal.New(got, c.scale); back.String() != c.in || err != nil {
				t.Errorf("%d, scale %d is %v, %v, want %s", got, c.scale, back, err, c.in)
			}
		}
	}
}

func TestCmpOfLargeAndSmall(t *testing.T) {
	for _, large := range []string{wraps, nines, "1" + strings.Repeat("0", 37)} {
		for _, small := range []string{tiny, "0.1", "0.5", "0." + nines, "1.1"} {
			a, b := decimal.MustParse(large), decimal.MustParse(small)
			if a.Cmp(b) != 1 || b.Cmp(a) != -1 || a.Neg().Cmp(b.Neg()) != -1 || b.Neg().Cmp(a.Neg()) != 1 {
				t.Errorf("%v and %v compare as %d", a, b, a.Cmp(b))
			}
		}
	}
}

func TestStringFixed(t *testing.T) {
	for _, c := range []struct {
		in    string
		scale int
		want  string
	}{
		{"0", 0, "0"}, {"0", 2, "0.00"}, {"1.5", 2, "1.50"}, {"1.5", 0, "1.5"}, {"1.555", 2, "1.555"}, {"-100", 1, "-100.0"}, {"-0.05", 4, "-0.0500"}, {"7", -3, "7"},
	} {
		if got := decimal.MustParse(c.in).StringFixed(c.scale); got != c.want {
			t.Errorf("%s, scale %d: %s, want %s", c.in, c.scale, got, c.want)
		}
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		in               string
		precision, scale int
		want             bool
	}{
		{"0", 1, 1, true}, {"0", 1, 0, true}, {"9.99", 3, 2, true}, {"10", 3, 2, false}, {"9.999", 3, 2, false}, {"9.9", 3, 2, true}, {"-9.99", 3, 2, true}, {"-10", 3, 2, false},
		{"0.5", 1, 1, true}, {"1", 1, 1, false}, {"0.05", 2, 2, true}, {"0.05", 1, 1, false}, {nines, 38, 0, true}, {nines, 37, 0, false}, {tiny, 38, 38, true}, {"1", 38, 38, false},
	} {
		if got := decimal.MustParse(c.in).Fits(c.precision, c.scale); got != c.want {
			t.Errorf("%s in decimal(%d, %d): %v", c.in, c.precision, c.scale, got)
		}
	}
}

// exact is what a decimal of a fraction is: whether there is one, by its definition.
func exact(r *big.Rat) (text string, ok bool) {
	text = r.FloatString(decimal.MaxScale)
	back, _ := new(big.Rat).SetString(text)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	if text == "" || text == "-" {
		text = "0"
	}
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(text), "0")
	return text, back.Cmp(r) == 0 && len(digits) <= decimal.MaxDigits
}

// Whatever is calculated is what math/big says, and an error where that has too many
// digits.
func TestProperties(t *testing.T) {
	same := func(t *rapid.T, what string, d decimal.Decimal, err error, want *big.Rat) {
		t.Helper()
		text, ok := exact(want)
		switch {
		case !ok:
			if !errors.Is(err, decimal.ErrRange) {
				t.Fatalf("%s: %v, %v, but %s has too many digits", what, d, err, text)
			}
		case err != nil || d.String() != text || d.Rat().Cmp(want) != 0 || d != decimal.MustParse(text):
			t.Fatalf("%s: %v, %v, want %s", what, d, err, text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDecimal.Draw(t, "a"), anyDecimal.Draw(t, "b")
		ra, rb := a.Rat(), b.Rat()
		sum, err := a.Add(b)
		same(t, "sum", sum, err, new(big.Rat).Add(ra, rb))
		diff, err := a.Sub(b)
		same(t, "difference", diff, err, new(big.Rat).Sub(ra, rb))
		same(t, "negative", a.Neg(), nil, new(big.Rat).Neg(ra))
		same(t, "absolute", a.Abs(), nil, new(big.Rat).Abs(ra))
		if got := a.Cmp(b); got != ra.Cmp(rb) || (got == 0) != (a == b) || a.Equal(b) != (a == b) || a.Sign() != ra.Sign() || a.IsZero() != (a.Sign() == 0) {
			t.Fatalf("%v and %v compare as %d", a, b, got)
		}
		back, err := decimal.FromRat(ra)
		same(t, "fraction", back, err, ra)
		frac := big.NewRat(rapid.Int64().Draw(t, "num"), rapid.Int64Range(1, 1000).Draw(t, "denom"))
		of, err := decimal.FromRat(frac)
		same(t, "any fraction", of, err, frac)
		digits, err := decimal.FromDigits(a.Sign() < 0, a.AppendDigits(nil), a.Scale())
		same(t, "digits", digits, err, ra)
		hi, lo := a.Uint128()
		wide, err := decimal.FromUint128(a.Sign() < 0, hi, lo, a.Scale())
		same(t, "128 bits", wide, err, ra)
		hi, lo = rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")
		scale := rapid.IntRange(0, 38).Draw(t, "scale")
		of128 := new(big.Int).Lsh(new(big.Int).SetUint64(hi), 64)
		of128.Or(of128, new(big.Int).SetUint64(lo))
		wide, err = decimal.FromUint128(false, hi, lo, scale)
		same(t, "any 128 bits", wide, err, new(big.Rat).SetFrac(of128, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		fixed := a.StringFixed(scale)
		again, err := decimal.Parse(fixed)
		same(t, "fixed text", again, err, ra)
		if _, behind, _ := strings.Cut(fixed, "."); len(behind) != max(scale, a.Scale()) {
			t.Fatalf("%v with %d digits behind the point is %s", a, scale, fixed)
		}
		if n, ok := a.Unscaled(scale); ok {
			unscaled, err := decimal.New(n, scale)
			same(t, "unscaled", unscaled, err, ra)
		}
		precision := rapid.IntRange(scale, 38).Draw(t, "precision")
		most := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision-scale)), nil))
		if fits := a.Scale() <= scale && new(big.Rat).Abs(ra).Cmp(most) < 0; a.Fits(precision, scale) != fits {
			t.Fatalf("%v in decimal(%d, %d): %v", a, precision, scale, !fits)
		}
	})
}

func TestJSON(t *testing.T) {
	type row struct {
		Price decimal.Decimal
		Tax   *decimal.Decimal
		Count map[decimal.Decimal]int
	}
	tax := decimal.MustParse("-0.05")
	in := row{decimal.MustParse("12.50"), &tax, map[decimal.Decimal]int{decimal.FromInt(3): 1}}
	text, err := json.Marshal(in)
	if want := `{"Price":"12.5","Tax":"-0.05","Count":{"3":1}}`; string(text) != want || err != nil {
		t.Fatalf("got %s, %v", text, err)
	}
	var out row
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(in, out); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// Numbers are read with all their digits.
	if err := json.Unmarshal([]byte(`{"Price": 12345678901234567890.123456789, "Tax": 1e-3}`), &out); err != nil || out.Price.String() != "12345678901234567890.123456789" || out.Tax.String() != "0.001" {
		t.Errorf("got %v, %v, %v", out.Price, out.Tax, err)
	}
	before := out.Price
	if err := json.Unmarshal([]byte(`{"Price": null}`), &out); err != nil || out.Price != before {
		t.Errorf("null: %v, %v", out.Price, err)
	}
	for _, bad := range []string{`""`, `"\u0031"`, `true`, `{}`, `[]`, `"1`, `"`, ``, `1e99`, `"NaN"`} {
		d := before
		if err := d.UnmarshalJSON([]byte(bad)); err == nil || d != before {
			t.Errorf("%s is read as %v, %v", bad, d, err)
		}
	}
	if text, err := tax.AppendText([]byte("tax ")); string(text) != "tax -0.05" || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
}

// FuzzParse reads texts: what is read is what math/big reads, and what is refused is no
// number there or has too many digits.
func FuzzParse(tf *testing.F) {
	f := inputs.New(tf)
	for _, s := range []string{"12.34", "-0.05", "1e3", "1.50", ".", "1e38", nines, tiny, nines + "1", "0e99", "+.5e-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := decimal.Parse(s)
		if err == nil {
			if again, err := decimal.Parse(d.String()); again != d || err != nil {
				t.Fatalf("%q is %v, then %v, %v", s, d, again, err)
			}
			if d.IsZero() {
				return // whatever the exponent is
			}
			if r, ok := new(big.Rat).SetString(s); !ok || r.Cmp(d.Rat()) != 0 {
				t.Fatalf("%q is %v, but %v for math/big", s, d, r)
			}
			return
		}
		if d != (decimal.Decimal{}) || !errors.Is(err, decimal.ErrRange) && !errors.Is(err, decimal.ErrSyntax) {
			t.Fatalf("%q is %v, %v", s, d, err)
		}
		if strings.Trim(s, "+-.0123456789") != "" {
			return // other forms of math/big, and exponents that take it long
		}
		if r, ok := new(big.Rat).SetString(s); ok {
			if _, ok := exact(r); ok {
				t.Fatalf("%q is refused: %v", s, err)
			}
		}
	})
}

func TestNoAllocations(t *testing.T) {
	a, b, buffer := decimal.MustParse("12345678901234567890.12"), decimal.MustParse("-0.005"), make([]byte, 0, 64)
	var n int
	for name, f := range map[string]func(){
		"text":   func() { buffer, _ = a.AppendText(buffer[:0]) },
		"parse":  func() { a, _ = decimal.Parse("12345678901234567890.12") },
		"digits": func() { a, _ = decimal.FromDigits(false, []byte("1234567890123456789012"), 2) },
		"sum":    func() { _, _ = a.Add(b) },
		"order":  func() { n = a.Cmp(b) },
		"new":    func() { b, _ = decimal.New(-5, 3) },
		"fits":   func() { _ = a.Fits(38, 10) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	_ = n
}

func BenchmarkDecimal(b *testing.B) {
	x, y, buffer := decimal.MustParse("1234.56"), decimal.MustParse("-0.005"), make([]byte, 0, 64)
	for name, f := range map[string]func(){
		"Parse": func() { _, _ = decimal.Parse("1234.56") },
		"Text":  func() { buffer, _ = x.AppendText(buffer[:0]) },
		"Add":   func() { _, _ = x.Add(y) },
		"Cmp":   func() { _ = x.Cmp(y) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

func Example() {
	price := decimal.MustNew(1250, 2) // 12.50
	sum, err := price.Add(decimal.MustParse("0.005"))
	fmt.Println(sum, sum.StringFixed(4), err)
	cents, ok := price.Unscaled(2)
	fmt.Println(cents, ok, price == decimal.MustParse("12.5"))
	// Output:
	// 12.505 12.5050 <nil>
	// 1250 true true
}
