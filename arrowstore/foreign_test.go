package arrowstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/internal/columntest"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// What other programs write is read where no value is lost.
func TestForeignTypes(t *testing.T) {
	def := provider.DefOf(columntest.Everything())
	for _, c := range []struct {
		typ    arrow.DataType
		in     string // as the builder of the type reads a text
		column string
		want   string // or a part of the error
	}{
		{arrow.PrimitiveTypes.Int64, "127", "int8", "127"},
		{arrow.PrimitiveTypes.Int64, "128", "int8", "128 is no int8"},
		{arrow.PrimitiveTypes.Int8, "-1", "int64", "-1"},
		{arrow.PrimitiveTypes.Int16, "-1", "uint64", "-1 is no uint64"},
		{arrow.PrimitiveTypes.Int32, "-5", "varint", "-5"},
		{arrow.PrimitiveTypes.Uint8, "5", "uvarint", "5"},
		{arrow.PrimitiveTypes.Uint16, "5", "float64", "5"},
		{arrow.PrimitiveTypes.Uint32, "4294967295", "uint32_opt", "4294967295"},
		{arrow.PrimitiveTypes.Uint64, "18446744073709551615", "int64", "18446744073709551615 is no int64"},
		{arrow.PrimitiveTypes.Int64, "5", "decimal", "5"},
		{arrow.PrimitiveTypes.Int64, "5", "duration", "5ns"},
		{arrow.PrimitiveTypes.Int64, "5", "timestamp", "the batch has int64"},
		{arrow.PrimitiveTypes.Int64, "5", "string", "the batch has int64"},
		{arrow.PrimitiveTypes.Float32, "0.5", "float64", "0.5"},
		{arrow.PrimitiveTypes.Float64, "0.5", "float32", "0.5"},
		{arrow.PrimitiveTypes.Float64, "0.1", "float32", "0.1 is no float32"},
		{arrow.PrimitiveTypes.Float64, "NaN", "float32", "NaN"},
		{arrow.PrimitiveTypes.Float64, "1", "int8", "the batch has float64"},
		{&arrow.Decimal128Type{Precision: 20, Scale: 4}, "1.5000", "decimal", "1.5"},
		{arrow.BinaryTypes.LargeString, "é", "string", "é"},
		{arrow.BinaryTypes.StringView, "a text", "string", "a text"},
		{arrow.BinaryTypes.LargeString, `{"a":1}`, "json", `{"a":1}`},
		{arrow.BinaryTypes.LargeString, "green", "enum", "green"},
		{arrow.BinaryTypes.String, "2026-01-31", "date", "2026-01-31"},
		{arrow.BinaryTypes.String, "2026-02-31", "date", `"2026-02-31" is no date`},
		{arrow.BinaryTypes.String, "2026-01-31T12:00:00Z", "timestamp", "2026-01-31T12:00:00Z"},
		{arrow.BinaryTypes.String, "00000000-0000-0000-0000-000000000001", "uuid", "00000000-0000-0000-0000-000000000001"},
		{arrow.BinaryTypes.String, "7", "int8", "the batch has utf8"},
		{arrow.BinaryTypes.String, "true", "bool", "the batch has utf8"},
		{extensions.NewUUIDType(), "00000000-0000-0000-0000-000000000001", "uuid", "00000000-0000-0000-0000-000000000001"},
		{extensions.NewUUIDType(), "00000000-0000-0000-0000-000000000001", "string", "the batch has extension<arrow.uuid>"},
		{arrow.BinaryTypes.LargeBinary, "YWJj", "bytes", "0x616263"},
		{arrow.BinaryTypes.BinaryView, "YWJj", "bytes", "0x616263"},
		{arrow.BinaryTypes.Binary, "YWJj", "uuid", "3 bytes are no uuid"},
		{arrow.BinaryTypes.Binary, "YWJj", "string", "the batch has binary"},
		{&arrow.TimestampType{Unit: arrow.Second}, "2026-01-31T12:00:00", "timestamp", "2026-01-31T12:00:00Z"},
		{&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "Europe/Zurich"}, "2026-01-31T12:00:00Z", "timestamp", "2026-01-31T12:00:00Z"},
		{arrow.FixedWidthTypes.Date32, "2026-01-31", "timestamp", "2026-01-31T00:00:00Z"},
		{arrow.FixedWidthTypes.Date64, "2026-01-31", "date", "2026-01-31"},
		{arrow.FixedWidthTypes.Time32s, "12:30:00", "time_of_day", "12:30:00"},
		{arrow.FixedWidthTypes.Time64us, "12:30:00.5", "time_of_day", "12:30:00.5"},
		{arrow.FixedWidthTypes.Duration_s, "90", "duration", "1m30s"},
		{arrow.FixedWidthTypes.Duration_s, "9223372036854775807", "duration", "longer than a duration can be"},
	} {
		t.Run(fmt.Sprintf("%s %s of %s", c.column, c.in, c.typ), func(t *testing.T) {
			b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: c.column, Type: c.typ}}, nil))
			defer b.Release()
			if err := b.Field(0).AppendValueFromString(c.in); err != nil {
				t.Fatal(err)
			}
			batch := b.NewRecordBatch()
			defer batch.Release()
			got := ""
			rows, err := arrowstore.NewRows(def, batch)
			if err == nil {
				values := make([]kind.Value, len(def.Columns))
				err = rows.Row(0, values)
				got = values[def.ColumnNamed(c.column)].String()
			}
			if err != nil {
				got = err.Error()
				if strings.Contains(got, c.want) {
					return
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
