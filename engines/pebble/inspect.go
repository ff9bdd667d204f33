package pebble

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"
	"github.com/storegen/storegen/runtime/engine"
)

// misfit is an error of files that do not fit together.
func misfit(format string, args ...any) error {
	return fmt.Errorf("pebble: %w: %s: restore a backup", engine.ErrCorrupt, fmt.Sprintf(format, args...))
}

// inspect looks, before anything is changed, at what pebble takes for granted: that there
// is a manifest if there is anything else, and that after a clean Close nothing has changed.
// A database of goleveldb is told from one that is damaged by CURRENT, which pebble's own
// have not.
func inspect(files vfs.FS, dir string) error {
	names, err := files.List(dir)
	if err != nil {
		return err
	}
	manifest, err := atomicfs.ReadMarker(files, dir, "manifest")
	if err != nil {
		return misfit("%v", err)
	}
	if manifest == "" {
		if slices.Contains(names, "CURRENT") {
			return fmt.Errorf("pebble: %w: the folder has a database of goleveldb: open it with runtime/engine/leveldb, whose backup can be restored into a folder of pebble", engine.ErrInvalid)
		}
		// Pebble would begin a new database, and delete these.
		if i := slices.IndexFunc(names, isData); i >= 0 {
			return misfit("marker.manifest is missing, but there is %s", names[i])
		}
		return nil
	}
	if err := checkNote(files, dir, manifest); err != nil {
		return err
	}
	return checkManifest(files, files.PathJoin(dir, manifest))
}

func isData(name string) bool { return isTable(name) || isJournal(name) }

func isJournal(name string) bool { return strings.HasSuffix(name, ".log") }

// checkManifest makes sure that there is a manifest. Pebble reads it as far as it can, and
// would take one without a beginning for that of an empty database.
func checkManifest(files vfs.FS, name string) error {
	f, err := files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return misfit("%s is missing, which is named as the current manifest", files.PathBase(name))
	}
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := record.NewReader(f, 0).Next()
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if err == io.EOF || record.IsInvalidRecord(err) {
		return misfit("%s does not begin as a manifest", files.PathBase(name))
	}
	return err
}
