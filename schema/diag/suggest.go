package diag

import (
	"slices"
	"strings"
)

// Nearest returns the candidate that a name was most likely meant to be, or "" when
// none is near. Near means a small edit distance for the length of the name, where
// swapping two neighbours is one edit, or the same name but for letter case and
// underscores. Of equally near candidates, the first in alphabetical order wins.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", len([]rune(name))/3+1
	sorted := slices.Clone(candidates)
	slices.Sort(sorted)
	for _, c := range sorted {
		if c == name {
			continue
		}
		d := editDistance(Squash(name), Squash(c))
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

func Squash(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "") }

// maxSuggested is the longest name, in characters, for which a nearest one is
// sought: the work grows with the square of the length.
const maxSuggested = 64

// editDistance is the optimal string alignment distance of a and b.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > maxSuggested || len(y) > maxSuggested {
		return max(len(x), len(y))
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
