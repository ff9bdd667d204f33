package parquetstore

// BoundMemory has a file take no more than n bytes.
func BoundMemory(n int) { mostMemory = n }
