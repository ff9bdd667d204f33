package kind

import (
	"errors"
	"os"
	"regexp"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDuration(t *testing.T) {
	tests := []struct {
		text, canonical string
		want            time.Duration
	}{
		{"30d", "30d", 30 * 24 * time.Hour},
		{"1h30m", "1h30m", 90 * time.Minute},
		{"90m", "1h30m", 90 * time.Minute},
		{"2w3d", "17d", 17 * 24 * time.Hour},
		{"1s500ms", "1s500ms", 1500 * time.Millisecond},
		{"7us9ns", "7us9ns", 7009},
		{"0s", "0s", 0},
		{"-5m", "-5m", -5 * time.Minute},
		{"106751d", "106751d", 106751 * 24 * time.Hour},
	}
	for _, test := range tests {
		got, err := ParseDuration(test.text)
		if err != nil || got != test.want {
			t.Errorf("%s is %v, %v; want %v", test.text, got, err, test.want)
		}
		if text := FormatDuration(got); text != test.canonical {
			t.Errorf("%v is written %s, want %s", got, text, test.canonical)
		}
	}
	for text, want := range map[string]error{
		"": ErrDurationForm, "-": ErrDurationForm, "5": ErrDurationForm, "d": ErrDurationForm, "1.5h": ErrDurationForm, "1h1h": ErrDurationForm,
		"1m1h": ErrDurationForm, "1y": ErrDurationForm, "1 h": ErrDurationForm, "--1h": ErrDurationForm, "1H": ErrDurationForm,
		"106752d": ErrDurationRange, "99999999999999999999s": ErrDurationRange, "15250w2d": ErrDurationRange, "9223372036s1000ms": ErrDurationRange,
	} {
		if d, err := ParseDuration(text); !errors.Is(err, want) {
			t.Errorf("%q is %v, %v; want the error %q", text, d, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Min(-1<<63+1).Draw(t, "d"))
		if got, err := ParseDuration(FormatDuration(d)); err != nil || got != d {
			t.Fatalf("%d is written %s and read as %d, %v", d, FormatDuration(d), got, err)
		}
	})
}

// The units are all in the language's document.
func TestDurationUnitsAreInDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range durationUnits {
		if !regexp.MustCompile(`\b` + u.name + `\b`).Match(text) {
			t.Errorf("docs/schema.md does not tell of the unit %s", u.name)
		}
	}
}
