package main

var helpCommand = &command{
	name: "help", args: "[COMMAND]", free: true,
	short: "list the commands, or tell all about one",
	setup: simple(help),
}

func help(c *call) error {
	switch len(c.args) {
	case 0:
		writeUsage(c.stdout)
		return nil
	case 1:
		cmd := find(c.args[0])
		if cmd == nil {
			return usageError(noCommand(c.args[0]))
		}
		cmd.writeHelp(c.stdout)
		return nil
	}
	return usageError("it takes one command")
}
