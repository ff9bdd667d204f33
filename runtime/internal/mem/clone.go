package mem

// CloneRow copies encoded fields, of which there may be none: nil is no row.
func CloneRow(body []byte) []byte {
	if body == nil {
		return nil
	}
	return append(make([]byte, 0, len(body)), body...)
}
