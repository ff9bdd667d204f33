//go:build !unix

package pebble

// mapFile returns nil: the file is written.
func mapFile(uintptr, int) []byte { return nil }

func unmapFile([]byte) {}
