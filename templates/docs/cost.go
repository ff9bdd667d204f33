package docs

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema/naming"
)

// A Cost is what a way of reading a table costs.
type Cost struct {
	Call  string // as Go code has it
	Finds string
	Reads string // of n rows found, where it finds several
}

// Costs lists the ways of reading a table, the cheapest first: by key, by a run of
// keys, by each index, and all of it.
func Costs(t *catalog.Table) []Cost {
	out := []Cost{{"Get(key)", "the row of a key", "1 read"}}
	if len(t.Key) > 1 {
		out = append(out, Cost{"ByKey", "rows with the same " + t.Fields[t.Key[0]].Name + ", in the order of their keys", "one run of n rows"})
	}
	for _, ix := range t.Indexes {
		call := "By" + naming.GoName(ix.Name)
		var on []string
		for _, c := range ix.Columns {
			s := t.Fields[c.Field].Name
			if c.Each {
				s = "an element of " + s
			}
			for _, m := range c.Mappings() {
				s += " " + m.Means
			}
			if c.Desc {
				s += ", the greatest first"
			}
			on = append(on, s)
		}
		finds := "rows by " + strings.Join(on, ", then ")
		if ix.Where != nil {
			finds += ", those with " + t.WrittenExpr(ix.Where)
		}
		if ix.Doc != "" {
			finds += " (" + strings.TrimSuffix(ix.Doc, ".") + ")"
		}
		if ix.Unique {
			out = append(out, Cost{call + ".Get(…)", finds, "2 reads: the entry and the row"})
			continue
		}
		reads := "one run of n entries, and n rows"
		if len(ix.Include) > 0 {
			reads = "one run of n entries, and n rows unless " + names(t, ix.Include) + " and the key are enough"
		}
		out = append(out, Cost{call, finds, reads})
	}
	return append(out, Cost{"Scan()", "all rows, in the order of their keys", "the whole table"})
}

// WriteCost says what inserting a row writes and reads.
func WriteCost(t *catalog.Table) string {
	parts := []string{"the row"}
	unique, each := 0, 0
	for _, ix := range t.Indexes {
		if ix.Unique {
			unique++
		}
		for _, c := range ix.Columns {
			if c.Each {
				each++
			}
		}
	}
	if n := len(t.Indexes); n == 1 {
		parts = append(parts, "1 index entry")
	} else if n > 1 {
		parts = append(parts, fmt.Sprintf("up to %d index entries", n))
	}
	s := ""
	if each > 0 {
		s = ", with one for each distinct element of a list"
	}
	if t.TTL != nil {
		parts = append(parts, "its expiry entry")
	}
	s = strings.Join(parts, ", ") + s + ", in one commit"
	switch {
	case unique == 1:
		s += ", and 1 read to see that its index values are new"
	case unique > 1:
		s += fmt.Sprintf(", and %d reads to see that its index values are new", unique)
	case t.Blind:
		s += "; a put does not read the row before"
	}
	return s
}
