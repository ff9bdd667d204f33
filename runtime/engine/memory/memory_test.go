package memory_test

import (
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/enginetest"
	"github.com/storegen/storegen/runtime/engine/memory"
)

func TestConformance(t *testing.T) {
	open := func(t testing.TB) engine.Engine { return memory.New() }
	enginetest.Run(t, open)
	enginetest.RunLocal(t, open)
}
