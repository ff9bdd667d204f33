package layout

import (
	"strings"
	"testing"
	"time"
)

type hash [4]byte

type namedHash [4]byte

func (h namedHash) String() string { return "hash " + string('a'+rune(h[0])) }

type level int

func (l level) MarshalText() ([]byte, error) { return []byte("level " + string('0'+rune(l))), nil }

type pair struct {
	Hash   hash
	Number uint64
	At     time.Duration
}

type closed struct{ n int }

func TestFormatText(t *testing.T) {
	for _, test := range []struct {
		key  any
		want string
	}{
		{"ann", "ann"},
		{uint64(7), "7"},
		{time.Minute, "1m0s"},
		{level(3), "level 3"},
		{hash{0xCA, 0x97, 0, 1}, "0xca970001"},
		{[2]byte{0, 255}, "0x00ff"},
		{namedHash{2}, "hash c"},
		{pair{hash{1, 2, 3, 4}, 5, time.Second}, "{0x01020304 5 1s}"},
		{closed{5}, "{5}"},
		{strings.Repeat("é", 60), strings.Repeat("é", 50) + "… (120 bytes)"},
	} {
		if got := formatText(test.key); got != test.want {
			t.Errorf("formatText(%v) is %q, want %q", test.key, got, test.want)
		}
	}
}
