package proof

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

// everything is all rows of the guarded tables, as trusted code sees them.
func everything(ctx context.Context, trusted *sql.DB) (out []string, err error) {
	for name := range levels {
		rows, err := cells(ctx, trusted, "select owner, n, text_of_"+name[2:]+", amount from "+SQLName(name)+" order by 1, 2")
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	slices.Sort(out)
	return out, nil
}

// What SQL writes for each role is the matrix of package access, and of rows with owners one's
// own. What is refused changes nothing, and tells nothing of rows that are not seen.
func TestAccessWrites(t *testing.T) {
	for _, role := range roles {
		for name, level := range levels {
			t.Run(fmt.Sprintf("%v/%v", role, level), func(t *testing.T) {
				ctx := t.Context()
				db := guarded(t, "ann", "bob")
				trusted, err := sqlstore.Open(db)
				if err != nil {
					t.Fatal(err)
				}
				defer trusted.Close()
				s := openAs(t, db, access.Principal{User: "ann", Role: role})
				can, owned := level.CanWrite(role), level == access.Owned
				for _, w := range []struct {
					statement string
					own       bool  // of what ann has
					changes   int64 // where it is allowed; -1 for an error
				}{
					{"insert into TABLE values ('ann', 10, 'new', 1)", true, 1},
					{"insert into TABLE values ('bob', 10, 'newer', 1)", false, 1},
					{"insert or replace into TABLE values ('bob', 1, 'newer', 1)", false, 1},
					{"insert or ignore into TABLE values ('bob', 1, 'newest', 1)", false, 0},
					{"update TABLE set amount = 7 where owner = 'ann' and n = 2", true, 1},
					{"update TABLE set amount = 7 where owner = 'bob' and n = 2", false, 1},
					{"update TABLE set owner = 'bob', n = 99 where owner = 'ann' and n = 2", false, 1},
					{"delete from TABLE where owner = 'bob' and n = 3", false, 1},
					{"delete from TABLE where owner = 'ann' and n = 3", true, 1},
					{"insert into TABLE values ('ann', 20, 'secret " + name + " bob 4', 1)", true, -1},
				} {
					before, err := everything(ctx, trusted)
					if err != nil {
						t.Fatal(err)
					}
					statement := strings.ReplaceAll(w.statement, "TABLE", SQLName(name))
					r, err := s.ExecContext(ctx, statement)
					var n int64
					if err == nil {
						n, _ = r.RowsAffected()
					}
					after, bad := everything(ctx, trusted)
					if bad != nil {
						t.Fatal(bad)
					}
					allowed := can && (!owned || w.own)
					switch {
					case w.changes < 0 && can:
						if !errors.Is(err, store.ErrUnique) {
							t.Errorf("%s: %v", statement, err)
						}
					case !allowed && (err == nil && n > 0 || !slices.Equal(before, after)):
						t.Errorf("%s: %d rows are changed, %v", statement, n, err)
					case !can && !errors.Is(err, store.ErrDenied):
						t.Errorf("%s: %v", statement, err)
					case allowed && (err != nil || n != w.changes):
						t.Errorf("%s: %d rows, %v", statement, n, err)
					}
					if said := fmt.Sprint(err); owned && (strings.Contains(said, "bob 4") && !strings.Contains(statement, "bob 4") || strings.Contains(said, "bob/") || strings.Contains(said, "held by")) {
						t.Errorf("%s: tells of another's row: %v", statement, err)
					}
				}
				if owned && can { // all rows are one's own
					r, err := s.ExecContext(ctx, "update e_owned set amount = amount + 1")
					if err != nil {
						t.Fatal(err)
					}
					if n, _ := r.RowsAffected(); n != 5 {
						t.Errorf("%d rows are changed", n)
					}
					if _, err := s.ExecContext(ctx, "delete from e_owned"); err != nil {
						t.Fatal(err)
					}
					left, err := cells(ctx, trusted, "select owner, count(*) from e_owned group by owner")
					if err != nil || !slices.Equal(left, []string{"owner", "count(*)", "bob", "5"}) {
						t.Errorf("what is left: %q, %v", left, err)
					}
				}
				if n := sqlstore.OpenStates(s); n != 0 {
					t.Errorf("%d states are left open", n)
				}
			})
		}
	}
}
