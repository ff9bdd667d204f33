// Package starter is the text that a project or a table begins with: what the
// commands init and new write, for people to go on from.
//
// It makes text and touches no file; it knows nothing of what is generated from
// that text.
package starter
