package layout

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
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
	pick := func(asc, desc func() string) string {
		if c.Desc {
			return desc()
		}
		return asc()
	}
	switch c.Typ.Kind {
	case catalog.Bool:
		return pick(func() string { return strconv.FormatBool(r.Bool()) }, func() string { return strconv.FormatBool(r.BoolDesc()) })
	case catalog.Int32:
		return pick(func() string { return fmt.Sprint(r.Int32()) }, func() string { return fmt.Sprint(r.Int32Desc()) })
	case catalog.Int64:
		return pick(func() string { return fmt.Sprint(r.Int64()) }, func() string { return fmt.Sprint(r.Int64Desc()) })
	case catalog.Uint32:
		return pick(func() string { return fmt.Sprint(r.Uint32()) }, func() string { return fmt.Sprint(r.Uint32Desc()) })
	case catalog.Uint64:
		return pick(func() string { return fmt.Sprint(r.Uint64()) }, func() string { return fmt.Sprint(r.Uint64Desc()) })
	case catalog.Float64:
		return pick(func() string { return fmt.Sprint(r.Float64()) }, func() string { return fmt.Sprint(r.Float64Desc()) })
	case catalog.Timestamp:
		return pick(func() string { return r.Time().Format(time.RFC3339Nano) }, func() string { return r.TimeDesc().Format(time.RFC3339Nano) })
	case catalog.Duration:
		return pick(func() string { return r.Duration().String() }, func() string { return r.DurationDesc().String() })
	case catalog.UUID:
		return pick(func() string { return formatUUID(r.UUID()) }, func() string { return formatUUID(r.UUIDDesc()) })
	case catalog.Enum:
		n := int32(0)
		if c.Desc {
			n = r.EnumDesc()
		} else {
			n = r.Enum()
		}
		for _, v := range c.Typ.Values {
			if v.Number == n {
				return v.Name
			}
		}
		return strconv.Itoa(int(n))
	case catalog.Bytes:
		return pick(func() string { return keys.Format(r.Bytes()) }, func() string { return keys.Format(r.BytesDesc()) })
	}
	return pick(func() string { return strconv.Quote(r.String()) }, func() string { return strconv.Quote(r.StringDesc()) })
}

func formatUUID(v [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:])
}
