package kind

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The pattern of a type matches what ParseType takes, for all numbers that are near.
func TestPattern(t *testing.T) {
	for _, s := range Scalars() {
		if s.Kind == Enum {
			continue
		}
		pattern := regexp.MustCompile("^(?:" + s.Pattern() + ")$")
		try := func(text string) {
			row, _, err := ParseType(text)
			if got, want := pattern.MatchString(text), row == s && err == nil; got != want {
				t.Errorf("%s: the pattern of %s says %v, ParseType %v (%v)", text, s.Name, got, want, err)
			}
		}
		try(s.Usage())
		var p Params
		var numbers []*int
		for _, h := range p.holes() {
			if strings.Contains(s.Form, h.name) {
				numbers = append(numbers, h.of)
			}
		}
		switch len(numbers) {
		case 1:
			for *numbers[0] = range 1200 {
				try(TypeText(s.Kind, &p))
			}
		case 2:
			for *numbers[0] = range 60 {
				for *numbers[1] = range 60 {
					try(TypeText(s.Kind, &p))
				}
			}
		}
	}
	fixed := regexp.MustCompile("^(?:" + Of(FixedBytes).Pattern() + ")$")
	for _, text := range []string{"bytes[ 32 ]", "bytes[0032]", "bytes[000000000000000032]", "bytes[99999999999999999999]", "bytes[]", "bytes[-1]", "bytes[+1]", "bytes[1.0]", "bytes[ 0]"} {
		s, _, err := ParseType(text)
		if got, want := fixed.MatchString(text), s != nil && err == nil; got != want {
			t.Errorf("%s: the pattern says %v, ParseType %v", text, got, want)
		}
	}
}

func TestRangePattern(t *testing.T) {
	for _, r := range [][2]int{{0, 0}, {0, 9}, {1, 255}, {7, 13}, {10, 19}, {11, 11}, {19, 20}, {99, 101}, {123, 987}, {5, 1000}, {0, 999}} {
		pattern := regexp.MustCompile("^(" + rangePattern(r[0], r[1]) + ")$")
		for n := range 1500 {
			if got, want := pattern.MatchString(strconv.Itoa(n)), r[0] <= n && n <= r[1]; got != want {
				t.Fatal(fmt.Sprint(r, " ", pattern), n, got)
			}
		}
	}
}
