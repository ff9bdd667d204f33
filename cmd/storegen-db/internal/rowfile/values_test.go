package rowfile

import (
	"encoding/json"
	"strings"
	"testing"
)

// Objects that end early say so in words, with the number of the row.
func TestObjectsCut(t *testing.T) {
	const whole = `{"a":1,"b":["x",null]}`
	for n := 1; n < len(whole); n++ {
		err := Objects(strings.NewReader(whole+"\n"+whole[:n]), func(int, json.RawMessage) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "row 2: it ends in the middle of its JSON") {
			t.Errorf("%s: %v", whole[:n], err)
		}
	}
}
