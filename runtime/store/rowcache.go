package store

// RowCache keeps stored rows in memory for WithRowCache. The store keeps it in
// step with what is committed; the cache decides how much it holds and may
// forget any row at any time. Its methods are called from several goroutines.
//
// Keys are those of the engine, so that several tables of one database can share
// a cache. They are lent, and so are the values that Set is given: what is to be kept
// is copied.
type RowCache interface {
	// Get returns what Set was given last for a key. Nobody changes it.
	Get(key []byte) (value []byte, ok bool)
	// Set keeps a copy of a value. It may also not keep it, but must then forget what it
	// had.
	Set(key, value []byte)
	// Delete forgets a key. When it has returned, no Get may find what was set
	// before: a Set that takes effect later than that breaks the store.
	Delete(key []byte)
}
