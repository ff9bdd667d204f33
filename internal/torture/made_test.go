package torture

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
)

// scalarTypes are all scalars that have no names of their own, as schemas write them.
func scalarTypes(fits func(*kind.Scalar) bool) []string {
	var out []string
	for _, s := range kind.Scalars() {
		if s.Kind != kind.Enum && fits(s) {
			out = append(out, kind.TypeText(s.Kind, &s.FormExample))
		}
	}
	return out
}

// inKeys tells whether keys may have a kind: its Go type can be compared.
func inKeys(s *kind.Scalar) bool { return s.Kind.InKeys() && !s.Gen.Slice }

// randomTypes are what made-up tables pick from beside the scalars.
func randomTypes() string {
	text := `types:
  Name: {is: string, max: 40}
  Blob: {is: bytes}
  Colour: {enum: [red, green, blue]}
  Pair: {struct: {left: string, right: int32}}
  Spot: {struct: {day: date, sum: "decimal(9,2)", tag: "bytes[3]", colour: Colour, n: varint}}
  Deep: {struct: {name: string, when: timestamp?, tags: "[]string", colour: Colour}}
  Every:
    struct:
`
	for i, typ := range scalarTypes(func(*kind.Scalar) bool { return true }) {
		text += fmt.Sprintf("      v%d: %s\n      o%[1]d: %[2]s?\n", i, typ)
	}
	for _, s := range kind.Scalars() {
		if nameable(s) {
			text += fmt.Sprintf("  My%s: %s\n", s.Ident, kind.TypeText(s.Kind, &s.FormExample))
		}
	}
	return text
}

// nameable tells whether a named type can be of a kind.
func nameable(s *kind.Scalar) bool { return s.Kind != kind.Enum && s.Kind != kind.JSON }

// randomLiterals are literals of types that have some.
func randomLiterals() map[string]string {
	out := map[string]string{"Name": "'a'", "Blob": "'a'", "Colour": "green"}
	for _, s := range kind.Scalars() {
		text := s.Lit(s.Example(&s.FormExample))
		switch {
		case s.Kind == kind.JSON:
			continue
		case s.Literal == kind.QuotedLiteral, s.Literal == kind.TextLiteral:
			text = "'" + text + "'"
		case s.Literal == kind.DurationLiteral:
			text = "1h"
		case s.Literal != kind.BareLiteral:
			continue
		}
		out[kind.TypeText(s.Kind, &s.FormExample)] = text
		out["My"+s.Ident] = text
	}
	return out
}

// randomComparison makes up a condition on a field, if its type is one that has
// literals, or there are other fields with values of one order.
func randomComparison(rng *rand.Rand, typeOf map[string]string, field string) string {
	lit := randomLiterals()[strings.TrimSuffix(typeOf[field], "?")]
	var others []string
	for _, other := range slices.Sorted(maps.Keys(typeOf)) {
		a, _, _ := kind.ParseType(strings.TrimSuffix(typeOf[field], "?"))
		b, _, _ := kind.ParseType(strings.TrimSuffix(typeOf[other], "?"))
		if other != field && a != nil && b != nil && a.Kind.ComparesWith(b.Kind) && a.Kind != kind.JSON {
			others = append(others, other)
		}
	}
	if len(others) > 0 && rng.IntN(3) > 0 {
		lit = others[rng.IntN(len(others))]
	}
	if lit == "" {
		return ""
	}
	ops := []string{"==", "!=", "<", "<=", ">", ">="}
	if !ordered(strings.TrimSuffix(typeOf[field], "?")) {
		ops = ops[:2]
	}
	text := field + " " + ops[rng.IntN(len(ops))] + " " + lit
	if rng.IntN(2) == 0 {
		text = "not (" + text + ")"
	}
	return text
}

// ordered tells whether conditions may ask for more and less.
func ordered(typ string) bool {
	row, _, _ := kind.ParseType(typ)
	for _, s := range kind.Scalars() {
		if typ == "My"+s.Ident {
			row = s
		}
	}
	return row == nil || row.Ordered
}

