package kind

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// TypeText is a scalar type as a schema writes it: "int64", "bytes[32]", "decimal(12,2)".
func TypeText(k Kind, p *Params) string {
	s := Of(k)
	if s == nil || s.Form == "" {
		return k.String()
	}
	text := s.Form
	for _, h := range p.holes() {
		text = strings.Replace(text, h.name, strconv.Itoa(*h.of), 1)
	}
	return text
}

// MaxArray is the most elements that a list which is an array in Go may have.
const MaxArray = 1 << 16

// ListText is what stands before the type of the elements of a list: "[]", or "[3]" of one
// that is an array of three in Go.
func ListText(n int) string {
	if n == 0 {
		return "[]"
	}
	return "[" + strconv.Itoa(n) + "]"
}

// Shape is the part of a scalar type that stored bytes depend on, as text.
func Shape(k Kind, p *Params) string {
	if s := Of(k); s != nil && !s.FormStored {
		return s.Name
	}
	return TypeText(k, p)
}

// TypeText is the type of the value as far as stored bytes depend on it: "int64", "bytes[32]".
func (v Value) TypeText() string { return Shape(v.Kind(), &Params{Size: len(v.str)}) }

// ParseType reads a scalar type as a schema writes it. The row is nil for what is no
// scalar; the error tells what is wrong with the numbers of one.
func ParseType(text string) (s *Scalar, p Params, err error) {
	if s := Named(text); s != nil {
		if s.Form != "" {
			return s, p, fmt.Errorf("%s needs numbers: %s", s.Name, TypeText(s.Kind, &s.FormExample))
		}
		return s, p, nil
	}
	for i := range scalars {
		s := &scalars[i]
		m := forms[s.Kind].FindStringSubmatch(text)
		if m == nil {
			continue
		}
		n := 1
		for _, h := range p.holes() {
			if strings.Contains(s.Form, h.name) {
				if *h.of, err = strconv.Atoi(m[n]); err != nil {
					return s, p, fmt.Errorf("%s is too large", m[n])
				}
				n++
			}
		}
		return s, p, s.CheckForm(&p)
	}
	return nil, p, nil
}

// A hole is a number in a Form.
type hole struct {
	name string
	of   *int
}

// holes are those of all forms, in the order in which they are in one.
func (p *Params) holes() []hole {
	return []hole{{"$size", &p.Size}, {"$precision", &p.Precision}, {"$scale", &p.Scale}}
}

// Usage is how a type of the kind is written, with letters for the numbers: "bytes[n]".
func (s *Scalar) Usage() string {
	if s.Form == "" {
		return s.Name
	}
	return strings.NewReplacer("$size", "n", "$precision", "p", "$scale", "s").Replace(s.Form)
}

// Pattern is a regular expression that the types of the kind match, as they are written,
// and that types with numbers which CheckForm refuses do not.
func (s *Scalar) Pattern() string {
	if s.Form == "" {
		return s.Name
	}
	return formPattern(s)
}

// forms are the expressions that types with numbers match, by kind; what matches
// nothing for the others.
var forms [len(rows)]*regexp.Regexp

func makeForm(form string) *regexp.Regexp {
	if form == "" {
		return regexp.MustCompile(`^\b$`)
	}
	text := regexp.QuoteMeta(form)
	for _, h := range new(Params).holes() {
		text = strings.Replace(text, regexp.QuoteMeta(h.name), ` *([0-9]+) *`, 1)
	}
	return regexp.MustCompile("^" + text + "$")
}
