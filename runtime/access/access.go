package access

import (
	"errors"
	"fmt"
)

// Role is what a principal may do at most. Roles are ordered: a higher one may
// do all that a lower one may.
type Role int32

// The roles, lowest first. The zero Role may do nothing but read public tables.
const (
	User    Role = 1
	Service Role = 2
	DBA     Role = 3
	System  Role = 4
)

var roleNames = map[Role]string{User: "user", Service: "service", DBA: "dba", System: "system"}

// String returns the role's name, or Role(n).
func (r Role) String() string {
	if s, ok := roleNames[r]; ok {
		return s
	}
	return fmt.Sprintf("Role(%d)", int32(r))
}

// ParseRole returns the role of a name; a name of no role is an error.
func ParseRole(s string) (Role, error) {
	for r, name := range roleNames {
		if s == name {
			return r, nil
		}
	}
	return 0, fmt.Errorf("%q is no role: want user, service, dba or system", s)
}

// Level is the access level of a table.
type Level int32

// The levels. SystemTable is for tables that describe the database itself;
// Owned is for tables whose rows each belong to one user.
const (
	SystemTable Level = 1
	Public      Level = 2
	Private     Level = 3
	Restricted  Level = 4
	Owned       Level = 5
)

var levelNames = map[Level]string{SystemTable: "system", Public: "public", Private: "private", Restricted: "restricted", Owned: "owned"}

// String returns the level's name, or Level(n).
func (l Level) String() string {
	if s, ok := levelNames[l]; ok {
		return s
	}
	return fmt.Sprintf("Level(%d)", int32(l))
}

// ParseLevel returns the level of a name; a name of no level is an error.
func ParseLevel(s string) (Level, error) {
	for l, name := range levelNames {
		if s == name {
			return l, nil
		}
	}
	return 0, fmt.Errorf("%q is no access level: want system, public, private, restricted or owned", s)
}

// CanRead reports whether a role may read a table of this level. In an owned
// table everyone reads the rows of one's own, and nobody others'.
//
//	level        user  service  dba  system
//	system       no    no       yes  yes
//	public       yes   yes      yes  yes
//	private      no    no       no   no
//	restricted   no    yes      yes  yes
//	owned        own   own      own  own
func (l Level) CanRead(r Role) bool {
	switch l {
	case SystemTable:
		return r >= DBA
	case Public:
		return true
	case Restricted:
		return r >= Service
	case Owned:
		return r >= User
	}
	return false
}

// CanWrite reports whether a role may change a table of this level: system
// tables from dba up, shared ones (public, restricted) from service up, private
// ones nobody, owned ones their own rows.
func (l Level) CanWrite(r Role) bool {
	switch l {
	case SystemTable:
		return r >= DBA
	case Public, Restricted:
		return r >= Service
	case Owned:
		return r >= User
	}
	return false
}

// Principal is who asks: an account and its role.
type Principal struct {
	User string
	Role Role
}

// String returns user (role).
func (p Principal) String() string { return fmt.Sprintf("%s (%s)", p.User, p.Role) }

// name is the account, or what to call one without a name.
func (p Principal) name() string {
	if p.User == "" {
		return "a principal without a name"
	}
	return p.User
}

// Action is what a principal wants to do with a table.
type Action string

// The actions.
const (
	Read  Action = "read"
	Write Action = "write"
)

// ErrDenied is matched by every refusal.
var ErrDenied = errors.New("access denied")

// DeniedError says who was refused what.
type DeniedError struct {
	Principal Principal
	Action    Action
	Table     string
	Level     Level
}

// Error implements error.
func (e *DeniedError) Error() string {
	if e.Level == Owned && e.Principal.Role < User {
		return fmt.Sprintf("access denied: %s has no role, and so may %s nothing in table %s: give the principal one, as access.User", e.Principal.name(), e.Action, e.Table)
	}
	if e.Level == Owned {
		return fmt.Sprintf("access denied: %s may %s only rows of its own in table %s", e.Principal, e.Action, e.Table)
	}
	return fmt.Sprintf("access denied: %s may not %s %s table %s", e.Principal, e.Action, e.Level, e.Table)
}

// Is makes errors.Is(err, ErrDenied) hold.
func (e *DeniedError) Is(target error) bool { return target == ErrDenied }

// CheckRead returns nil or a DeniedError.
func CheckRead(p Principal, l Level, table string) error {
	if l.CanRead(p.Role) {
		return nil
	}
	return &DeniedError{Principal: p, Action: Read, Table: table, Level: l}
}

// CheckWrite returns nil or a DeniedError.
func CheckWrite(p Principal, l Level, table string) error {
	if l.CanWrite(p.Role) {
		return nil
	}
	return &DeniedError{Principal: p, Action: Write, Table: table, Level: l}
}
