package main

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/bench"
)

// goal is something that the generated store is held to.
type goal struct {
	text string
	// measure returns what was found, whether the goal is met, and whether it was
	// measured at all.
	measure func(r *results) (what string, met, measured bool)
}

// cpuRatio holds the ratio of one operation's processor time to another's, each
// times a number of units, to a bound.
func cpuRatio(text, op, contestant, other, otherContestant string, units, bound float64) goal {
	return goal{text, func(r *results) (string, bool, bool) {
		a, b := r.of(op, contestant), r.of(other, otherContestant)
		if a == nil || b == nil {
			return "", false, false
		}
		q := ratioOf(a, b, cpuOf)
		m := q.median / units
		return fmt.Sprintf("%s (%s–%s)", short(m), short(q.least/units), short(q.most/units)), m <= bound, true
	}}
}

// faster holds how many times one operation is as fast as another, by elapsed
// time, to a bound.
func faster(text, op, other string, bound float64) goal {
	return goal{text, func(r *results) (string, bool, bool) {
		a, b := r.of(op, bench.Generated), r.of(other, bench.Generated)
		if a == nil || b == nil {
			return "", false, false
		}
		q := ratioOf(b, a, wallOf)
		return fmt.Sprintf("%s (%s–%s)", short(q.median), short(q.least), short(q.most)), q.median >= bound, true
	}}
}

var goals = []goal{
	{"every operation costs at most 1.05 times the twin's, or what the twin differs from itself", level},
	{"no operation allocates more often than the twin", lean},
	cpuRatio("an index that holds what is asked for (RoleEmails50) costs at most 0.6 of the twin's ScanRole50", "RoleEmails50", bench.Generated, "ScanRole50", bench.Twin, 1, 0.6),
	cpuRatio("ScanRole50 costs at most 0.8 of the twin's", "ScanRole50", bench.Generated, "ScanRole50", bench.Twin, 1, 0.8),
	cpuRatio("a scan of two columns costs at most 0.6 of ScanAll", "ScanColumns", bench.Generated, "ScanAll", bench.Generated, 1, 0.6),
	cpuRatio("a Get that a cache answers costs at most go-memdb's", "Get", bench.Cached, "Get", bench.Memdb, 1, 1),
	cpuRatio("GetMany100 costs at most 0.7 of 100 Gets", "GetMany100", bench.Generated, "Get", bench.Generated, 100, 0.7),
	cpuRatio("an update of a field that no index has (Touch) costs at most 0.9 of the twin's", "Touch", bench.Generated, "Touch", bench.Twin, 1, 0.9),
	faster("ParallelUpdateSync is at least 4 times as fast as behind one lock, in elapsed time", "ParallelUpdateSync", "LockedUpdateSync", 4),
	{"reads scale: ParallelGet is at least 1.8 times as fast as Get, in elapsed time, on 2 processors", scales},
	{"ahead of every peer that keeps data on disk, but for bbolt's reads", ahead},
	{"within 2 times of bbolt's reads", nearBolt},
}

// scales shows what reads gain by a second processor beside what the twin's gain and
// what is to be gained: a processor that other programs use, or one core that is
// shown as two, is not two.
func scales(r *results) (string, bool, bool) {
	a, b := r.of("ParallelGet", bench.Generated), r.of("Get", bench.Generated)
	if a == nil || b == nil || len(r.spins) == 0 {
		return "", false, false
	}
	q, most := ratioOf(b, a, wallOf), median(r.spins)
	twin := ratioOf(r.of("Get", bench.Twin), r.of("ParallelGet", bench.Twin), wallOf)
	return fmt.Sprintf("%s (%s–%s), the twin %s, the loops %s", short(q.median), short(q.least), short(q.most), short(twin.median), short(most)), q.median >= 1.8, true
}

func (r *results) goals() string {
	var b strings.Builder
	fmt.Fprint(&b, "| goal | measured | met |\n|---|---|---|\n")
	for _, g := range goals {
		what, met, measured := g.measure(r)
		if !measured {
			continue
		}
		yes := "no"
		if met {
			yes = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", g.text, what, yes)
	}
	return b.String()
}

// all is what those operations fail by that a check does not let pass, and how
// many there are.
func (r *results) all(check func(op *bench.Operation) (failed string, measured bool)) (string, bool, bool) {
	var failed []string
	n := 0
	for i := range bench.Operations {
		f, measured := check(&bench.Operations[i])
		if !measured {
			continue
		}
		n++
		if f != "" {
			failed = append(failed, bench.Operations[i].Name+" "+f)
		}
	}
	what := fmt.Sprintf("%d of %d", n-len(failed), n)
	if len(failed) > 0 {
		what += "; not " + strings.Join(failed, ", ")
	}
	return what, len(failed) == 0, n > 0
}

func level(r *results) (string, bool, bool) {
	return r.all(func(op *bench.Operation) (string, bool) {
		twin, mine := r.of(op.Name, bench.Twin), r.of(op.Name, bench.Generated)
		if twin == nil || mine == nil {
			return "", false
		}
		noise := ratioOf(r.of(op.Name, bench.TwinAgain), twin, cpuOf).median
		if m := ratioOf(mine, twin, cpuOf).median; m > max(1.05, noise) {
			return short(m), true
		}
		return "", true
	})
}

func lean(r *results) (string, bool, bool) {
	return r.all(func(op *bench.Operation) (string, bool) {
		twin, mine := r.of(op.Name, bench.Twin), r.of(op.Name, bench.Generated)
		if twin == nil || mine == nil || op.Wall {
			return "", false
		}
		a, b := median(pick(mine, allocsOf)), median(pick(twin, allocsOf))
		if a > b*1.01+0.3 {
			return fmt.Sprintf("%s against %s", short(a), short(b)), true
		}
		return "", true
	})
}

// reads are the operations that bbolt's tree is made for.
var reads = map[string]bool{
	"Get": true, "Has": true, "GetMany100": true, "GetByUsername": true, "ScanRole50": true, "Page20": true, "RoleEmails50": true,
	"ScanColumns": true, "ScanAll": true, "PrefixScan100": true, "ParallelGet": true,
}

const bbolt = "bbolt by hand"

func ahead(r *results) (string, bool, bool) {
	return r.all(func(op *bench.Operation) (string, bool) {
		mine := r.of(op.Name, bench.Generated)
		if mine == nil {
			return "", false
		}
		var behind []string
		for _, e := range r.players {
			other := r.of(op.Name, e.Name)
			if e.Memory || e.Floor || strings.HasPrefix(e.Name, bench.Generated) || e.Name == bench.Twin || e.Name == bench.TwinAgain || other == nil || e.Name == bbolt && reads[op.Name] {
				continue
			}
			if m := ratioOf(mine, other, cpuOf).median; m > 1 {
				behind = append(behind, fmt.Sprintf("%s of %s", short(m), e.Name))
			}
		}
		return strings.Join(behind, " and "), true
	})
}

func nearBolt(r *results) (string, bool, bool) {
	return r.all(func(op *bench.Operation) (string, bool) {
		mine, other := r.of(op.Name, bench.Generated), r.of(op.Name, bbolt)
		if mine == nil || other == nil || !reads[op.Name] {
			return "", false
		}
		if m := ratioOf(mine, other, cpuOf).median; m > 2 {
			return short(m), true
		}
		return "", true
	})
}
