package catalog

import "encoding/json"

// HasText reports whether a text is the description as package json writes it, byte
// for byte. It is for those who have stored a description and mostly find it as it is
// in the code: nothing is made of the text then.
func (t *Table) HasText(text []byte) bool {
	own, err := json.Marshal(t)
	return err == nil && string(own) == string(text)
}
