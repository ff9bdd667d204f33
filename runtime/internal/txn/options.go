package txn

// Option changes how one transaction runs.
type Option func(*Options)

// Options is how a transaction runs.
type Options struct {
	Sync   bool
	Tries  int
	Writes int // about how many there will be, if that is known

	// Blind says that it only puts, and reads nothing unless there are hooks.
	Blind bool

	guarded bool // a principal has part in it, and is not told what it lost on
}
