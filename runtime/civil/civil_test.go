package civil_test

import (
	stdcmp "cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/civil"
	"pgregory.net/rapid"
)

var anyDate = rapid.Map(rapid.Int64Range(int64(civil.MinDate.UnixDays()), int64(civil.MaxDate.UnixDays())), func(n int64) civil.Date {
	d, err := civil.FromUnixDays(n)
	if err != nil {
		panic(err)
	}
	return d
})

// Each day is the one that package time has, with its text.
func TestDates(t *testing.T) {
	for _, c := range []struct {
		year  int
		month time.Month
		day   int
		unix  int32
		text  string
	}{
		{-9999, 1, 1, -4371587, "-9999-01-01"},
		{-44, 3, 15, -735525, "-0044-03-15"},
		{-1, 12, 31, -719529, "-0001-12-31"},
		{0, 1, 1, -719528, "0000-01-01"},
		{0, 2, 29, -719469, "0000-02-29"},
		{1, 1, 1, -719162, "0001-01-01"},
		{1969, 12, 31, -1, "1969-12-31"},
		{1970, 1, 1, 0, "1970-01-01"},
		{2000, 2, 29, 11016, "2000-02-29"},
		{2024, 2, 29, 19782, "2024-02-29"},
		{9999, 12, 31, 2932896, "9999-12-31"},
	} {
		d, err := civil.NewDate(c.year, c.month, c.day)
		if err != nil || d.UnixDays() != c.unix || d.String() != c.text {
			t.Errorf("%s: got %v, day %d, %v; want day %d", c.text, d, d.UnixDays(), err, c.unix)
		}
		at := time.Date(c.year, c.month, c.day, 0, 0, 0, 0, time.UTC)
		if d.In(time.UTC) != at || at.Unix() != int64(c.unix)*86400 || d.Weekday() != at.Weekday() || d.YearDay() != at.YearDay() {
			t.Errorf("%s is %v", c.text, d.In(time.UTC))
		}
		if d.Year() != c.year || d.Month() != c.month || d.Day() != c.day {
			t.Errorf("%s is %d %d %d", c.text, d.Year(), d.Month(), d.Day())
		}
		if got, err := civil.ParseDate(c.text); got != d || err != nil {
			t.Errorf("%s is read as %v, %v", c.text, got, err)
		}
	}
	if !(civil.Date{}).IsZero() || (civil.Date{}) != civil.MustDate(1, 1, 1) || (civil.Date{}).In(time.UTC) != (time.Time{}) {
		t.Errorf("the zero date is %v", civil.Date{})
	}
	if civil.MinDate != civil.MustDate(-9999, 1, 1) || civil.MaxDate != civil.MustDate(9999, 12, 31) {
		t.Errorf("dates are from %v to %v", civil.MinDate, civil.MaxDate)
	}
}

