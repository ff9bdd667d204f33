package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/storegen/storegen/bench"
)

// codec measures encoding and decoding of a row.
func codec(out *reporter) error {
	n := max(1, int(200_000**scale))
	type both struct{ encode, decode []sample }
	got := map[string]*both{}
	sizes := map[string]int{}
	for range *passes {
		for _, i := range rand.Perm(len(bench.Coders)) {
			e := bench.Coders[i]
			if got[e.Name] == nil {
				got[e.Name] = new(both)
			}
			c, err := e.New(bench.Row(12345))
			if err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
			b, err := c.Encode(nil)
			if err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
			sizes[e.Name] = len(b)
			buf := make([]byte, 0, 1024)
			err = profiled(e.Name+"-encode", func() error {
				s, err := sampled(n, func() (err error) {
					for range n {
						if buf, err = c.Encode(buf[:0]); err != nil {
							return err
						}
					}
					return nil
				})
				got[e.Name].encode = append(got[e.Name].encode, s)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
			err = profiled(e.Name+"-decode", func() error {
				s, err := sampled(n, func() error {
					for range n {
						if err := c.Decode(b); err != nil {
							return err
						}
					}
					return nil
				})
				got[e.Name].decode = append(got[e.Name].decode, s)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The row without its id. Processor time, the median of %d passes, and its ratio to vtprotobuf's, with the least and the most. A decoded row is the caller's own, but for the borrowed forms, which point into what they read and use a row again. %s.\n\n", *passes, machine())
	fmt.Fprint(&b, "| | bytes | encode | ratio | allocations | decode | ratio | allocations |\n|---|---|---|---|---|---|---|---|\n")
	fast := got[bench.FastProto]
	for _, e := range bench.Coders {
		g := got[e.Name]
		en, de := ratioOf(g.encode, fast.encode, cpuOf), ratioOf(g.decode, fast.decode, cpuOf)
		fmt.Fprintf(&b, "| %s | %d | %s | %s (%s–%s) | %.0f | %s | %s (%s–%s) | %.0f |\n", e.Name, sizes[e.Name],
			nanos(median(pick(g.encode, cpuOf))), short(en.median), short(en.least), short(en.most), median(pick(g.encode, allocsOf)),
			nanos(median(pick(g.decode, cpuOf))), short(de.median), short(de.least), short(de.most), median(pick(g.decode, allocsOf)))
	}
	mine := got[bench.GeneratedCoder]
	en, de := ratioOf(mine.encode, fast.encode, cpuOf).median, ratioOf(mine.decode, fast.decode, cpuOf).median
	fmt.Fprintf(&b, "\nGoals: encoding at most 0.8 of vtprotobuf's: %s, %s. Decoding at most 0.65: %s, %s. No more bytes than protocol buffers: %s.\n",
		short(en), yes(en <= 0.8), short(de), yes(de <= 0.65), yes(sizes[bench.GeneratedCoder] <= sizes[bench.FastProto]))
	return out.section("codec", b.String())
}

func yes(met bool) string {
	if met {
		return "met"
	}
	return "not met"
}
