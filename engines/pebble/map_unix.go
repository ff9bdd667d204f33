//go:build unix

package pebble

import "syscall"

// mapFile returns a file as memory that outlives the process, or nil where that cannot be
// had.
func mapFile(fd uintptr, size int) []byte {
	mem, err := syscall.Mmap(int(fd), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return mem
}

func unmapFile(mem []byte) { syscall.Munmap(mem) }
