package jsonschema

import (
	"testing"

	"github.com/storegen/storegen/internal/schematest"
)

func TestGolden(t *testing.T) {
	schematest.Golden(t, "table.schema.json", string(SchemaFile()))
	schematest.Golden(t, "config.schema.json", string(Config()))
}
