package rowcache

// DropNow drops at once what would be dropped in the background.
func (c *Cache) DropNow() { c.rows.CleanUp() }
