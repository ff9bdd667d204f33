package behaviour

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
	"github.com/storegen/storegen/schema/describe"
)

func (w *World) fill(ctx context.Context, d *datadriven.TestData) (string, error) {
	t, codec, err := w.table(d)
	if err != nil {
		return "", err
	}
	n, err := number(d, "n")
	if err != nil {
		return "", err
	}
	rows := make([]*dynamic.Row, n)
	for i := range rows {
		if rows[i], err = parseRow(codec.Desc(), fmt.Sprintf(d.Input, i)); err != nil {
			return "", err
		}
	}
	return "", t.PutMany(ctx, rows)
}

func (w *World) load(ctx context.Context, d *datadriven.TestData) (string, error) {
	if len(d.CmdArgs) == 0 {
		return "", errors.New("load what?")
	}
	var codec *dynamic.Codec
	for _, t := range w.set.Tables {
		if t.Name == d.CmdArgs[0].Key {
			codec = dynamic.New(describe.Table(t))
		}
	}
	if codec == nil {
		return "", fmt.Errorf("there is no table %s", d.CmdArgs[0].Key)
	}
	n, err := number(d, "n")
	if err != nil {
		return "", err
	}
	loaded, err := storeimpl.LoadTable(ctx, w.db, storeimpl.Typed(codec), func(yield func(any, error) bool) {
		for i := range n {
			row, err := parseRow(codec.Desc(), fmt.Sprintf(d.Input, n-1-i))
			if !yield(row, err) {
				return
			}
		}
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d rows\n", loaded), nil
}

// each runs fn for the row of each line, and prints what it returns.
func (w *World) each(d *datadriven.TestData, fn func(t *Table, c *dynamic.Codec, row *dynamic.Row) (string, error)) (string, error) {
	t, codec, err := w.table(d)
	if err != nil {
		return "", err
	}
	out := ""
	for _, line := range lines(d) {
		row, err := parseRow(codec.Desc(), line)
		if err != nil {
			return out, err
		}
		text, err := fn(t, codec, row)
		if err != nil {
			text = "error: " + err.Error()
		}
		if text != "" {
			out += text + "\n"
		}
	}
	return out, nil
}

func (w *World) write(ctx context.Context, d *datadriven.TestData) (string, error) {
	insert := d.Cmd == "insert"
	var all []*dynamic.Row
	var of *Table
	out, err := w.each(d, func(t *Table, _ *dynamic.Codec, row *dynamic.Row) (string, error) {
		of, all = t, append(all, row)
		switch {
		case has(d, "together"):
			return "", nil
		case insert:
			return "", t.Insert(ctx, row)
		}
		return "", t.Put(ctx, row)
	})
	if err != nil || !has(d, "together") || of == nil {
		return out, err
	}
	if insert {
		return out, of.InsertMany(ctx, all)
	}
	return out, of.PutMany(ctx, all)
}

func (w *World) update(ctx context.Context, d *datadriven.TestData) (string, error) {
	return w.each(d, func(t *Table, c *dynamic.Codec, set *dynamic.Row) (string, error) {
		return "", t.Update(ctx, c.Key(set), func(row *dynamic.Row) error {
			for i, v := range set.Fields {
				if v != nil && !c.Desc().IsKey(i) {
					row.Fields[i] = v
				}
			}
			return nil
		})
	})
}

func (w *World) delete(ctx context.Context, d *datadriven.TestData) (string, error) {
	return w.each(d, func(t *Table, c *dynamic.Codec, row *dynamic.Row) (string, error) {
		there, err := t.Delete(ctx, c.Key(row))
		if err == nil && !there {
			return "none", nil
		}
		return "", err
	})
}

func (w *World) get(ctx context.Context, d *datadriven.TestData) (string, error) {
	var ks []string
	out, err := w.each(d, func(t *Table, c *dynamic.Codec, row *dynamic.Row) (string, error) {
		ks = append(ks, c.Key(row))
		if has(d, "together") {
			return "", nil
		}
		got, err := t.Get(ctx, c.Key(row))
		return formatRow(c.Desc(), &got), err
	})
	if err != nil || !has(d, "together") {
		return out, err
	}
	t, codec, err := w.table(d)
	if err != nil {
		return "", err
	}
	rows, err := t.GetMany(ctx, ks)
	for _, row := range rows {
		if row == nil {
			out += "none\n"
		} else {
			out += formatRow(codec.Desc(), row) + "\n"
		}
	}
	return out, err
}

// run is the query of a command without conditions.
func (w *World) run(d *datadriven.TestData) (store.Query[string, dynamic.Row], *dynamic.Codec, error) {
	var none store.Query[string, dynamic.Row]
	t, codec, err := w.table(d)
	if err != nil {
		return none, nil, err
	}
	q := t.Scan()
	if by, ok := arg(d, "by"); ok {
		at := -1
		for i := range codec.Desc().Indexes {
			if codec.Desc().Indexes[i].Name == by {
				at = i
			}
		}
		if at < 0 {
			return none, nil, fmt.Errorf("there is no index %q", by)
		}
		q = t.Index(at)
	}
	limit, err := number(d, "limit")
	if err != nil {
		return none, nil, err
	}
	if q = q.Limit(limit); has(d, "reverse") {
		q = q.Reverse()
	}
	return q, codec, nil
}

func (w *World) scan(ctx context.Context, d *datadriven.TestData) (string, error) {
	q, codec, err := w.run(d)
	if err != nil {
		return "", err
	}
	out := ""
	switch n, err := number(d, "page"); {
	case err != nil:
		return "", err
	case has(d, "count"):
		rows, err := q.Count(ctx)
		return some(rows, "row") + "\n", err
	case n > 0:
		var from store.Cursor[dynamic.Row]
		if has(d, "next") {
			from = w.next
		}
		page, err := q.Page(ctx, n, from)
		for i := range page.Rows {
			out += formatRow(codec.Desc(), &page.Rows[i]) + "\n"
		}
		if has(d, "quiet") {
			out = some(len(page.Rows), "row") + "\n"
		}
		if w.next = page.Next; page.Next != "" {
			out += "and more\n"
		}
		return out, err
	case has(d, "keys"):
		for k, err := range q.Keys(ctx) {
			if err != nil {
				return out, err
			}
			var row dynamic.Row
			codec.SetKey(&row, k)
			out += formatRow(codec.Desc(), &row) + "\n"
		}
		return out, nil
	}
	rows := 0
	for row, err := range q.All(ctx) {
		if err != nil {
			return out, err
		}
		rows++
		out += formatRow(codec.Desc(), &row) + "\n"
	}
	if has(d, "quiet") {
		out = some(rows, "row") + "\n"
	}
	return out, nil
}

func (w *World) erase(ctx context.Context, d *datadriven.TestData) (string, error) {
	q, _, err := w.run(d)
	if err != nil {
		return "", err
	}
	n, err := q.Delete(ctx)
	return some(n, "row") + "\n", err
}
