package store_test

import (
	"bytes"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
)

// A Put over a row keeps the fields of a newer program, of whatever number, and moves the
// entries of the row that was there.
func TestPutOverARow(t *testing.T) {
	eng := memory.New()
	db := must(store.Open(ctx, eng, store.WithoutSync()))
	defer db.Close()
	st := must(namespaces.Open(ctx, db))
	row := namespaces.Namespace{NamespaceID: "a", Name: "first"}
	if err := st.Insert(ctx, &row); err != nil {
		t.Fatal(err)
	}
	var later []byte
	for _, num := range []int{9, 15, 16, 62, 63, 64, 65, 128, 5000} {
		later = record.AppendString(later, num, "later")
	}
	it := eng.Iterate(ctx, engine.Range{Start: []byte{8}})
	if !it.Next() {
		t.Fatal("no row")
	}
	b := eng.NewBatch()
	b.Put(bytes.Clone(it.Key()), append(bytes.Clone(it.Value()), later...))
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	row.Name = "second"
	if err := st.Put(ctx, &row); err != nil {
		t.Fatal(err)
	}
	it = eng.Iterate(ctx, engine.Range{Start: []byte{8}})
	defer it.Close()
	if !it.Next() || !bytes.HasSuffix(it.Value(), later) || bytes.Contains(it.Value(), []byte("first")) {
		t.Errorf("after a Put the value is %q", it.Value())
	}

	us := must(users.Open(ctx, db))
	for _, name := range []models.UserName{"ann", "bob", "cas"} {
		if err := us.Put(ctx, &users.User{UserID: "u", Username: name}); err != nil {
			t.Fatal(err)
		}
		got := must(us.ByUsername.Get(ctx, name))
		if n := must(us.ByUsername.Scan().Count(ctx)); n != 1 || got.UserID != "u" {
			t.Errorf("after a Put of %s there are %d entries by name, and its row is %v", name, n, got)
		}
	}
}
