package record_test

import (
	"bytes"
	"testing"

	"github.com/storegen/storegen/runtime/record"
	"pgregory.net/rapid"
)

// fieldsOf draws fields of a few numbers, in any order: short and long ones, of each wire
// type.
func fieldsOf(t *rapid.T, name string) (fields [][]byte, nums []int) {
	for range rapid.IntRange(0, 5).Draw(t, name) {
		num := rapid.SampledFrom([]int{1, 2, 15, 16, 63, 64, 70}).Draw(t, "num")
		n := rapid.Uint64Range(0, 1).Draw(t, "value")
		var b []byte
		switch rapid.IntRange(0, 3).Draw(t, "wire") {
		case 0:
			b = record.AppendUint64(nil, num, n<<rapid.SampledFrom([]int{0, 9}).Draw(t, "bits"))
		case 1:
			b = record.AppendBytes(nil, num, bytes.Repeat([]byte{byte(n)}, rapid.SampledFrom([]int{0, 1, 200}).Draw(t, "size")))
		case 2:
			b = record.AppendFloat64(nil, num, float64(n))
		default:
			b = record.AppendFloat32(nil, num, float32(n))
		}
		fields, nums = append(fields, b), append(nums, num)
	}
	return fields, nums
}

func TestSame(t *testing.T) {
	var set record.Fields
	set.Add(1)
	set.Add(2)
	num := func(num int, v uint64) []byte { return record.AppendUint64(nil, num, v) }
	join := func(fields ...[]byte) []byte { return bytes.Join(fields, nil) }
	for _, c := range []struct {
		name string
		a, b []byte
		want bool
	}{
		{"none", nil, nil, true},
		{"others only", num(3, 1), join(num(4, 1), num(5, 1)), true},
		{"one that differs", num(1, 1), num(1, 2), false},
		{"one that is missing", join(num(1, 1), num(2, 2)), num(1, 1), false},
		{"of another number", num(1, 1), num(2, 1), false},
		{"others between", join(num(1, 1), num(3, 3), num(2, 2)), join(num(1, 1), num(2, 2), num(4, 1)), true},
		{"another order", join(num(1, 1), num(2, 2)), join(num(2, 2), num(1, 1)), false},
		{"twice", join(num(1, 1), num(1, 1)), num(1, 1), false},
	} {
		if got := record.Same(c.a, c.b, set); got != c.want {
			t.Errorf("%s: Same is %v, want %v", c.name, got, c.want)
		}
		if got := record.Same(c.b, c.a, set); got != c.want {
			t.Errorf("%s: the other way round, Same is %v, want %v", c.name, got, c.want)
		}
	}
}

// Same says that two values are the same where all fields of the set are, byte for byte, and
// where it cannot tell it says no.
func TestSameModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var of record.Fields
		for _, num := range rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 15, 16, 63}), 0, 3).Draw(t, "set") {
			of.Add(num)
		}
		far := rapid.Bool().Draw(t, "far")
		if far {
			of.Add(64)
		}
		wanted := func(fields [][]byte, nums []int) (all, some []byte) {
			for i, b := range fields {
				all = append(all, b...)
				if nums[i] >= 64 && far || nums[i] < 64 && of>>nums[i]&1 != 0 {
					some = append(some, b...)
				}
			}
			return all, some
		}
		fields, nums := fieldsOf(t, "a")
		a, someA := wanted(fields, nums)
		if rapid.Bool().Draw(t, "other") {
			fields, nums = fieldsOf(t, "b")
		} else if len(fields) > 0 { // one that differs
			i := rapid.IntRange(0, len(fields)-1).Draw(t, "at")
			other, num := fieldsOf(t, "in its place")
			fields = append(append(append([][]byte{}, fields[:i]...), other...), fields[i+1:]...)
			nums = append(append(append([]int{}, nums[:i]...), num...), nums[i+1:]...)
		}
		b, someB := wanted(fields, nums)
		if got, want := record.Same(a, b, of), bytes.Equal(someA, someB); got != want {
			t.Errorf("Same(%x, %x, %x) is %v, want %v", a, b, of, got, want)
		}
		if bad := append(bytes.Clone(b), 0x0a, 5); record.Same(a, bad, of) || record.Same(bad, a, of) {
			t.Errorf("%x is the same as %x, which cannot be read", a, bad)
		}
	})
}
