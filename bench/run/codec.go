package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"github.com/storegen/storegen/bench"
)

// coding is a contestant of the codec report: its samples, pass by pass, and those
// of the pass that is under way.
type coding struct {
	bench.Coder
	name               string
	encoded, buf       []byte
	encode, decode     []sample
	encoding, decoding []sample
}

// codec measures encoding and decoding of a row.
func codec(out *reporter) error {
	var all []*coding
	for _, e := range bench.Coders {
		c, err := e.New(bench.Row(12345))
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		x := &coding{Coder: c, name: e.Name, buf: make([]byte, 0, 1024)}
		if x.encoded, err = c.Encode(nil); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		all = append(all, x)
	}
	const n = 200_000 / slicesOf
	for range *passes {
		runtime.GC()
		for range slicesOf { // as in interleave
			for _, i := range rand.Perm(len(all)) {
				if err := all[i].slice(max(1, int(n**scale))); err != nil {
					return fmt.Errorf("%s: %w", all[i].name, err)
				}
			}
		}
		for _, x := range all {
			x.encode, x.decode = append(x.encode, joined(x.encoding)), append(x.decode, joined(x.decoding))
			x.encoding, x.decoding = nil, nil
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The row without its id. Processor time, the median of %d passes, and its ratio to vtprotobuf's, with the least and the most. A decoded row is the caller's own, but for the borrowed forms, which point into what they read and use a row again. %s.\n\n", *passes, machine())
	fmt.Fprint(&b, "| | bytes | encode | ratio | allocations | decode | ratio | allocations |\n|---|---|---|---|---|---|---|---|\n")
	named := func(name string) *coding {
		return all[slices.IndexFunc(all, func(x *coding) bool { return x.name == name })]
	}
	fast := named(bench.FastProto)
	for _, g := range all {
		en, de := ratioOf(g.encode, fast.encode, cpuOf), ratioOf(g.decode, fast.decode, cpuOf)
		fmt.Fprintf(&b, "| %s | %d | %s | %s (%s–%s) | %.0f | %s | %s (%s–%s) | %.0f |\n", g.name, len(g.encoded),
			nanos(median(pick(g.encode, cpuOf))), short(en.median), short(en.least), short(en.most), median(pick(g.encode, allocsOf)),
			nanos(median(pick(g.decode, cpuOf))), short(de.median), short(de.least), short(de.most), median(pick(g.decode, allocsOf)))
	}
	mine := named(bench.GeneratedCoder)
	en, de := ratioOf(mine.encode, fast.encode, cpuOf).median, ratioOf(mine.decode, fast.decode, cpuOf).median
	fmt.Fprintf(&b, "\nGoals: encoding at most 0.8 of vtprotobuf's: %s, %s. Decoding at most 0.65: %s, %s. No more bytes than protocol buffers: %s.\n",
		short(en), yes(en <= 0.8), short(de), yes(de <= 0.65), yes(len(mine.encoded) <= len(fast.encoded)))
	return out.section("codec", b.String())
}

// slice encodes the row n times and then decodes it n times.
func (x *coding) slice(n int) error {
	err := profiled(x.name+"-encode", func() error {
		s, err := sampled(n, func() (err error) {
			for range n {
				if x.buf, err = x.Encode(x.buf[:0]); err != nil {
					return err
				}
			}
			return nil
		}, nil)
		x.encoding = append(x.encoding, s)
		return err
	})
	if err != nil {
		return err
	}
	return profiled(x.name+"-decode", func() error {
		s, err := sampled(n, func() error {
			for range n {
				if err := x.Decode(x.encoded); err != nil {
					return err
				}
			}
			return nil
		}, nil)
		x.decoding = append(x.decoding, s)
		return err
	})
}

func yes(met bool) string {
	if met {
		return "met"
	}
	return "not met"
}
