package keys_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
)

// operation is one call, made over and over, both to count its allocations and to measure its time.
type operation struct {
	name   string
	allocs float64
	run    func()
}

// Results go here, so that the compiler cannot leave the calls out.
var (
	sinkBytes  []byte
	sinkString string
	sinkInt    int64
	sinkFloat  float64
	sinkBool   bool
	sinkTime   time.Time
	sinkUUID   [16]byte
	sinkHash   [32]byte
	sinkErr    error
)

func appendOperations() []operation {
	buffer := make([]byte, 0, 256)
	plain, escaped := "alice@example.com", "with\x00two\x00zero bytes"
	bytes, at := []byte(escaped), time.Date(2024, 2, 29, 12, 0, 0, 500, time.UTC)
	uuid := [16]byte{0x6b, 0xa7, 15: 0xc8}
	return []operation{
		{"Bool", 0, func() { sinkBytes = keys.AppendBool(buffer, true) }},
		{"BoolDesc", 0, func() { sinkBytes = keys.AppendBoolDesc(buffer, true) }},
		{"Int32", 0, func() { sinkBytes = keys.AppendInt32(buffer, -7) }},
		{"Int32Desc", 0, func() { sinkBytes = keys.AppendInt32Desc(buffer, -7) }},
		{"Int64", 0, func() { sinkBytes = keys.AppendInt64(buffer, -7) }},
		{"Int64Desc", 0, func() { sinkBytes = keys.AppendInt64Desc(buffer, -7) }},
		{"Uint32", 0, func() { sinkBytes = keys.AppendUint32(buffer, 7) }},
		{"Uint32Desc", 0, func() { sinkBytes = keys.AppendUint32Desc(buffer, 7) }},
		{"Uint64", 0, func() { sinkBytes = keys.AppendUint64(buffer, 7) }},
		{"Uint64Desc", 0, func() { sinkBytes = keys.AppendUint64Desc(buffer, 7) }},
		{"Float64", 0, func() { sinkBytes = keys.AppendFloat64(buffer, -1.5) }},
		{"Float64Desc", 0, func() { sinkBytes = keys.AppendFloat64Desc(buffer, -1.5) }},
		{"String", 0, func() { sinkBytes = keys.AppendString(buffer, plain) }},
		{"StringEscaped", 0, func() { sinkBytes = keys.AppendString(buffer, escaped) }},
		{"StringDesc", 0, func() { sinkBytes = keys.AppendStringDesc(buffer, plain) }},
		{"StringPrefix", 0, func() { sinkBytes = keys.AppendStringPrefix(buffer, plain) }},
		{"StringPrefixDesc", 0, func() { sinkBytes = keys.AppendStringPrefixDesc(buffer, plain) }},
		{"StringLast", 0, func() { sinkBytes = keys.AppendStringLast(buffer, plain) }},
		{"Bytes", 0, func() { sinkBytes = keys.AppendBytes(buffer, bytes) }},
		{"BytesDesc", 0, func() { sinkBytes = keys.AppendBytesDesc(buffer, bytes) }},
		{"BytesPrefix", 0, func() { sinkBytes = keys.AppendBytesPrefix(buffer, bytes) }},
		{"BytesPrefixDesc", 0, func() { sinkBytes = keys.AppendBytesPrefixDesc(buffer, bytes) }},
		{"BytesLast", 0, func() { sinkBytes = keys.AppendBytesLast(buffer, bytes) }},
		{"Time", 0, func() { sinkBytes = keys.AppendTime(buffer, at) }},
		{"TimeDesc", 0, func() { sinkBytes = keys.AppendTimeDesc(buffer, at) }},
		{"Duration", 0, func() { sinkBytes = keys.AppendDuration(buffer, time.Minute) }},
		{"DurationDesc", 0, func() { sinkBytes = keys.AppendDurationDesc(buffer, time.Minute) }},
		{"UUID", 0, func() { sinkBytes = keys.AppendUUID(buffer, uuid) }},
		{"UUIDDesc", 0, func() { sinkBytes = keys.AppendUUIDDesc(buffer, uuid) }},
		{"UvarintSmall", 0, func() { sinkBytes = keys.AppendUvarint(buffer, 42) }},
		{"UvarintLarge", 0, func() { sinkBytes = keys.AppendUvarint(buffer, 1<<60) }},
		{"UvarintDesc", 0, func() { sinkBytes = keys.AppendUvarintDesc(buffer, 300) }},
		{"Enum", 0, func() { sinkBytes = keys.AppendEnum(buffer, 3) }},
		{"EnumDesc", 0, func() { sinkBytes = keys.AppendEnumDesc(buffer, 3) }},
		{"Composite", 0, func() {
			dst := keys.AppendUvarint(buffer, 300)
			dst = keys.AppendString(dst, plain)
			dst = keys.AppendTimeDesc(dst, at)
			sinkBytes = keys.AppendStringLast(dst, escaped)
		}},
		{"Successor", 0, func() { sinkBytes, sinkBool = keys.AppendSuccessor(buffer, bytes) }},
	}
}

