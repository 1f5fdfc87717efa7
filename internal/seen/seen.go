package seen

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

const (
	keptDaysMax   = 100_000
	keptDays      = 8         // today, and the seven days that events are kept for replay, where nobody says otherwise
	cacheBytes    = 16 << 20  // of blocks and filters
	memTableBytes = 16 << 20  // of one table in memory; there are at most two
	filterBits    = 10        // for each key: one lookup in a hundred goes to a block in vain
	openFilesMax  = 256       // of tables
	batchBytesMax = 128 << 10 // that the writes of one commit begin with
)

// Index knows the positions of messageIds. First, Find and Followed may be called at any time; Note and Catchup by one goroutine at a time.
type Index struct {
	db       *pebble.DB
	logger   *slog.Logger
	followed atomic.Uint64
	newest   atomic.Uint32 // day of the newest entry that this process knows of
	filters  filters
	kept     atomic.Uint32 // days of which ids are known
	lost     uint64        // frames of EVENTS that the index has followed, and that were not there at Catchup
	gap      bool          // a write was lost: what follows must not claim to have followed
	stop     chan struct{}
	loading  sync.WaitGroup
}

var _ eventlog.Index = (*Index)(nil)

// Open opens the index in a folder of its own, or makes an empty one.
func Open(dir string, logger *slog.Logger) (*Index, error) {
	options := &pebble.Options{
		CacheSize:          cacheBytes,
		MemTableSize:       memTableBytes,
		MaxOpenFiles:       openFilesMax,
		Merger:             merger(),
		FormatMajorVersion: pebble.FormatNewest,
		Logger:             log{logger: logger.With(slog.String("stage", "seen"))},
	}
	for i := range options.Levels {
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(filterBits)
	}
	db, err := pebble.Open(dir, options)
	if err != nil {
		return nil, fmt.Errorf("open index of seen ids %s: %w; it can be deleted, and is then read anew from the log", dir, err)
	}
	x := &Index{db: db, logger: logger, stop: make(chan struct{})}
	x.kept.Store(keptDays)
	if err := x.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open index of seen ids %s: %w", dir, err), db.Close())
	}
	return x, nil
}

