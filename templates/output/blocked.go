package output

import "fmt"

// A BlockedError says that a file stands where a generated one would be written,
// and was not generated itself, so that it is left as it is.
type BlockedError struct {
	Path string // as the file system has it
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("%s is in the way: it was not generated, so it is not overwritten; move it elsewhere", e.Path)
}