func readOperations() []operation {
	plain, escaped := "alice@example.com", "with\x00two\x00zero bytes"
	at := time.Date(2024, 2, 29, 12, 0, 0, 500, time.UTC)
	uuid := [16]byte{0x6b, 0xa7, 15: 0xc8}
	boolKey := keys.AppendBool(nil, true)
	boolDescKey := keys.AppendBoolDesc(nil, true)
	int32Key := keys.AppendInt32(nil, -7)
	int32DescKey := keys.AppendInt32Desc(nil, -7)
	int64Key := keys.AppendInt64(nil, -7)
	int64DescKey := keys.AppendInt64Desc(nil, -7)
	uint32Key := keys.AppendUint32(nil, 7)
	uint32DescKey := keys.AppendUint32Desc(nil, 7)
	uint64Key := keys.AppendUint64(nil, 7)
	uint64DescKey := keys.AppendUint64Desc(nil, 7)
	float64Key := keys.AppendFloat64(nil, -1.5)
	float64DescKey := keys.AppendFloat64Desc(nil, -1.5)
	stringKey := keys.AppendString(nil, plain)
	stringDescKey := keys.AppendStringDesc(nil, plain)
	bytesKey := keys.AppendBytes(nil, []byte(plain))
	bytesDescKey := keys.AppendBytesDesc(nil, []byte(plain))
	timeKey := keys.AppendTime(nil, at)
	timeDescKey := keys.AppendTimeDesc(nil, at)
	durationKey := keys.AppendDuration(nil, time.Minute)
	durationDescKey := keys.AppendDurationDesc(nil, time.Minute)
	uUIDKey := keys.AppendUUID(nil, uuid)
	uUIDDescKey := keys.AppendUUIDDesc(nil, uuid)
	uvarintKey := keys.AppendUvarint(nil, 1<<60)
	uvarintDescKey := keys.AppendUvarintDesc(nil, 1<<60)
	enumKey := keys.AppendEnum(nil, 3)
	enumDescKey := keys.AppendEnumDesc(nil, 3)
	stringEscapedKey := keys.AppendString(nil, escaped)
	stringLastKey := keys.AppendStringLast(nil, escaped)
	bytesLastKey := keys.AppendBytesLast(nil, []byte(escaped))
	compositeKey := keys.AppendStringLast(keys.AppendTimeDesc(keys.AppendString(keys.AppendUvarint(nil, 300), plain), at), escaped)
	return []operation{
		{"Bool", 0, func() { r := keys.NewReader(boolKey); sinkBool = r.Bool(); sinkErr = r.Done() }},
		{"BoolDesc", 0, func() { r := keys.NewReader(boolDescKey); sinkBool = r.BoolDesc(); sinkErr = r.Done() }},
		{"Int32", 0, func() { r := keys.NewReader(int32Key); sinkInt = int64(r.Int32()); sinkErr = r.Done() }},
		{"Int32Desc", 0, func() { r := keys.NewReader(int32DescKey); sinkInt = int64(r.Int32Desc()); sinkErr = r.Done() }},
		{"Int64", 0, func() { r := keys.NewReader(int64Key); sinkInt = r.Int64(); sinkErr = r.Done() }},
		{"Int64Desc", 0, func() { r := keys.NewReader(int64DescKey); sinkInt = r.Int64Desc(); sinkErr = r.Done() }},
		{"Uint32", 0, func() { r := keys.NewReader(uint32Key); sinkInt = int64(r.Uint32()); sinkErr = r.Done() }},
		{"Uint32Desc", 0, func() { r := keys.NewReader(uint32DescKey); sinkInt = int64(r.Uint32Desc()); sinkErr = r.Done() }},
		{"Uint64", 0, func() { r := keys.NewReader(uint64Key); sinkInt = int64(r.Uint64()); sinkErr = r.Done() }},
		{"Uint64Desc", 0, func() { r := keys.NewReader(uint64DescKey); sinkInt = int64(r.Uint64Desc()); sinkErr = r.Done() }},
		{"Float64", 0, func() { r := keys.NewReader(float64Key); sinkFloat = r.Float64(); sinkErr = r.Done() }},
		{"Float64Desc", 0, func() { r := keys.NewReader(float64DescKey); sinkFloat = r.Float64Desc(); sinkErr = r.Done() }},
		{"String", 0, func() { r := keys.NewReader(stringKey); sinkString = r.String(); sinkErr = r.Done() }},
		{"StringDesc", 1, func() { r := keys.NewReader(stringDescKey); sinkString = r.StringDesc(); sinkErr = r.Done() }},
		{"Bytes", 0, func() { r := keys.NewReader(bytesKey); sinkBytes = r.Bytes(); sinkErr = r.Done() }},
		{"BytesDesc", 1, func() { r := keys.NewReader(bytesDescKey); sinkBytes = r.BytesDesc(); sinkErr = r.Done() }},
		{"Time", 0, func() { r := keys.NewReader(timeKey); sinkTime = r.Time(); sinkErr = r.Done() }},
		{"TimeDesc", 0, func() { r := keys.NewReader(timeDescKey); sinkTime = r.TimeDesc(); sinkErr = r.Done() }},
		{"Duration", 0, func() { r := keys.NewReader(durationKey); sinkInt = int64(r.Duration()); sinkErr = r.Done() }},
		{"DurationDesc", 0, func() { r := keys.NewReader(durationDescKey); sinkInt = int64(r.DurationDesc()); sinkErr = r.Done() }},
		{"UUID", 0, func() { r := keys.NewReader(uUIDKey); sinkUUID = r.UUID(); sinkErr = r.Done() }},
		{"UUIDDesc", 0, func() { r := keys.NewReader(uUIDDescKey); sinkUUID = r.UUIDDesc(); sinkErr = r.Done() }},
		{"Uvarint", 0, func() { r := keys.NewReader(uvarintKey); sinkInt = int64(r.Uvarint()); sinkErr = r.Done() }},
		{"UvarintDesc", 0, func() { r := keys.NewReader(uvarintDescKey); sinkInt = int64(r.UvarintDesc()); sinkErr = r.Done() }},
		{"Enum", 0, func() { r := keys.NewReader(enumKey); sinkInt = int64(r.Enum()); sinkErr = r.Done() }},
		{"EnumDesc", 0, func() { r := keys.NewReader(enumDescKey); sinkInt = int64(r.EnumDesc()); sinkErr = r.Done() }},
		{"StringEscaped", 1, func() { r := keys.NewReader(stringEscapedKey); sinkString = r.String(); sinkErr = r.Done() }},
		{"StringLast", 0, func() { r := keys.NewReader(stringLastKey); sinkString = r.StringLast(); sinkErr = r.Done() }},
		{"BytesLast", 0, func() { r := keys.NewReader(bytesLastKey); sinkBytes = r.BytesLast(); sinkErr = r.Done() }},
		{"Composite", 0, func() {
			r := keys.NewReader(compositeKey)
			sinkInt, sinkString, sinkTime = int64(r.Uvarint()), r.String(), r.TimeDesc()
			sinkString = r.StringLast()
			sinkErr = r.Done()
		}},
	}
}

