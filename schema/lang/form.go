package lang

// A Word is a key that the language knows.
type Word struct {
	Name     string
	Doc      string
	Holds    *Form  // what its value may be
	Needed   bool   // it must be there
	Missing  string // what is wrong where it is not, with NAME for the mapping's; "" for: ... has no ...
	Help     string // and what to do then
	Examples []any  // values, as decoded from YAML
}

// A Grammar is the words of a mapping, in canonical order, and what is said of mistakes
// in it. In texts, NAME is the name that stands before the mapping.
type Grammar struct {
	What     string // what the mapping is
	Words    []Word
	Synonyms Synonyms
	Of       *Grammar // has further words, which are known and do not belong here
	Short    string   // the word that is meant by a value which is no mapping
	Help     string   // what to write instead of nothing; "" where an empty mapping only lacks words
	Is       string   // with InList: what the value is
	InList   string   // what to write instead of a list; LIST is its texts
}

// Names returns the words.
func (g *Grammar) Names() []string {
	out := make([]string, len(g.Words))
	for i, w := range g.Words {
		out[i] = w.Name
	}
	return out
}

// Word returns the word of a name, nil if there is none.
func (g *Grammar) Word(name string) *Word {
	for i := range g.Words {
		if g.Words[i].Name == name {
			return &g.Words[i]
		}
	}
	return nil
}

// Needed returns the words that must be there.
func (g *Grammar) Needed() []string {
	var out []string
	for _, w := range g.Words {
		if w.Needed {
			out = append(out, w.Name)
		}
	}
	return out
}

// with is the grammar with another form of a word, which is needed or not.
func (g *Grammar) with(name string, holds *Form, needed bool, help string) *Grammar {
	out := *g
	out.Words = append([]Word(nil), g.Words...)
	w := out.Word(name)
	w.Holds, w.Needed, w.Help = holds, needed, help
	return &out
}

// A Form says what a value may be. If several fields are set, it may be any of them.
type Form struct {
	Text    string   // a scalar whose text matches this regular expression
	Loose   bool     // with Text: numbers and booleans are allowed too
	Null    bool     // with Text: null is allowed too
	Longest int      // with Text: the longest, in bytes; 0 is no limit
	Taken   string   // with Text and Names: a pattern that must not match; "" for none
	Values  []string // a scalar that is one of these
	Flag    bool     // true or false
	Number  *Range   // a number
	Words   *Grammar // a mapping of words
	Names   string   // a mapping whose keys match
	Each    *Form    // with Names: what each value may be
	List    *Form    // a list whose elements may be this
	Least   int      // with List: the fewest elements
	OneOf   []string // with Words: exactly one of these is there
	Called  string   // what messages call the value; "" for the word that it is of
	Help    string   // with Names: what to write instead of nothing
}

// A Range is numbers, from the least to the most, as JSON writes them; "" for no limit.
type Range struct {
	Whole       bool
	Least, Most string
}
