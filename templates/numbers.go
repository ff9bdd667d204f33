package templates

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/storegen/storegen/schema/lock"
)

var (
	descLine   = regexp.MustCompile(`^var (\w+) = (&catalog\.Table|catalog\.Type)\{$`)
	nameLine   = regexp.MustCompile(`^\tName: +"([^"]+)",$`)
	numberLine = regexp.MustCompile(`^\tNumber: +([0-9]+),$`)
	partLine   = regexp.MustCompile(`^\t{2,3}\{Name: "([^"]+)", Number: ([0-9]+)[,}]`)
	partsLine  = regexp.MustCompile(`^\t(?:\t|Params: +kind\.Params\{)?(Fields|Values|Indexes): +\[\](?:catalog|kind)\.\w+\{$`)
)

// Numbers reads what a generated file says of the numbers that its tables, fields,
// indexes and enum values have. Code that was generated knows them as the lock does,
// and so can tell when the lock has lost one.
func Numbers(content []byte) []lock.Number {
	kinds := map[string]string{"Fields": "field", "Values": "enum", "Indexes": "index"}
	var out []lock.Number
	add := func(kind, owner, name, number string) {
		if n, err := strconv.Atoi(number); err == nil {
			out = append(out, lock.Number{Kind: kind, Owner: owner, Name: name, Number: n})
		}
	}
	described, table := false, false
	owner, parts := "", ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\r\n")
		if m := descLine.FindStringSubmatch(line); m != nil {
			described, table, owner, parts = true, strings.HasPrefix(m[2], "&"), "", ""
			continue
		}
		if !described {
			continue
		}
		switch {
		case line == "}":
			described = false
		case line == "\t}," || line == "\t\t},":
			parts = ""
		case owner == "":
			if m := nameLine.FindStringSubmatch(line); m != nil {
				owner = m[1]
			}
		case parts == "":
			if m := partsLine.FindStringSubmatch(line); m != nil {
				parts = kinds[m[1]]
			} else if m := numberLine.FindStringSubmatch(line); m != nil && table {
				add("table", "", owner, m[1])
			}
		default:
			if m := partLine.FindStringSubmatch(line); m != nil {
				add(parts, owner, m[1], m[2])
			}
		}
	}
	return out
}
