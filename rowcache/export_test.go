package rowcache

// Settle drops at once what would be dropped in the background.
func (c *Cache) Settle() { c.rows.CleanUp() }
