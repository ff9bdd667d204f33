package catalog

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/keys"
)

// Options is what may be said of a column of an index. The schema, its lock and
// providers have it too, so that an option is said once.
type Options struct {
	Desc bool `json:"desc,omitempty"` // from the greatest to the smallest
	Each bool `json:"each,omitempty"` // an entry for every element of a list
	Fold bool `json:"fold,omitempty"` // case is folded
}

// ColumnWords are the words of the options: those before the name of the field, in the
// order in which they are written, and those behind it.
var ColumnWords = struct{ Before, Behind []string }{
	Before: []string{"each", "fold"},
	Behind: []string{"desc"},
}

// Option returns the option that a word stands for, nil for any other word.
func (o *Options) Option(word string) *bool {
	switch word {
	case "desc":
		return &o.Desc
	case "each":
		return &o.Each
	case "fold":
		return &o.Fold
	}
	return nil
}

// A Mapping is an option of a column of strings by which an entry has another text in
// the place of the value, so that several values are found as one. The columns of such
// an entry do not tell the value.
type Mapping struct {
	Word  string // of the option
	Label string // of the column in comments and plans: "folded name"
	Means string // of the column in pages: "name in any letter case"
	Call  string // the function that generated code calls
	// Apply is that function. What it makes of the beginning of a text, which ends with a
	// whole character, is the beginning of what it makes of the text.
	Apply func(string) string
}

// Mappings are the options that are mappings, in the order in which they are applied.
var Mappings = []Mapping{
	{Word: "fold", Label: "folded", Means: "in any letter case", Call: "keys.Fold", Apply: keys.Fold},
}

// Mappings are those of a column.
func (o Options) Mappings() (out []Mapping) {
	for _, m := range Mappings {
		if *o.Option(m.Word) {
			out = append(out, m)
		}
	}
	return out
}

// Mapped reports whether an entry has another text in the place of the value.
func (o Options) Mapped() bool { return len(o.Mappings()) > 0 }

// Map is the text that an entry has for a value.
func (o Options) Map(text string) string {
	for _, m := range o.Mappings() {
		text = m.Apply(text)
	}
	return text
}

// Label is the name of a column in comments and plans.
func (o Options) Label(name string) string {
	for _, m := range o.Mappings() {
		name = m.Label + " " + name
	}
	return name
}

// Text is a column as schemas, locks and messages write it, given the name of the field:
// "each fold tags desc".
func (o Options) Text(field string) string {
	var words []string
	add := func(of []string) {
		for _, w := range of {
			if *o.Option(w) {
				words = append(words, w)
			}
		}
	}
	add(ColumnWords.Before)
	words = append(words, field)
	add(ColumnWords.Behind)
	return strings.Join(words, " ")
}

// ParseColumn is the inverse of Text. ok is false for a text that is no column.
func ParseColumn(text string) (field string, o Options, ok bool) {
	words := strings.Split(text, " ")
	take := func(of []string, at func() int) {
		for _, w := range of {
			if i := at(); len(words) > 1 && words[i] == w {
				*o.Option(w) = true
				words = slices.Delete(words, i, i+1)
			}
		}
	}
	behind := slices.Clone(ColumnWords.Behind)
	slices.Reverse(behind) // the last word is taken first
	take(ColumnWords.Before, func() int { return 0 })
	take(behind, func() int { return len(words) - 1 })
	return words[0], o, len(words) == 1 && words[0] != ""
}

// IndexText is an index as locks and messages write it, by the names of fields:
// "unique on(each tags, at desc) include(note) where(...)". where is the condition as
// text, "" if there is none.
func IndexText(unique bool, columns, include []string, where string) string {
	text := "on(" + strings.Join(columns, ", ") + ")"
	if unique {
		text = "unique " + text
	}
	if len(include) > 0 {
		text += " include(" + strings.Join(include, ", ") + ")"
	}
	if where != "" {
		text += " where(" + where + ")"
	}
	return text
}