// What is no date or time of day is an error that says why.
func TestErrors(t *testing.T) {
	date := func(y int, m time.Month, d int) error { _, err := civil.NewDate(y, m, d); return err }
	clock := func(h, m, s, n int) error { _, err := civil.NewTimeOfDay(h, m, s, n); return err }
	parseDate := func(s string) error { _, err := civil.ParseDate(s); return err }
	parseTime := func(s string) error { _, err := civil.ParseTimeOfDay(s); return err }
	add := func(d civil.Date, n int) error { _, err := d.AddDays(n); return err }
	since := func(d time.Duration) error { _, err := civil.SinceMidnight(d); return err }
	unix := func(n int64) error { _, err := civil.FromUnixDays(n); return err }
	of := func(t time.Time) error { _, err := civil.DateOf(t); return err }
	for _, c := range []struct {
		err  error
		is   error
		want string
	}{
		{date(10000, 1, 1), civil.ErrRange, "civil: year 10000 is out of range: dates are of the years -9999 to 9999"},
		{date(-10000, 1, 1), civil.ErrRange, "year -10000"},
		{date(2023, 0, 1), civil.ErrRange, "month 0 is out of range: months are 1 to 12"},
		{date(2023, 13, 1), civil.ErrRange, "month 13"},
		{date(2023, 2, 29), civil.ErrRange, "day 29 is out of range: February 2023 has 28 days"},
		{date(2023, 4, 31), civil.ErrRange, "April 2023 has 30 days"},
		{date(2023, 12, 0), civil.ErrRange, "day 0 is out of range: December 2023 has 31 days"},
		{date(1900, 2, 29), civil.ErrRange, "28 days"},
		{of(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), civil.ErrRange, "year 10000"},
		{of(time.Unix(math.MaxInt64, 0)), civil.ErrRange, "is out of range"},
		{unix(2932897), civil.ErrRange, "2932897 days after 1970-01-01 is out of range"},
		{unix(-4371588), civil.ErrRange, "-4371588 days after 1970-01-01 is out of range"},
		{unix(math.MinInt64), civil.ErrRange, "is out of range"},
		{unix(math.MaxInt64), civil.ErrRange, "is out of range"},
		{add(civil.MaxDate, 1), civil.ErrRange, "2932897 days"},
		{add(civil.MinDate, -1), civil.ErrRange, "-4371588 days"},
		{add(civil.MaxDate, math.MaxInt), civil.ErrRange, "days is out of range"},
		{add(civil.MaxDate, math.MinInt), civil.ErrRange, "is out of range"},
		{parseDate(""), civil.ErrSyntax, `civil: bad syntax: "" is no date: it is written as 2006-01-02, or -0044-03-15 before the year 0`},
		{parseDate("2024-1-1"), civil.ErrSyntax, "is no date"},
		{parseDate("-0000-01-01"), civil.ErrSyntax, "is no date"},
		{parseDate("+2024-01-01"), civil.ErrSyntax, "is no date"},
		{parseDate("--024-01-01"), civil.ErrSyntax, "is no date"},
		{parseDate("2024-01-0x"), civil.ErrSyntax, "is no date"},
		{parseDate("2024-01-01T00:00:00Z"), civil.ErrSyntax, "is no date"},
		{parseDate("2024/01/01"), civil.ErrSyntax, "is no date"},
		{parseDate("2023-02-29"), civil.ErrRange, `February 2023 has 28 days (in "2023-02-29")`},
		{clock(24, 0, 0, 0), civil.ErrRange, "civil: hour 24 is out of range: it is 0 to 23"},
		{clock(23, 60, 0, 0), civil.ErrRange, "minute 60 is out of range: it is 0 to 59"},
		{clock(23, 59, 60, 0), civil.ErrRange, "second 60"},
		{clock(23, 59, 59, 1e9), civil.ErrRange, "nanosecond 1000000000"},
		{clock(0, -1, 0, 0), civil.ErrRange, "minute -1"},
		{since(-1), civil.ErrRange, "-1ns after midnight is out of range"},
		{since(24 * time.Hour), civil.ErrRange, "24h0m0s after midnight is out of range"},
		{parseTime(""), civil.ErrSyntax, `civil: bad syntax: "" is no time of day: it is written as 15:04 or 15:04:05, with up to nine digits of a second behind a point`},
		{parseTime("1:02"), civil.ErrSyntax, "is no time of day"},
		{parseTime("01:02:"), civil.ErrSyntax, "is no time of day"},
		{parseTime("01:02.5"), civil.ErrSyntax, "is no time of day"},
		{parseTime("01:02:03."), civil.ErrSyntax, "is no time of day"},
		{parseTime("01:02:03.1234567890"), civil.ErrSyntax, "is no time of day"},
		{parseTime("01:02:03,5"), civil.ErrSyntax, "is no time of day"},
		{parseTime("01-02-03"), civil.ErrSyntax, "is no time of day"},
		{parseTime("01:02-03"), civil.ErrSyntax, "is no time of day"},
		{parseTime("24:00"), civil.ErrRange, `hour 24 is out of range: it is 0 to 23 (in "24:00")`},
	} {
		if c.err == nil || !errors.Is(c.err, c.is) || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

func TestTimesOfDay(t *testing.T) {
	for _, c := range []struct {
		hour, minute, second, nanosecond int
		text                             string
	}{
		{0, 0, 0, 0, "00:00:00"},
		{0, 0, 0, 1, "00:00:00.000000001"},
		{9, 30, 0, 0, "09:30:00"},
		{12, 0, 0, 500_000_000, "12:00:00.5"},
		{15, 4, 5, 60_000_000, "15:04:05.06"},
		{23, 59, 59, 999_999_999, "23:59:59.999999999"},
	} {
		v, err := civil.NewTimeOfDay(c.hour, c.minute, c.second, c.nanosecond)
		if err != nil || v.String() != c.text || v.Hour() != c.hour || v.Minute() != c.minute || v.Second() != c.second || v.Nanosecond() != c.nanosecond {
			t.Errorf("%s: got %v, %v", c.text, v, err)
		}
		if got, err := civil.ParseTimeOfDay(c.text); got != v || err != nil {
			t.Errorf("%s is read as %v, %v", c.text, got, err)
		}
		at := time.Date(2024, 2, 29, c.hour, c.minute, c.second, c.nanosecond, time.UTC)
		if civil.TimeOfDayOf(at) != v || civil.MustDate(2024, 2, 29).At(v, time.UTC) != at {
			t.Errorf("%v is %v", at, civil.TimeOfDayOf(at))
		}
	}
	if got, err := civil.ParseTimeOfDay("09:30"); got != civil.MustTimeOfDay(9, 30, 0, 0) || err != nil {
		t.Errorf("without seconds: %v, %v", got, err)
	}
	if !(civil.TimeOfDay{}).IsZero() || civil.MaxTimeOfDay != civil.MustTimeOfDay(23, 59, 59, 999_999_999) {
		t.Errorf("times of day are from %v to %v", civil.TimeOfDay{}, civil.MaxTimeOfDay)
	}
}

// A date is the one where its instant is seen from.
func TestDateOf(t *testing.T) {
	at := time.Date(2024, 12, 31, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[int]string{0: "2024-12-31", 3600: "2025-01-01", -3600: "2024-12-31"} {
		d, err := civil.DateOf(at.In(time.FixedZone("", zone)))
		if err != nil || d.String() != want {
			t.Errorf("in zone %d: %v, %v, want %s", zone, d, err, want)
		}
		in := d.In(time.FixedZone("", zone))
		if back, err := civil.DateOf(in); back != d || err != nil || civil.TimeOfDayOf(in) != (civil.TimeOfDay{}) {
			t.Errorf("in zone %d %v begins at %v", zone, d, in)
		}
	}
}

func TestDateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDate.Draw(t, "a"), anyDate.Draw(t, "b")
		days := b.Sub(a)
		if got, err := a.AddDays(days); got != b || err != nil {
			t.Fatalf("%v and %d days is %v, %v, want %v", a, days, got, err, b)
		}
		if want := int((b.In(time.UTC).Unix() - a.In(time.UTC).Unix()) / 86400); days != want {
			t.Fatalf("%v is %d days after %v, want %d", b, days, a, want)
		}
		order := a.In(time.UTC).Compare(b.In(time.UTC))
		if a.Compare(b) != order || a.Before(b) != (order < 0) || a.After(b) != (order > 0) || a.Equal(b) != (order == 0) || (a == b) != (order == 0) {
			t.Fatalf("%v and %v compare as %d", a, b, a.Compare(b))
		}
		if got, err := civil.ParseDate(a.String()); got != a || err != nil {
			t.Fatalf("%v is read as %v, %v", a, got, err)
		}
		if got, err := civil.NewDate(a.Date()); got != a || err != nil {
			t.Fatalf("%v is made as %v, %v", a, got, err)
		}
	})
}

