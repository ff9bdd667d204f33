package layout

import (
	"encoding"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/keys"
)

func formatRaw(key []byte) string { return cutText(keys.Format(key)) }

// shownText bounds how much of a value a message tells, in bytes.
const shownText = 100

// cutText is what of a text a message tells, and how long it is where that is not all.
func cutText(text string) string {
	if len(text) <= shownText {
		return text
	}
	end := shownText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "… (" + strconv.Itoa(len(text)) + " bytes)"
}

// formatText prints a typed key for an error message.
func formatText(k any) string {
	if _, ok := k.(fmt.Stringer); !ok {
		if m, ok := k.(encoding.TextMarshaler); ok {
			if text, err := m.MarshalText(); err == nil {
				return cutText(string(text))
			}
		}
	}
	return cutText(strings.TrimSpace(fmt.Sprint(k)))
}
