package entity

import (
	"time"

	"github.com/storegen/storegen/runtime/access"
)

// TableOption changes how one table is opened.
type TableOption func(*TableOptions)

// TableOptions is how one table is opened.
type TableOptions struct {
	Access access.Level
	Keep   time.Duration
	Memory int // bytes that a Load takes
}
