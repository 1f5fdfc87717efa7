package workspace

import (
	"context"
	"errors"
	"strings"
)

// ErrConflict says that the entry does not stand at the revision that was expected; nothing was written.
var ErrConflict = errors.New("entry has changed")

// Entry is one change that a watch reports.
type Entry struct {
	Key      string
	Value    []byte
	Revision uint64
	Deleted  bool
	Synced   bool // no change: all entries that were present have been reported
}

// KV is the bucket that holds the configuration. Revisions grow with every change of the bucket, whatever its key. kvtest is the suite that
// every implementation passes.
type KV interface {
	// Put writes an entry that stands at expectRevision (0: that does not exist), and returns its new revision; ErrConflict when it stands elsewhere.
	Put(ctx context.Context, key string, value []byte, expectRevision uint64) (uint64, error)
	// Delete removes an entry that stands at expectRevision; ErrConflict when it stands elsewhere.
	Delete(ctx context.Context, key string, expectRevision uint64) error
	// Watch calls changes for every entry that is present, once with Synced, and then for each change in order, until ctx ends; it returns the cause
	// of that, or why it cannot go on. The values belong to the callee.
	Watch(ctx context.Context, changes func(Entry)) error
}

// kind is the second part of a key.
type kind string

const (
	kindApp         kind = "apps"
	kindSource      kind = "sources"
	kindDestination kind = "destinations"
	kindMapping     kind = "mappings"
	kindLabel       kind = "labels"
	kindFilter      kind = "filters"
)

func (k kind) key(id string) string { return Default + "." + string(k) + "." + id }

// splitKey is the inverse of key; ok is false for a key of another workspace or form.
func splitKey(key string) (k kind, id string, ok bool) {
	rest, ok := strings.CutPrefix(key, Default+".")
	if !ok {
		return "", "", false
	}
	name, id, ok := strings.Cut(rest, ".")
	return kind(name), id, ok && id != ""
}