// randomTable makes up a table, and types that only it has.
func randomTable(rng *rand.Rand, name string) (table, types string) {
	named := []string{"Name", "Blob", "Colour"}
	for _, s := range kind.Scalars() {
		if nameable(s) {
			named = append(named, "My"+s.Ident)
		}
	}
	keyTypes := append(scalarTypes(inKeys), named...)
	others := scalarTypes(func(s *kind.Scalar) bool { return !inKeys(s) })
	plain := slices.Concat(keyTypes, others)
	var lists, maps []string
	for _, typ := range append(plain, "Deep", "Every") {
		if typ != "uint8" && typ != "MyUint8" { // a list of which is bytes, and has to be called so
			lists = append(lists, `"[]`+typ+`"`)
		}
		for _, s := range kind.Scalars() {
			if s.Kind.KeysMaps() {
				maps = append(maps, `"map[`+s.Name+"]"+typ+`"`)
			}
		}
	}
	maps = append(maps, `"map[Name]Deep"`)
	type field struct{ name, typ string }
	var fields []field
	add := func(typ string) string {
		n := fmt.Sprintf("f%d", len(fields))
		fields = append(fields, field{n, typ})
		return n
	}
	pick := func(from []string) string { return from[rng.IntN(len(from))] }

	var key []string
	for range 1 + rng.IntN(3) {
		key = append(key, add(pick(append([]string{"Pair", "Spot"}, keyTypes...))))
	}
	parts := slices.Clone(fields)
	single, each, stamps, keeps := []string{}, []string{}, []string{}, []string{}
	for range 2 + rng.IntN(7) {
		switch rng.IntN(6) {
		case 0:
			typ := pick(lists)
			n := add(typ)
			if slices.Contains(keyTypes, strings.TrimPrefix(strings.Trim(typ, `"`), "[]")) {
				each = append(each, n)
			}
		case 1:
			add(pick(maps))
		case 2:
			add(pick([]string{"Deep", "Deep?", "Pair", "Every", "Every?"}))
		default:
			typ := pick(plain)
			suffix := pick([]string{"", "?"})
			n := add(typ + suffix)
			if slices.Contains(keyTypes, typ) {
				single = append(single, n)
			}
			switch row, _, _ := kind.ParseType(typ); {
			case row == nil:
			case row.Kind == kind.Timestamp:
				stamps = append(stamps, n)
			case row.Kind.Integer() || row.Kind == kind.Duration:
				keeps = append(keeps, n)
			}
		}
	}
	flag := add("bool")
	var b strings.Builder
	fmt.Fprintf(&b, "table: %s\naccess: public\nrow: Row\n", name)
	if len(parts) > 1 && rng.IntN(3) == 0 { // a key with a name
		var of strings.Builder
		for _, f := range parts {
			fmt.Fprintf(&of, "%s: %q, ", f.name, f.typ)
		}
		types = fmt.Sprintf("  Key%s: {struct: {%s}}\n", strings.ToUpper(name), of.String())
		fmt.Fprintf(&b, "key: {type: Key%s, of: [%s]}\n", strings.ToUpper(name), strings.Join(key, ", "))
	} else {
		fmt.Fprintf(&b, "key: [%s]\n", strings.Join(key, ", "))
	}
	if rng.IntN(4) == 0 { // a family
		b.WriteString("per:\n")
		for i := range 1 + rng.IntN(4) {
			fmt.Fprintf(&b, "  p%d: %s\n", i, pick(append([]string{"Pair", "Spot"}, keyTypes...)))
		}
	}
	b.WriteString("fields:\n")
	typeOf := map[string]string{}
	var checks []string
	for i, f := range fields {
		typeOf[f.name] = f.typ
		lit := randomLiterals()[strings.TrimSuffix(f.typ, "?")]
		how := rng.IntN(4)
		if lit != "" && i >= len(parts) && how == 0 {
			fmt.Fprintf(&b, "  %s: {type: %q, default: %s}\n", f.name, f.typ, lit)
			continue
		}
		fmt.Fprintf(&b, "  %s: %s\n", f.name, f.typ)
		if lit != "" && i >= len(parts) && how == 1 { // the driver puts rows under other keys
			checks = append(checks, fmt.Sprintf("  - %q\n", fmt.Sprintf("%s != %s or %s", f.name, lit, flag)))
		}
	}
	if len(checks) > 0 {
		b.WriteString("check:\n" + strings.Join(checks, ""))
	}
	var indexes strings.Builder
	seen := map[string]bool{strings.Join(key, ", "): true}
	for i := range rng.IntN(4) {
		var cols []string
		used := map[string]bool{}
		for range 1 + rng.IntN(3) {
			if len(single) == 0 {
				break
			}
			n := pick(single)
			if used[n] {
				continue
			}
			used[n] = true
			col := n
			if t := strings.TrimSuffix(typeOf[n], "?"); (t == "string" || t == "Name") && rng.IntN(2) == 0 {
				col = "fold " + col
			}
			cols = append(cols, col+pick([]string{"", " desc"}))
		}
		if len(each) > 0 && rng.IntN(2) == 0 {
			cols = append(cols, "each "+pick(each)+pick([]string{"", " desc"}))
		}
		if len(cols) == 0 {
			continue
		}
		if on := strings.Join(cols, ", "); seen[on] {
			continue // two indexes over the same are refused
		} else {
			seen[on] = true
		}
		extra := ""
		if rng.IntN(3) == 0 {
			extra += ", unique: true"
		}
		switch rng.IntN(4) {
		case 3:
			if len(single) > 0 {
				if where := randomComparison(rng, typeOf, pick(single)); where != "" {
					extra += fmt.Sprintf(", where: %q", where)
				}
			}
		case 0:
			extra += ", where: " + flag
		case 1:
			extra += fmt.Sprintf(", where: not %s and not %s", flag, flag)
		}
		if rng.IntN(3) == 0 {
			var include []string
			for _, f := range fields[len(key):] {
				if rng.IntN(2) == 0 && !used[f.name] && !strings.Contains(strings.Join(cols, " "), f.name) {
					include = append(include, f.name)
				}
			}
			if len(include) > 0 {
				extra += ", include: [" + strings.Join(include, ", ") + "]"
			}
		}
		fmt.Fprintf(&indexes, "  ix%d: {on: [%s]%s}\n", i, strings.Join(cols, ", "), extra)
	}
	if indexes.Len() > 0 {
		b.WriteString("indexes:\n" + indexes.String())
	}
	if len(stamps) > 0 && rng.IntN(2) == 0 {
		keep := "90m"
		if len(keeps) > 0 && rng.IntN(2) == 0 {
			keep = pick(keeps)
		}
		fmt.Fprintf(&b, "ttl: {from: %s, keep: %s}\n", pick(stamps), keep)
	} else if indexes.Len() == 0 && rng.IntN(3) > 0 {
		b.WriteString("blind: true\n")
	}
	return b.String(), types
}
