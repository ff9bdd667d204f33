package rawstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
)

// counted counts what its iterators show.
type counted struct {
	engine.Engine
	pairs int
}

type countedIterator struct {
	engine.Iterator
	of *counted
}

func (c *counted) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	return countedIterator{c.Engine.Iterate(ctx, r), c}
}

func (it countedIterator) Next() bool {
	if !it.Iterator.Next() {
		return false
	}
	it.of.pairs++
	return true
}

// An estimate is of the right size for keys as tables have them, and reads a few only.
func TestSample(t *testing.T) {
	ctx := context.Background()
	shapes := map[string]func(i, n int) []byte{
		"numbers": func(i, n int) []byte { return binary.BigEndian.AppendUint64(nil, 1<<63+uint64(i)) },
		"numbers with gaps": func(i, n int) []byte {
			return binary.BigEndian.AppendUint64(nil, 1<<63+uint64(i)*1000+uint64(i*i%7))
		},
		"digits": func(i, n int) []byte { return fmt.Appendf(nil, "n%08d", i) },
		"hashes": func(i, n int) []byte {
			h := sha256.Sum256(fmt.Append(nil, i))
			return h[:16]
		},
		"of tenants": func(i, n int) []byte { return fmt.Appendf(nil, "%c\x00\x01%06d", 'a'+i%20, i/20) },
	}
	for name, key := range shapes {
		for _, n := range []int{0, 1, 127, 128, 129, 255, 256, 257, 2000, 30000} {
			eng := memory.New()
			b := eng.NewBatch()
			prefix := []byte("table")
			for i := range n {
				b.Put(append(prefix[:5:5], key(i, n)...), []byte{1})
			}
			b.Put([]byte("another"), []byte{1})
			b.Put([]byte("tablf"), []byte{1})
			if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			c := &counted{Engine: eng}
			got, err := sample(ctx, c, prefix, []byte("tablf"))
			if err != nil {
				t.Fatal(err)
			}
			if n < 2*sampled && got != int64(n) || got < int64(n)/3 || got > int64(n)*3 {
				t.Errorf("%s: about %d of %d keys", name, got, n)
			}
			if c.pairs > 2*sampled {
				t.Errorf("%s: %d keys were read of %d", name, c.pairs, n)
			}
			if err := eng.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := sample(ctx, eng, prefix, nil); err == nil {
				t.Error("a closed engine is sampled")
			}
		}
	}
}

// Keys that differ far behind are at least those that were read.
func TestSampleOfLongKeys(t *testing.T) {
	ctx := context.Background()
	eng := memory.New()
	defer eng.Close()
	b := eng.NewBatch()
	for i := range 1000 {
		b.Put(fmt.Appendf(nil, "a%0100d%04d", i/990, i), []byte{1})
	}
	if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	n, err := sample(ctx, eng, nil, nil)
	if err != nil || n < 2*sampled {
		t.Errorf("about %d, %v", n, err)
	}
}
