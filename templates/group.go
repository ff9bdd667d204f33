package templates

import (
	"path"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/naming"
)

// groupNames are the variables and packages in the file of a group: a table of
// that name is imported under another.
var groupNames = []string{"access", "context", "ctx", "db", "err", "fn", "g", "opts", "p", "s", "store", "tx"}

// groupFile emits system/system_group.go, which ties the tables of a group to one DB
// and one Tx. Families are opened by their members, so they have no field.
func (g *generator) groupFile(group *schema.Group) ([]File, error) {
	dir, prefix := group.Name, ""
	if g.one {
		dir, prefix = "", naming.GoName(group.Name)
	}
	s := g.newSource(path.Join(dir, group.Name+"_group.go"), path.Join(g.base, dir))
	if !g.one {
		s.PackageComment("// Package " + group.Name + " ties the tables of the group " + group.Name + " together: one DB to open, one Tx for all of them.")
	}
	var fields, descs, opened, in, as []string
	for _, t := range group.Tables {
		if len(t.Per) > 0 {
			continue
		}
		pkg := path.Join(g.base, g.tablePath(t))
		switch {
		case g.one:
		case slices.Contains(groupNames, t.Pkg):
			s.ImportAlias(pkg, t.Pkg+"table")
		default:
			s.ImportName(pkg, t.Pkg)
		}
		of := func(name string) string {
			return qualified(pkg, (&table{generator: g, Table: t}).ownName(name))
		}
		summary, _, _ := strings.Cut(t.Doc, "\n\n")
		fields = append(fields, doc(summary), t.GoName+" "+of("Store"))
		descs = append(descs, of("Desc"))
		opened = append(opened, fill(`
if s, err := $Open(ctx, db); err != nil {
	return nil, err
} else {
	g.$Table = *s
}`, "$Open", of("Open"), "$Table", t.GoName))
		in = append(in, t.GoName+": *db."+t.GoName+".In(tx),")
		as = append(as, t.GoName+": *db."+t.GoName+".As(p),")
	}
	define := ""
	if len(descs) > 0 {
		define = ifThen("err := db.Define(ctx, "+strings.Join(descs, ", ")+"); err != nil", "return nil, err")
	}
	s.add(fill(`
// $DB is a database with the tables of the group. It may be used by several goroutines at once.
type $DB struct {
	*store.DB
	$fields
}

// $Tx is a transaction or view with the tables of the group. It is for the goroutine that runs the
// function which it is given to, until that returns.
type $Tx struct {
	*store.Tx
	$fields
}

// $Group is what $DB does, for code that can be given another one. To test such code, give it a $DB
// over the engine in memory: see package storetest.
type $Group interface {
	// Update runs fn in a transaction: see $DB.Update.
	Update(ctx context.Context, fn func(tx *$Tx) error, opts ...store.TxOption) error
	// View runs fn with a view: see $DB.View.
	View(ctx context.Context, fn func(tx *$Tx) error) error
}

var _ $Group = (*$DB)(nil)

// $Open opens the tables. It adds those to the database that it does not have, all in one commit.
// The error is a store.SchemaError if the database holds a form of one that does not fit.
func $Open(ctx context.Context, db *store.DB) (*$DB, error) {
	$define
	g := &$DB{DB: db}
	$opened
	return g, nil
}

// In returns the tables inside a transaction or view, which may be used for tables of other groups
// too.
func (db *$DB) In(tx *store.Tx) *$Tx {
	return &$Tx{
		Tx: tx,
		$in
	}
}

// As returns the tables as a principal may use them. What the principal may not do is
// store.ErrDenied.
func (db *$DB) As(p access.Principal) *$DB {
	return &$DB{
		DB: db.DB,
		$as
	}
}

// Update runs fn in a serializable transaction, and commits unless fn returns an error, which Update
// returns. After a conflict fn is run again, so it must have no effect outside the transaction. The
// error is store.ErrConflict if it was run as often as opts allow.
func (db *$DB) Update(ctx context.Context, fn func(tx *$Tx) error, opts ...store.TxOption) error {
	return db.DB.Update(ctx, func(tx *store.Tx) error {
		return fn(db.In(tx))
	}, opts...)
}

// View runs fn with a view of one state of the database. Writes in it are store.ErrReadOnly.
func (db *$DB) View(ctx context.Context, fn func(tx *$Tx) error) error {
	return db.DB.View(ctx, func(tx *store.Tx) error {
		return fn(db.In(tx))
	})
}
`, "$DB", prefix+"DB", "$Tx", prefix+"Tx", "$Group", prefix+"Group", "$Open", "Open"+prefix,
		"$fields", lines(fields...), "$define", define, "$opened", lines(opened...), "$in", lines(in...), "$as", lines(as...)))
	return renderAll(s)
}
