package store_test

import (
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/live_queries"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/generated/system/storages"
	"github.com/storegen/storegen/generated/system/table_schemas"
	"github.com/storegen/storegen/generated/system/tables"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/store"
)

// Every generated store is what code that takes any store asks for. The packages
// themselves do not say so, since it would be compiled with each of them.
var (
	_ store.CrossUserTableStore[models.RowID, shared.Row]                        = (*shared.Store)(nil)
	_ store.CrossUserTableStore[models.RowID, stream.Row]                        = (*stream.Store)(nil)
	_ store.CrossUserTableStore[models.UserRowID, user.Row]                      = (*user.Store)(nil)
	_ store.CrossUserTableStore[models.JobID, jobs.Job]                          = (*jobs.Store)(nil)
	_ store.CrossUserTableStore[models.LiveQueryID, live_queries.LiveQuery]      = (*live_queries.Store)(nil)
	_ store.CrossUserTableStore[models.NamespaceID, namespaces.Namespace]        = (*namespaces.Store)(nil)
	_ store.CrossUserTableStore[models.StorageID, storages.Storage]              = (*storages.Store)(nil)
	_ store.CrossUserTableStore[models.TableSchemaID, table_schemas.TableSchema] = (*table_schemas.Store)(nil)
	_ store.CrossUserTableStore[models.TableID, tables.Table]                    = (*tables.Store)(nil)
	_ store.CrossUserTableStore[models.UserID, users.User]                       = (*users.Store)(nil)
)
