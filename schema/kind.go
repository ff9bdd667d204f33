package schema

import "github.com/storegen/storegen/runtime/kind"

// Kind says what a type is made of; package kind has the kinds. A named type has the
// kind of its underlying type. A loaded Set has no type that is kind.Invalid, which
// stands for one with a mistake.
type Kind = kind.Kind