// holder is a key as generated code has it, with an array in it.
type holder struct{ hash [32]byte }

func (k holder) AppendKey(dst []byte) []byte { return keys.AppendFixed(dst, k.hash[:]) }

func smallOperations() []operation {
	buffer := make([]byte, 0, 256)
	hash := [32]byte{1, 31: 2}
	price, long := decimal.MustParse("1234.56"), decimal.MustParse("-1234567890123456789.0123456789012345678")
	date, clock := civil.MustDate(2024, 2, 29), civil.MustTimeOfDay(9, 30, 0, 0)
	ops := []operation{
		{"AppendInt8", 0, func() { sinkBytes = keys.AppendInt8(buffer, -7) }},
		{"AppendInt16Desc", 0, func() { sinkBytes = keys.AppendInt16Desc(buffer, -7) }},
		{"AppendUint8Desc", 0, func() { sinkBytes = keys.AppendUint8Desc(buffer, 7) }},
		{"AppendUint16", 0, func() { sinkBytes = keys.AppendUint16(buffer, 7) }},
		{"AppendFloat32", 0, func() { sinkBytes = keys.AppendFloat32(buffer, -1.5) }},
		{"AppendDateDesc", 0, func() { sinkBytes = keys.AppendDateDesc(buffer, date) }},
		{"AppendTimeOfDay", 0, func() { sinkBytes = keys.AppendTimeOfDay(buffer, clock) }},
		{"AppendDecimal", 0, func() { sinkBytes = keys.AppendDecimal(buffer, price) }},
		{"AppendDecimalDesc", 0, func() { sinkBytes = keys.AppendDecimalDesc(buffer, long) }},
		{"AppendFixed", 0, func() { sinkBytes = keys.AppendFixed(buffer, hash[:]) }},
		{"AppendFixedOfValue", 0, func() { sinkBytes = holder{hash}.AppendKey(buffer) }},
		{"AppendFixedDesc", 0, func() { sinkBytes = keys.AppendFixedDesc(buffer, hash[:]) }},
	}
	read := func(name string, key []byte, f func(r *keys.Reader)) {
		ops = append(ops, operation{name, 0, func() { r := keys.NewReader(key); f(&r); sinkErr = r.Done() }})
	}
	read("Int8", keys.AppendInt8(nil, -7), func(r *keys.Reader) { sinkInt = int64(r.Int8()) })
	read("Int16Desc", keys.AppendInt16Desc(nil, -7), func(r *keys.Reader) { sinkInt = int64(r.Int16Desc()) })
	read("Uint8Desc", keys.AppendUint8Desc(nil, 7), func(r *keys.Reader) { sinkInt = int64(r.Uint8Desc()) })
	read("Uint16", keys.AppendUint16(nil, 7), func(r *keys.Reader) { sinkInt = int64(r.Uint16()) })
	read("Float32", keys.AppendFloat32(nil, 7), func(r *keys.Reader) { sinkFloat = float64(r.Float32()) })
	read("DateDesc", keys.AppendDateDesc(nil, date), func(r *keys.Reader) { sinkInt = int64(r.DateDesc().UnixDays()) })
	read("TimeOfDay", keys.AppendTimeOfDay(nil, clock), func(r *keys.Reader) { sinkInt = int64(r.TimeOfDay().SinceMidnight()) })
	read("Decimal", keys.AppendDecimal(nil, price), func(r *keys.Reader) { sinkBool = r.Decimal().IsZero() })
	read("DecimalDesc", keys.AppendDecimalDesc(nil, long), func(r *keys.Reader) { sinkBool = r.DecimalDesc().IsZero() })
	read("Fixed", keys.AppendFixed(nil, hash[:]), func(r *keys.Reader) { sinkHash = [32]byte(r.Fixed(32)) })
	read("FixedDesc", keys.AppendFixedDesc(nil, hash[:]), func(r *keys.Reader) { sinkHash = [32]byte(r.FixedDesc(32)) })
	return ops
}