// At midnight a day ends and the next begins, exactly.
func TestAddAroundMidnight(t *testing.T) {
	noon := civil.MustTimeOfDay(12, 0, 0, 0)
	for _, c := range []struct {
		add  time.Duration
		want civil.TimeOfDay
		days int
	}{
		{12*time.Hour - 1, civil.MustTimeOfDay(23, 59, 59, 999999999), 0},
		{12 * time.Hour, civil.TimeOfDay{}, 1},
		{36 * time.Hour, civil.TimeOfDay{}, 2},
		{-12 * time.Hour, civil.TimeOfDay{}, 0},
		{-12*time.Hour - 1, civil.MustTimeOfDay(23, 59, 59, 999999999), -1},
	} {
		if got, days := noon.Add(c.add); got != c.want || days != c.days {
			t.Errorf("noon and %v: %v, %d days, want %v and %d", c.add, got, days, c.want, c.days)
		}
	}
}

func TestTimeOfDayProperties(t *testing.T) {
	anyTime := rapid.Map(rapid.Int64Range(0, int64(24*time.Hour)-1), func(n int64) civil.TimeOfDay {
		v, err := civil.SinceMidnight(time.Duration(n))
		if err != nil {
			panic(err)
		}
		return v
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyTime.Draw(t, "a"), anyTime.Draw(t, "b")
		order := stdcmp.Compare(a.Sub(b), 0)
		if a.Compare(b) != order || a.Before(b) != (order < 0) || a.After(b) != (order > 0) || a.Equal(b) != (order == 0) || (a == b) != (order == 0) {
			t.Fatalf("%v and %v compare as %d", a, b, a.Compare(b))
		}
		if got, err := civil.ParseTimeOfDay(a.String()); got != a || err != nil {
			t.Fatalf("%v is read as %v, %v", a, got, err)
		}
		d := time.Duration(rapid.Int64().Draw(t, "d"))
		got, days := a.Add(d)
		if got.SinceMidnight() < 0 || got.SinceMidnight() >= 24*time.Hour || a.SinceMidnight()+d%(24*time.Hour) != got.SinceMidnight()+time.Duration(days-int(d/(24*time.Hour)))*24*time.Hour {
			t.Fatalf("%v and %v is %v, %d days on", a, d, got, days)
		}
	})
}

