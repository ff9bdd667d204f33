package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
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
		if !kind.IsTextJSON(raw) {
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
