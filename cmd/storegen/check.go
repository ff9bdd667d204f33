package main

var checkCommand = &command{
	name: "check", reports: true,
	short: "check the schemas, write nothing",
	long:  `Prints every mistake in the configuration, the schemas and the lock, with its place and what to do.`,
	setup: simple(func(c *call) error {
		_, set, err := c.load()
		if err == nil {
			c.warnings(set)
		}
		return err
	}),
}
