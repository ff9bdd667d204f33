package behaviour

import (
	"context"
	"fmt"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/storeimpl"
)

func (w *World) member(ctx context.Context, d *datadriven.TestData) (string, error) {
	codec := w.codecs[first(d)]
	if codec == nil {
		return "", fmt.Errorf("there is no family %q", first(d))
	}
	var values []string
	for _, a := range d.CmdArgs[1:] {
		values = append(values, a.Key)
	}
	member := keys.JoinText(values...)
	table, err := storeimpl.OpenTypedMember(ctx, w.db, codec, memberKey(values), member)
	if err == nil {
		name := first(d) + "/" + member
		w.tables[name], w.codecs[name] = table, codec
	}
	return "", err
}

// memberKey is what a member of a family is known by, where its parameters are text.
func memberKey(values []string) []byte {
	var key []byte
	for _, v := range values {
		key = keys.AppendString(key, v)
	}
	return key
}

func (w *World) members(ctx context.Context, d *datadriven.TestData) (string, error) {
	codec := w.codecs[first(d)]
	if codec == nil {
		return "", fmt.Errorf("there is no family %q", first(d))
	}
	out := ""
	members, err := w.db.Members(ctx, codec.Desc())
	for _, m := range members {
		out += keys.Format(m) + "\n"
	}
	return out, err
}
