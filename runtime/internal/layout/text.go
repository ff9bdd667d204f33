package layout

import (
	"encoding"
	"fmt"
	"reflect"
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
func formatText(k any) string { return cutText(strings.TrimSpace(keyText(k))) }

// keyText is a key as its type writes it. Bytes of one length are 0x and digits, as in
// what is said of a unique value, and not the list of numbers that fmt makes of them.
func keyText(k any) string {
	if _, ok := k.(fmt.Stringer); ok {
		return fmt.Sprint(k)
	}
	if m, ok := k.(encoding.TextMarshaler); ok {
		if text, err := m.MarshalText(); err == nil {
			return string(text)
		}
	}
	switch v := reflect.ValueOf(k); {
	case v.Kind() == reflect.Array && v.Type().Elem().Kind() == reflect.Uint8:
		return fmt.Sprintf("0x%x", k)
	case v.Kind() == reflect.Struct:
		parts := make([]string, v.NumField())
		for i := range parts {
			if !v.Field(i).CanInterface() {
				return fmt.Sprint(k)
			}
			parts[i] = keyText(v.Field(i).Interface())
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprint(k)
}
