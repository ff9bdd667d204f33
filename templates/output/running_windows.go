package output

import "os"

// running reports whether there is a process with a number, which FindProcess looks for
// here.
func running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}
