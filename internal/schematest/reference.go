package schematest

import (
	"testing"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
)

// LoadReference loads the reference tables, for a test in a folder of schema/.
func LoadReference(t *testing.T) *schema.Set {
	t.Helper()
	c, err := load.ReadConfig("../../storegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := load.Schemas(c)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
