package mem

// Pool is a *sync.Pool. By that type, whoever imports this package would have the
// compiler read all that a pool is made of.
type Pool interface {
	Get() any
	Put(x any)
}
