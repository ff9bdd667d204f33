package arrowstore

// BoundMemory has what was compressed take no more than n bytes.
func BoundMemory(n int) { mostMemory = n }
