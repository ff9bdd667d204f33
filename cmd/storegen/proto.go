package main

import (
	"flag"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates/proto"
)

var protoCommand = &command{
	name:  "proto",
	short: "print the .proto of all values",
	long: `Prints what stored values are in the language of protocol buffers (proto3), with
the numbers of the lock, so that any language can read a row. Numbers of removed
things and of key fields, which are not in the value, are reserved.`,
	setup: func(flags *flag.FlagSet) func(*call) error {
		pkg := flags.String("package", "", "the `name` of the package of the messages; that of the folder of the Go packages when left out")
		return func(c *call) error { return printProto(c, *pkg) }
	},
}

var protoPackage = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

func printProto(c *call, pkg string) error {
	if pkg != "" && !protoPackage.MatchString(pkg) {
		return usageError(fmt.Sprintf("%q cannot be the name of a package: write words with dots between", pkg))
	}
	config, set, err := c.load()
	if err != nil {
		return err
	}
	if pkg == "" {
		pkg = packageOf(config)
	}
	_, err = fmt.Fprint(c.stdout, proto.FromSet(describe.Set(set), pkg))
	return err
}

// packageOf makes the name of a package of the last part of an import path.
func packageOf(config *load.Config) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, path.Base(config.Package))
	if !protoPackage.MatchString(name) {
		name = "_" + name
	}
	return name
}
