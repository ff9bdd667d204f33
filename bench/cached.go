package bench

import (
	"github.com/storegen/storegen/rowcache"
	"github.com/storegen/storegen/runtime/store"
)

// cached is the generated store with a cache that has room for all users.
type cached struct{ *generated }

func openCached(o Options) (Contestant, error) {
	g, err := openWith(o, store.WithRowCache("users", rowcache.New(256<<20)))
	if err != nil {
		return nil, err
	}
	return cached{g}, nil
}

// Compact implements Compacter: it fills the cache too, which scans do not.
func (c cached) Compact() error {
	if err := c.generated.Compact(); err != nil {
		return err
	}
	for u, err := range c.st.Scan().All(ctx) {
		if err != nil {
			return err
		}
		if _, err := c.st.Get(ctx, u.ID); err != nil {
			return err
		}
	}
	return nil
}
