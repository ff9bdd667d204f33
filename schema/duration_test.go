package schema

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
		got, err := parseDuration(test.text)
		if err != nil || got != test.want {
			t.Errorf("%s is %v, %v; want %v", test.text, got, err, test.want)
		}
		if text := formatDuration(got); text != test.canonical {
			t.Errorf("%v is written %s, want %s", got, text, test.canonical)
		}
	}
	for text, want := range map[string]error{
		"": errDurationForm, "-": errDurationForm, "5": errDurationForm, "d": errDurationForm, "1.5h": errDurationForm, "1h1h": errDurationForm,
		"1m1h": errDurationForm, "1y": errDurationForm, "1 h": errDurationForm, "--1h": errDurationForm, "1H": errDurationForm,
		"106752d": errDurationRange, "99999999999999999999s": errDurationRange, "15250w2d": errDurationRange, "9223372036s1000ms": errDurationRange,
	} {
		if d, err := parseDuration(text); !errors.Is(err, want) {
			t.Errorf("%q is %v, %v; want the error %q", text, d, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Min(-1<<63+1).Draw(t, "d"))
		if got, err := parseDuration(formatDuration(d)); err != nil || got != d {
			t.Fatalf("%d is written %s and read as %d, %v", d, formatDuration(d), got, err)
		}
	})
}

// The units are all in the language's document.
func TestUnitsInDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range durationUnits {
		if !regexp.MustCompile(`\b` + u.name + `\b`).Match(text) {
			t.Errorf("docs/schema.md does not tell of the unit %s", u.name)
		}
	}
}
