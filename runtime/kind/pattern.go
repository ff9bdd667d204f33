package kind

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mostInForm is more than any number in a Form can be.
const mostInForm = 300

// formPattern is a regular expression for the types of a kind that has one number in its
// Form, or two. The numbers that CheckForm takes are a run, for the second one with each
// of the first.
func formPattern(s *Scalar) string {
	var p Params
	var holes []hole
	for _, h := range p.holes() {
		if strings.Contains(s.Form, h.name) {
			holes = append(holes, h)
		}
	}
	possible := func(n *int) (least, most int) {
		least = 0
		for *n = 0; *n <= mostInForm && s.CheckForm(&p) != nil; *n++ {
			least = *n + 1
		}
		for most = least - 1; *n <= mostInForm && s.CheckForm(&p) == nil; *n++ {
			most = *n
		}
		return least, most
	}
	begin, rest, _ := strings.Cut(s.Form, holes[0].name)
	var numbers string
	if len(holes) == 1 {
		numbers = zeros + "(" + rangePattern(possible(holes[0].of)) + ")"
	} else {
		var between string
		between, rest, _ = strings.Cut(rest, holes[1].name)
		var pairs []string
		for first := range mostInForm {
			*holes[0].of = first
			if least, most := possible(holes[1].of); least <= most {
				pairs = append(pairs, fmt.Sprintf("%d *%s *%s(%s)", first, regexp.QuoteMeta(between), zeros, rangePattern(least, most)))
			} else if len(pairs) > 0 {
				break
			}
		}
		numbers = zeros + "(" + strings.Join(pairs, "|") + ")"
	}
	return regexp.QuoteMeta(begin) + " *" + numbers + " *" + regexp.QuoteMeta(rest)
}

// zeros may stand before a number.
const zeros = "0*"

// rangePattern is a regular expression for the numbers from least to most, without zeros
// before them.
func rangePattern(least, most int) string {
	digits := func(a, b int) string {
		if a == b {
			return strconv.Itoa(a)
		}
		return fmt.Sprintf("[%d-%d]", a, b)
	}
	var parts []string
	if least < 10 {
		parts = append(parts, digits(least, min(9, most)))
		least = 10
	}
	if end := min(most, least/10*10+9); least%10 != 0 && least <= most {
		parts = append(parts, strconv.Itoa(least/10)+digits(least%10, end%10))
		least = end + 1
	}
	if most%10 != 9 && least <= most {
		parts = append(parts, strconv.Itoa(most/10)+digits(0, most%10))
		most = most/10*10 - 1
	}
	if least <= most {
		parts = append(parts, "("+rangePattern(least/10, most/10)+")[0-9]")
	}
	return strings.Join(parts, "|")
}
