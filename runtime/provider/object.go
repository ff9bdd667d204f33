package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parseObject takes an object apart. One that has a key twice is refused, and so is
// one in which two keys differ only by what is no text: one of the two would be lost.
// The literal null has no members, and ok is false.
func parseObject(text json.RawMessage) (members map[string]json.RawMessage, ok bool, err error) {
	if string(bytes.TrimSpace(text)) == "null" {
		return nil, false, nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false, fmt.Errorf("it is no object")
	}
	members = map[string]json.RawMessage{}
	for dec.More() {
		at := dec.InputOffset()
		t, err := dec.Token()
		if err != nil {
			return nil, false, err
		}
		key, _ := t.(string) // nothing else is a key
		raw := strings.TrimLeft(string(text[at:dec.InputOffset()]), " \t\r\n,")
		if !isText8(raw) {
			return nil, false, fmt.Errorf("the key %s is no text in UTF-8", raw)
		}
		if _, twice := members[key]; twice {
			return nil, false, fmt.Errorf("the key %q is there twice", key)
		}
		var member json.RawMessage
		if err := dec.Decode(&member); err != nil {
			return nil, false, err
		}
		members[key] = member
	}
	return members, true, nil
}

// isText8 reports whether the text of a JSON string stands for text in UTF-8. Package
// json puts U+FFFD for what does not: for bytes, and for one half of a pair of
// escapes.
func isText8(raw string) bool {
	if !utf8.ValidString(raw) {
		return false
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		r := escaped(raw[i:])
		if i++; r < 0 {
			continue
		}
		i += 4
		if utf16.IsSurrogate(r) {
			if utf16.DecodeRune(r, escaped(raw[i+1:])) == utf8.RuneError {
				return false
			}
			i += 6
		}
	}
	return true
}

// escaped is what the escape that s begins with stands for, or -1: \u00E9.
func escaped(s string) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
