package templates

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/lang"
)

// entries emits how the entries of an index are read without the rows: a type, a method
// of the index that a query over it is given to, and for a unique index that includes
// fields the look-up of one entry and of many. The index is asked, and not the query,
// since a type of queries for each index would have all methods of a query compiled again.
func (w *narrowing) entries(s *source, ix *schema.Index) {
	entry := w.namedAfter(ix, lang.EntrySuffix)
	fields, decls := w.entryFields(ix)
	read := w.readEntry(ix, entry, "if !e.Is(r.Err()) {\nbreak\n}")
	read = lines(read, "if !yield(v, nil) {\nbreak\n}")
	if ix.AnswersOne() { // a method, which is called in several places
		read = "if !e.Is(v.read(&e.Entry)) || !yield(v, nil) {\nbreak\n}"
	}
	s.add(w.text(w.name, `
// $Entry is what an entry of $From holds: $holds.
type $Entry struct {
	$fields
}
$json

// Entries returns what the index holds of a query over it, and reads no rows. An error ends
// them: it comes with a zero entry, as the last pair. For a query over another index, and one
// with a filter, which needs rows, it is store.ErrInvalid.
func (q *$From) Entries(ctx context.Context, of *Query) iter.Seq2[$Entry, error] {
	return func(yield func($Entry, error) bool) {
		e := (*storeimpl.Query)(q).Entries(ctx, (*storeimpl.Query)(of))
		defer e.Close()
		var v $Entry
		for e.Next() {
			$read
		}
		if err := e.Err(); err != nil {
			yield($Entry{}, err)
		}
	}
}

`, "$Entry", entry, "$holds", entryHolds(ix), "$fields", lines(decls...), "$json", w.emptyLists(entry, ix.Include, fields...), "$read", read))
	if ix.AnswersOne() {
		w.uniqueEntries(s, ix, entry)
	}
}

// namedAfter is the name of a Go type that is named after an index.
func (w *narrowing) namedAfter(ix *schema.Index, suffix string) string {
	return w.ownName(ix.GoName + suffix)
}

// entryHolds says what an entry holds.
func entryHolds(ix *schema.Index) string {
	if len(ix.Include) == 0 {
		return "the key of the row and the columns"
	}
	return "the key of the row, the columns and the included fields"
}

// readEntry is how an entry is decoded into v, which holds the one before: its columns are
// kept where they are the same, unless they are of a type whose values may be changed in
// place. failed handles an error of a reader r.
func (w *narrowing) readEntry(ix *schema.Index, entry, failed string) string {
	var read, kept []string
	fresh := false
	for _, c := range ix.Columns {
		l := leaf{at: "v." + c.Field.GoName, typ: c.Type(), desc: c.Desc}
		if c.Mapped() || c.Field.InKey {
			read = append(read, "_ = "+l.read())
			continue
		}
		read = append(read, w.setLeaf(l))
		kept = append(kept, c.Field.GoName+": v."+c.Field.GoName)
		fresh = fresh || c.Type().Go != nil
	}
	reset := "v = " + entry + "{}"
	columns := block("r := keys.NewReader(e.Columns)", lines(read...), failed)
	switch {
	case len(kept) == 0:
		columns = ""
	case !fresh && len(ix.Include) > 0:
		reset, columns = "v = "+entry+braces(kept, false), "if e.Fresh "+columns
	case !fresh:
		reset, columns = "", "if e.Fresh "+columns
	}
	if ix.AnswersOne() && reset != "" {
		reset = "*" + reset
	}
	key := lines(append([]string{w.text("", "k := KeyOf(e.Row.(*$Row))")}, w.setKey()...)...)
	if len(ix.Include) == 0 {
		return lines(reset, columns, key)
	}
	return lines(reset, columns, key, "rest := e.Include", lines(w.takes("v", ix.Include, "nil")...), fill(`
if len(rest) > 0 {
	$arrays
	r := record.NewReaderAt(e.Include, len(e.Include)-len(rest))
	for r.Next() {
		switch r.Num() {
		$cases
		}
	}
	$failed
}`, "$arrays", w.arrays("v", ix.Include), "$cases", w.readFields("v", ix.Include), "$failed", failed))
}

