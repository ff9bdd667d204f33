package explain

import (
	"fmt"
	"strconv"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// An Entry is a key in the store.
type Entry struct {
	Name  string // row, index status, expiry
	Parts []Part
	Value string // what is stored under it
}

// A Part is some bytes of a key.
type Part struct {
	Bytes []byte // empty for the table's space, which each database gives itself
	Space bool
	What  string
}

// Entries lists what a store holds for one example row of a table, in which every
// field is present and every list has one element.
func Entries(t *catalog.Table) []Entry {
	table := Part{Space: true, What: "the table's space, from the catalog of the database"}
	if len(t.Per) > 0 {
		table.What = "the member's space, from the catalog of the database"
	}
	var rowKey []Part
	for i, f := range t.Key {
		rowKey = append(rowKey, parts(t.Fields[f].Name, &t.Fields[f].Type, catalog.Options{}, i == len(t.Key)-1)...)
	}
	row := Entry{Name: "row", Value: "the fields that are not in the key, as protobuf"}
	if t.Form == catalog.Own {
		row.Value = "what the Go type of " + t.Row + " writes, with its key"
	}
	if t.Form == catalog.Message {
		row.Value = "the protobuf message " + t.Row + ", with its key"
	}
	row.Parts = append(append(row.Parts, table, Part{Bytes: keys.AppendUvarint(nil, 0), What: "rows"}), rowKey...)
	out := []Entry{row}
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		e := Entry{Name: "index " + ix.Name, Value: "nothing further"}
		e.Parts = append(e.Parts, table, Part{Bytes: keys.AppendUvarint(nil, uint64(ix.Number)), What: "index " + strconv.Itoa(ix.Number)})
		for _, c := range ix.Columns {
			f := &t.Fields[c.Field]
			typ := &f.Type
			if c.Each {
				typ = typ.Elem
			}
			e.Parts = append(e.Parts, parts(f.Name, typ, c.Options, false)...)
		}
		if ix.Unique {
			e.Value = "the key of the row"
		} else {
			e.Parts = append(e.Parts, rowKey...)
		}
		if len(ix.Include) > 0 {
			if ix.Unique {
				e.Value += ", and"
			} else {
				e.Value = ""
			}
			for i, f := range ix.Include {
				if i > 0 || ix.Unique {
					e.Value += " "
				}
				e.Value += t.Fields[f].Name
			}
		}
		out = append(out, e)
	}
	if t.TTL != nil {
		from := t.Fields[t.TTL.From].Name
		keep, note := t.TTL.Keep, from+" plus the time that rows are kept"
		if t.TTL.KeepField > 0 {
			f := &t.Fields[t.TTL.KeepField-1]
			keep, note = exampleKeep(&f.Type), from+" plus "+f.Name
		}
		e := Entry{Name: "expiry", Value: "nothing further"}
		at := exampleOf(kind.Timestamp).Time().Add(keep)
		e.Parts = append(append(e.Parts,
			Part{Bytes: keys.AppendUvarint(nil, 1), What: "rows in the order in which they expire"},
			Part{Bytes: keys.AppendTime(nil, at), What: note + ": " + at.Format(time.RFC3339Nano)},
			table), rowKey...)
		out = append(out, e)
	}
	return out
}

// exampleOf is the value of a kind that is shown, which a row of package kind has.
func exampleOf(k kind.Kind) kind.Value { return kind.Of(k).Example(nil) }

// exampleKeep is how long a row with the example value lives.
func exampleKeep(t *catalog.Type) time.Duration {
	if t.Kind == kind.Duration {
		return exampleOf(kind.Duration).Duration()
	}
	return time.Duration(exampleOf(t.Kind).Int64()) * time.Second
}

// exampleText is the example of a string or bytes within its limits.
func exampleText(t *catalog.Type) string {
	s := "abc"
	for len(s) < t.Min {
		s += "c"
	}
	if t.Max > 0 && len(s) > t.Max {
		s = s[:t.Max]
	}
	return s
}

// parts encodes the example value of a column; a struct has a part for each of its
// fields. The last string of a key has no end.
func parts(name string, t *catalog.Type, o catalog.Options, last bool) []Part {
	if t.Kind == kind.Struct {
		var out []Part
		for i, f := range t.Fields {
			out = append(out, parts(name+"."+f.Name, &t.Fields[i].Type, o, last && i == len(t.Fields)-1)...)
		}
		return out
	}
	b, text := scalar(t, last && !o.Desc)
	if o.Desc {
		for i := range b {
			b[i] = ^b[i]
		}
	}
	return []Part{{Bytes: b, What: fmt.Sprintf("%s: %s %s", o.Text(name), t.Written(), text)}}
}

func scalar(t *catalog.Type, last bool) (b []byte, text string) {
	if !t.Kind.Text() {
		row := kind.Of(t.Kind)
		v := row.Example(&t.Params)
		text = v.String()
		if t.Kind == kind.Enum && v.Int64() != 0 {
			text += fmt.Sprintf(", number %d", v.Int64())
		}
		return row.AppendKey(nil, v), text
	}
	s := exampleText(t)
	if last {
		return keys.AppendStringLast(nil, s), strconv.Quote(s) + ", to the end of the key"
	}
	return keys.AppendString(nil, s), strconv.Quote(s) + ", with its end"
}

// Hex is the bytes in hexadecimal with blanks between; "SS" for a space.
func (p Part) Hex() string {
	if p.Space {
		return "SS"
	}
	return fmt.Sprintf("% X", p.Bytes)
}