// load reads how far the index had come.
func (x *Index) load() error {
	if err := x.upgrade(context.Background()); err != nil {
		return err
	}
	value, closer, err := x.db.Get(followedKey())
	if errors.Is(err, pebble.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(value) == 8 {
		x.followed.Store(binary.BigEndian.Uint64(value))
	}
	if err := closer.Close(); err != nil {
		return err
	}
	it, err := x.db.NewIter(keysOf(kindFirst))
	if err != nil {
		return err
	}
	if !it.Last() {
		return it.Close()
	}
	newest := binary.BigEndian.Uint32(it.Key()[1:])
	x.newest.Store(newest)
	for _, day := range []uint32{newest - min(newest, 1), newest} {
		x.filters.begin(day)
	}
	x.loading.Go(func() { x.fillFilters(it, newest) })
	return nil
}

// fillFilters puts what is stored of the two newest days into their filters. What is noted meanwhile is put in by Note.
func (x *Index) fillFilters(it *pebble.Iterator, newest uint32) {
	ok := it.SeekGE(dayKey(nil, kindFirst, newest-min(newest, 1)))
	for ; ok; ok = it.Next() {
		select {
		case <-x.stop:
			ok = false
		default:
		}
		if !ok {
			break
		}
		key := it.Key()
		if f := x.filters.of(binary.BigEndian.Uint32(key[1:])); f != nil {
			f.add(key[prefixBytes-hashBytes : prefixBytes])
		}
	}
	whole := !it.Valid() && it.Error() == nil
	if err := it.Close(); err != nil {
		x.failed("read seen ids", err)
		return
	}
	for _, day := range []uint32{newest - min(newest, 1), newest} {
		if f := x.filters.of(day); f != nil && whole {
			f.whole.Store(true)
		}
	}
}

// Close writes what is in memory to the disk and closes the index.
func (x *Index) Close() error {
	close(x.stop)
	x.loading.Wait()
	if err := x.db.Close(); err != nil {
		return fmt.Errorf("close index of seen ids: %w", err)
	}
	return nil
}

// Lost is how many frames of EVENTS, which were answered and noted, the log no longer had at Catchup; 0 when all is well.
func (x *Index) Lost() uint64 { return x.lost }

// Keep says of how many days ids are to be known, today among them: at least today, and the seven days that the window may have. Older ones go when the next day begins.
func (x *Index) Keep(days int) {
	x.kept.Store(uint32(min(max(days, keptDays), keptDaysMax)))
}

// Followed is the sequence of EVENTS up to which the index knows every id.
func (x *Index) Followed() uint64 { return x.followed.Load() }

// First returns the first position of an id on a source since a time, in ms since 1970. Lines that are marked as duplicates are not firsts.
func (x *Index) First(source, id string, sinceMillis int64) (record.Position, bool) {
	hash := hashOf(id)
	var scratch [keyBytesGuess]byte
	newest := x.newest.Load()
	for day := max(dayOf(sinceMillis), newest-min(newest, x.kept.Load()-1)); day <= newest; day++ {
		if f := x.filters.of(day); f != nil && !f.may(hash[:hashBytes]) {
			continue
		}
		key := append(idPrefix(scratch[:0], kindFirst, day, hash), source...)
		value, closer, err := x.db.Get(key)
		if errors.Is(err, pebble.ErrNotFound) {
			continue
		}
		if err != nil {
			x.failed("look up seen id", err)
			continue
		}
		at, ok := firstSince(value, sinceMillis)
		if err := closer.Close(); err != nil {
			x.failed("look up seen id", err)
		}
		if ok {
			return at, true
		}
	}
	return record.Position{}, false
}

// failed logs a read that did not succeed: a duplicate may get through, which is better than to stop.
func (x *Index) failed(message string, err error) {
	x.logger.LogAttrs(context.Background(), slog.LevelError, message, slog.String("stage", "seen"), slog.Any("error", err)) //nolint:sloglint // called with constants
}

func firstSince(value []byte, sinceMillis int64) (record.Position, bool) {
	var scratch [4]entry
	entries, err := decodeEntries(scratch[:0], value)
	if err != nil {
		return record.Position{}, false
	}
	for _, e := range entries {
		if e.millis >= sinceMillis {
			return e.at, true
		}
	}
	return record.Position{}, false
}

// Note adds the ids of a commit, and says that every id of EVENTS up to a sequence is known now. Both are one write. A
// position that is noted already stays; of two firsts the one that lies first in the log wins. An entry costs the same
// however often its id was noted.
func (x *Index) Note(upTo uint64, entries []eventlog.Seen) error {
	b := x.db.NewIndexedBatchWithSize(min(batchBytesMax, 64+len(entries)*96))
	err := x.write(b, upTo, entries)
	err = errors.Join(err, b.Close())
	if err != nil {
		x.gap = true
		return fmt.Errorf("write seen ids up to %d: %w", upTo, err)
	}
	if !x.gap {
		x.followed.Store(upTo)
	}
	return nil
}

func (x *Index) write(b *pebble.Batch, upTo uint64, entries []eventlog.Seen) error {
	newest := x.newest.Load()
	for i := range entries {
		day, err := x.add(b, newest, &entries[i])
		if err != nil {
			return err
		}
		newest = max(newest, day)
	}
	if kept := x.kept.Load(); newest > x.newest.Load() && newest >= kept {
		for _, kind := range []byte{kindFirst, kindRepeats} {
			if err := b.DeleteRange(dayKey(nil, kind, 0), dayKey(nil, kind, newest-kept+1), nil); err != nil {
				return err
			}
		}
	}
	if !x.gap {
		if err := b.Set(followedKey(), binary.BigEndian.AppendUint64(nil, upTo), nil); err != nil {
			return err
		}
	}
	if err := b.Commit(pebble.NoSync); err != nil {
		return err
	}
	x.newest.Store(newest)
	return nil
}

// add puts an entry into a batch, and returns the day of a first, 0 of a repeat. What is looked up for every event, the
// firsts of an id, is never merged: a client that repeats an id a million times would make each lookup as long as all
// that it has sent.
func (x *Index) add(b *pebble.Batch, newest uint32, seen *eventlog.Seen) (uint32, error) {
	var keyScratch [keyBytesGuess]byte
	var valueScratch [32]byte
	day, hash := dayOf(seen.Millis), hashOf(seen.ID)
	one := entry{at: seen.At, millis: seen.Millis, repeat: seen.Repeat}
	if seen.Repeat {
		key := append(idPrefix(keyScratch[:0], kindRepeats, day, hash), seen.Source...)
		return 0, b.Merge(key, appendEntry(valueScratch[:0], one), nil)
	}
	key := append(idPrefix(keyScratch[:0], kindFirst, day, hash), seen.Source...)
	if x.remember(newest, day, hash[:hashBytes]) {
		return day, b.Set(key, appendEntry(valueScratch[:0], one), nil)
	}
	var scratch [4]entry
	firsts, err := entriesAt(b, scratch[:0], key)
	if err != nil {
		return day, err
	}
	return day, b.Set(key, encode(union(append(firsts, one))), nil)
}

// entriesAt adds the entries of a key to dst.
func entriesAt(b *pebble.Batch, dst []entry, key []byte) ([]entry, error) {
	value, closer, err := b.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return dst, nil
	}
	if err != nil {
		return dst, err
	}
	if entries, err := decodeEntries(dst, value); err == nil {
		dst = entries // one that is damaged is nobody's first
	}
	return dst, closer.Close()
}

