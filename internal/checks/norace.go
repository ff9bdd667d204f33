//go:build !race

package checks

// Race says that the test is built with the race detector.
const Race = false