// uniqueEntries emits the look-up of one entry by a complete value of a unique index, and
// of many.
func (w *narrowing) uniqueEntries(s *source, ix *schema.Index, entry string) {
	params, at, of := w.complete(ix, "(*storeimpl.Query)(q).At()", func(i int, name string) string { return name })
	many, value := w.goType(w.parts[0].typ), func(int, string) string { return "x" }
	if len(w.parts) > 1 {
		many, value = w.namedAfter(ix, lang.ColumnsSuffix), func(i int, _ string) string { return "x." + w.parts[i].name }
		var fields []string
		for i, p := range w.parts {
			fields = append(fields, doc(ix.Columns[i].Field.Doc), p.name+" "+w.goType(p.typ))
		}
		s.add(w.text(w.name, `
// $Columns are values of the columns of $From.
type $Columns struct {
	$fields
}

`, "$Columns", many, "$fields", lines(fields...)))
	}
	_, dst, _ := w.complete(ix, "dst", value)
	s.add(w.text(w.name, `
// read reads an entry. Of the one before it keeps the columns, where those are the same.
func (v *$Entry) read(e *storeimpl.Entry) error {
	$read
	return nil
}

// Entry returns what the index holds of one $of. The error is store.ErrNotFound if there is
// none. It reads one entry, and no row.
func (q *$From) Entry(ctx context.Context, $params) (v $Entry, err error) {
	e, err := (*storeimpl.Query)(q).EntryOf(ctx, $at)
	if err == nil {
		err = e.Done(v.read(&e.Entry))
	}
	return v, err
}

// EntryMany returns what the index holds of each of vs, in that order, nil for those that are
// not there. It reads all of one state of the database, an entry for each, and no rows.
func (q *$From) EntryMany(ctx context.Context, vs []$Many) ([]*$Entry, error) {
	block, out := make([]$Entry, len(vs)), make([]*$Entry, len(vs))
	err := (*storeimpl.Query)(q).EntryMany(ctx, len(vs), func(dst []byte, i int) []byte {
		x := vs[i]
		return $dst
	}, func(i int, e *storeimpl.Entry) error {
		out[i] = &block[i]
		return block[i].read(e)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

`, "$of", of, "$params", params, "$Entry", entry, "$at", at, "$Many", many, "$dst", dst,
		"$read", w.readEntry(ix, entry, ifThen("err := r.Err(); err != nil", "return err"))))
}

// complete is a complete value of an index: the parameters for it, what appends the
// columns to dst, and its words in comments. value is what stands for a parameter.
func (w *narrowing) complete(ix *schema.Index, dst string, value func(i int, name string) string) (params, encoded, of string) {
	var goNames, names, list []string
	for i, c := range w.parts {
		goNames, names = append(goNames, c.name), append(names, ix.Columns[i].Field.Name)
	}
	for i, name := range paramNames(goNames, "q", "ctx", "v", "k", "m", "e", "err") {
		c := w.parts[i]
		list = append(list, name+" "+w.goType(c.typ))
		for _, l := range w.leaves(c, value(i, name)) {
			dst = w.appendLeaf(dst, l)
		}
	}
	return strings.Join(list, ", "), dst, strings.Join(names, " and ")
}

// entryFields are the fields of an entry, each once, and their declarations: those of the
// key, the columns (folded ones are not the field's own value), and what is included.
func (w *narrowing) entryFields(ix *schema.Index) (fields []*schema.Field, decls []string) {
	add := func(f *schema.Field, typ, name string) {
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
			decls = append(decls, doc(f.Doc), f.GoName+" "+typ+jsonName(name))
		}
	}
	for _, f := range w.Table.Key.Fields {
		add(f, w.goType(f.Type), f.Name)
	}
	for _, c := range ix.Columns {
		if !c.Mapped() {
			add(c.Field, w.goType(c.Type()), c.Field.Name)
		}
	}
	for _, f := range ix.Include {
		add(f, w.fieldType(f), f.Name)
	}
	return fields, decls
}