// remember puts an id into the filter of its day, and reports whether the id is new to the day for certain. A day after
// the newest one gets a filter that is whole from the start; a day that is long past has none, and so nothing that
// could deny the id.
func (x *Index) remember(newest, day uint32, hash []byte) bool {
	f := x.filters.of(day)
	if f == nil && day > newest {
		if day-1 > newest {
			x.filters.begin(day - 1).whole.Store(true) // nothing came on the day before
		}
		f = x.filters.begin(day)
		f.whole.Store(true)
	}
	if f == nil {
		return false
	}
	isNew := !f.may(hash)
	f.add(hash)
	return isNew
}

// Find returns all positions that are known of an id, firsts and repeats, in the order of the log. An empty source stands for any.
func (x *Index) Find(source, id string) []record.Position {
	entries, err := x.find(source, hashOf(id))
	if err != nil {
		x.failed("find seen id", err)
	}
	found := make([]record.Position, 0, len(entries))
	for _, e := range entries {
		found = append(found, e.at)
	}
	slices.SortFunc(found, record.Position.Compare)
	return slices.Compact(found)
}

// find goes from day to day, by the keys that are there.
func (x *Index) find(source string, hash [32]byte) (entries []entry, err error) {
	for _, kind := range []byte{kindFirst, kindRepeats} {
		if entries, err = x.findKind(entries, kind, source, hash); err != nil {
			return entries, err
		}
	}
	return entries, nil
}

func (x *Index) findKind(entries []entry, kind byte, source string, hash [32]byte) (_ []entry, err error) {
	it, err := x.db.NewIter(keysOf(kind))
	if err != nil {
		return entries, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; {
		day := binary.BigEndian.Uint32(it.Key()[1:])
		prefix := idPrefix(nil, kind, day, hash)
		for ok = it.SeekGE(prefix); ok && bytes.Equal(it.Key()[:prefixBytes], prefix); ok = it.Next() {
			if source != "" && string(it.Key()[prefixBytes:]) != source {
				continue
			}
			value, err := it.ValueAndErr()
			if err != nil {
				return entries, err
			}
			if entries, err = decodeEntries(entries, value); err != nil {
				return entries, err
			}
		}
		if ok && binary.BigEndian.Uint32(it.Key()[1:]) == day {
			ok = it.SeekGE(dayKey(nil, kind, day+1))
		}
	}
	return entries, it.Error()
}

// log writes what Pebble has to say of its own to the logger.
type log struct{ logger *slog.Logger }

// Infof is for compactions and the like.
func (l log) Infof(format string, args ...any) {
	l.logger.LogAttrs(context.Background(), slog.LevelDebug, "pebble", slog.String("says", fmt.Sprintf(format, args...)))
}

// Errorf is for what Pebble could not do, and will try again.
func (l log) Errorf(format string, args ...any) {
	l.logger.LogAttrs(context.Background(), slog.LevelError, "pebble", slog.String("says", fmt.Sprintf(format, args...)))
}

// Fatalf is for what Pebble cannot go on after, such as a write to its log that failed. It must not return.
func (log) Fatalf(format string, args ...any) {
	panic("pebble: " + fmt.Sprintf(format, args...))
}