// Both are strings in JSON and texts as keys of maps.
func TestJSON(t *testing.T) {
	type row struct {
		Day   civil.Date
		At    *civil.TimeOfDay
		Hours map[civil.Date]civil.TimeOfDay
	}
	at := civil.MustTimeOfDay(9, 30, 0, 0)
	in := row{civil.MustDate(-44, 3, 15), &at, map[civil.Date]civil.TimeOfDay{civil.MustDate(2024, 2, 29): at}}
	text, err := json.Marshal(in)
	if want := `{"Day":"-0044-03-15","At":"09:30:00","Hours":{"2024-02-29":"09:30:00"}}`; string(text) != want || err != nil {
		t.Fatalf("got %s, %v", text, err)
	}
	var out row
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	before := out.Day
	if err := json.Unmarshal([]byte(`{"Day":"2023-02-29"}`), &out); !errors.Is(err, civil.ErrRange) || out.Day != before {
		t.Errorf("no date is read as %v, %v", out.Day, err)
	}
	if err := json.Unmarshal([]byte(`{"At":"25:00"}`), &out); !errors.Is(err, civil.ErrRange) {
		t.Errorf("no time of day is read, %v", err)
	}
	if text, err := in.Day.AppendText([]byte("on ")); string(text) != "on -0044-03-15" || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
	if text, err := at.AppendText([]byte("at ")); string(text) != "at 09:30:00" || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
}

// FuzzParse reads texts: one that is read is the text of what was read, and of a
// value that package time knows too.
func FuzzParse(tf *testing.F) {
	f := inputs.New(tf)
	for _, s := range []string{"2024-02-29", "-0044-03-15", "0000-00-00", "15:04:05.06", "09:30", "24:00:00", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := civil.ParseDate(s); err == nil {
			if d.String() != s {
				t.Errorf("%q is read as %v", s, d)
			}
			if at, err := time.Parse(time.DateOnly, s); err == nil && at != d.In(time.UTC) {
				t.Errorf("%q is %v by package time", s, at)
			}
		} else if _, err := time.Parse(time.DateOnly, s); err == nil {
			t.Errorf("package time reads %q", s)
		}
		if v, err := civil.ParseTimeOfDay(s); err == nil {
			if again, err := civil.ParseTimeOfDay(v.String()); again != v || err != nil {
				t.Errorf("%q is %v and then %v, %v", s, v, again, err)
			}
		}
	})
}

func TestNoAllocations(t *testing.T) {
	d, at, buffer := civil.MustDate(2024, 2, 29), civil.MustTimeOfDay(9, 30, 0, 5), make([]byte, 0, 64)
	for name, f := range map[string]func(){
		"text of a date": func() { buffer, _ = d.AppendText(buffer[:0]) },
		"text of a time": func() { buffer, _ = at.AppendText(buffer[:0]) },
		"parse":          func() { d, _ = civil.ParseDate("2024-02-29") },
		"date":           func() { d, _ = civil.NewDate(d.Date()) },
		"time":           func() { at, _ = civil.NewTimeOfDay(9, 30, 0, 0) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func Example() {
	due := civil.MustDate(2024, time.February, 28)
	next, _ := due.AddDays(2)
	fmt.Println(next, next.Weekday(), next.Sub(due))
	fmt.Println(next.At(civil.MustTimeOfDay(9, 30, 0, 0), time.UTC))
	// Output:
	// 2024-03-01 Friday 2
	// 2024-03-01 09:30:00 +0000 UTC
}
