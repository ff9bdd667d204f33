package behaviour

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
)

// trial is a case of damage, from what verify finds to what repair leaves. The engine then
// holds again what it held before.
func (w *World) trial(ctx context.Context, d *datadriven.TestData) (string, error) {
	whole, err := w.pairs(ctx)
	if err != nil {
		return "", err
	}
	out, err := w.repaired(ctx, d, whole)
	return out, errors.Join(err, w.putBack(ctx, whole), w.repairOfWhole(ctx, d, whole))
}

// repaired damages the database, repairs it, and says what each step did.
func (w *World) repaired(ctx context.Context, d *datadriven.TestData, whole map[string]string) (string, error) {
	if out, err := w.damage(ctx, d); err != nil {
		return out, err
	}
	out := ""
	word := "found: "
	found := admin.VerifyOptions{Found: func(f admin.Finding) { out += word + f.String() + "\n" }}
	if _, err := admin.Verify(ctx, w.db, found); err != nil {
		return out, err
	}
	did, err := admin.Repair(ctx, w.db, admin.VerifyOptions{})
	out += fmt.Sprintf("%d fixed, %d put aside, %d left\n", did.Fixed, did.Aside, len(did.Left))
	if err != nil {
		return out, err
	}
	for _, f := range did.Left {
		out += "left: " + f.String() + "\n"
	}
	word = "still found: "
	if _, err := admin.Verify(ctx, w.db, found); err != nil {
		return out, err
	}
	aside, err := admin.Aside(ctx, w.db)
	if err != nil {
		return out, err
	}
	for _, a := range aside {
		out += fmt.Sprintf("put aside: %s/%s at %s: %s\n", a.Table, a.Row, keys.Format(a.Key), keys.Format(a.Value))
	}
	now, err := w.pairs(ctx)
	return out + differences(whole, now), err
}

// repairOfWhole is an error if a repair changes anything of a database that has been put
// right between being found damaged and being repaired.
func (w *World) repairOfWhole(ctx context.Context, d *datadriven.TestData, whole map[string]string) error {
	if _, err := w.damage(ctx, d); err != nil {
		return err
	}
	var failed error
	did, err := admin.Repair(ctx, w.db, admin.VerifyOptions{Found: func(admin.Finding) {
		failed = errors.Join(failed, w.putBack(ctx, whole))
	}})
	now, unread := w.pairs(ctx)
	if err := errors.Join(err, failed, unread); err != nil {
		return err
	}
	if diff := differences(whole, now); diff != "" || did.Aside > 0 {
		return errors.Join(fmt.Errorf("a repair of what is right again puts %d rows aside, and changes:\n%s", did.Aside, diff), w.putBack(ctx, whole))
	}
	return nil
}

// pairs is what the engine holds, the catalog included.
func (w *World) pairs(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	it := w.eng.Engine.Iterate(ctx, engine.Range{})
	for it.Next() {
		out[string(it.Key())] = string(it.Value())
	}
	return out, it.Close()
}

// putBack has the engine hold these pairs and no others.
func (w *World) putBack(ctx context.Context, want map[string]string) error {
	now, err := w.pairs(ctx)
	if err != nil {
		return err
	}
	b := w.eng.NewBatch()
	for k := range now {
		if _, ok := want[k]; !ok {
			b.Delete([]byte(k))
		}
	}
	for k, v := range want {
		b.Put([]byte(k), []byte(v))
	}
	return w.eng.Engine.Write(ctx, b, engine.WriteOptions{})
}

// differences are the pairs that are gone, with -, and those that have come, with +.
func differences(before, now map[string]string) string {
	all := maps.Clone(before)
	maps.Copy(all, now)
	out := ""
	for _, k := range slices.Sorted(maps.Keys(all)) {
		old, was := before[k]
		value, is := now[k]
		if was && is && old == value {
			continue
		}
		if was {
			out += "- " + keys.Format([]byte(k)) + " = " + keys.Format([]byte(old)) + "\n"
		}
		if is {
			out += "+ " + keys.Format([]byte(k)) + " = " + keys.Format([]byte(value)) + "\n"
		}
	}
	return out
}
