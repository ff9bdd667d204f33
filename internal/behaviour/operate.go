package behaviour

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
)

func (w *World) sweep(ctx context.Context, d *datadriven.TestData) (string, error) {
	limit, err := number(d, "limit")
	if err != nil {
		return "", err
	}
	did, err := admin.Sweep(ctx, w.db, limit)
	return fmt.Sprintf("%+v\n", did), err
}

func (w *World) drop(ctx context.Context, d *datadriven.TestData) (string, error) {
	out := ""
	for _, a := range d.CmdArgs {
		var err error
		if family, member, ok := strings.Cut(a.Key, "/"); ok {
			err = w.db.DropMember(ctx, family, memberKey(strings.Split(member, "/")))
		} else {
			err = w.db.DropTable(ctx, a.Key)
		}
		if err != nil {
			out += "error: " + err.Error() + "\n"
		}
	}
	return out, nil
}

func (w *World) verify(ctx context.Context, d *datadriven.TestData) (string, error) {
	out := ""
	o := admin.VerifyOptions{Found: func(f admin.Finding) { out += f.String() + "\n" }}
	if d.Cmd == "repair" {
		did, err := admin.Repair(ctx, w.db, o)
		return out + fmt.Sprintf("%d fixed, %d put aside, %d left\n", did.Fixed, did.Aside, len(did.Left)), err
	}
	did, err := admin.Verify(ctx, w.db, o)
	return out + fmt.Sprintf("%d rows, %d entries, %d findings\n", did.Rows, did.Entries, did.Findings), err
}

func (w *World) damage(ctx context.Context, d *datadriven.TestData) (_ string, err error) {
	eng, done, err := w.below()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, done()) }()
	b := eng.NewBatch()
	for _, line := range lines(d) {
		key, value, set := strings.Cut(line, " = ")
		k, err := unhex(key)
		if err != nil {
			return "", err
		}
		if !set {
			b.Delete(k)
			continue
		}
		v, err := unhex(value)
		if err != nil {
			return "", err
		}
		b.Put(k, v)
	}
	return "", eng.Write(ctx, b, engine.WriteOptions{})
}

// below is the engine of the database, or that of one that is closed; done has to follow.
func (w *World) below() (eng engine.Engine, done func() error, err error) {
	if w.db != nil {
		return w.eng.Engine, func() error { return nil }, nil
	}
	eng, err = w.engines.Open()
	if err != nil {
		return nil, nil, err
	}
	return eng, eng.Close, nil
}

// unhex reads bytes as the engine command prints them.
func unhex(text string) ([]byte, error) {
	var out []byte
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], `\x`) && i+4 <= len(text) {
			n, err := strconv.ParseUint(text[i+2:i+4], 16, 8)
			if err != nil {
				return nil, err
			}
			out = append(out, byte(n))
			i += 4
			continue
		}
		out = append(out, text[i])
		i++
	}
	return out, nil
}

func (w *World) dump(ctx context.Context, _ *datadriven.TestData) (string, error) {
	eng, done, err := w.below()
	if err != nil {
		return "", err
	}
	out := ""
	it := eng.Iterate(ctx, engine.Range{Start: keys.AppendUvarint(nil, 1)})
	for it.Next() {
		out += keys.Format(it.Key()) + " = " + keys.Format(it.Value()) + "\n"
	}
	return out, errors.Join(it.Close(), done())
}
