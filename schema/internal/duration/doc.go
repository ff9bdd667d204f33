// Package duration reads and writes durations as schemas have them: 30d, 1h30m.
//
// It knows nothing of where one stands.
package duration
