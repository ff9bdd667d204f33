// Package storegen is the root of the project and holds no code. See
//
//   - cmd/storegen: the command
//   - schema, schema/load: the schema language
//   - templates: what the generator emits
//   - generated: the reference tables
//   - keys and runtime/...: what generated code calls
//   - docs: pages; docs/README.md lists them by what one wants to do
package storegen

//go:generate go run ./cmd/storegen generate
//go:generate go run ./cmd/storegen generate -config bench/storegen.yaml
//go:generate go run ./cmd/storegen generate -config bench/patterns/storegen.yaml
