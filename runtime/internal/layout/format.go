package layout

import (
	"strconv"
	"strings"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// TypedColumn is a self-delimiting component of a key, for printing.
type TypedColumn struct {
	Typ  *catalog.Type
	Desc bool
	// hidden columns are not printed: error messages travel further than rows.
	Hidden bool
}

// FormatTyped prints the components that b begins with; one alone without
// parentheses. It never fails: what cannot be read is printed as bytes.
func FormatTyped(b []byte, cols []TypedColumn) string {
	r := keys.NewReader(b)
	var parts []string
	hidden := false
	for _, c := range cols {
		text := cutText(formatComponent(&r, c))
		if c.Hidden {
			text, hidden = "(hidden)", true
		}
		parts = append(parts, text)
	}
	switch {
	case r.Err() != nil && hidden:
		return "(hidden)"
	case r.Err() != nil:
		return formatRaw(b)
	case len(parts) == 1:
		return parts[0]
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func formatComponent(r *keys.Reader, c TypedColumn) string {
	row := kind.Of(c.Typ.Kind)
	if row == nil || row.ReadKey == nil {
		return c.Typ.Kind.String() // which no key has
	}
	read := row.ReadKey
	if c.Desc {
		read = row.ReadKeyDesc
	}
	switch v := read(r, &c.Typ.Params); {
	case r.Err() != nil:
		return "" // the bytes are printed instead
	case row.Quote:
		return strconv.Quote(v.Text())
	case v.Kind() == kind.Bytes:
		return keys.Format(v.Bytes())
	default:
		return v.String()
	}
}
