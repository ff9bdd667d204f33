package sqlstore

import (
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// harmless are the pragmas that tell of tables, or change nothing that outlives a
// connection's statements. With true, they may be set.
var harmless = map[string]bool{
	"collation_list":     false,
	"compile_options":    false,
	"data_version":       false,
	"database_list":      false,
	"encoding":           false,
	"foreign_key_list":   false,
	"function_list":      false,
	"index_info":         true, // of a name
	"index_list":         true,
	"index_xinfo":        true,
	"module_list":        false,
	"pragma_list":        false,
	"query_only":         true,
	"recursive_triggers": true,
	"table_info":         true,
	"table_list":         true,
	"table_xinfo":        true,
	"user_version":       false,
}

// authorize refuses what is not about rows of tables: other files, other code, and tables
// that no schema has. Temporary tables, views, indexes and triggers are allowed.
func (s *session) authorize(action sqlite3.AuthorizerActionCode, a, b, schema, _ string) sqlite3.AuthorizerReturnCode {
	if action == sqlite3.AUTH_SAVEPOINT && a == "BEGIN" {
		s.named = true
	}
	if why := refused(action, a, b, schema); why != "" {
		s.last = fmt.Errorf("%s", why)
		return sqlite3.AUTH_DENY
	}
	return sqlite3.AUTH_OK
}

// refused is why something is refused, or "".
func refused(action sqlite3.AuthorizerActionCode, a, b, schema string) string {
	const schemas = "tables come from schemas, and SQL cannot change them; TEMP tables, views, indexes and triggers can be made"
	temporary := strings.EqualFold(schema, "temp")
	switch action {
	case sqlite3.AUTH_SELECT, sqlite3.AUTH_READ, sqlite3.AUTH_RECURSIVE,
		sqlite3.AUTH_TRANSACTION, sqlite3.AUTH_SAVEPOINT,
		sqlite3.AUTH_CREATE_TEMP_TABLE, sqlite3.AUTH_CREATE_TEMP_INDEX, sqlite3.AUTH_CREATE_TEMP_VIEW, sqlite3.AUTH_CREATE_TEMP_TRIGGER,
		sqlite3.AUTH_DROP_TEMP_TABLE, sqlite3.AUTH_DROP_TEMP_INDEX, sqlite3.AUTH_DROP_TEMP_VIEW, sqlite3.AUTH_DROP_TEMP_TRIGGER:
		return ""
	case sqlite3.AUTH_INSERT, sqlite3.AUTH_UPDATE, sqlite3.AUTH_DELETE:
		if reserved(a) && !temporary {
			return schemas
		}
		return ""
	case sqlite3.AUTH_FUNCTION:
		if strings.EqualFold(b, "load_extension") {
			return "load_extension: no other code is loaded"
		}
		return ""
	case sqlite3.AUTH_PRAGMA:
		set, ok := harmless[strings.ToLower(a)]
		if ok && (set || b == "") {
			return ""
		}
		return fmt.Sprintf("PRAGMA %s is not allowed: want one that tells of tables, as table_list or table_info", a)
	case sqlite3.AUTH_ATTACH, sqlite3.AUTH_DETACH:
		return "ATTACH and DETACH are not allowed: there is this database alone"
	case sqlite3.AUTH_ALTER_TABLE:
		if strings.EqualFold(a, "temp") {
			return ""
		}
		return schemas
	case sqlite3.AUTH_REINDEX, sqlite3.AUTH_ANALYZE:
		if temporary {
			return ""
		}
		return "ANALYZE and REINDEX have nothing to do: the store keeps its indexes itself"
	}
	return schemas
}
