package keys_test

import (
	"bytes"
	"testing"

	"github.com/storegen/storegen/keys"
	"pgregory.net/rapid"
)

func TestSuccessor(t *testing.T) {
	tests := []struct{ prefix, want string }{
		{"", ""},
		{"\xff", ""},
		{"\xff\xff\xff", ""},
		{"\x00", "\x01"},
		{"a", "b"},
		{"a\x00", "a\x01"},
		{"a\xfe", "a\xff"},
		{"a\xff", "b"},
		{"a\xff\xff", "b"},
		{"\xff\x00\xff", "\xff\x01"},
	}
	for _, test := range tests {
		prefix := []byte(test.prefix)
		got := keys.Successor(prefix)
		if string(got) != test.want || (got == nil) != (test.want == "") {
			t.Errorf("Successor(%q) = %q, want %q", test.prefix, got, test.want)
		}
		appended, ok := keys.AppendSuccessor([]byte("dst"), prefix)
		if string(appended) != "dst"+test.want || ok != (test.want != "") {
			t.Errorf("AppendSuccessor(dst, %q) = %q, %v", test.prefix, appended, ok)
		}
		if string(prefix) != test.prefix {
			t.Errorf("the prefix %q became %q", test.prefix, prefix)
		}
		inPlace := []byte("dst" + test.prefix)
		if replaced, _ := keys.AppendSuccessor(inPlace[:3], inPlace[3:]); string(replaced) != "dst"+test.want {
			t.Errorf("AppendSuccessor in place of %q = %q", test.prefix, replaced)
		}
	}
}

// TestSuccessorProperties holds the definition: the keys below the end are those below the prefix and those within it,
// and without an end all keys from the prefix on are within it.
func TestSuccessorProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := []byte(anyString.Draw(t, "prefix"))
		key := []byte(anyString.Draw(t, "key"))
		if rapid.Bool().Draw(t, "within") {
			key = append(bytes.Clone(prefix), key...)
		}
		below := bytes.Compare(key, prefix) < 0 || bytes.HasPrefix(key, prefix)
		end := keys.Successor(prefix)
		if got := end == nil || bytes.Compare(key, end) < 0; got != below {
			t.Fatalf("%x is below the end %x of the prefix %x: %v, want %v", key, end, prefix, got, below)
		}
	})
}
