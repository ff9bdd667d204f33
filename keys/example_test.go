package keys_test

import (
	"bytes"
	"fmt"
	"time"

	"github.com/storegen/storegen/keys"
)

// versionKey is a key type as the generator writes them: a comparable struct that knows its bytes.
type versionKey struct {
	Table   string
	Version uint32
}

func (k versionKey) AppendKey(dst []byte) []byte {
	return keys.AppendUint32(keys.AppendString(dst, k.Table), k.Version)
}

func encode[K keys.Key](k K) []byte { return k.AppendKey(nil) }

func Example() {
	older, newer := encode(versionKey{"jobs", 2}), encode(versionKey{"jobs", 10})
	fmt.Printf("%x\n%x\n", older, newer)
	fmt.Println("in order:", bytes.Compare(older, newer) < 0)

	r := keys.NewReader(newer)
	k := versionKey{Table: r.String(), Version: r.Uint32()}
	fmt.Println(k, r.Done())
	// Output:
	// 6a6f6273000100000002
	// 6a6f627300010000000a
	// in order: true
	// {jobs 10} <nil>
}

func ExampleReader() {
	key := keys.AppendTimeDesc(keys.AppendString(nil, "alice"), time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC))

	r := keys.NewReader(key)
	fmt.Println(r.String(), r.TimeDesc(), r.Done())

	// Every component is read, and errors are asked for once, at the end.
	r = keys.NewReader(key[:10])
	_, _ = r.String(), r.TimeDesc()
	fmt.Println(r.Done())
	// Output:
	// alice 2024-02-29 12:00:00 +0000 UTC <nil>
	// malformed key: descending time at byte 7: 3 bytes left of 12
}

func ExampleAppendStringPrefix() {
	prefix := keys.AppendStringPrefix(nil, "al")
	for _, name := range []string{"al", "alice", "bob"} {
		fmt.Println(name, bytes.HasPrefix(keys.AppendString(nil, name), prefix))
	}
	// Output:
	// al true
	// alice true
	// bob false
}

func ExampleAppendInt64Desc() {
	for _, v := range []int64{100, 0, -1} {
		fmt.Printf("%x\n", keys.AppendInt64Desc(nil, v))
	}
	// Output:
	// 7fffffffffffff9b
	// 7fffffffffffffff
	// 8000000000000000
}

func ExampleSuccessor() {
	// All keys whose first component is "alice": from the prefix on, up to its successor.
	begin := keys.AppendString(nil, "alice")
	fmt.Printf("%s to %s\n", keys.Format(begin), keys.Format(keys.Successor(begin)))
	// Output:
	// "alice\x00\x01" to "alice\x00\x02"
}

func ExampleFold() {
	fmt.Println(keys.Fold("Alice"), keys.Fold("ΣΊΣΥΦΟΣ"))
	// Output:
	// alice σίσυφοσ
}

func ExampleFormatBytes() {
	fmt.Println(keys.FormatBytes("alice"), keys.FormatBytes("\x00\xff"))
	fmt.Println(keys.ParseBytes("0x616c"))
	// Output:
	// alice 0x00ff
	// al <nil>
}

func ExampleJoinText() {
	text := keys.JoinText("a/b", "2")
	fmt.Println(text)
	fmt.Println(keys.SplitText(text, 2))
	fmt.Println(keys.SplitText("jobs", 2))
	// Output:
	// a%2Fb/2
	// [a/b 2] <nil>
	// [] malformed key text "jobs": it has 1 parts, separated by "/", and the key has 2 (a "/" within a part is written %2F)
}
