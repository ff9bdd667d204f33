package keys

// Key is what a key type of an entity meets: a comparable value, fit for maps, that knows its bytes.
//
// AppendKey appends the encoding of the whole key to dst and returns the extended slice. Two keys are equal exactly
// when their encodings are, and implementations must be safe for concurrent use and must not keep dst.
type Key interface {
	comparable
	AppendKey(dst []byte) []byte
}
