package sqlstore

import "strings"

// quote makes a name an identifier of SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// flatName is the name of a table in SQL's main schema: system_users of system.users.
func flatName(name string) string { return strings.ReplaceAll(name, ".", "_") }

// splitName is the schema and the name in it that a table has in SQL, beside its flat one.
// schema is "" where there is none.
func splitName(name string) (schema, rest string) {
	schema, rest, ok := strings.Cut(name, ".")
	if !ok || schema == "" || rest == "" {
		return "", name
	}
	switch strings.ToLower(schema) {
	case "main", "temp":
		return "", name
	}
	return schema, rest
}

// reserved reports whether SQLite keeps a name to itself.
func reserved(name string) bool { return strings.HasPrefix(strings.ToLower(name), "sqlite_") }

// freeName is a name that no column has; columns differ in more than the case of letters.
func freeName(name string, taken func(string) bool) string {
	for taken(name) {
		name = "_" + name
	}
	return name
}
