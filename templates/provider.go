package templates

// providerFile emits users_provider.go: the table as a query engine sees it.
func (t *table) providerFile() *source {
	s := t.file("provider")
	s.add(t.text(`
// Provider returns the table as a query engine sees it: columns, access paths, scans and changes.
// Hidden fields are not in it.
//
// It enforces no access by itself: provider.Secure does, and so does the provider of a store that
// As returned.
func (s *Store) Provider() provider.Table { return provider.Of(&s.table) }
`))
	return s
}