// integerOperations are integers as they are stored in full, and in as few bytes as they need.
func integerOperations() []operation {
	buffer := make([]byte, 0, 256)
	var ops []operation
	for _, v := range []int64{5, -5, 1000, 1_000_000, 1_700_000_000, 1 << 40, 1 << 62} {
		fixed, short := keys.AppendInt64(nil, v), keys.AppendVarint(nil, v)
		ops = append(ops,
			operation{fmt.Sprintf("Append/Int64/%d", v), 0, func() { sinkBytes = keys.AppendInt64(buffer, v) }},
			operation{fmt.Sprintf("Append/Varint/%d/%dB", v, len(short)), 0, func() { sinkBytes = keys.AppendVarint(buffer, v) }},
			operation{fmt.Sprintf("Read/Int64/%d", v), 0, func() { r := keys.NewReader(fixed); sinkInt = r.Int64(); sinkErr = r.Done() }},
			operation{fmt.Sprintf("Read/Varint/%d/%dB", v, len(short)), 0, func() { r := keys.NewReader(short); sinkInt = r.Varint(); sinkErr = r.Done() }},
		)
	}
	return ops
}

func foldOperations() []operation {
	folded, ascii, unicode := "alice@example.com", "Alice@Example.com", "Straße"
	return []operation{
		{"Folded", 0, func() { sinkString = keys.Fold(folded) }},
		{"ASCII", 1, func() { sinkString = keys.Fold(ascii) }},
		{"Unicode", 1, func() { sinkString = keys.Fold(unicode) }},
	}
}

// TestAllocations counts: nothing is allocated but the copies that have to be made.
func TestAllocations(t *testing.T) {
	for group, operations := range map[string][]operation{
		"append": appendOperations(), "read": readOperations(), "fold": foldOperations(),
		"small": smallOperations(), "integers": integerOperations(),
	} {
		for _, op := range operations {
			t.Run(group+"/"+op.name, func(t *testing.T) {
				if got := testing.AllocsPerRun(100, op.run); got != op.allocs {
					t.Errorf("%v allocations, want %v", got, op.allocs)
				}
				if sinkErr != nil {
					t.Error(sinkErr)
				}
			})
		}
	}
}

func benchmark(b *testing.B, operations []operation) {
	for _, op := range operations {
		b.Run(op.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				op.run()
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) { benchmark(b, appendOperations()) }

func BenchmarkReader(b *testing.B) { benchmark(b, readOperations()) }

func BenchmarkFold(b *testing.B) { benchmark(b, foldOperations()) }

func BenchmarkSmall(b *testing.B) { benchmark(b, smallOperations()) }

func BenchmarkIntegers(b *testing.B) { benchmark(b, integerOperations()) }
